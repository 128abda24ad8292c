"""A mail account sends at most so many messages, to so many recipients, in so long. Asked by Postfix when a message has come in whole.

`scope` of the permit: `messages`, `addressees` (0: not limited), `window` (seconds), `when_down` (what happens to mail while we cannot
answer: "pass" or "defer"). Nothing is looked at but the account's name and the number of recipients; the account itself stands only
as a token. What is over the limit is put off (450): the mail program keeps it, and tries again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value

MEASURE = "bulk-sender-limit"
COUNT, LIMIT = "count", "limit"
STATE = "END-OF-MESSAGE"
ACCOUNT, RECIPIENTS = "sasl_username", "recipient_count"
READS: Mapping[str, Element] = {ACCOUNT: Element.PARTY, RECIPIENTS: Element.COUNT}
"""Every attribute that is looked at, and what it is in the law's words."""
ELEMENTS = frozenset({*READS.values(), Element.DATETIME})
PASS, DEFER = "pass", "defer"
HOUR = 3600
SLOTS = 60
"""A window is counted in so many parts: what was sent leaves it a part at a time, not all at once."""
LONGEST, MOST = 24 * HOUR, 10**7


class BadScope(ValueError):
    """The permit's scope cannot be made into a limit: `where` names the word, `said` what stands there."""

    code = "bad-scope"

    def __init__(self, where: str, said: object) -> None:
        super().__init__(where, said)
        self.where = where
        self.said = str(said)[:80]


class Counts(Protocol):
    """What one token sent, by parts of its window."""

    def sent(self, permit: str, token: bytes, since: int) -> tuple[int, int]:
        """Messages and recipients in parts from `since` on."""

    def add(self, permit: str, token: bytes, part: int, recipients: int) -> None:
        """One message more."""


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

    @property
    def part(self) -> int:
        """Seconds of one part."""
        return max(1, self.window // SLOTS)

    def first(self, at: int) -> int:
        """The oldest part that still counts at `at` (seconds since 1970)."""
        return at // self.part - self.window // self.part + 1

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
    window = _whole(scope, "window", HOUR, LONGEST)
    if window < SLOTS:
        raise BadScope("scope.window", window)
    down = scope.get("when_down", PASS if step == COUNT else "")
    if down not in (PASS, DEFER):
        raise BadScope("scope.when_down", down)
    if step == COUNT:
        return 0, 0, window, str(down)
    messages = _whole(scope, "messages", 0, MOST)
    if not messages:
        raise BadScope("scope.messages", messages)
    return messages, _whole(scope, "addressees", 0, MOST), window, str(down)


def _whole(scope: Mapping[str, Value], word: str, default: int, most: int) -> int:
    said = scope.get(word, default)
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said <= most:
        raise BadScope(f"scope.{word}", said)
    return said
