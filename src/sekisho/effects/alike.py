"""Accounts that act alike, each under its limit, are counted, and held back where a permit says so. Asked at the end of a message.

`scope` of the permit: `members`, `each`, `together`, `alike`, `young_days` (when accounts act alike), `window` (seconds), `when_down`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sekisho.effects.account_stage import AccountStage
from sekisho.effects.mail_stage import HOUR, Against, Counts

MEASURE = "alike-accounts"
SLOTS = 24
"""A window is counted in so many parts; of a day, in hours."""
LEAST = 3
"""Two that act alike are no group."""


@dataclass(frozen=True)
class AlikeStage(AccountStage):
    """A permit read. Found are young accounts that act alike."""

    members: int
    each: int
    together: int
    alike: int
    young_days: int
    window: int
    bounds: ClassVar = {
        "members": (LEAST, 10**5), "each": (1, 10**6), "together": (1, 10**7), "alike": (500, 1000),
        "young_days": (1, 366), "window": (HOUR, 7 * 24 * HOUR),
    }  # fmt: skip
    parts: ClassVar = SLOTS

    @property
    def part(self) -> int:
        """Seconds of one part."""
        return self.window // SLOTS

    def why(self, token: bytes, at: int, counts: Counts) -> Against | None:
        """Whom the help desk let go begins at nothing."""
        if counts.sent(self.permit, token, self.first(at))[0] < self.each:
            return None
        return Against("alike", {"hours": -(-self.window // HOUR)})
