"""Time for everybody, and the one rule about it: a clock that jumped stops minting.

Wall time is held against the monotonic clock; a difference of more than `TOLERANCE` is a jump, and so is a start
before the last time written down.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(seconds=5)


class ClockJumped(Exception):
    """Wall time cannot be trusted; `by` is how far it moved against the monotonic clock."""

    def __init__(self, by: timedelta) -> None:
        super().__init__(by)
        self.by = by


def wall() -> datetime:
    return datetime.now(UTC)


class Clock:
    """`now()` may always be read; `sure()` raises ClockJumped from the first jump on, until a restart with a sound clock."""

    def __init__(
        self, last: datetime | None = None, wall: Callable[[], datetime] = wall, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._ticks = ticks
        self._began = wall()
        self._tick = ticks()
        self._jump: timedelta | None = None
        if last is not None and self._began < last - TOLERANCE:
            self._jump = self._began - last

    def now(self) -> datetime:
        now = self._wall()
        drift = now - (self._began + timedelta(seconds=self._ticks() - self._tick))
        if abs(drift) > TOLERANCE and self._jump is None:
            self._jump = drift
        elif self._jump is None:
            # Slow drift (a disciplined clock) is followed; only a sudden step counts as a jump.
            self._began, self._tick = now, self._ticks()
        return now

    @property
    def jump(self) -> timedelta | None:
        return self._jump

    def sure(self) -> datetime:
        now = self.now()
        if self._jump is not None:
            raise ClockJumped(self._jump)
        return now
