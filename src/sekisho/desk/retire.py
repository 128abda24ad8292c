"""What ends by itself: permits past their time, keys past their term. The entry is written first, then the key is destroyed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sekisho.desk import permits, records
from sekisho.desk.world import World
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType
from sekisho.store.parts import remove_period
from sekisho.store.register import REGISTER

TEN_SECONDS = timedelta(seconds=10)


@dataclass(frozen=True)
class Retire:
    """Asked by `keep` itself, every second."""


def carry_out(world: World, _request: Retire) -> Mapping[str, int]:
    now = world.clock.now()
    _remember(world, now)
    expired = [r for r in records.rows(world.db, records.PERMITS, ended=None) if r["until"] <= records.stamp(now)]
    for row in expired:
        world.write(EntryType.EXPIRY, row["body"], ids={"permit": row["id"]}, at=now)
        permits.mark_ended(world, row["id"], "ended")
    due = world.vault.due(now)
    for key in due:
        name = sha256(key.encode()).hexdigest()
        if records.one(world.db, records.DESTROYED, key=key) is None:
            records.add(world.db, records.DESTROYED, canonical({"key": key}), now, key=key)
        world.write(
            EntryType.DESTROYED,
            canonical({"key": key}),
            ids={"key": name},
            at=now,
            table=records.DESTROYED,
            key={"key": key},
            then=lambda _index, _written, key=key: _destroy(world, key),  # type: ignore[misc] # bound now, run after the entry
        )
    return {"expired": len(expired), "destroyed": len(due)}


def _destroy(world: World, key: str) -> None:
    """The key first, then the files nobody can open any more."""
    world.vault.destroy(key)
    owner, _, rest = key.partition("/")
    row = records.one(world.db, records.PERMITS, id=owner)
    streams = permits.of(row).scope.get("streams") if row else None
    for name in (*streams, REGISTER) if isinstance(streams, Mapping) else ():
        remove_period(world.settings.folder / "streams", owner, name, rest.rpartition("/")[2])


def _remember(world: World, now: datetime) -> None:
    """The last time seen, every ten seconds: a start before it is a clock that jumped."""
    last = records.meta(world.db, "clock")
    if world.clock.jump is None and (last is None or now - datetime.fromisoformat(last) >= TEN_SECONDS):
        records.set_meta(world.db, "clock", records.stamp(now))
