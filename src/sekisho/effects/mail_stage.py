"""What answers the mail server, one file per stage: compiled from a permit, asked at its moment, counting tokens only.

Whoever adds a stage writes one file with a class of this form, and names it in `desk.mail_stages.STAGES`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value
from sekisho.wire.policy import Attributes

MOMENT = "protocol_state"
"""The attribute that says where in a conversation the mail server is."""
RCPT, END_OF_MESSAGE = "RCPT", "END-OF-MESSAGE"
PASS, DEFER = "pass", "defer"
"""What happens to mail while we cannot answer."""
HOUR = 3600
PREFIX = 64
"""Of version 6, one network: a sender with many servers comes back from a neighbour. Of version 4, the first three octets are."""
OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
PLAIN = re.compile(rf"({OCTET}\.{OCTET}\.{OCTET}\.){OCTET}")
"""An address of version 4, as nearly every question has one; what follows is read with care, and slowly."""


class BadScope(ValueError):
    """The permit's scope cannot be made into a stage: `where` names the word, `said` what stands there."""

    code = "bad-scope"

    def __init__(self, where: str, said: object) -> None:
        super().__init__(where, said)
        self.where = where
        self.said = str(said)[:80]


@dataclass(frozen=True)
class Against:
    """What a stage says against a message: a word of the face, and the numbers, or the page, it is said with."""

    word: str
    numbers: Mapping[str, int | str] = field(default_factory=dict)


class Counts(Protocol):
    """What one token sent, by parts of its window."""

    def sent(self, permit: str, token: bytes, since: int) -> tuple[int, int]:
        """Messages and recipients in parts from `since` on."""

    def add(self, permit: str, token: bytes, part: int, recipients: int) -> None:
        """One message more."""

    def seen(self, permit: str, token: bytes) -> tuple[int, bool, int] | None:
        """When it was first seen, whether it passed since, and when it was seen last (seconds since 1970)."""

    def see(self, permit: str, token: bytes, seen: tuple[int, bool, int]) -> None:
        """As `seen` tells it from now on."""


class MailStage(Protocol):
    """A permit read. Frozen; what it remembers lies in the counts."""

    @property
    def permit(self) -> str:
        """Its id."""

    @property
    def step(self) -> str:
        """Of its measure."""

    @property
    def until(self) -> datetime:
        """The end of the permit."""

    @property
    def when_down(self) -> str:
        """PASS or DEFER."""

    @property
    def moment(self) -> str:
        """When it is asked: RCPT or END_OF_MESSAGE. At others it says nothing and counts nothing."""

    @property
    def part(self) -> int:
        """Seconds that are counted as one."""

    @property
    def holds(self) -> bool:
        """Whether the owner of an account that it refuses is told."""

    @property
    def of_recipients(self) -> bool:
        """Whether it is asked for those recipients alone who agreed to its step, each for themselves."""

    def who(self, asked: Attributes) -> str:
        """Whom the question is about, to be made a token whatever its case; empty: the stage has nothing to say."""

    def against(self, asked: Attributes, token: bytes, at: int, counts: Counts) -> Against | None:
        """One question at `at` (seconds since 1970), answered and counted. None: it may go."""

    def unchecked(self) -> Against:
        """What is said where `when_down` is DEFER and nothing can be counted."""

    def first(self, at: int) -> int:
        """The oldest part that still counts at `at`."""


class Form(Protocol):
    """How one step of a measure becomes a stage."""

    @property
    def elements(self) -> frozenset[Element]:
        """Everything it looks at, in the law's words."""

    @property
    def rows(self) -> str:
        """What is left of a message, as the evidence "scope" says it."""

    @property
    def of_recipients(self) -> bool:
        """As the stage has it."""

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope where no stage can be made of it."""

    def compile(self, permit: Permit) -> MailStage:
        """Raises BadScope."""


def whole(scope: Mapping[str, Value], word: str, default: int, most: int, *, least: int = 0) -> int:
    """A number of the scope, `least` to `most`. Raises BadScope."""
    said = scope.get(word, default)
    if not isinstance(said, int) or isinstance(said, bool) or not least <= said <= most:
        raise BadScope(f"scope.{word}", said)
    return said


def when_down(scope: Mapping[str, Value], default: str = "") -> str:
    """What the scope declares; nothing declared is none. Raises BadScope."""
    down = scope.get("when_down", default)
    if down not in (PASS, DEFER):
        raise BadScope("scope.when_down", down)
    return str(down)


def network_of(address: str, prefix: int = PREFIX) -> str:
    """The /24 of an address, or its network of version 6; empty for what is no address."""
    if plain := PLAIN.fullmatch(address):
        return f"{plain[1]}0/24"
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = one.ipv4_mapped if one.version == 6 else None
    return str(ipaddress.ip_network((mapped, 24) if mapped else (one, prefix), strict=False))
