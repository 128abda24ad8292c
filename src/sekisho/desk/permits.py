"""Permits as `keep` knows them: which live, which ended and why. What use cases share about them, moved down."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from sqlalchemy import func, insert, select, update

from sekisho.desk import records
from sekisho.desk.prove import proof_text
from sekisho.desk.world import No, World, Written
from sekisho.gate.check import sign_lease
from sekisho.gate.permit import PERMIT_CONTEXT, Lease, Permit, SignedPermit
from sekisho.law.reading import read
from sekisho.ledger.entry import EntryType

LEASE = timedelta(seconds=5)


def must_live(world: World, identity: str, now: datetime) -> Permit:
    """The permit, if it holds at `now`. Raises No: unknown-permit, withdrawn, ended, not-yet."""
    row = records.one(world.db, records.PERMITS, id=identity)
    if row is None:
        raise No("unknown-permit", permit=identity)
    if row["ended"]:
        raise No(row["ended"], permit=identity)
    permit = of(row)
    if now >= permit.until:
        raise No("ended", permit=identity, until=permit.until.isoformat())
    if now < permit.since:
        raise No("not-yet", permit=identity, since=permit.since.isoformat())
    return permit


def genuine(world: World, identity: str, now: datetime) -> Permit:
    """The permit, living, with the signature that the gate gave it. Raises No: forged-permit, and what `must_live` raises."""
    permit = must_live(world, identity, now)
    made = signed(records.one(world.db, records.PERMITS, id=identity) or {})
    try:
        world.signer.public_key().verify(made.signature, PERMIT_CONTEXT + made.body)
    except InvalidSignature:
        raise No("forged-permit", permit=identity) from None
    return permit


def lease(world: World, permit: Permit, now: datetime) -> Lease:
    """`keep`'s word that a permit holds, good for a few seconds and never beyond its end."""
    return sign_lease(permit.id, min(now + LEASE, permit.until), world.signer)


def of(row: dict[str, object]) -> Permit:
    return read(Permit, json.loads(_bytes(row["body"])))


def signed(row: dict[str, object]) -> SignedPermit:
    return SignedPermit(_bytes(row["body"]), _bytes(row["signature"]), str(row["proof"] or ""))


def living(world: World, now: datetime) -> list[tuple[Permit, SignedPermit]]:
    """Every permit in force, oldest first."""
    found = []
    for row in records.rows(world.db, records.PERMITS, ended=None):
        permit = of(row)
        if permit.since <= now < permit.until:
            found.append((permit, signed(row)))
    return found


def carrying(world: World, measure: str, now: datetime) -> Permit | None:
    """One of this measure in force now, where there is any."""
    return next((permit for permit, _ in living(world, now) if permit.measure == measure), None)


def count_in_force(world: World, now: datetime) -> int:
    table = records.PERMITS
    living = select(func.count()).where(table.c.ended.is_(None), table.c.until > records.stamp(now))
    return int(world.db.execute(living).scalar_one())


def about(world: World, token: str) -> list[str]:
    """Living permits that concern one token: one line, one purpose, one period."""
    return [r["id"] for r in records.rows(world.db, records.PERMITS, token=token, ended=None)]


def mark_ended(world: World, identity: str, how: str, at: datetime | None = None) -> None:
    """`how`: withdrawn or ended; `at` is now unless the ledger says otherwise."""
    table, when = records.PERMITS, records.stamp(at or world.clock.now())
    world.db.execute(update(table).where(table.c.id == identity).values(ended=how, ended_at=when))


def withdraw(world: World, identity: str, body: bytes) -> str:
    """End a living permit now; `body` is the withdrawal and what it rests on. Raises No as `must_live` does."""
    now, key = world.clock.now(), {"permit": identity}
    must_live(world, identity, now)
    records.add(world.db, records.WITHDRAWALS, body, now, **key)
    world.write(EntryType.WITHDRAWAL, body, ids=key, at=now, table=records.WITHDRAWALS, key=key)
    mark_ended(world, identity, "withdrawn")
    return identity


def state(row: dict[str, object], now: datetime) -> str:
    """in-force, withdrawn or ended."""
    if row["ended"]:
        return str(row["ended"])
    return "in-force" if now < of(row).until else "ended"


def over(row: dict[str, object], now: datetime) -> str | None:
    """When it ended: withdrawn, its ground gone, or its time over. None while it has not."""
    until = of(row).until
    ended = min(until, datetime.fromisoformat(str(row["ended_at"]))) if row["ended_at"] else until
    return ended.isoformat() if row["ended"] or now >= until else None


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(type(value).__name__)
    return value


def carry_on(world: World, made: SignedPermit, now: datetime) -> str:
    """Put the carried-on permit in the place of the one it carries on, which stays readable beside it."""
    permit = read(Permit, json.loads(made.body))
    table, old = records.PERMITS, records.one(world.db, records.PERMITS, id=permit.id) or {}
    kept = {k: old[k] for k in ("body", "salt", "entry", "at", "signature", "proof")}
    number = records.count(world.db, records.RENEWED, permit=permit.id) + 1
    world.db.execute(insert(records.RENEWED).values(id=f"{permit.id}/{number}", permit=permit.id, **kept))
    fresh = {"body": made.body, "signature": made.signature, "proof": None, "entry": None, "salt": None}
    until, at = records.stamp(permit.until), records.stamp(now)
    world.db.execute(update(table).where(table.c.id == permit.id).values(until=until, at=at, **fresh))
    _write(world, permit, made, now)
    return permit.id


def keep_minted(world: World, made: SignedPermit, token: str | None, now: datetime) -> str:
    """Write a new permit down; its inclusion proof is added as soon as its entry is in the ledger."""
    permit = read(Permit, json.loads(made.body))
    columns = {
        "plan": permit.plan,
        "measure": permit.measure,
        "step": permit.step.name,
        "token": token,
        "until": records.stamp(permit.until),
    }
    records.add(world.db, records.PERMITS, made.body, now, id=permit.id, signature=made.signature, **columns)
    _write(world, permit, made, now)
    return permit.id


def _write(world: World, permit: Permit, made: SignedPermit, now: datetime) -> None:
    table = records.PERMITS

    def prove(index: int, written: Written) -> None:
        text = proof_text(world.log.receipt(index), written.entry, written.salt)
        world.db.execute(update(table).where(table.c.id == permit.id).values(proof=text))

    ids = {"permit": permit.id, "plan": permit.plan}
    world.write(EntryType.PERMIT, made.body, ids=ids, at=now, table=table, key={"id": permit.id}, then=prove)
