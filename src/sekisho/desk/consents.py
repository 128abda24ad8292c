"""Consents as `keep` knows them: whose line, under a pseudonym of that purpose; which live; and whether a permit needs them line by line.

The answer itself lies sealed. What is not sealed names nobody: a keyed hash, a purpose, a state, an end.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, update

from sekisho.desk import books, event_keys, records
from sekisho.desk.draft import PER_LINE
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.law.consent import ConsentRecord, Event, Happened
from sekisho.law.reading import read
from sekisho.law.words import Evidence, Ground, Plan, Step, VouchedBy, Voucher
from sekisho.ledger.entry import EntryType

KIND, PROBE = "consent", "consent-record"
KEPT_AFTER_END_DAYS = 365
"""How long the record of a consent that is over stays: to show that what was done then was lawful then."""
NONCE = 12
MOST_NOTICES = 32
Row = Mapping[str, Any]


def purpose_key(world: World, purpose: str) -> bytes:
    """What lines are hashed with for one purpose: two purposes cannot be joined."""
    return hmac.new(world.pseudonyms, canonical({"consents": purpose}), hashlib.sha256).digest()


def principal(key: bytes, line: str) -> str:
    """A line's pseudonym under a purpose's key."""
    return hmac.new(key, line.encode(), hashlib.sha256).hexdigest()


def seal(world: World, identity: str, value: object, key: bytes = b"") -> str:
    """Hex of nonce and ciphertext; bound to the consent it belongs to. `key`: of an event, where it goes with one."""
    nonce = secrets.token_bytes(NONCE)
    return (nonce + AESGCM(key or _sealing(world)).encrypt(nonce, canonical(value), identity.encode())).hex()


def _open(world: World, identity: str, said: Mapping[str, Any]) -> Any:
    raw, key = bytes.fromhex(said["sealed"]), event_keys.known(world, said["key"]) if "key" in said else _sealing(world)
    return json.loads(AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], identity.encode()))


def _sealing(world: World) -> bytes:
    return hmac.new(world.pseudonyms, b"consents at rest", hashlib.sha256).digest()


def of(world: World, row: Row) -> ConsentRecord:
    """The record with everything that happened to it since.

    Raises No: record-lost (restored from the ledger alone), event-over (it was sealed to a key of an event that ended).
    """
    said = records.body(row)
    if "sealed" not in said:
        raise No("record-lost", consent=row["id"])
    record = read(ConsentRecord, _open(world, row["id"], said)["record"])
    later = (read(Event, records.body(e)["event"]) for e in records.rows(world.db, records.CONSENT_EVENTS, consent=row["id"]))
    return replace(record, events=(*record.events, *later))


def get(world: World, identity: str) -> dict[str, Any]:
    """The row. Raises No("unknown-consent")."""
    row = records.one(world.db, records.CONSENTS, id=identity)
    if row is None:
        raise No("unknown-consent", consent=identity)
    return row


def by_code(world: World, code: str) -> dict[str, Any]:
    """The row a receipt's code belongs to. Raises No("unknown-code"); a wrong code says nothing about anybody."""
    row = records.one(world.db, records.CONSENTS, code=hashlib.sha256(code.encode()).hexdigest())
    if row is None:
        raise No("unknown-code")
    return row


def rows_of(world: World, purpose: str, now: datetime, who: str | None = None) -> list[dict[str, Any]]:
    """Rows in force: given, and not over at `now`; of one principal where `who` is named."""
    table = records.CONSENTS
    query = select(table).where(table.c.purpose == purpose, table.c.state == Happened.GIVEN.value, table.c.until > records.stamp(now))
    return [dict(r) for r in world.db.execute(query if who is None else query.where(table.c.principal == who)).mappings()]


def last_word(world: World, purpose: str, who: str) -> datetime:
    """When this line's holder was last heard about this purpose, whatever they said: an answer signed before that is an old one."""
    table, later = records.CONSENTS, records.CONSENT_EVENTS
    mine = select(table.c.id).where(table.c.purpose == purpose, table.c.principal == who)
    said = [r[0] for r in world.db.execute(select(table.c.at).where(table.c.id.in_(mine)))]
    said += [r[0] for r in world.db.execute(select(later.c.at).where(later.c.consent.in_(mine)))]
    return datetime.fromisoformat(max(said, default=records.stamp(datetime.min.replace(tzinfo=UTC))))


