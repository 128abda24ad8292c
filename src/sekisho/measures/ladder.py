"""A distribution of volumes: how many lines moved more than each of some steps, never fewer of them than LEAST."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

LEAST = 10
"""No step of the distribution that fewer lines stand on is told. Ours: no source gives a number."""
LADDER = tuple(k * 10**e for e in range(7) for k in (1, 2, 5))
"""Megabytes of a line in a day that the distribution is told at: 1, 2, 5, 10 … 5,000,000."""
MEGABYTE = 1_000_000
WHOLE_DAY = -1
UTC_TO_JST = 9


def distribution(rows: ir.Table, of: str) -> ir.Table:
    """Of a day, hour by hour (JST; -1: the whole day): lines, and their octets, over each step of the LADDER; 0: all lines, all octets.

    `of` names the octets that place a line on its step and are added up there. A step is told where LEAST lines stand on it and none or
    LEAST below it, in the whole day and in each hour. `above_mb` is the step that lines stand on next below: over any step between the
    two there are as many.
    """
    seen = rows.filter(rows.octets.notnull(), rows[of].notnull(), rows.start.notnull(), rows.token.notnull())
    hourly = seen.mutate(hour=((seen.start.hour() + UTC_TO_JST) % 24).cast("int64"), its=seen[of].cast("int64"))
    each = hourly.group_by(["token", "hour"]).agg(octets=hourly.octets.cast("int64").sum(), its=hourly.its.sum())
    line = each.group_by("token").agg(octets=each.octets.sum(), its=each.its.sum())
    placed = line.mutate(over_mb=_step(line.its))
    whole = placed.mutate(hour=WHOLE_DAY).select("hour", "over_mb", "octets", "its")
    within = each.join(placed.select("token", "over_mb"), "token").select("hour", "over_mb", "octets", "its")
    return _told(whole.mutate(hour=whole.hour.cast("int64")).union(within)).order_by(["hour", "over_mb"])


def _step(octets: ir.Value) -> ir.Value:
    """The highest step of the LADDER that so many octets reach; 0 below all."""
    reached = (octets >= LADDER[0] * MEGABYTE).cast("int64") * LADDER[0]
    for below, at in pairwise(LADDER):
        reached = reached + (octets >= at * MEGABYTE).cast("int64") * (at - below)
    return reached


def _told(cells: ir.Table) -> ir.Table:
    """From one row per line and hour to the steps that may be told, each with the lines and octets on it and above it."""
    on = cells.group_by(["hour", "over_mb"]).agg(on_it=cells.count(), its=cells.its.sum())
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
