"""Which lines switched which filter off, or left bandwidth control. An address stands here only while it is off; the ledger never has it.

An address counts only while it is the one the switch was entered for: a row that somebody else wrote switches nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeAlias

from sqlalchemy import select, update

from sekisho.desk import permits, records
from sekisho.desk.world import World, fresh_id
from sekisho.effects import class_filter, name_filter, shaping
from sekisho.effects.class_filter import Filter
from sekisho.effects.name_filter import NameFilter
from sekisho.effects.prefix_sets import BadScope, Prefix
from sekisho.effects.shaping import Shape
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType

Switched: TypeAlias = Filter | NameFilter | Shape

S = records.SWITCHES
READ: Mapping[tuple[str, str], Callable[[Permit], Switched]] = {
    (class_filter.MEASURE, class_filter.STEP): class_filter.compile_filter,
    (name_filter.MEASURE, name_filter.STEP): name_filter.compile_names,
    (shaping.MEASURE, shaping.STEP): shaping.compile_shape,
    (shaping.OF_CLASS, shaping.STEP): shaping.compile_shape,
}
"""Every kind of effect that lines may switch off for themselves, and how a permit for it is read."""
OFF, ON = "off", "on"


def of_permit(world: World, permit: Permit) -> tuple[str, ...]:
    """Prefixes of the lines that switched this permit's filter off."""
    return tuple(sorted(off(world, permit.measure))) if (permit.measure, permit.step.name) in READ else ()


def off(world: World, measure: str) -> Mapping[str, str]:
    """The id of each switch that is off, by prefix. Read once and then kept as they are thrown: it is asked for several times a second."""
    if world.switched_off is None:
        world.switched_off = _read(world)
    return world.switched_off.get(measure, {})


def throw(world: World, measure: str, line: Prefix, to: str, now: datetime) -> str:
    """Switch a filter off or on for a line; the switch's id. The one before is over, and its address gone."""
    identity = fresh_id("switch")
    kept = str(line) if to == OFF else ""
    before = (S.c.measure == measure, S.c.prefix == str(line), S.c.ended.is_(None))
    world.db.execute(update(S).where(*before).values(ended="over", prefix=""))
    body = canonical({"id": identity, "measure": measure, "to": to, "place": _place(world, identity, str(line))})
    records.add(world.db, S, body, now, id=identity, measure=measure, prefix=kept, ended=None if kept else "over")
    world.write(EntryType.SWITCHED, body, ids={"switch": identity}, at=now, table=S, key={"id": identity})
    if world.switched_off is not None:
        others = {p: one for p, one in world.switched_off.get(measure, {}).items() if p != str(line)}
        world.switched_off = {**world.switched_off, measure: {**others, kept: identity} if kept else others}
    return identity


def filters(world: World, now: datetime) -> list[tuple[Permit, Switched]]:
    """Every effect of these kinds that is permitted at `now`, whether it has started or lines may still choose."""
    found = []
    for permit, signed in permits.living(world, now):
        if (read := READ.get((permit.measure, permit.step.name))) and signed.proof:
            try:
                found.append((permit, read(permit)))
            except BadScope:
                continue
    return found


def _read(world: World) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    query = select(S).where(S.c.ended.is_(None), S.c.prefix != "").order_by(S.c.at)
    for row in map(dict, world.db.execute(query).mappings()):
        if _genuine(world, row):
            found.setdefault(row["measure"], {})[row["prefix"]] = row["id"]
    return found


def _genuine(world: World, row: Mapping[str, Any]) -> bool:
    said = records.body(dict(row))
    mine = said.get("measure") == row["measure"] and said.get("to") == OFF
    return mine and hmac.compare_digest(str(said.get("place", "")), _place(world, row["id"], row["prefix"]))


def _place(world: World, identity: str, prefix: str) -> str:
    """What the entered words say of the address: nothing to anybody without our key."""
    return hmac.new(world.pseudonyms, canonical({"switch": identity, "prefix": prefix}), sha256).hexdigest()
