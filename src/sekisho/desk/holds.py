"""Legal holds: what is named by one that lives is not deleted. A hold opens nothing: who wants to read needs a permit of their own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from sekisho.desk import matters, permits, records
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.owed import owed
from sekisho.law.canonical import canonical
from sekisho.law.casebook import Casebook
from sekisho.law.facts import Facts, FactsError, read_facts
from sekisho.law.procedures import MOST_DATA, SELECTOR
from sekisho.ledger.entry import EntryType
from sekisho.store.spec import FOOTER
from sekisho.store.vault import TOKEN

ALL = "*"
LONGEST_FACTS = 64 * 1024
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Held:
    """Data a hold names: of one permit, one column class or all, from one day to another, both included."""

    permit: str
    column_class: str
    first: str
    last: str

    def names(self, permit: str, day: str) -> bool:
        return permit == self.permit and self.first <= day <= self.last


def of(selector: str) -> Held:
    """A selector as people write it. Raises ValueError."""
    found = SELECTOR.fullmatch(selector)
    if found is None:
        raise ValueError(selector)
    return Held(found["permit"], found["column_class"], found["first"], found["last"] or found["first"])


def named(world: World, data: Sequence[str]) -> tuple[str, ...]:
    """Selectors of permits that were given here: a hold on nothing would be believed. Raises No: not-data, unknown-permit."""
    if not 0 < len(data) <= MOST_DATA:
        raise No("not-data", most=MOST_DATA)
    for selector in data:
        try:
            held = of(selector)
        except ValueError:
            raise No("not-data", data=selector[:100]) from None
        if records.one(world.db, records.PERMITS, id=held.permit) is None:
            raise No("unknown-permit", permit=held.permit)
    return tuple(data)


def add(world: World, matter: str, data: Sequence[str], until: datetime, told: Mapping[str, Any], now: datetime) -> str:
    """Enter a hold; its id. `told` is what is remembered beside it, without anybody's name."""
    identity = fresh_id("hold")
    body = canonical({"hold": identity, "matter": matter, "data": tuple(data), "until": until, **told})
    records.add(world.db, records.HOLDS, body, now, id=identity, matter=matter, until=records.stamp(until))
    ids = {"hold": identity, "matter": matter}
    world.write(EntryType.HELD, body, ids=ids, at=now, table=records.HOLDS, key={"id": identity})
    return identity


def end(world: World, row: Row, how: str, now: datetime, told: Mapping[str, Any] | None = None) -> None:
    """A hold ends: lifted, replaced or over. From now on deletion goes on."""
    body = canonical({"hold": row["id"], "how": how, **(told or {})})
    world.write(EntryType.HOLD_ENDED, body, ids={"hold": row["id"], "matter": row["matter"]}, at=now)
    table = records.HOLDS
    world.db.execute(update(table).where(table.c.id == row["id"]).values(ended=how))


def living(world: World, now: datetime) -> list[Row]:
    """Holds nobody lifted and whose time is not over."""
    return [r for r in records.rows(world.db, records.HOLDS, ended=None) if lives(world, r, now)]


def lives(world: World, row: Row, now: datetime) -> bool:
    """Before its day is over; and after it while the facts that were laid in with it forbid erasure by the book in force."""
    if row["ended"]:
        return False
    said = records.body(row)
    return records.stamp(now) < row["until"] or (bool(said.get("owed")) and _still_owed(world, row["matter"], said["sealed"], now))


def facts(text: str, book: Casebook) -> Facts:
    """The words of a facts file. Raises No("not-facts")."""
    if len(text) > LONGEST_FACTS:
        raise No("not-facts", where="", why="too-large", most=LONGEST_FACTS)
    try:
        return read_facts(tomllib.loads(text), book.owed)
    except FactsError as why:
        raise No("not-facts", where=why.where, why=why.code) from why
    except ValueError as why:
        raise No("not-facts", where="", why="not-toml") from why


def _still_owed(world: World, matter: str, sealed: str, now: datetime) -> bool:
    """What cannot be read any more, or not by this book, is held against deletion."""
    try:
        return owed(facts(matters.unseal(world, matter, sealed)["owed"], world.book), world.book, now).blocks_deletion
    except No:
        return True


def data(rows: Iterable[Row]) -> list[Held]:
    return [of(selector) for row in rows for selector in records.body(row)["data"]]


def keys(world: World, held: Sequence[Held]) -> frozenset[str]:
    """The key ids that may not be destroyed: of the sealed data themselves, and of the tokens in them where every class is held."""
    if not held:
        return frozenset()
    tokens = [(purpose, h) for h in held if h.column_class == ALL and (purpose := _purpose(world, h.permit))]
    return frozenset(k for k in world.vault.key_ids() if _held(k, held, tokens))


def rows_kept(held: Sequence[Held], permit: str, at: str) -> bool:
    """Whether a row that `keep` remembers under a permit since `at` may not go."""
    return any(h.names(permit, at[:10]) for h in held)


def _held(key: str, held: Sequence[Held], tokens: Sequence[tuple[str, Held]]) -> bool:
    owner, column_class, day = key.split("/")
    if owner == TOKEN:
        return any(column_class == purpose and h.first <= day <= h.last for purpose, h in tokens)
    return any(h.names(owner, day) and (h.column_class == ALL or column_class in (h.column_class, FOOTER)) for h in held)


def _purpose(world: World, permit: str) -> str:
    row = records.one(world.db, records.PERMITS, id=permit)
    return permits.of(row).step.purpose if row else ""
