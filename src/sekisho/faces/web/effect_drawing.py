"""Counts by day as numbers of a plot: a bar a day, and the stretches of days on which a permit lived. The tables beside it say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sekisho.faces.web.drawing import HEIGHT, LEFT, RIGHT, WIDTH, Tick, nice

FOOT = 24
TOP = 12
MARKS = 8


@dataclass(frozen=True)
class Bar:
    """A day that was counted."""

    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True)
class Days:
    """The plot, oldest day on the left; days nobody counted are gaps. `shades`: where each begins, and how wide it is."""

    width: int
    height: int
    base: int
    bars: tuple[Bar, ...]
    shades: tuple[tuple[float, float], ...]
    across: tuple[Tick, ...]
    up: tuple[tuple[float, int], ...]


def days(rows: Sequence[Mapping[str, Any]]) -> Days:
    """Lay out rows of {"day", "count", "lived"}, oldest first, at least one."""
    first = date.fromisoformat(rows[0]["day"])
    at = [(date.fromisoformat(r["day"]) - first).days for r in rows]
    step, reach = (WIDTH - LEFT - RIGHT) / (at[-1] + 1), HEIGHT - TOP
    top = max(nice(float(max(r["count"] for r in rows))), 1.0)

    def bar(place: int, count: int) -> Bar:
        tall = round(count / top * reach, 1)
        return Bar(round(LEFT + place * step + step * 0.1, 1), round(step * 0.8, 1), round(HEIGHT - tall, 1), tall)

    bars = tuple(bar(place, int(r["count"])) for place, r in zip(at, rows, strict=True))
    shades = tuple((round(LEFT + a * step, 1), round((b - a + 1) * step, 1)) for a, b in _stretches(at, rows))
    every = max(1, len(rows) // MARKS)
    across = tuple(Tick(round(LEFT + (place + 0.5) * step, 1), str(r["day"])[5:]) for place, r in list(zip(at, rows, strict=True))[::every])
    up = tuple((round(HEIGHT - part * reach, 1), int(top * part)) for part in ((0.5, 1.0) if top > 1 else (1.0,)))
    return Days(WIDTH, HEIGHT + FOOT, HEIGHT, bars, shades, across, up)


def _stretches(at: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    """First and last place of each run of counted days on which a permit lived. A day nobody counted ends a run: nothing is said of it."""
    told = [(place - number, bool(r["lived"]), place) for number, (place, r) in enumerate(zip(at, rows, strict=True))]
    for (_, lived), run in groupby(told, key=lambda one: one[:2]):
        places = [place for *_, place in run]
        if lived:
            yield places[0], places[-1]
