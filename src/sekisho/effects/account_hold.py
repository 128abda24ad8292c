"""The mail one suspended account sends is put off, as long as its permit lives. Asked by Postfix when a message has come in whole.

Which account it is, the permit does not say, and no ledger: its case knows, and `keep` tells a token. Nothing is looked at but the
account's name. The answer is 450, not 5xx: what a wrong suspension held, the mail program sends once it is undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sekisho.effects.mail_stage import END_OF_MESSAGE, HOUR, PASS, Against, Counts, when_down
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value
from sekisho.wire.policy import Attributes

MEASURE = "suspension"
STEPS = ("suspend", "terminate")
ACCOUNT = "sasl_username"


@dataclass(frozen=True)
class AccountHold:
    """A permit read."""

    permit: str
    step: str
    until: datetime
    when_down: str
    moment: ClassVar[str] = END_OF_MESSAGE
    holds: ClassVar[bool] = False
    of_recipients: ClassVar[bool] = False
    part: ClassVar[int] = HOUR

    def who(self, asked: Attributes) -> str:
        """The account that signed in; empty for mail of nobody who did."""
        return asked.get(ACCOUNT, "")

    def against(self, _asked: Attributes, _token: bytes, _at: int, _counts: Counts) -> Against | None:
        """Asked for the suspended account alone."""
        return Against("suspended")

    def unchecked(self) -> Against:
        """It counts nothing, so it always knows."""
        return Against("suspended")

    def first(self, at: int) -> int:
        """Nothing is counted."""
        return at // HOUR


@dataclass(frozen=True)
class HoldForm:
    """How a step of this measure becomes a stage."""

    step: str
    elements: ClassVar[frozenset[Element]] = frozenset({Element.PARTY})
    rows: ClassVar[str] = "one-account"
    of_recipients: ClassVar[bool] = False

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope."""
        when_down(scope, PASS)

    def compile(self, permit: Permit) -> AccountHold:
        """Raises BadScope."""
        return AccountHold(permit.id, permit.step.name, permit.until, when_down(permit.scope, PASS))
