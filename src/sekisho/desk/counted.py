"""Totals as they came, second by second, for as long as their permit holds. In memory alone: no disk ever has them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

SECONDS = 600
MINUTES = 1440
GAP = timedelta(seconds=3)
LONG_GAP = timedelta(seconds=150)
"""Between two readings farther apart than this nothing is known, and nothing is drawn: among seconds, among minutes."""


@dataclass(frozen=True)
class Reading:
    """Every counter there was at one moment, by its name in `wire.counters`."""

    at: datetime
    values: Mapping[str, int]


@dataclass
class Counted:
    """Ten minutes of seconds and a day of minutes, all of one permit. Another permit begins with nothing."""

    permit: str = ""
    seconds: deque[Reading] = field(default_factory=lambda: deque(maxlen=SECONDS))
    minutes: deque[Reading] = field(default_factory=lambda: deque(maxlen=MINUTES))

    def take(self, permit: str, reading: Reading) -> None:
        if permit != self.permit:
            self.forget()
            self.permit = permit
        if self.seconds and reading.at <= self.seconds[-1].at:
            return
        if not self.minutes or reading.at.replace(second=0, microsecond=0) > self.minutes[-1].at:
            self.minutes.append(reading)
        self.seconds.append(reading)

    def forget(self) -> None:
        self.permit = ""
        self.seconds.clear()
        self.minutes.clear()

    def newest(self, now: datetime) -> Reading | None:
        """The last reading, unless it is older than a gap."""
        last = self.seconds[-1] if self.seconds else None
        return last if last is not None and now - last.at <= GAP else None


def rates(readings: Iterable[Reading], name: str, gap: timedelta) -> list[tuple[datetime, float | None]]:
    """How fast a counter grew up to each reading but the first, per second; None over a gap, and where its source began again."""
    found: list[tuple[datetime, float | None]] = []
    before: Reading | None = None
    for reading in readings:
        if before is not None:
            was, now = before.values.get(name), reading.values.get(name)
            apart = (reading.at - before.at).total_seconds()
            known = was is not None and now is not None and now >= was and reading.at - before.at <= gap
            found.append((reading.at, (now - was) / apart if known and was is not None and now is not None else None))
        before = reading
    return found


def grown(readings: Sequence[Reading], names: Iterable[str], window: timedelta) -> dict[str, int]:
    """By how much each counter grew within the last `window`, over the stretches in which it is known. Names never seen are left out."""
    if not readings:
        return {}
    recent = [r for r in readings if readings[-1].at - r.at <= window]
    found: dict[str, int] = {}
    for name in names:
        for before, reading in pairwise(recent):
            was, now = before.values.get(name), reading.values.get(name)
            if was is not None and now is not None and now >= was and reading.at - before.at <= GAP:
                found[name] = found.get(name, 0) + now - was
    return found
