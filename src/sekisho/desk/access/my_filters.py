"""For whoever sits behind a line: which filters there are for it, what each refuses, since when, and the switch.

Bandwidth control that lines may leave stands among them. The console tells the address a request came from. Nobody signs: the choice is
the line's own, at any time and without a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import books
from sekisho.desk.access import filter_grounds, switches
from sekisho.desk.access.switches import Switched
from sekisho.desk.world import No, World
from sekisho.effects import class_filter, name_filter
from sekisho.effects.name_filter import NameFilter
from sekisho.effects.prefix_sets import Prefix
from sekisho.effects.shaping import Shape
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
    """{"address", "filters": [{"permit", "line", "off": bool, "starts", "started": bool, "since", "until",
    "classes": [PacketClass], or "origin", "list" and "categories": [Category] of a filter of names; "digest", or "shape":
    its words in the plan; "cases": [{"id", "title", "ground", "source"}],
    "stands": by kind of evidence what was asked, tried and compared last}], "ended": [{"permit", "line", "at",
    "why": [{"words", "why"}]}]}: those that cover the line of this address."""
    now = world.clock.now()
    found = [_told(world, permit, one, line, now) for permit, one, line in _mine(world, request.address, now)]
    standing = {permit.measure for permit, _, _ in _mine(world, request.address, now)}
    ended = list(filter_grounds.ended(world, request.address, standing, now))
    return dict(plain({"address": request.address, "filters": found, "ended": ended}))


def throw(world: World, request: ThrowMySwitch) -> Mapping[str, str]:
    """{"switch": id, "to"}: it counts with the next round. Raises No: not-filtered-here, no-such-choice."""
    now = world.clock.now()
    if request.to not in (switches.OFF, switches.ON):
        raise No("no-such-choice", said=request.to[:16])
    for permit, _, line in _mine(world, request.address, now):
        if permit.id == request.permit:
            return {"switch": switches.throw(world, permit.measure, line, request.to, now), "to": request.to}
    raise No("not-filtered-here")


def _mine(world: World, address: str, now: datetime) -> list[tuple[Permit, Switched, Prefix]]:
    return [(p, f, line) for p, f in switches.filters(world, now) if (line := f.line(address)) is not None]


def _told(world: World, permit: Permit, one: Switched, line: Prefix, now: datetime) -> dict[str, Any]:
    starts = permit.since if isinstance(one, Shape) else one.starts
    cases = {c.id: c for c in books.of_digest(world, permit.book).cases}
    return {
        "permit": permit.id,
        "line": str(line.network_address) if line.prefixlen == line.max_prefixlen else str(line),
        "off": str(line) in switches.off(world, permit.measure),
        "starts": starts,
        "started": starts <= now,
        "since": permit.since,
        "until": permit.until,
        **_rules(one),
        "stands": filter_grounds.live(world, permit, now),
        "cases": [{k: getattr(cases[c], k) for k in ("id", "title", "ground", "source")} for c in permit.cases if c in cases],
    }


def _rules(one: Switched) -> dict[str, Any]:
    """What customers are told of, and its digest."""
    if isinstance(one, Shape):
        return {"shape": {w: getattr(one, w) for w in ("heavy_mb", "window_hours", "hours", "kbit", "application")}}
    if isinstance(one, NameFilter):
        told = {"origin": one.origin, "list": one.list, "categories": one.categories}
        return {**told, "digest": name_filter.told_digest(one)}
    return {"classes": one.classes, "digest": class_filter.told_digest(one.classes)}
