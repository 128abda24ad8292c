"""Heavy users are slowed down at congested hours, all alike: volumes are counted as a distribution, and the class is as wide as it leaves.

Nobody learns who is heavy: no step of the distribution has fewer than LEAST lines, and the kernel applies the test to every line.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "shaping"
E = Element
LEAST = 10
"""No step of the distribution that fewer lines stand on is told. Ours: no source gives a number."""
LADDER = tuple(k * 10**e for e in range(7) for k in (1, 2, 5))
"""Megabytes of a line in a day that the distribution is told at: 1, 2, 5, 10 … 5,000,000."""
MEGABYTE = 1_000_000
WHOLE_DAY = -1
UTC_TO_JST = 9
KEEPS = frozenset({E.PARTY, E.COUNT, E.DATETIME})
SHAPES = frozenset({E.HEADER, E.PARTY, E.COUNT})


def _shape(name: str) -> Step:
    return Step(name, Kind.THROTTLE, frozenset({Act.USE}), SHAPES, PURPOSE)


@dataclass(frozen=True)
class Shaping:
    """`words`: whose lines, the test (so many megabytes in so many hours), when and how far it slows down, and what the band carries."""

    name: ClassVar[str] = "shaping"
    title: ClassVar[Words] = {"ja": "帯域制御", "en": "Bandwidth control"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count-volumes", Kind.COLLECT, frozenset({Act.LEARN}), KEEPS, PURPOSE),
        *map(_shape, ("shape", "shape-against-copyright", "shape-leak-virus", "shape-surge")),
    )
    streams: ClassVar[tuple[Stream, ...]] = (
        Stream("volumes", "count-volumes", "flows", "flows", "hourly-volumes", ("line", "start", "octets")),
    )
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = ("volumes", ("token", "start", "octets"))
    counts: ClassVar[bool] = True
    """Its look gives figures although it sees tokens: nobody is followed up."""
    days_looked_at: ClassVar[int] = 7
    words: ClassVar[tuple[str, ...]] = (
        *("target", "hours", "lines", "selects", "rows", "ranges", "line_v6", "links"),
        *("window_hours", "heavy_mb", "kbit", "capacity_kbit", "full_permille", "heavy_permille", "may_leave"),
    )

    def find(self, rows: ir.Table) -> ir.Table:
        """Of a day, hour by hour (JST; -1: the whole day): lines, and their octets, over each step of the LADDER; 0: all lines.

        A step is told where LEAST lines stand on it and none or LEAST below it, in the whole day and in each hour. `above_mb` is the
        step that lines stand on next below: over any step between the two there are as many.
        """
        seen = rows.filter(rows.octets.notnull(), rows.start.notnull(), rows.token.notnull())
        hourly = seen.mutate(hour=((seen.start.hour() + UTC_TO_JST) % 24).cast("int64"))
        each = hourly.group_by(["token", "hour"]).agg(octets=hourly.octets.cast("int64").sum())
        line = each.group_by("token").agg(day=each.octets.sum())
        placed = line.mutate(over_mb=_step(line.day))
        whole = placed.mutate(hour=WHOLE_DAY, octets=placed.day).select("hour", "over_mb", "octets")
        within = each.join(placed.select("token", "over_mb"), "token").select("hour", "over_mb", "octets")
        return _told(whole.mutate(hour=whole.hour.cast("int64")).union(within)).order_by(["hour", "over_mb"])

    def proposes(self) -> tuple[str, ...]:
        return ()


def _step(octets: ir.Value) -> ir.Value:
    """The highest step of the LADDER that so many octets reach; 0 below all."""
    reached = (octets >= LADDER[0] * MEGABYTE).cast("int64") * LADDER[0]
    for below, at in pairwise(LADDER):
        reached = reached + (octets >= at * MEGABYTE).cast("int64") * (at - below)
    return reached


def _told(cells: ir.Table) -> ir.Table:
    """From one row per line and hour to the steps that may be told, each with the lines and octets on it and above it."""
    on = cells.group_by(["hour", "over_mb"]).agg(on_it=cells.count(), its=cells.octets.sum())
    down = on.group_by("hour").order_by(on.over_mb.desc()).mutate(lines=on.on_it.cumsum(), octets=on.its.cumsum())
    above = down.group_by("hour").order_by(down.over_mb).mutate(above_mb=down.over_mb.lag().coalesce(0))
    every = cells.group_by("hour").agg(all_lines=cells.count(), all_octets=cells.octets.sum())
    joined = above.join(every, "hour")
    below = joined.all_lines - joined.lines
    fit = joined.filter(joined.over_mb > 0, joined.on_it >= LEAST, (below == 0) | (below >= LEAST))
    steps = fit.select("hour", "above_mb", "over_mb", "lines", octets=fit.octets.cast("int64"))
    total = every.filter(every.all_lines >= LEAST)
    none = total.all_lines * 0
    base = total.select("hour", above_mb=none, over_mb=none, lines=total.all_lines, octets=total.all_octets.cast("int64"))
    return steps.union(base)
