"""For whoever sits behind a line: which filters there are for it, what each refuses, since when, and the switch.

The console tells the address a request came from. Nobody signs: the choice is the line's own, at any time and without a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import books
from sekisho.desk.access import switches
from sekisho.desk.world import No, World
from sekisho.effects.class_filter import Filter, told_digest
from sekisho.effects.prefix_sets import Prefix
from sekisho.gate.permit import Permit
from sekisho.law.canonical import plain


@dataclass(frozen=True)
class MyFilters:
    """The address that somebody's request came from."""

    address: str


@dataclass(frozen=True)
class ThrowMySwitch:
    """The same; `permit` names the filter, `to` is "off" or "on"."""

    address: str
    permit: str
    to: str


def carry_out(world: World, request: MyFilters) -> Mapping[str, Any]:
    """{"address", "filters": [{"permit", "line", "off": bool, "starts", "started": bool, "since", "until", "classes": [PacketClass],
    "digest", "cases": [{"id", "title", "ground", "source"}]}]}: those that cover the line of this address."""
    now = world.clock.now()
    found = [_told(world, permit, one, line, now) for permit, one, line in _mine(world, request.address, now)]
    return dict(plain({"address": request.address, "filters": found}))


def throw(world: World, request: ThrowMySwitch) -> Mapping[str, str]:
    """{"switch": id, "to"}: it counts with the next round. Raises No: not-filtered-here, no-such-choice."""
    now = world.clock.now()
    if request.to not in (switches.OFF, switches.ON):
        raise No("no-such-choice", said=request.to[:16])
    for permit, _, line in _mine(world, request.address, now):
        if permit.id == request.permit:
            return {"switch": switches.throw(world, permit.measure, line, request.to, now), "to": request.to}
    raise No("not-filtered-here")


def _mine(world: World, address: str, now: datetime) -> list[tuple[Permit, Filter, Prefix]]:
    return [(p, f, line) for p, f in switches.filters(world, now) if (line := f.line(address)) is not None]


def _told(world: World, permit: Permit, one: Filter, line: Prefix, now: datetime) -> dict[str, Any]:
    cases = {c.id: c for c in books.of_digest(world, permit.book).cases}
    return {
        "permit": permit.id,
        "line": str(line.network_address) if line.prefixlen == line.max_prefixlen else str(line),
        "off": str(line) in switches.off(world, permit.measure),
        "starts": one.starts,
        "started": one.starts <= now,
        "since": permit.since,
        "until": permit.until,
        "classes": one.classes,
        "digest": told_digest(one.classes),
        "cases": [{k: getattr(cases[c], k) for k in ("id", "title", "ground", "source")} for c in permit.cases if c in cases],
    }