def covers(world: World, step: Step, who: str, now: datetime) -> bool:
    """Whether this line's holder agreed to this very step and has not changed their mind. Reads the record as it is at this moment."""
    return any(of(world, row).covers(step, now) for row in rows_of(world, step.purpose, now, who))


def any_live(world: World, purpose: str, now: datetime) -> bool:
    table = records.CONSENTS
    live = (table.c.purpose == purpose, table.c.state == Happened.GIVEN.value, table.c.until > records.stamp(now))
    return world.db.execute(select(table.c.id).where(*live).limit(1)).first() is not None


def per_line(world: World, permit: Permit) -> bool:
    """Whether this permit touches only lines that consent: its scope says so, or a case it stands on is individual consent."""
    if permit.scope.get("consent") == PER_LINE:
        return True
    cases = {c.id: c for c in books.of_digest(world, permit.book).cases}
    stood = (cases[c] for c in permit.cases if c in cases)
    return any(c.ground is Ground.CONSENT and any(k.params.get("kind") == KIND for k in c.conditions) for c in stood)


def must_cover(world: World, permit: Permit, who: str, now: datetime) -> None:
    """Raises No("no-consent") where the permit rests on consent line by line and this line has none that lives."""
    if per_line(world, permit) and not covers(world, permit.step, who, now):
        raise No("no-consent", permit=permit.id)


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """What the register of consents says for a plan's purposes: one piece for each text that was shown and is agreed to by anybody.

    `others_left_out` is ours to say only where nothing is kept of everybody first: a plan bound per line that keeps no stream.
    """
    left_out = plan.scope.get("consent") == PER_LINE and not plan.scope.get("streams")
    table = records.CONSENTS
    for purpose in sorted({s.purpose for s in plan.steps}):
        live = (table.c.purpose == purpose, table.c.state == Happened.GIVEN.value, table.c.until > records.stamp(now))
        for (notice,) in world.db.execute(select(table.c.notice).distinct().where(*live).order_by(table.c.notice).limit(MOST_NOTICES)):
            row = records.one(world.db, records.NOTICES, id=notice)
            if row is not None and "value" in (said := records.body(row)):
                value = {k: tuple(v) if isinstance(v, list) else v for k, v in said["value"].items()}
                yield Evidence(KIND, value | {"others_left_out": left_out}, purpose, Voucher(VouchedBy.PROBE, PROBE), now)


def end(world: World, row: Row, event: Event, more: Mapping[str, object] | None = None) -> None:
    """Add what happened, and write it down. From this turn on the consent is none."""
    number = records.count(world.db, records.CONSENT_EVENTS, consent=row["id"])
    key = {"id": f"{row['id']}/{number + 1}"}
    body = canonical({"consent": row["id"], "event": event, **(more or {})})
    records.add(world.db, records.CONSENT_EVENTS, body, event.at, **key, consent=row["id"])
    ids = {"consent": row["id"]}
    world.write(EntryType.CONSENT_OVER, body, ids=ids, at=event.at, table=records.CONSENT_EVENTS, key=key)
    table = records.CONSENTS
    world.db.execute(update(table).where(table.c.id == row["id"]).values(state=event.what.value))


def version_in_force(world: World, notice: str) -> dict[str, Any] | None:
    """What is remembered of a text that changed: `version` is the one that counts. None for one that never did."""
    return records.one(world.db, records.NOTICE_VERSIONS, id=version_key(notice))


def version_key(notice: str) -> str:
    return hashlib.sha256(notice.encode()).hexdigest()


def end_all(world: World, purpose: str, who: str, event: Event) -> list[str]:
    """End every consent in force of one line for one purpose; their ids."""
    found = rows_of(world, purpose, event.at, who)
    for row in found:
        end(world, row, event)
    return [r["id"] for r in found]
