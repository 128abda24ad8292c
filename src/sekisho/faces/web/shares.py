"""The distribution of volumes as a picture: a curve of shares, and a bar for each hour. Only numbers: tables stand beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.faces.web.drawing import HEIGHT, LEFT, RIGHT, WIDTH, Tick, nice

SIDE = 360
EDGE = 44
HOURS = 24
GAP = 4


@dataclass(frozen=True)
class Shares:
    """Lines, the heaviest first, from left to right; their traffic from the bottom up. Were all alike, it would be the diagonal."""

    side: int
    edge: int
    points: str
    dots: tuple[tuple[float, float, int], ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Column:
    """An hour: all lines, and within it those over the test."""

    hour: int
    x: float
    width: float
    y: float
    height: float
    heavy_y: float
    heavy_height: float


@dataclass(frozen=True)
class Hours:
    """A day by the hour. `full`: where the band counts as full; `level`: what it carries; below 0 where nobody declared it."""

    width: int
    height: int
    columns: tuple[Column, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    figures: tuple[float, ...]
    full: float
    capacity: float


def curve(steps: Sequence[Mapping[str, Any]], *, part: bool = False) -> Shares | None:
    """None where fewer than two steps were told: there is no curve. All lines with all traffic are left out of a `part`:
    the other steps then have one application's octets alone.
    """
    if len(steps) < 2:
        return None
    if part:
        steps = [s for s in steps if s["over_mb"]]
    scale = (SIDE - 2 * EDGE) / 1000

    def at(step: Mapping[str, Any]) -> tuple[float, float]:
        return round(EDGE + step["lines_permille"] * scale, 1), round(SIDE - EDGE - step["octets_permille"] * scale, 1)

    dots = tuple((*at(s), int(s["over_mb"])) for s in reversed(steps))
    points = " ".join(f"{x},{y}" for x, y, _ in ((EDGE, SIDE - EDGE, 0), *dots))
    return Shares(SIDE, EDGE, points, dots, tuple(Tick(round(EDGE + p * 10 * scale, 1), f"{p} %") for p in (0, 25, 50, 75, 100)))


def by_hour(hours: Sequence[Mapping[str, Any]], shaped: Mapping[str, Any] | None) -> Hours | None:
    """The busiest of each hour in kbit/s, and the lines the plan in force draws. None where no hour was told."""
    if not hours:
        return None
    full, capacity = (int((shaped or {}).get(word) or 0) for word in ("full_kbit", "capacity_kbit"))
    top = nice(max(capacity, *(h["kbit"] for h in hours)) * 1000.0)
    span, foot = (WIDTH - LEFT - RIGHT) / HOURS, HEIGHT - 8

    def y(kbit: float) -> float:
        return round(foot - kbit * 1000 / top * (foot - 16), 1)

    columns = tuple(
        Column(h["hour"], round(LEFT + h["hour"] * span + GAP, 1), round(span - 2 * GAP, 1), y(h["kbit"]), round(foot - y(h["kbit"]), 1),
               y(h["heavy_kbit"]), round(foot - y(h["heavy_kbit"]), 1))
        for h in hours
    )  # fmt: skip
    across = tuple(Tick(round(LEFT + (hour + 0.5) * span, 1), str(hour)) for hour in range(0, HOURS, 2))
    up = tuple(Tick(y(top / 1000 * part), "") for part in (0, 0.5, 1))
    return Hours(WIDTH, HEIGHT + 24, columns, across, up, (0.0, top / 2, top), y(full) if full else -1, y(capacity) if capacity else -1)
