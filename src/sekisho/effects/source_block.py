"""Mail from a listed source is refused, for recipients who agreed to that, each for themselves. Asked by Postfix at each recipient.

`scope` of the permit: `consent` ("per-line"), `fresh_hours` (an older list is none), `answer` ("refuse" or "defer") and `when_down`. The
list is our own copy: no name server is asked, so nobody outside hears who writes to whom. Nothing is kept; mail of accounts that signed
in is not touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from sekisho.effects.mail_stage import HOUR, PASS, RCPT, Against, BadScope, Counts, when_down, whole
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value
from sekisho.wire.policy import Attributes

MEASURE, REJECT = "rbl", "reject"
ACCOUNT, CLIENT, RECIPIENT = "sasl_username", "client_address", "recipient"
READS: Mapping[str, Element] = {ACCOUNT: Element.PARTY, CLIENT: Element.PARTY, RECIPIENT: Element.PARTY}
"""Every attribute that is looked at, and what it is in the law's words."""
ELEMENTS = frozenset(READS.values())
REFUSE, DEFER = "refuse", "defer"
SAID = {REFUSE: "listed", DEFER: "listed-later"}
PER_LINE = "per-line"
"""Without this word a plan would be about everybody, and that is no stage."""
MOST_HOURS = 7 * 24


class Sources(Protocol):
    """Our copy of a list."""

    def names(self, address: str) -> bool:
        """Whether it names that source."""


@dataclass(frozen=True)
class SourceBlock:
    """A permit read, and the list it is answered from; without one it is against nothing."""

    permit: str
    step: str
    until: datetime
    fresh_hours: int
    answer: str
    when_down: str
    sources: Sources | None = None
    moment: ClassVar[str] = RCPT
    holds: ClassVar[bool] = False
    of_recipients: ClassVar[bool] = True
    part: ClassVar[int] = HOUR

    def who(self, asked: Attributes) -> str:
        """The source; empty for an account that signed in."""
        return "" if asked.get(ACCOUNT) else asked.get(CLIENT, "")

    def against(self, asked: Attributes, _token: bytes, _at: int, _counts: Counts) -> Against | None:
        """None: the list does not name it."""
        named = self.sources is not None and self.sources.names(asked.get(CLIENT, ""))
        return Against(SAID[self.answer]) if named else None

    def unchecked(self) -> Against:
        """Said where nothing can be counted and the plan says to defer."""
        return Against("listed-unchecked")

    def first(self, at: int) -> int:
        """Nothing is counted."""
        return at // HOUR


@dataclass(frozen=True)
class SourceBlockForm:
    """How the step becomes a stage."""

    elements: ClassVar[frozenset[Element]] = ELEMENTS
    rows: ClassVar[str] = "listed-sources"
    of_recipients: ClassVar[bool] = True

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope."""
        read_scope(scope)

    def compile(self, permit: Permit) -> SourceBlock:
        """Without its list. Raises BadScope."""
        return SourceBlock(permit.id, permit.step.name, permit.until, *read_scope(permit.scope))


def read_scope(scope: Mapping[str, Value]) -> tuple[int, str, str]:
    """Hours, answer and `when_down`. Raises BadScope for what is missing or beyond its bounds."""
    if scope.get("consent") != PER_LINE:
        raise BadScope("scope.consent", scope.get("consent"))
    hours = whole(scope, "fresh_hours", 0, MOST_HOURS, least=1)
    answer = scope.get("answer")
    if answer not in SAID:
        raise BadScope("scope.answer", answer)
    return hours, str(answer), when_down(scope, PASS)
