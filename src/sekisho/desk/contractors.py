"""Contractors' people who may hand in mails, as `keep` knows them: each with its row of the register, its set sealed, its token digested.

Whether somebody is still admitted is asked each time, of the register as it stands today. There is nothing to forget to switch off.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import entrustments, records
from sekisho.desk.world import No, World
from sekisho.law.campaign import Recipient
from sekisho.law.contractor import Admission
from sekisho.law.entrustment import Action, Status
from sekisho.law.reading import read
from sekisho.store.errors import StoreError
from sekisho.store.schema import CONTACT
from sekisho.store.seal import WRAPPED, open_note
from sekisho.store.spec import key_id, period_of

IN_FORCE, SHUT, ROW = "in-force", "shut", "row-not-in-force"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """An admission and how it stands today. `until`: when its row ends."""

    id: str
    said: Admission
    status: str
    until: datetime
    at: datetime
    entry: int | None


def digest_of(token: str) -> str:
    """How a token is looked up: it has 256 random bits, so that nobody finds it from this."""
    return hashlib.sha256(b"contractor token\x00" + token.encode()).hexdigest()


def by_token(world: World, token: str, now: datetime) -> Standing:
    """Whose token it is, who may use it at this moment. Raises No: unknown-token, admission-shut, row-not-in-force."""
    row = records.one(world.db, records.ADMISSIONS, token=digest_of(token[:256]))
    if row is None:
        raise No("unknown-token")
    one = _standing(world, row, now)
    if one.status != IN_FORCE:
        raise No("admission-shut" if one.status == SHUT else "row-not-in-force")
    return one


def get(world: World, name: str, now: datetime) -> Standing:
    """Raises No("unknown-admission")."""
    row = records.one(world.db, records.ADMISSIONS, id=name)
    if row is None:
        raise No("unknown-admission", admission=name[:100])
    return _standing(world, row, now)


def every(world: World, now: datetime) -> Sequence[Standing]:
    """Newest first."""
    return [_standing(world, r, now) for r in reversed(records.rows(world.db, records.ADMISSIONS))]


def names(world: World) -> dict[str, str]:
    """Admission to the person it is of, for who reads whom a mailing is from."""
    return {r["id"]: records.body(r)["admission"]["person"] for r in records.rows(world.db, records.ADMISSIONS)}


def of_row(world: World, entrustment: str, now: datetime) -> tuple[entrustments.Standing, bool]:
    """The row, and whether it and every row above it are in force and allow mail. Raises No("unknown-entrustment")."""
    one = entrustments.get(world, entrustment, now)
    line = [one, *entrustments.above(world, one, now)]
    return one, Action.SEND_MAIL in one.said.actions and all(s.status is Status.IN_FORCE for s in line)


def ends(world: World, row: entrustments.Standing) -> datetime:
    """The end of the row's last day."""
    return world.book.begins(row.said.until + timedelta(days=1))


def key_of(name: str, at: datetime) -> str:
    """The name of the key that the set is sealed to; it is destroyed when the row ends."""
    return key_id(name, CONTACT, period_of(at))


def people(world: World, one: Standing) -> tuple[Recipient, ...]:
    """The set. Raises No("key-refused") once its key is gone."""
    row = records.one(world.db, records.ADMISSIONS, id=one.id) or {}
    box, key = bytes(row["box"]), key_of(one.id, one.at)
    try:
        released = world.vault.unwrap(key, box[4 : 4 + WRAPPED])
        said = open_note(lambda _key, _wrapped: released, key, box)
    except StoreError as why:
        raise No("key-refused", admission=one.id, why=why.code) from why
    return read(tuple[Recipient, ...], json.loads(said))


def _standing(world: World, row: Row, now: datetime) -> Standing:
    said, at = read(Admission, records.body(row)["admission"]), read(datetime, row["at"])
    register, good = of_row(world, said.entrustment, now)
    shut = records.one(world.db, records.SHUT_ADMISSIONS, id=row["id"]) is not None
    return Standing(row["id"], said, SHUT if shut else IN_FORCE if good else ROW, ends(world, register), at, row["entry"])
