"""Plots as numbers: where each line and bar of an SVG goes. No text is made here, no data leave as pixels alone: tables stand beside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.faces.web.i18n import JST, moment

WIDTH = 960
LEFT = 64
RIGHT = 12
HEIGHT = 260
ROW = 34
MINUTES = (1, 5, 10, 30, 60, 180, 360, 720, 1440, 2880, 7200, 10080, 43200, 129600, 525600)
STEPS = tuple(timedelta(minutes=m) for m in MINUTES)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, and what is written there."""

    at: float
    text: str

    @property
    def anchor(self) -> str:
        """Which end of the text stands at the mark: near an edge the text turns inward."""
        return "start" if self.at < 24 else "end" if self.at > WIDTH - 24 else "middle"


@dataclass(frozen=True)
class Bar:
    """One permit on the timeline. `cut` is set when it was withdrawn; `open_left` and `open_right` when it goes on outside the picture."""

    permit: Mapping[str, Any]
    y: float
    x: float
    width: float
    cut: bool
    open_left: bool
    open_right: bool


@dataclass(frozen=True)
class Timeline:
    """A picture of permits over time, newest on top."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    now: float


def timeline(permits: Sequence[Mapping[str, Any]], now_text: str) -> Timeline | None:
    """Place each permit between a week before and a month after now, or less when all lie closer. None without a permit."""
    now = moment(now_text)
    spans = [(p, moment(p["since"]), end_of(p)) for p in permits]
    held = [(p, a, b) for p, a, b in spans if a is not None and b is not None]
    if now is None or not held:
        return None
    hour = timedelta(hours=1)
    first = max(min(now - hour, *(a for _, a, _ in held)), now - timedelta(days=7))
    last = min(max(now + hour, *(b for _, _, b in held)), now + timedelta(days=31))
    spread = (last - first).total_seconds()

    def x(at: datetime) -> float:
        share = (at - first).total_seconds() / spread
        return round(8 + min(max(share, 0.0), 1.0) * (WIDTH - 16), 1)

    bars = tuple(
        Bar(p, 26 + row * ROW, x(a), max(round(x(b) - x(a), 1), 2.0), p["state"] == "withdrawn", a < first, b > last)
        for row, (p, a, b) in enumerate(held)
    )
    return Timeline(WIDTH, 34 + len(bars) * ROW, bars, ticks(first, last, x), x(now))


def end_of(permit: Mapping[str, Any]) -> datetime | None:
    """When a permit ends, or ended by withdrawal."""
    withdrawn = permit.get("withdrawn")
    return moment(withdrawn["at"] if withdrawn else permit["until"])


def ticks(first: datetime, last: datetime, x: Any, most: int = 8) -> tuple[Tick, ...]:
    """At most `most` round JST times between two moments."""
    spread = last - first
    step = next((s for s in STEPS if spread / s <= most), STEPS[-1])
    offset = timedelta(hours=9)
    start = datetime.fromtimestamp(math.ceil((first + offset).timestamp() / step.total_seconds()) * step.total_seconds(), JST) - offset
    shape = "%m-%d" if step >= timedelta(days=1) else "%m-%d %H:%M" if spread > timedelta(hours=20) else "%H:%M"
    found = []
    while start <= last:
        found.append(Tick(x(start), start.astimezone(JST).strftime(shape)))
        start += step
    return tuple(found)


@dataclass(frozen=True)
class Curve:
    """One prefix and direction: the points of its line, and its figures in bits per second."""

    prefix: str
    direction: str
    place: int
    points: str
    area: str
    last: float
    most: float
    mean: float


@dataclass(frozen=True)
class Plot:
    """Traffic over time in bits per second: outward above the middle line, inward below it."""

    width: int
    height: int
    middle: float
    curves: tuple[Curve, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    figures: tuple[float, ...]


def plots(minutes: Sequence[str], series: Sequence[Mapping[str, Any]]) -> Plot | None:
    """Lay out the series of `Desk.traffic`. None when there is nothing to draw."""
    times = [t for t in map(moment, minutes) if t is not None]
    if len(times) < 2 or len(times) != len(minutes) or not series:
        return None
    first, last = times[0], times[-1]
    spread = (last - first).total_seconds() or 1.0
    top = nice(max((o * 8 / 60 for s in series for o in s["octets"]), default=0.0))
    middle, half = HEIGHT / 2, HEIGHT / 2 - 16

    def x(at: datetime) -> float:
        return round(LEFT + (at - first).total_seconds() / spread * (WIDTH - LEFT - RIGHT), 1)

    prefixes = sorted({s["prefix"] for s in series})
    curves = tuple(curve(s, [x(t) for t in times], middle, half / top, prefixes.index(s["prefix"])) for s in series)
    up = tuple(Tick(round(middle - sign * share * half, 1), "") for sign in (1, -1) for share in (0.5, 1.0))
    return Plot(WIDTH, HEIGHT + 24, middle, curves, ticks(first, last, x), up, (top / 2, top, top / 2, top))


def curve(series: Mapping[str, Any], xs: Sequence[float], middle: float, scale: float, place: int) -> Curve:
    """One line: octets a minute become bits per second, upward when they leave."""
    rates = [o * 8 / 60 for o in series["octets"]]
    sign = -1 if series["direction"] == "out" else 1
    points = " ".join(f"{px},{round(middle + sign * r * scale, 1)}" for px, r in zip(xs, rates, strict=False))
    area = f"{xs[0]},{middle} {points} {xs[-1]},{middle}"
    mean = sum(rates) / len(rates) if rates else 0.0
    return Curve(series["prefix"], series["direction"], place % 6, points, area, rates[-1] if rates else 0.0, max(rates, default=0.0), mean)


def nice(most: float) -> float:
    """The next round figure that holds `most`."""
    if most <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(most))
    return next((f * power for f in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if f * power >= most), most)
