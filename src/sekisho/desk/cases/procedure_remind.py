"""What becomes due by itself: reminders, moves at the end of a clock, holds whose time is over, files whose days are over.

Each reminder has one name, worked out from case, clock and last day: however often this runs, whatever restart lies between,
it is given once. What was missed while the node slept is given when it wakes. With a clock that jumped, nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, tuple_, update

from sekisho.desk import copies, holds, matters, records
from sekisho.desk.cases import case_moves
from sekisho.desk.clock import ClockJumped
from sekisho.desk.matters import BY_KEEP
from sekisho.desk.world import No, World
from sekisho.law.canonical import canonical
from sekisho.law.procedures import Event
from sekisho.law.walking import Told, lacks
from sekisho.ledger.entry import EntryType

MOST = 200
"""Cases looked at in one turn; the next turn goes on where this one stopped, so that cases that fail keep no other waiting."""


@dataclass(frozen=True)
class Remind:
    """Asked by `keep` itself, every few seconds."""


def carry_out(world: World, _request: Remind) -> Mapping[str, int]:
    """How many reminders were given, moves made, holds ended and files destroyed, and how many cases are stuck: what is due in
    them cannot be done, and the list of cases says why. With a clock that jumped, none.
    """
    try:
        now = world.clock.sure()
    except ClockJumped:
        return {}
    today, done = world.book.day(now), {"reminders": 0, "moves": 0, "holds": 0, "files": 0, "stuck": 0}
    _another_calendar(world, now)
    for identity in _waking(world, today):
        try:
            _one(world, identity, today, now, done)
            world.stuck.pop(identity, None)
        except No as no:
            world.stuck[identity] = no.code
            done["stuck"] += 1
    for row in records.rows(world.db, records.HOLDS, ended=None):
        if not holds.lives(world, row, now):
            holds.end(world, row, "over", now)
            done["holds"] += 1
    _files(world, now, done)
    return {name: count for name, count in done.items() if count}


def _waking(world: World, today: date) -> list[str]:
    """The next cases in which something is due, from where the last turn stopped and then from the first one again."""
    table = records.MATTERS
    due = select(table.c.wakes, table.c.id).where(table.c.wakes <= today.isoformat(), table.c.gone.is_(None))
    later = tuple_(table.c.wakes, table.c.id) > world.reminded_last
    ordered = due.order_by(table.c.wakes, table.c.id)
    found = [*world.db.execute(ordered.where(later).limit(MOST)).all()]
    found += world.db.execute(ordered.where(~later).limit(MOST - len(found))).all()
    world.reminded_last = (found[-1][0], found[-1][1]) if found else ("", "")
    return [identity for _, identity in found]


def _one(world: World, identity: str, today: date, now: datetime, done: dict[str, int]) -> None:
    matter = matters.load(world, identity)
    for name, day, said in matters.reminders(matter):
        if day <= today and records.one(world.db, records.REMINDERS, id=name) is None:
            body = canonical({"reminder": name, **said})
            records.add(world.db, records.REMINDERS, body, now, id=name, matter=identity)
            ids = {"reminder": name, "matter": identity}
            world.write(EntryType.REMINDED, body, ids=ids, at=now, table=records.REMINDERS, key={"id": name})
            done["reminders"] += 1
    for move in matter.procedure.out_of(matter.standing.state):
        if move.at_end_of and not lacks(matter.procedure, matter.standing, move, Told({}, (), today)):
            with world.request():  # a letter that cannot be drafted leaves no half of a move; the reminders above stand
                case_moves.make(world, identity, len(matter.made), Event(move.id, today), {"by": BY_KEEP}, now)
            done["moves"] += 1
            return
    matters.settle(world, identity, now)


def _another_calendar(world: World, now: datetime) -> None:
    """With another book come other holidays: every open case is worked out anew, once."""
    if records.meta(world.db, "walked") == world.book.digest:
        return
    for row in records.rows(world.db, records.MATTERS, closed=None):
        with suppress(No):
            matters.settle(world, row["id"], now)
    records.set_meta(world.db, "walked", world.book.digest)


def _files(world: World, now: datetime, done: dict[str, int]) -> None:
    """The key of a case goes when the days after its end are over and no hold lives in it; then nobody can read its file."""
    table = records.MATTERS
    closed = select(table).where(table.c.closed.is_not(None), table.c.gone.is_(None))
    held = {r["matter"] for r in holds.living(world, now)}
    for row in [dict(r) for r in world.db.execute(closed).mappings()]:
        if row["id"] in held:
            continue
        with suppress(No):
            days = matters.procedure_of(world, row).keep_days
            if now >= datetime.fromisoformat(row["closed"]) + timedelta(days=days):
                _destroy(world, row["id"], now)
                done["files"] += 1


def _destroy(world: World, identity: str, now: datetime) -> None:
    key = matters.key_id(world, identity)
    table = records.MATTERS
    world.db.execute(update(table).where(table.c.id == identity).values(gone=records.stamp(now), wakes=None))
    if records.one(world.db, records.DESTROYED, key=key) is not None:  # by a turn that was killed after its entry
        _unlink(world, identity)
        return
    body = canonical({"key": key})
    records.add(world.db, records.DESTROYED, body, now, key=key)

    def shred(_index: int, _written: object) -> None:
        with suppress(OSError):  # the next start destroys what the ledger says is destroyed
            world.vault.destroy(key)
            _unlink(world, identity)

    ids = {"key": sha256(key.encode()).hexdigest()}
    world.write(EntryType.DESTROYED, body, ids=ids, at=now, table=records.DESTROYED, key={"key": key}, then=shred)


def _unlink(world: World, identity: str) -> None:
    with suppress(OSError):
        for row in records.rows(world.db, records.ATTACHMENTS, matter=identity):
            (copies.folder(world) / row["id"]).unlink(missing_ok=True)
