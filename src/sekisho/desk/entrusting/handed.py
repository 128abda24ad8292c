"""Hand-overs as `keep` knows them: which key a party told, what was handed over, and under which names. What the use cases share.

A person is known here by a keyed digest alone; a list lies here sealed, for a day at most, and never open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from sekisho.desk import entrustments, permits, records
from sekisho.desk.entrustments import Standing
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.law.entrustment import Status
from sekisho.law.words import Kind
from sekisho.ledger.entry import EntryType

MEASURE = "entrustment"
WAITING, BEGUN, GIVEN, REFUSED, STOPPED, UNKNOWN = "waiting", "begun", "given", "refused", "stopped", "unknown"
NOTHING_LEFT = frozenset({REFUSED, STOPPED})
"""How a hand-over ends of which nothing left our hands: it may be tried again under the same permit."""
Row = Mapping[str, Any]


def key_of(world: World, entrustment: str) -> str:
    """The key the party told last; empty where it told none, or what it told was lost."""
    rows = records.rows(world.db, records.PARTY_KEYS, entrustment=entrustment)
    return str(records.body(rows[-1]).get("told", {}).get("key", "")) if rows else ""


def permit_of(world: World, identity: str, now: datetime) -> Permit:
    """A living permit to hand something over, as the gate signed it. Raises No: not-a-hand-over, and what `genuine` raises."""
    permit = permits.genuine(world, identity, now)
    if permit.measure != MEASURE or permit.step.kind is not Kind.HAND_OVER or not isinstance(permit.scope.get("file"), str):
        raise No("not-a-hand-over", permit=permit.id)
    return permit


def standing(world: World, permit: Permit, now: datetime) -> Standing:
    """The row it rests on, in force with all above it, and with the key the permit names. Raises No: row-not-in-force, another-key."""
    one = entrustments.get(world, str(permit.scope.get("entrustment", "")), now)
    for row in (one, *entrustments.above(world, one, now)):
        if row.status is not Status.IN_FORCE:
            raise No("row-not-in-force", entrustment=row.id, status=row.status)
    if not key_of(world, one.id) or key_of(world, one.id) != permit.scope.get("key"):
        raise No("another-key", entrustment=one.id)
    return one


def get(world: World, identity: str, *states: str) -> Row:
    """Raises No: unknown-hand-over, not-waiting."""
    row = records.one(world.db, records.HAND_OVERS, id=identity)
    if row is None:
        raise No("unknown-hand-over", hand_over=identity[:100])
    if states and row["state"] not in states:
        raise No("not-waiting", hand_over=identity, state=row["state"])
    return row


def change(world: World, identity: str, **values: Any) -> None:
    table = records.HAND_OVERS
    world.db.execute(update(table).where(table.c.id == identity).values(**values))


def close(world: World, row: Row, state: str, told: Mapping[str, Any], now: datetime) -> None:
    """Enter how it ended. The list is forgotten; so are the people, where nothing left our hands."""
    ids = {"handover": row["id"], "entrustment": row["entrustment"], "permit": row["permit"]}
    body = canonical({**ids, "outcome": state, **told})
    records.add(world.db, records.HANDED_OVER, body, now, id=row["id"], entrustment=row["entrustment"], permit=row["permit"])
    world.write(EntryType.HANDED_OVER, body, ids=ids, at=now, table=records.HANDED_OVER, key={"id": row["id"]})
    change(world, row["id"], state=state, box=None, result=None)
    if state in NOTHING_LEFT:
        world.db.execute(records.HANDED_PEOPLE.delete().where(records.HANDED_PEOPLE.c.handover == row["id"]))
