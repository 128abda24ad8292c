"""The board's pictures as numbers: where lines, rings, bars and tiles go. The same numbers stand beside as words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.faces.web.drawing import nice

WIDTH, HEIGHT = 720, 200
RING = 54.0
"""Radius of a ring's middle line."""


@dataclass(frozen=True)
class Stretch:
    """A line without a gap in it, as the points of its upper edge and of the area below."""

    line: str
    area: str


@dataclass(frozen=True)
class Curve:
    """A series with its gaps: `last` is where its newest point is, None where that is not known."""

    stretches: tuple[Stretch, ...]
    last: tuple[float, float] | None


@dataclass(frozen=True)
class Segment:
    """One share of a bar that is 100 wide: where it begins, how wide it is, which colour it has."""

    name: str
    percent: int
    x: int
    place: int


def curve(values: Sequence[int | None], top: float, *, base: float = HEIGHT, reach: float = HEIGHT, down: bool = False) -> Curve:
    """From left (oldest) to right, up from `base` by at most `reach`, or down from it. What is not known is left open."""
    step = WIDTH / max(len(values) - 1, 1)
    points = [None if v is None else (round(i * step, 1), _height(v, top, base, reach, down=down)) for i, v in enumerate(values)]
    found, run = [], []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
        elif run:
            found.append(_stretch(run, base))
            run = []
    return Curve(tuple(found), points[-1] if points else None)


def _height(value: float, top: float, base: float, reach: float, *, down: bool) -> float:
    share = min(value / top, 1.0) * (reach - 8)
    return round(base + share if down else base - share, 1)


def _stretch(run: Sequence[tuple[float, float]], base: float) -> Stretch:
    whole = [*run, (run[0][0] + 1, run[0][1])] if len(run) == 1 else run
    line = " ".join(f"{x:g},{y:g}" for x, y in whole)
    return Stretch(line, f"{whole[0][0]:g},{base:g} {line} {whole[-1][0]:g},{base:g}")


@dataclass(frozen=True)
class Mirror:
    """Where the line between in and out lies, and the values at the upper and lower edge: one scale for both."""

    middle: int
    top_in: float
    top_out: float


def mirror(into: Sequence[int | None], out: Sequence[int | None]) -> Mirror:
    """The line lies where both ways use the room they need, and neither less than a quarter of it."""
    most_in, most_out = (max((v for v in s if v is not None), default=0) for s in (into, out))
    share = most_in / (most_in + most_out) if most_in + most_out else 0.5
    middle = round(HEIGHT * min(max(share, 0.25), 0.75))
    top_in = nice(max(most_in, most_out * middle / (HEIGHT - middle)))
    return Mirror(middle, top_in, top_in * (HEIGHT - middle) / middle)


def top_of(*series: Sequence[int | None]) -> float:
    """The next round figure that holds every value."""
    return nice(max((v for s in series for v in s if v is not None), default=0))


def ring(percent: int) -> tuple[float, float]:
    """How much of a ring is drawn, and how much is not: the dashes of its line."""
    whole = 2 * math.pi * RING
    return round(whole * percent / 100, 1), round(whole * (100 - percent) / 100, 1)


def bar(types: Sequence[Mapping[str, Any]]) -> tuple[Segment, ...]:
    """Shares side by side; what is left over is the last one's."""
    found, x = [], 0
    for place, one in enumerate(types):
        found.append(Segment(str(one["type"]), int(one["percent"]), x, place % 7))
        x += int(one["percent"])
    return tuple(found)


def heat(zones: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each part of the venue with its warmth, 0 to 5, by the fullest of them; no warmth where no number is told."""
    most = max((z["devices"] for z in zones if z["devices"] is not None), default=0)
    return [{**z, "heat": 0 if not z["devices"] else max(1, math.ceil(5 * z["devices"] / most))} for z in zones]
