"""A survey as a small plot: bars of those asked, those who answered and those in favour, and where the least numbers lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, LEFT, ROW, BAR = 520, 150, 34, 18
FOOT = 8


@dataclass(frozen=True)
class Bar:
    """`least`: where the number that had to be reached lies; below 0 where it lies beyond the plot."""

    what: str
    count: int
    needed: int
    y: float
    width: float
    least: float


@dataclass(frozen=True)
class Survey:
    """`permille`: in favour of those asked."""

    width: int
    height: int
    left: int
    bar: int
    permille: int
    bars: tuple[Bar, ...]


def survey(said: object) -> Survey | None:
    """None for what is no survey with its numbers."""
    known = said if isinstance(said, Mapping) else {}
    if not all(type(known.get(n)) is int for n in ("asked", "answered", "agreed", "least_asked", "least_answered", "needed_permille")):
        return None
    asked = known["asked"]
    if asked <= 0:
        return None
    needed = -(-known["needed_permille"] * asked // 1000)
    rows = (("asked", known["least_asked"]), ("answered", known["least_answered"]), ("agreed", needed))
    per = (WIDTH - LEFT - 90) / asked

    def bar(place: int, what: str, least: int) -> Bar:
        at = round(LEFT + least * per, 1) if 0 <= least <= asked else -1.0
        return Bar(what, known[what], least, place * ROW + FOOT, round(known[what] * per, 1), at)

    bars = tuple(bar(place, what, least) for place, (what, least) in enumerate(rows))
    return Survey(WIDTH, len(bars) * ROW + FOOT, LEFT, BAR, known["agreed"] * 1000 // asked, bars)
