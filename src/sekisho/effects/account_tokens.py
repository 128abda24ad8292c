"""Whose mail it is and from which network, as one token: what stages have in common that look at both, and at nothing else.

A token: ACCOUNT octets of the account, NETWORK of its network, DAY the day it was opened and PLAN of its plan.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import ClassVar

from sekisho.effects.mail_stage import END_OF_MESSAGE, Against
from sekisho.law.words import Element
from sekisho.wire.policy import Attributes

NAME, CLIENT = "sasl_username", "client_address"
READS: Mapping[str, Element] = {NAME: Element.PARTY, CLIENT: Element.PARTY}
"""Every attribute that is looked at, and what it is in the law's words."""
ELEMENTS = frozenset({*READS.values(), Element.COUNT, Element.DATETIME})
ACCOUNT, NETWORK, DAY, PLAN = 16, 8, 4, 4
"""Octets of a token's parts, in this order."""
PREFIX = {4: 24, 6: 48}


class FromNetworks:
    """A stage that is asked once a message has come in whole, about an account that signed in."""

    moment: ClassVar[str] = END_OF_MESSAGE
    of_recipients: ClassVar[bool] = False

    def who(self, asked: Attributes) -> str:
        """The account that signed in; empty for mail of nobody who did."""
        return asked.get(NAME, "")

    def network(self, asked: Attributes) -> str:
        """The /24 or /48 it came from; empty for what is no address."""
        try:
            one = ipaddress.ip_address(asked.get(CLIENT, ""))
        except ValueError:
            return ""
        one = (one.ipv4_mapped if one.version == 6 else None) or one
        return str(ipaddress.ip_network((one, PREFIX[one.version]), strict=False))

    def unchecked(self) -> Against:
        """Said to accounts alone."""
        return Against("unchecked")
