"""Numbers with noise that a board may show, as `tap` told them: in the memory of `keep` alone, for as long as their permit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class OpenRelease:
    """A release whose loss is spent and whose numbers are not told yet. `permit`: what lets its numbers be shown."""

    panel: str
    permit: str
    least: int


@dataclass(frozen=True)
class ToldRelease:
    """What may be shown: numbers of devices by name or kind, counted from `since` to `at`."""

    release: str
    permit: str
    since: datetime
    at: datetime
    threshold: int
    numbers: Mapping[str, int]


@dataclass
class ToldNames:
    """Of each panel the newest release and the one before, which stands while the newest waits."""

    open: dict[str, OpenRelease] = field(default_factory=dict)
    told: dict[str, tuple[ToldRelease, ...]] = field(default_factory=dict)

    def take(self, panel: str, one: ToldRelease) -> None:
        self.told[panel] = (*self.told.get(panel, ())[-1:], one)

    def shown(self, panel: str, permit: str, now: datetime, delay: timedelta) -> ToldRelease | None:
        """The newest that has waited long enough, of this very permit. What was told under another one is forgotten."""
        mine = tuple(t for t in self.told.get(panel, ()) if t.permit == permit)
        self.told[panel] = mine
        return next((t for t in reversed(mine) if t.at + delay <= now), None)
