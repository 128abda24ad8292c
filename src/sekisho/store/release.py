"""Numbers that may leave the seal: each device counts for little, noise is added, what few have is dropped, and the loss is told.

Concentrated differential privacy (zCDP, Bun & Steinke 2016): the unit is one device on one day. The noise, its scale and its threshold are
OpenDP's; what that library does not do, or does wrong in 0.16, is done here: each device's share is bounded before it counts, names that
too few devices have are dropped first, only what is strictly above the threshold leaves (opendp#2922), and losses are added up by `after`.
"""

from __future__ import annotations

import importlib
import math
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MILLION = 1_000_000
TRILLION = 10**12
WIDEST = 10**4
LARGEST = 10**7


class NoNoise(Exception):
    """The library that makes the noise is not installed: nothing is released without it."""


class OverBudget(Exception):
    """The next release would cost more than the day allows: it is not made. `left`: what may still be spent."""

    def __init__(self, left: Loss) -> None:
        super().__init__(left)
        self.left = left


@dataclass(frozen=True)
class Loss:
    """What releases told about any one device: rho in millionths, delta in trillionths. Whole numbers, since they are signed."""

    rho: int
    delta: int

    @property
    def epsilon(self) -> float:
        """An upper bound for people who know epsilon: rho + 2 sqrt(rho ln(1/delta))."""
        rho, delta = self.rho / MILLION, self.delta / TRILLION
        return rho + 2 * math.sqrt(rho * math.log(1 / delta)) if rho and delta else rho


NOTHING = Loss(0, 0)


@dataclass(frozen=True)
class Terms:
    """Of one release: a device counts for at most `names` of them, once each; what fewer than `least` devices have is not told."""

    names: int
    least: int
    loss: Loss

    def __post_init__(self) -> None:
        if min(self.names, self.least, self.loss.rho, self.loss.delta) < 1 or self.loss.delta >= TRILLION:
            raise ValueError("a release needs a bound for each device, a least number of devices and a loss")


@dataclass(frozen=True)
class Released:
    """Name to noisy number of devices, all above `threshold`; `scale`: the standard deviation of the noise."""

    numbers: dict[str, int]
    loss: Loss
    scale: float
    threshold: int


def after(spent: Iterable[Loss], following: Loss, budget: Loss) -> Loss:
    """What will have been spent. Raises OverBudget where that is more than the budget; what failed was spent too."""
    each = list(spent)
    rho, delta = sum(e.rho for e in each), sum(e.delta for e in each)
    if rho + following.rho > budget.rho or delta + following.delta > budget.delta:
        raise OverBudget(Loss(max(0, budget.rho - rho), max(0, budget.delta - delta)))
    return Loss(rho + following.rho, delta + following.delta)


def bounded(seen: pa.Table, names: int) -> pa.Table:
    """Distinct pairs of `device` and `name`: of each device those it has most rows of, and so many at most; of equals chance takes some."""
    pairs = seen.select(["device", "name"]).group_by(["device", "name"]).aggregate([([], "count_all")])
    _, device = np.unique(pairs["device"].to_numpy(zero_copy_only=False), return_inverse=True)
    chance = np.random.default_rng(secrets.randbits(128)).random(len(device))
    order = np.lexsort((chance, -pairs["count_all"].to_numpy(zero_copy_only=False), device))
    ordered = device[order]
    first = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(ordered) else np.empty(0, bool)
    starts = np.maximum.accumulate(np.where(first, np.arange(len(ordered)), 0))
    kept: np.ndarray[Any, np.dtype[np.int64]] = order[np.arange(len(ordered)) - starts < names]
    return pairs.take(kept)


def released(seen: pa.Table, terms: Terms) -> Released:
    """The names that many devices asked for, with noise. `seen`: `device` and `name`, a row for each look-up. Raises NoNoise."""
    noise, scale, threshold = _noise(terms)
    threshold += terms.least - 1
    tallied = bounded(seen, terms.names).group_by("name").aggregate([("device", "count")])
    enough = tallied.filter(pc.field("device_count") >= terms.least)
    told = noise(dict(zip(enough["name"].to_pylist(), enough["device_count"].to_pylist(), strict=True)))
    return Released({name: value for name, value in told.items() if value > threshold}, terms.loss, scale, threshold)


@lru_cache(maxsize=16)
def _noise(terms: Terms) -> tuple[Any, float, int]:
    """OpenDP's Gaussian mechanism with a threshold, its scale and its threshold, searched one after the other."""
    try:
        dp: Any = importlib.import_module("opendp.prelude")
    except ImportError as why:
        raise NoNoise from why
    dp.enable_features("contrib")
    domain = dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T=int))
    metric = dp.l02inf_distance(dp.absolute_distance(T=int))
    # Whole numbers only, and the distance in between rounded up: the library takes no fractions here.
    farthest = (terms.names, math.isqrt(terms.names - 1) + 1, 1)
    rho, delta = terms.loss.rho / MILLION, terms.loss.delta / TRILLION

    def made(scale: float, threshold: int) -> Any:
        return dp.m.make_gaussian_threshold(domain, metric, scale, threshold)

    scale = float(dp.binary_search(lambda s: made(s, LARGEST).map(farthest)[0] <= rho, bounds=(0.1, float(WIDEST))))
    # Below the most that one device changes (1) the library refuses to search.
    threshold = int(dp.binary_search(lambda t: made(scale, t).map(farthest)[1] <= delta, bounds=(2, LARGEST)))
    return made(scale, threshold), scale, threshold
