"""Time for everybody, and the one rule about it: a clock that jumped stops minting, ending and destroying.

Wall time is held against the monotonic clock. A disciplined clock is slewed by at most 500 parts in a million (what
adjtime(3) and ntpd keep to); whatever moves faster adds up, and more than `TOLERANCE` of it is a jump, in one step or
in many. So is a start before the last time written down, or more than `GAP` after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(seconds=5)
SLEW = 500e-6
GAP = timedelta(days=30)
"""A node that slept longer than this is asked whether the time is right: a forward jump would end and destroy everything at once."""


class ClockJumped(Exception):
    """Wall time cannot be trusted; `by` is how far it moved against the monotonic clock."""

    def __init__(self, by: timedelta) -> None:
        super().__init__(by)
        self.by = by


def wall() -> datetime:
    return datetime.now(UTC)


class Clock:
    """`now()` may always be read; `sure()` raises ClockJumped from the first jump on, until a restart with a sound clock.

    `last`: the last time written down. `accept`: a custodian looked at this start's clock and says it is right.
    """

    def __init__(
        self,
        last: datetime | None = None,
        wall: Callable[[], datetime] = wall,
        ticks: Callable[[], float] = time.monotonic,
        *,
        accept: bool = False,
    ) -> None:
        self._wall = wall
        self._ticks = ticks
        self._seen = wall()
        self._tick = ticks()
        self._excess = 0.0
        self._jump: timedelta | None = None
        self.said = False
        """Whether this jump stands in the ledger."""
        self.gap = timedelta(0)
        """How far this start lies before or after what was expected, whether or not it was accepted."""
        if last is not None and not last - TOLERANCE <= self._seen <= last + GAP:
            self.gap = self._seen - last
            self._jump = None if accept else self.gap

    def now(self) -> datetime:
        now, tick = self._wall(), self._ticks()
        if self._jump is None:
            passed = tick - self._tick
            off = self._excess + (now - self._seen).total_seconds() - passed
            if abs(off) > TOLERANCE.total_seconds():
                self._jump = timedelta(seconds=off)
            self._excess = _less(off, SLEW * passed)
            self._seen, self._tick = now, tick
        return now

    @property
    def jump(self) -> timedelta | None:
        return self._jump

    def sure(self) -> datetime:
        now = self.now()
        if self._jump is not None:
            raise ClockJumped(self._jump)
        return now


def _less(off: float, by: float) -> float:
    """Nearer to nothing by what a disciplined clock may be slewed in that time."""
    return max(0.0, off - by) if off > 0 else min(0.0, off + by)
