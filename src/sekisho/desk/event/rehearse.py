"""A rehearsal on people who do not exist: what the board would show, what it would cost them, and what a knowing onlooker could infer.

Synthetic attendees look up sites as people do: a few sites by many, most by few (Zipf). Nothing of a real network is read. The totals are
made by the board's own code and the names by `store.release`, so that the event will show what the rehearsal showed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.desk.counted import Counted, Reading
from sekisho.desk.event.numbers import numbers, too_few
from sekisho.desk.event.panels import PANELS
from sekisho.store.release import NOTHING, Loss, NoNoise, Terms, after, bounded, released

__all__ = ["NoNoise", "Rehearsal", "carry_out"]

SITES, POPULARITY, LOOKUPS = 2000, 1.1, 30
OPEN_HOURS = 9
TOP = 10
TRIES = 200
FEW = 8
BUDGET = Loss(100_000, 500_000)
"""Of a day: epsilon of at most 2.5."""

START = datetime(2000, 1, 1, tzinfo=UTC)
ZONES = ("hall", "lounge", "corner")
SHARES = (0.7, 0.28, 0.02)
Json = dict[str, Any]


@dataclass(frozen=True)
class Rehearsal:
    """`devices` at the venue, of which `consenting` let names be counted, for so many days. `budget`: what a day may cost one device.

    `daily`: names once a day, else each of nine hours. `names`, `least`: as in `store.release.Terms`. `smallest`: as in the plan.
    """

    devices: int
    consenting: int
    days: int = 2
    daily: bool = False
    budget: Loss = BUDGET
    names: int = 8
    least: int = 20
    smallest: int = 10
    seed: int = 1

    @property
    def each(self) -> int:
        """Windows of a day."""
        return 1 if self.daily else OPEN_HOURS

    @property
    def terms(self) -> Terms:
        """Of one window: the day's budget in equal parts."""
        return Terms(self.names, self.least, Loss(self.budget.rho // self.each, self.budget.delta // self.each))


def carry_out(request: Rehearsal) -> Json:
    """{"panels": by time of day, "windows": each with what is shown and how right it is, "loss", "attacker"}.

    Raises NoNoise; ValueError where more consent than are there, or nobody is.
    """
    if not 0 <= request.consenting <= request.devices or min(request.days, request.devices) < 1:
        raise ValueError("consenting")
    chance = np.random.default_rng(request.seed)
    windows, spent = [], NOTHING
    for day in range(request.days):
        spent = NOTHING
        for window in range(request.each):
            spent = after([spent], request.terms.loss, request.budget)
            windows.append({"day": day + 1, "window": window + 1, **_window(_looked_up(request, chance), request.terms)})
    moments = (("opening", min(request.devices, FEW)), ("midday", request.devices))
    return {
        "panels": {moment: _panels(request, count) for moment, count in moments},
        "windows": windows,
        "loss": {"rho": spent.rho / 10**6, "epsilon": round(spent.epsilon, 2), "budget": round(request.budget.epsilon, 2)},
        "attacker": _attacked(request, chance),
    }


def _looked_up(request: Rehearsal, chance: np.random.Generator) -> pa.Table:
    """`device` and `name` of one window, of those who consent: those who do not are not even made."""
    popular = 1 / np.arange(1, SITES + 1) ** POPULARITY
    count = request.consenting * LOOKUPS * (OPEN_HOURS if request.daily else 1)
    sites = chance.choice(SITES, count, p=popular / popular.sum())
    devices = chance.integers(0, max(request.consenting, 1), count)
    return pa.table({"device": devices, "name": pa.array([f"site-{n + 1}.example" for n in sites], pa.string())})


def _window(seen: pa.Table, terms: Terms) -> Json:
    """What is shown, and how it stands to the truth, which nobody but a rehearsal knows."""
    true = _exact(seen)
    told = released(seen, terms)
    best = sorted(told.numbers, key=lambda n: (-told.numbers[n], n))
    top = sorted(true, key=lambda n: (-true[n], n))[:TOP]
    counted = _exact(bounded(seen, terms.names))
    off = [abs(told.numbers[n] - counted.get(n, 0)) for n in best]
    return {
        "shown": {n: told.numbers[n] for n in best},
        "right_of_ten": len({*best[:TOP]} & {*top}),
        "error": round(sum(off) / len(off), 1) if off else None,
        "threshold": told.threshold,
    }


def _exact(seen: pa.Table) -> dict[str, int]:
    """Name to devices, as a board without noise would have it."""
    tallied = seen.group_by(["device", "name"]).aggregate([]).group_by("name").aggregate([("device", "count")])
    return {str(row["name"]): int(row["device_count"]) for row in tallied.to_pylist()}


def _attacked(request: Rehearsal, chance: np.random.Generator) -> Json:
    """How often somebody is right who guesses, by a coin's odds, whether one person looked a site up, and knows all others or half of them.

    The site is one that everybody may have looked up, so that it stands on the board. Of a hundred guesses 50 are right by luck.
    """
    if request.consenting <= request.least:
        return {"tries": 0}
    right = dict.fromkeys(("exact_all", "noisy_all", "exact_half", "noisy_half"), 0)
    for number in range(TRIES):
        others = chance.random(request.consenting - 1) < 0.5
        target = number % 2 == 0
        devices = [*np.flatnonzero(others), *([request.consenting - 1] if target else [])]
        seen = pa.table({"device": pa.array(devices, pa.int64()), "name": pa.array(["site.example"] * len(devices))})
        noisy = released(seen, request.terms).numbers.get("site.example")
        half = len(others) // 2
        for name, shown in (("exact", len(devices)), ("noisy", noisy)):
            for known, expected in (("all", float(others.sum())), ("half", float(others[:half].sum()) + (len(others) - half) / 2)):
                guess = shown is not None and shown > expected + 0.5
                right[f"{name}_{known}"] += guess == target
    return {"tries": TRIES, **right}


def _panels(request: Rehearsal, devices: int) -> Json:
    """Panel to its numbers, or None where it would show none, with so many devices there."""
    counted = Counted()
    for reading in _readings(devices):
        counted.take("rehearsal", reading)
    now = counted.seconds[-1].at
    few = too_few(counted.seconds[-1], request.smallest)
    return {name: None if few else numbers(panel, counted, now, request.smallest) for name, panel in PANELS.items()}


def _readings(devices: int) -> Iterator[Reading]:
    """Three minutes of a venue's totals: each device does a little every second."""
    zones = {f"zone.{z}": int(devices * share) for z, share in zip(ZONES, SHARES, strict=True)}
    each = {"octets.in": 40_000, "octets.out": 4000, "queries": 1, "cache.hits": 0.7, "cache.misses": 0.3, "queries.ipv6": 0.4}
    each |= {"qtype.A": 0.5, "qtype.AAAA": 0.3, "qtype.HTTPS": 0.2}
    for second in range(180):
        grown = {name: int(rate * devices * second * 0.4) for name, rate in each.items()}
        yield Reading(START + timedelta(seconds=second), {**grown, "devices": devices, **zones})
