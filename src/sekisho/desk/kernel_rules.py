"""Every step whose effect stands in the kernel: a permit read as rules and classes, and all of them as there should be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from sekisho.effects import class_filter, name_filter, port_block, shaping
from sekisho.effects.class_filter import Filter
from sekisho.effects.nft import LATE, Chain, Rule, Set, Table, kind_of
from sekisho.effects.port_block import Block, Opened
from sekisho.effects.prefix_sets import BadScope, seconds_left
from sekisho.effects.shaping import Shape
from sekisho.gate.permit import Permit

Effect: TypeAlias = Block | Shape | Filter

SHAPED = (shaping.MEASURE, shaping.OF_CLASS)
STEPS = frozenset({("op25b", port_block.STEP), *((m, shaping.STEP) for m in SHAPED), (class_filter.MEASURE, class_filter.STEP)})
"""Measure and step: those whose effect is a rule in the kernel."""
FORWARD = kind_of(type="filter", hook="forward", prio=0, policy="accept")


def stands_in_kernel(permit: Permit) -> bool:
    """Whether this permit's effect is a rule in the kernel."""
    return (permit.measure, permit.step.name) in STEPS


def stands_at_resolver(permit: Permit) -> bool:
    """Whether it stands in front of the resolver instead."""
    return (permit.measure, permit.step.name) == (name_filter.MEASURE, name_filter.STEP)


def compiled(permit: Permit, opened: Iterable[Opened] = (), off: Iterable[str] = ()) -> Effect:
    """Raises BadScope for a scope that is not of its step's form."""
    if not stands_in_kernel(permit):
        raise BadScope("step", permit.step.name)
    if permit.step.name == shaping.STEP:
        return shaping.compile_shape(permit, off)
    if permit.step.name == class_filter.STEP:
        return class_filter.compile_filter(permit, off)
    return port_block.compile_block(permit, opened)


def phase(effect: Effect, now: datetime) -> str:
    """What stands of a permit changes by itself when its hours begin and end, or its start comes: that is nobody's doing."""
    if isinstance(effect, Filter):
        return f"{effect.permit} {effect.starts <= now}"
    return f"{effect.permit} {isinstance(effect, Shape) and effect.open_for(now) > LATE}"


def table(effects: Iterable[Effect], now: datetime) -> Table:
    """What should stand in nftables at `now`: nothing of a permit that is over."""
    sets: dict[str, Set] = {}
    chains: dict[str, Chain] = {}
    entries: list[Rule] = []
    for one in sorted(effects, key=lambda e: e.permit):
        if seconds_left(one.until, now) <= 0 or (isinstance(one, Filter) and now < one.starts):
            continue
        its, hung, entry = _rules(one, now)
        sets |= its
        chains |= hung
        entries.append(entry)
    return Table(sets, {**({"forward": Chain(FORWARD, tuple(entries))} if entries else {}), **chains})


def _rules(one: Effect, now: datetime) -> tuple[dict[str, Set], dict[str, Chain], Rule]:
    if isinstance(one, Filter):
        return class_filter.rules(one, now)
    return shaping.rules(one, now) if isinstance(one, Shape) else port_block.rules(one, now)


def classes(effects: Iterable[Effect], now: datetime) -> Mapping[str, Mapping[int, int]]:
    """What should stand on the links at `now`: by link the classes, kbit/s by number."""
    found: dict[str, dict[int, int]] = {}
    for one in effects:
        if isinstance(one, Shape) and seconds_left(one.until, now) > 0:
            for link in one.links:
                found.setdefault(link, {})[one.number] = one.kbit
    return found


def sides(effect: Effect, wanted: Table, stand: Mapping[str, Mapping[int, int]]) -> Mapping[str, int]:
    """Of one permit: members of each set by its short name, kbit/s of its class on each link. What the kernel counts is left out."""
    name = effect.permit.replace("-", "_") + "_"
    sets = {n.removeprefix(name): len(s.members) for n, s in wanted.sets.items() if n.startswith(name) and not s.counts}
    if not isinstance(effect, Shape):
        return sets
    return sets | {f"class {link}": stand.get(link, {}).get(effect.number, 0) for link in effect.links}
