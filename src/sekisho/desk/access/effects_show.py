"""Both sides of every effect in a kernel, the router's and that of an event's gateway, and in front of the resolver.

What the permits say, and what was read last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk.access import opened_lines, switches
from sekisho.desk.access.kernel_told import at_resolver, in_force
from sekisho.desk.gateway_words import GatewayAsRead
from sekisho.desk.kernel_rules import classes, compiled, sides, table
from sekisho.desk.kernel_words import KernelAsRead, Read
from sekisho.desk.portal import told as gateway_told
from sekisho.desk.world import World
from sekisho.effects.prefix_sets import BadScope
from sekisho.gate.permit import Permit
from sekisho.law.canonical import plain
from sekisho.measures.registry import EVERY

SILENT = timedelta(seconds=10)
"""So long after the last word nobody knows what stands in the kernel."""


@dataclass(frozen=True)
class Effects:
    """Asked by people."""


def carry_out(world: World, _request: Effects) -> Mapping[str, Any]:
    """{"held": bool, "at", "state": "not-held" | "silent" | "refused" | "same" | "differs", "said", "left": [str], "mends": int,
    "mended": [str], "mended_at", "effects": [{"permit", "measure", "title", "step", "until", "since", "wanted": {set: members},
    "there": {set: members}, "packets", "same": bool}], "gateway": {"held": bool, "at", "state", "said", "effects": as above},
    "resolver": the same, with "left", "mends", "mended" and "mended_at"}."""
    now, kernel = world.clock.now(), world.kernel
    fresh = kernel is not None and now - kernel.at <= SILENT
    there = {r.permit: r for r in kernel.read.reads} if kernel and fresh else {}
    effects: list[dict[str, Any]] = []
    for permit, _ in in_force(world, now):
        try:
            effect = compiled(permit, opened_lines.of_permit(world, permit, now), switches.of_permit(world, permit))
        except BadScope as no:
            effects.append({**_named(permit), "bad": no.where})
            continue
        wanted = sides(effect, table([effect], now), classes([effect], now))
        read = there.get(permit.id)
        effects.append({
            **_named(permit),
            "until": permit.until,
            "since": kernel.since.get(permit.id) if kernel else None,
            "wanted": wanted,
            "there": read.there if read else {},
            "packets": read.packets if read else 0,
            "same": read is not None and read.there == wanted,
        })  # fmt: skip
    state = _state(world, fresh=fresh, same=all(e.get("same") for e in effects) and {e["permit"] for e in effects} == set(there))
    found = {
        "held": world.settings.access.kernel,
        "state": state,
        "at": kernel.at if kernel else None,
        "said": kernel.read.said if kernel else "",
        "effects": effects,
        **_mended(kernel),
        "gateway": _at_gateway(world, now),
        "resolver": _at_resolver(world, now),
    }
    return dict(plain(found))


def _named(permit: Permit) -> dict[str, Any]:
    return {"permit": permit.id, "measure": permit.measure, "title": EVERY[permit.measure].title, "step": permit.step.name}


def _mended(read: KernelAsRead | None) -> dict[str, Any]:
    if read is None:
        return {"left": (), "mends": 0, "mended": (), "mended_at": None}
    return {"left": read.read.left, "mends": read.mends, "mended": read.mended, "mended_at": read.mended_at}


def _at_resolver(world: World, now: datetime) -> dict[str, Any]:
    """What stands in front of the resolver: names, and lines that are off. Nobody counts what was asked."""
    read = world.resolver
    fresh = read is not None and now - read.at <= SILENT
    held = fresh or world.settings.access.resolver is not None
    permits = [p for p, _ in at_resolver(world, now)]
    effects = _told(read, permits, fresh=fresh)
    return {"held": held, **_stands(read, effects, held=held, fresh=fresh), **_mended(read)}


def _told(known: KernelAsRead | GatewayAsRead | None, permits: Iterable[Permit], *, fresh: bool) -> list[dict[str, Any]]:
    """Both sides of these permits, as whoever holds them tells."""
    reads = {r.permit: r for r in known.read.reads} if known and fresh else {}
    effects: list[dict[str, Any]] = []
    for permit in permits:
        read = reads.get(permit.id, Read(permit.id, {}, {}))
        stands = {"wanted": read.wanted, "there": read.there, "packets": read.packets}
        same = permit.id in reads and read.wanted == read.there
        since = known.since.get(permit.id) if known else None
        effects.append({**_named(permit), "until": permit.until, **stands, "since": since, "same": same})
    return effects


def _stands(known: KernelAsRead | GatewayAsRead | None, effects: list[dict[str, Any]], *, held: bool, fresh: bool) -> dict[str, Any]:
    said = known.read.said if known else ""
    left = known.read.left if isinstance(known, KernelAsRead) else ()
    state = "not-held" if not held else "silent" if not fresh else "refused" if said else "same"
    if state == "same" and (left or not all(e["same"] for e in effects)):
        state = "differs"
    return {"at": known.at if known else None, "state": state, "said": said, "effects": effects}


def _at_gateway(world: World, now: datetime) -> dict[str, Any]:
    """What the gateway says of its own two tables. Numbers: nobody here knows which device is in them."""
    gateway, held = world.gateway, bool(world.settings.portal.listen)
    fresh = gateway is not None and now - gateway.at <= SILENT
    effects = _told(gateway, [p for p, _ in gateway_told.in_force(world, now)], fresh=fresh)
    return {"held": held, **_stands(gateway, effects, held=held, fresh=fresh)}


def _state(world: World, *, fresh: bool, same: bool) -> str:
    kernel = world.kernel
    if not world.settings.access.kernel and not fresh:
        return "not-held"
    if kernel is None or not fresh:
        return "silent"
    if kernel.read.said:
        return "refused"
    return "same" if same and not kernel.read.left else "differs"
