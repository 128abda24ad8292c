"""A mail account sends at most so many messages, to so many recipients, in so long. Asked by Postfix when a message has come in whole.

`scope` of the permit: `messages`, `addressees` (0: not limited), `window` (seconds), `when_down` (what happens to mail while we cannot
answer: "pass" or "defer"). Nothing is looked at but the account's name and the number of recipients; the account itself stands only
as a token. What is over the limit is put off (450): the mail program keeps it, and tries again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sekisho.effects.mail_stage import END_OF_MESSAGE, HOUR, PASS, Against, Counts, when_down, whole
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value
from sekisho.wire.policy import Attributes

MEASURE = "bulk-sender-limit"
COUNT, LIMIT = "count", "limit"
SIGN_UP, PROBATION = "sign-up-check", "probation"
ACCOUNT, RECIPIENTS = "sasl_username", "recipient_count"
READS: Mapping[str, Element] = {ACCOUNT: Element.PARTY, RECIPIENTS: Element.COUNT}
"""Every attribute that is looked at, and what it is in the law's words."""
ELEMENTS = frozenset({*READS.values(), Element.DATETIME})
SLOTS = 60
"""A window is counted in so many parts: what was sent leaves it a part at a time, not all at once."""
LONGEST, MOST = 24 * HOUR, 10**7
MOST_RECIPIENTS = 1_000_000


@dataclass(frozen=True)
class Limit:
    """A permit read. `messages` 0: it only counts."""

    permit: str
    step: str
    until: datetime
    messages: int
    recipients: int
    window: int
    when_down: str
    moment: ClassVar[str] = END_OF_MESSAGE
    holds: ClassVar[bool] = True
    of_recipients: ClassVar[bool] = False

    @property
    def part(self) -> int:
        """Seconds of one part."""
        return max(1, self.window // SLOTS)

    def first(self, at: int) -> int:
        """The oldest part that still counts at `at` (seconds since 1970)."""
        return at // self.part - self.window // self.part + 1

    def who(self, asked: Attributes) -> str:
        """The account that signed in; empty for mail of nobody who did."""
        return asked.get(ACCOUNT, "")

    def against(self, asked: Attributes, token: bytes, at: int, counts: Counts) -> Against | None:
        """None: the message may go, and is counted."""
        if self.decide(token, many(asked), at, counts):
            return None
        numbers = {"messages": self.messages, "recipients": self.recipients, "minutes": max(1, self.window // 60)}
        return Against("over-both" if self.recipients else "over", numbers)

    def unchecked(self) -> Against:
        """Said to accounts alone."""
        return Against("unchecked")

    def decide(self, token: bytes, recipients: int, at: int, counts: Counts) -> bool:
        """Whether one more message may go. Only what may go is counted: who waits gets out of it."""
        messages, named = counts.sent(self.permit, token, self.first(at))
        if self.messages and messages + 1 > self.messages:
            return False
        if self.recipients and named + recipients > self.recipients:
            return False
        counts.add(self.permit, token, at // self.part, recipients)
        return True


def compile_limit(permit: Permit) -> Limit:
    """Raises BadScope for a scope that is not of this step's form."""
    return Limit(permit.id, permit.step.name, permit.until, *read_scope(permit.scope, permit.step.name))


def read_scope(scope: Mapping[str, Value], step: str) -> tuple[int, int, int, str]:
    """Messages, recipients, window and `when_down`. Counting needs the last two at most. Raises BadScope."""
    window = whole(scope, "window", HOUR, LONGEST, least=SLOTS)
    down = when_down(scope, PASS if step == COUNT else "")
    if step == COUNT:
        return 0, 0, window, down
    return whole(scope, "messages", 0, MOST, least=1), whole(scope, "addressees", 0, MOST), window, down


def many(asked: Attributes) -> int:
    """`recipient_count` as Postfix tells it; a word that is no number is one recipient."""
    said = asked.get(RECIPIENTS, "")
    return min(int(said), MOST_RECIPIENTS) if said.isascii() and said.isdigit() and len(said) < 10 else 1


@dataclass(frozen=True)
class LimitForm:
    """How a step of this measure becomes a stage."""

    step: str
    elements: ClassVar[frozenset[Element]] = ELEMENTS
    rows: ClassVar[str] = "counts-by-line"
    of_recipients: ClassVar[bool] = False

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope."""
        read_scope(scope, self.step)

    def compile(self, permit: Permit) -> Limit:
        """Raises BadScope."""
        return compile_limit(permit)


@dataclass(frozen=True)
class NewAccount(Limit):
    """The same with other figures, about new accounts alone, until a person has looked; which these are, `keep` tells as tokens."""

    holds: ClassVar[bool] = False

    def against(self, asked: Attributes, token: bytes, at: int, counts: Counts) -> Against | None:
        """Nobody gets a notice at each limit: the letter that opened the account said so."""
        found = super().against(asked, token, at, counts)
        return found and Against("new-account", found.numbers)


@dataclass(frozen=True)
class NewAccountForm(LimitForm):
    """How probation becomes a stage."""

    step: str = LIMIT

    def compile(self, permit: Permit) -> NewAccount:
        """Raises BadScope."""
        return NewAccount(permit.id, permit.step.name, permit.until, *read_scope(permit.scope, self.step))
