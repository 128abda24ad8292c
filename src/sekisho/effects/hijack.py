"""Accounts that show signs of a hijack are counted, and held for some hours where a permit says so. Asked at the end of a message.

`scope` of the permit: `networks`, `jump`, `least`, `usual_hours` (what a sign is), `young_days` (on whom the test is tried), `held_hours`,
`when_down`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sekisho.effects.account_stage import AccountStage
from sekisho.effects.mail_stage import HOUR, Against, Counts

MEASURE = "hijack-signs"
HOURS = 7 * 24
"""So many hours back an account's usual figures reach."""


@dataclass(frozen=True)
class HijackStage(AccountStage):
    """A permit read. Found are accounts that show signs."""

    networks: int
    jump: int
    least: int
    usual_hours: int
    young_days: int
    held_hours: int
    bounds: ClassVar = {
        "networks": (2, 10**4), "jump": (2, 10**4), "least": (1, 10**6), "usual_hours": (1, HOURS // 2),
        "young_days": (1, 366), "held_hours": (1, 72),
    }  # fmt: skip
    part: ClassVar = HOUR
    parts: ClassVar = HOURS

    def why(self, _token: bytes, _at: int, _counts: Counts) -> Against:
        """Once the hour of its sign is so long past, the account sends again."""
        return Against("hijacked", {"hours": self.held_hours})
