"""A clock for whoever lives by leases: it never goes back."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class Steady:
    """A clock that never goes back: the later of the wall and of what has passed since it was made.

    A wall set back would make every lease longer; set forward, leases end early and come again when it is right.
    """

    def __init__(self, wall: Callable[[], datetime], ticks: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)) -> None:
        self._wall, self._ticks = wall, ticks
        self._from, self._tick = wall(), ticks()

    def __call__(self) -> datetime:
        return max(self._wall(), self._from + timedelta(seconds=self._ticks() - self._tick))
