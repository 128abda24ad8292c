"""What ends by itself: permits past their time, keys past their term. The entry is written first, then the key is destroyed.

A key that a living hold names stays, and goes when the hold is over.

With a clock that jumped nothing is ended and nothing destroyed: neither can be taken back. Permits and keys past their
time are refused all the same by whoever checks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.desk import copies, ended_keys, holds, permits, records
from sekisho.desk.clock import ClockJumped
from sekisho.desk.world import World
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType

TEN_SECONDS = timedelta(seconds=10)


@dataclass(frozen=True)
class Retire:
    """Asked by `keep` itself, every second."""


def carry_out(world: World, _request: Retire) -> Mapping[str, int]:
    try:
        now = world.clock.sure()
    except ClockJumped as why:
        _say(world, why)
        return {"expired": 0, "destroyed": 0}
    _remember(world, now)
    expired = [r for r in records.rows(world.db, records.PERMITS, ended=None) if r["until"] <= records.stamp(now)]
    for row in expired:
        world.write(EntryType.EXPIRY, row["body"], ids={"permit": row["id"]}, at=now)
        permits.mark_ended(world, row["id"], "ended")
    living = holds.living(world, now)
    world.vault.held = holds.keys(world, holds.data(living)) | copies.held(world, living)
    due = world.vault.due(now)
    for key in due:
        ended_keys.end(world, key, now)
    return {"expired": len(expired), "destroyed": len(due)}


def _say(world: World, jumped: ClockJumped) -> None:
    """The jump is written down when it happens, once."""
    clock = world.clock
    if not clock.said:
        body = canonical({"by": jumped.by, "accepted": False})
        world.write(EntryType.CLOCK_JUMP, body, ids={}, at=clock.now(), then=lambda _index, _written: setattr(clock, "said", True))


def _remember(world: World, now: datetime) -> None:
    """The last time seen, every ten seconds: a start before it is a clock that jumped."""
    last = records.meta(world.db, "clock")
    if last is None or now - datetime.fromisoformat(last) >= TEN_SECONDS:
        records.set_meta(world.db, "clock", records.stamp(now))
