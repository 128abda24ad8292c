"""How a key ends: the entry is written first, then the key is destroyed, then the files go that nobody can open any more."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256

from sekisho.desk import copies, permits, records
from sekisho.desk.world import World
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType
from sekisho.store.parts import remove_period
from sekisho.store.register import REGISTER


def end(world: World, key: str, now: datetime) -> None:
    """Write down that this key goes, and destroy it. Asked again for a key the disk would not let go, it writes nothing twice."""
    said = records.one(world.db, records.DESTROYED, key=key)
    if said is not None and said["entry"] is not None:
        _destroy(world, key)  # written earlier, and the disk would not: tried again without another entry
        return
    if said is None:
        records.add(world.db, records.DESTROYED, canonical({"key": key}), now, key=key)
    world.write(
        EntryType.DESTROYED,
        canonical({"key": key}),
        ids={"key": sha256(key.encode()).hexdigest()},
        at=now,
        table=records.DESTROYED,
        key={"key": key},
        then=lambda _index, _written: _try(world, key),
    )


def _try(world: World, key: str) -> None:
    """A disk that refuses now is asked again later; the turn, and everybody else's answer, stands."""
    with suppress(OSError):
        _destroy(world, key)


def _destroy(world: World, key: str) -> None:
    world.vault.destroy(key)
    copies.forget(world, key)
    owner, _, rest = key.partition("/")
    row = records.one(world.db, records.PERMITS, id=owner)
    streams = permits.of(row).scope.get("streams") if row else None
    for name in (*streams, REGISTER) if isinstance(streams, Mapping) else ():
        with contextlib.suppress(OSError):  # the files are another user's: they stay, and nobody can open them
            remove_period(world.settings.folder / "streams", owner, name, rest.rpartition("/")[2])
