"""Accounts whose sending log shows a hijack: many recipients that are nobody's, or a password that was guessed; held if a permit says so.

`scope` of the permit: `refused`, `refused_permille`, `failed` (what a sign is), `young_days` (on whom the test is tried), `held_hours`,
`when_down`. Read is the mail server's own log, line by line; left of a line is one more on a count of an account's token by the hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sekisho.effects.account_stage import ACCOUNT, COUNT, HOLD, AccountStage
from sekisho.effects.mail_stage import HOUR, Against, Counts
from sekisho.law.words import Value
from sekisho.wire.policy import Attributes

MEASURE, COUNT_LOG, HOLD_LOG = "hijack-signs", "count-log", "hold-log"


@dataclass(frozen=True)
class LogStage(AccountStage):
    """A permit read. Found are accounts that show signs in the log."""

    refused: int
    refused_permille: int
    failed: int
    young_days: int
    held_hours: int
    bounds: ClassVar = {
        "refused": (1, 10**6), "refused_permille": (1, 1000), "failed": (1, 10**6), "young_days": (1, 366), "held_hours": (1, 72),
    }  # fmt: skip
    part: ClassVar = HOUR
    parts: ClassVar = 72

    @classmethod
    def read(cls, scope: Mapping[str, Value], step: str) -> dict[str, Any]:
        """As any such stage. Raises BadScope."""
        return super().read(scope, COUNT if step == COUNT_LOG else HOLD)

    @property
    def holds(self) -> bool:
        """Owners are told of what was held, not of what was counted."""
        return self.step == HOLD_LOG

    def first(self, at: int) -> int:
        """A sign is as old as it holds, and no figure is kept longer."""
        return at // HOUR - self.held_hours + 1

    def against(self, _asked: Attributes, token: bytes, at: int, counts: Counts) -> Against | None:
        """It counts what the log says, and nothing of what the mail server asks."""
        return self.why(token, at, counts) if self.holds and token[:ACCOUNT] in self.named else None

    def why(self, _token: bytes, _at: int, _counts: Counts) -> Against:
        """Once the hour of its sign is so long past, the account sends again."""
        return Against("hijacked", {"hours": self.held_hours})
