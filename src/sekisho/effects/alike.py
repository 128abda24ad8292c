"""Accounts that act alike, each under its limit, are counted, and held back where a permit says so. Asked at the end of a message.

`scope` of the permit: `members`, `each`, `together`, `alike`, `young_days` (when accounts act alike), `window` (seconds), `when_down`.
Looked at are the account's name and the client's network, both as tokens. Which accounts act alike is found beside the answering; here
it is obeyed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sekisho.effects.account_tokens import ACCOUNT, ELEMENTS, FromNetworks
from sekisho.effects.mail_stage import HOUR, PASS, Against, BadScope, Counts, when_down, whole
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value
from sekisho.wire.policy import Attributes

MEASURE, COUNT, HOLD = "alike-accounts", "count", "hold"
SLOTS = 24
"""A window is counted in so many parts; of a day, in hours."""
LONGEST = 7 * 24 * HOUR
LEAST = 3
"""Two that act alike are no group."""


@dataclass(frozen=True)
class AlikeStage(FromNetworks):
    """A permit read. `named`: the account parts of tokens that act alike just now."""

    permit: str
    step: str
    until: datetime
    members: int
    each: int
    together: int
    alike: int
    young_days: int
    window: int
    when_down: str
    named: frozenset[bytes] = frozenset()

    @property
    def holds(self) -> bool:
        """Owners are told of what was held, not of what was counted."""
        return self.step == HOLD

    @property
    def part(self) -> int:
        """Seconds of one part."""
        return self.window // SLOTS

    def first(self, at: int) -> int:
        """The oldest part that still counts."""
        return at // self.part - SLOTS + 1

    def against(self, _asked: Attributes, token: bytes, at: int, counts: Counts) -> Against | None:
        """What is held is not counted: who waits gets out of it. Whom the help desk let go begins at nothing."""
        if self.step == HOLD and token[:ACCOUNT] in self.named and counts.sent(self.permit, token, self.first(at))[0] >= self.each:
            return Against("alike", {"hours": -(-self.window // HOUR)})
        counts.add(self.permit, token, at // self.part, 0)
        return None


@dataclass(frozen=True)
class AlikeForm:
    """How a step of this measure becomes a stage."""

    step: str
    elements: ClassVar[frozenset[Element]] = ELEMENTS
    rows: ClassVar[str] = "counts-by-account"
    of_recipients: ClassVar[bool] = False

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope."""
        read_scope(scope, self.step)

    def compile(self, permit: Permit) -> AlikeStage:
        """Raises BadScope."""
        return AlikeStage(permit.id, permit.step.name, permit.until, *read_scope(permit.scope, permit.step.name))


def read_scope(scope: Mapping[str, Value], step: str) -> tuple[int, int, int, int, int, int, str]:
    """The test, the window, and `when_down`, which counting need not say. Raises BadScope for what is missing or beyond its bounds."""
    bounds = {
        "members": (LEAST, 10**5), "each": (1, 10**6), "together": (1, 10**7), "alike": (500, 1000),
        "young_days": (1, 366), "window": (HOUR, LONGEST),
    }  # fmt: skip
    said = {word: whole(scope, word, 0, most) for word, (_, most) in bounds.items()}
    for word, (least, _) in bounds.items():
        if said[word] < least:
            raise BadScope(f"scope.{word}", said[word])
    down = when_down(scope, PASS if step == COUNT else "")
    return said["members"], said["each"], said["together"], said["alike"], said["young_days"], said["window"], down
