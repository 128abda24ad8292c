"""Panels of names and kinds on the board: what was released under the permit that shows them, what that cost, and how many agreed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import records
from sekisho.desk.event import named_panels, naming, releases
from sekisho.desk.event.named_panels import LISTS, NAMED, Bounds, NamedPanel
from sekisho.desk.portal import stands
from sekisho.desk.world import World
from sekisho.gate.permit import Permit
from sekisho.law.consent import Happened
from sekisho.store.release import Loss

Json = dict[str, Any]
ROUNDED = 10


def wanted(world: World) -> list[NamedPanel]:
    """Those that anybody ever got a permit for: an event that asks for no names has no empty panels for them."""
    return [p for p in NAMED.values() if records.one(world.db, records.PERMITS, measure=named_panels.MEASURE, step=p.step)]


def numbers(world: World, panel: NamedPanel, permit: Permit, now: datetime) -> Json:
    """{"told", "agreed", "least", "budget", "spent", "list", "window_seconds", "delay_seconds"}.

    `told`: {"since", "at", "threshold", "rows": [{"name", "title", "devices"}]}, most first; None before the first release. `agreed`:
    devices that agreed today, rounded down, None where they are few. `budget`, `spent`: {"rho", "delta", "epsilon"} of one device, today.
    """
    bounds = named_panels.bounds(panel, permit)
    if bounds is None:
        return {}
    least = bounds.terms.least
    agreed = len(stands.everybody(world, now, Happened.GIVEN.value)[panel.purpose])
    spent = releases.spent(world, panel.purpose, now, bounds.budget)
    total = Loss(sum(s.rho for s in spent), sum(s.delta for s in spent))
    listed = naming.listed(LISTS[panel.name])
    return {
        "told": _told(world, panel, permit, now),
        "agreed": agreed // ROUNDED * ROUNDED if agreed >= least else None,
        "least": least,
        "budget": _loss(bounds.budget),
        "spent": _loss(total),
        "list": {"name": listed.name, "version": listed.version, "digest": listed.digest},
        "window_seconds": int(bounds.window.total_seconds()),
        "delay_seconds": panel.delay_seconds,
        "next": _next(bounds, total),
    }


def _next(bounds: Bounds, total: Loss) -> bool:
    """Whether one more release fits today."""
    loss = bounds.terms.loss
    return total.rho + loss.rho <= bounds.budget.rho and total.delta + loss.delta <= bounds.budget.delta


def _told(world: World, panel: NamedPanel, permit: Permit, now: datetime) -> Json | None:
    told = world.names.shown(panel.name, permit.id, now, timedelta(seconds=panel.delay_seconds))
    if told is None:
        return None
    rows = list(_rows(panel, told.numbers))
    return {"since": told.since, "at": told.at, "threshold": told.threshold, "rows": rows}


def _rows(panel: NamedPanel, told: Any) -> Iterator[Json]:
    titles = naming.kinds() if panel.cut == naming.CATEGORY else {}
    for name in sorted(told, key=lambda n: (-told[n], n)):
        yield {"name": name, "title": titles.get(name), "devices": told[name]}


def _loss(loss: Loss) -> Json:
    return {"rho": loss.rho, "delta": loss.delta, "epsilon": f"{loss.epsilon:.2f}"}
