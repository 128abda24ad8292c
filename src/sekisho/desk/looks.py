"""Looks as `keep` knows them: planned, under way in one `work` child, over. What use cases share about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from sekisho.desk import records
from sekisho.desk.world import No, World, fresh_id
from sekisho.law.canonical import canonical
from sekisho.law.reading import read


@dataclass(frozen=True)
class Look:
    """One look: under which permit, of what sort (`find`, `identify` or `reveal`)."""

    id: str
    permit: str
    sort: str


OPEN = ("planned", "waiting", "running")
"""States of a look that is not over."""


def plan_look(world: World, permit: str, sort: str, now: datetime, state: str = "planned") -> str:
    identity = fresh_id("look")
    body = canonical(Look(identity, permit, sort))
    records.add(world.db, records.LOOKS, body, now, id=identity, permit=permit, state=state)
    return identity


def get(world: World, identity: str) -> Look:
    row = records.one(world.db, records.LOOKS, id=identity)
    if row is None:
        raise No("unknown-look", look=identity)
    return read(Look, records.body(row))


def last(world: World, permit: str) -> dict[str, Any] | None:
    """The newest look under a permit."""
    table = records.LOOKS
    row = world.db.execute(select(table).where(table.c.permit == permit).order_by(table.c.at.desc()).limit(1)).mappings().first()
    return dict(row) if row else None


def must_run(world: World, identity: str) -> Look:
    """The look, if it is under way and the asking channel is its own. Raises No."""
    row = records.one(world.db, records.LOOKS, id=identity)
    if row is None or row["state"] != "running":
        raise No("look-not-under-way", look=identity)
    if world.caller.role != "work" or identity not in world.caller.looks:
        raise No("another-looks-channel", look=identity)
    return read(Look, records.body(row))


def set_state(world: World, identity: str, state: str) -> None:
    table = records.LOOKS
    world.db.execute(update(table).where(table.c.id == identity).values(state=state))


def first_release(world: World, look: Look, key_id: str, now: datetime) -> bool:
    key = {"look": look.id, "key": key_id}
    if records.one(world.db, records.RELEASES, **key) is not None:
        return False
    records.add(world.db, records.RELEASES, canonical(key), now, **key)
    return True


def forget_children(world: World) -> None:
    """`keep` starts: no child of an earlier run is left, so nothing is under way."""
    table = records.LOOKS
    world.db.execute(update(table).where(table.c.state.in_(OPEN)).values(state="failed"))
