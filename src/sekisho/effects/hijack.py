"""Accounts that show signs of a hijack are counted, and held for some hours where a permit says so. Asked at the end of a message.

`scope` of the permit: `networks`, `jump`, `least`, `usual_hours` (what a sign is), `young_days` (on whom the test is tried), `held_hours`,
`when_down`. Looked at are the account's name and the client's network, both as tokens. Which accounts show signs is found beside the
answering; here it is obeyed.
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

MEASURE, COUNT, HOLD = "hijack-signs", "count", "hold"
HOURS = 7 * 24
"""So many hours back an account's usual figures reach."""


@dataclass(frozen=True)
class HijackStage(FromNetworks):
    """A permit read. `named`: the account parts of tokens that show signs just now."""

    permit: str
    step: str
    until: datetime
    networks: int
    jump: int
    least: int
    usual_hours: int
    young_days: int
    held_hours: int
    when_down: str
    named: frozenset[bytes] = frozenset()

    @property
    def holds(self) -> bool:
        """Owners are told of what was held, not of what was counted."""
        return self.step == HOLD

    @property
    def part(self) -> int:
        """Seconds of one part."""
        return HOUR

    def first(self, at: int) -> int:
        """The oldest part that still counts."""
        return at // HOUR - HOURS + 1

    def against(self, _asked: Attributes, token: bytes, at: int, counts: Counts) -> Against | None:
        """What is held is not counted: once the hour of its sign is so long past, the account sends again."""
        if self.step == HOLD and token[:ACCOUNT] in self.named:
            return Against("hijacked", {"hours": self.held_hours})
        counts.add(self.permit, token, at // HOUR, 0)
        return None


@dataclass(frozen=True)
class HijackForm:
    """How a step of this measure becomes a stage."""

    step: str
    elements: ClassVar[frozenset[Element]] = ELEMENTS
    rows: ClassVar[str] = "counts-by-account"
    of_recipients: ClassVar[bool] = False

    def check(self, scope: Mapping[str, Value]) -> None:
        """Raises BadScope."""
        read_scope(scope, self.step)

    def compile(self, permit: Permit) -> HijackStage:
        """Raises BadScope."""
        return HijackStage(permit.id, permit.step.name, permit.until, *read_scope(permit.scope, permit.step.name))


def read_scope(scope: Mapping[str, Value], step: str) -> tuple[int, int, int, int, int, int, str]:
    """The test, the hours held, and `when_down`, which counting need not say. Raises BadScope for what is missing or beyond its bounds."""
    bounds = {
        "networks": (2, 10**4), "jump": (2, 10**4), "least": (1, 10**6), "usual_hours": (1, HOURS // 2),
        "young_days": (1, 366), "held_hours": (1, 72),
    }  # fmt: skip
    said = {word: whole(scope, word, 0, most) for word, (_, most) in bounds.items()}
    for word, (least, _) in bounds.items():
        if said[word] < least:
            raise BadScope(f"scope.{word}", said[word])
    down = when_down(scope, PASS if step == COUNT else "")
    return said["networks"], said["jump"], said["least"], said["usual_hours"], said["young_days"], said["held_hours"], down
