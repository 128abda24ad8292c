"""Cases of procedures as `keep` knows them: sealed at rest, worked out from their moves. What the use cases about them share.

Each case has a key of its own; facts, letters and attached files are sealed to it, and go with it when the file's days are over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import update

from sekisho.desk import books, records, scans
from sekisho.desk.draft import CASE
from sekisho.desk.world import No, World, fresh_id
from sekisho.law import incident
from sekisho.law.canonical import canonical, digest
from sekisho.law.incident import Kind, Said
from sekisho.law.procedures import Event, Move, Procedure, Standing
from sekisho.law.reading import read
from sekisho.law.walking import NotInTheTable, stand
from sekisho.law.words import Role, Value
from sekisho.ledger.entry import EntryType
from sekisho.store.errors import StoreError
from sekisho.store.seal import open_note, seal_note

CENTURY = timedelta(days=36_500)
"""A case's key has no term of its own: it is destroyed when the days after the end are over, and no hold is left."""
BY_KEEP = "process:keep"
ORDERS = (1, -1)
"""So many days before the last day of an order that somebody has not answered, the responsible window is reminded of it."""
AFTER = "after"
"""The word of a scope that a case's own plan has: how many moves the case had when it was drawn up."""
OUTSIDE = "outside:"
"""How the author of a move or a file begins who is none of the operator's people; then the side."""


@dataclass(frozen=True)
class Made:
    """One move as it was made: by whom (a person, or BY_KEEP), when, under which permit, and under which ledger entry it stands."""

    event: Event
    by: str
    at: datetime
    permit: str
    entry: int | None


def others_than(made: Iterable[Made], move: Move) -> frozenset[str]:
    """Who may not make this move because they made one it names as `second` or in `apart`."""
    return frozenset(m.by for m in made if m.event.move in {move.second, *move.apart})


@dataclass(frozen=True)
class Matter:
    """A case with its table and all its moves. `row` is its line in the records."""

    row: Mapping[str, Any]
    procedure: Procedure
    made: tuple[Made, ...]
    standing: Standing

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def number(self) -> str:
        return str(self.row["number"])

    @cached_property
    def final(self) -> bool:
        return self.procedure.state(self.standing.state).final

    @property
    def workers(self) -> frozenset[Role]:
        """Who has anything to do with it."""
        return self.procedure.opening.roles.union(*(m.roles for m in self.procedure.moves))


def load(world: World, identity: str) -> Matter:
    """The case. Raises No: unknown-matter, case-file-gone, book-not-kept, case-out-of-its-table."""
    row = records.one(world.db, records.MATTERS, id=identity)
    if row is None:
        raise No("unknown-matter", matter=identity)
    if row["gone"]:
        raise No("case-file-gone", matter=identity, at=row["gone"])
    procedure = procedure_of(world, row)
    made = tuple(_made(world, r) for r in records.rows(world.db, records.MOVES, matter=identity))
    try:
        return Matter(row, procedure, made, stand(procedure, [m.event for m in made], world.book.calendar))
    except NotInTheTable as why:
        raise No("case-out-of-its-table", matter=identity, why=str(why)) from why


def must_be_open(world: World, named: object) -> None:
    """Raises No: unknown-matter, case-closed. `named`: an id or a number."""
    found = [records.one(world.db, records.MATTERS, **{by: named}) for by in ("id", "number")] if isinstance(named, str) else []
    row = next((r for r in found if r is not None), None)
    if row is None:
        raise No("unknown-matter", matter=str(named)[:100])
    if row["closed"]:
        raise No("case-closed", matter=row["id"])


def moved_past(world: World, scope: Mapping[str, Any]) -> bool:
    """Whether a case's own plan was drawn up for a case that stands elsewhere by now."""
    return AFTER in scope and records.count(world.db, records.MOVES, matter=scope[CASE]) != scope[AFTER]


def procedure_of(world: World, row: Mapping[str, Any]) -> Procedure:
    """The table of the day the case was opened: a case is finished by the rules it began under."""
    said = records.body(row)
    book = books.of_digest(world, said["book"])
    return book.procedures[said["procedure"]].binding(world.settings.operator.large_platform)


def add(world: World, procedure: Procedure, owner: str, now: datetime) -> str:
    """A new case, not yet with its first move; its id."""
    identity = fresh_id("matter")
    number = _number(world, now)
    body = canonical({"matter": identity, "procedure": procedure.id, "book": world.book.digest, "number": number, "owner": owner})
    records.add(world.db, records.MATTERS, body, now, id=identity, procedure=procedure.id, number=number, owner=owner, state="")
    ids = {"matter": identity}
    world.write(EntryType.CASE_OPENED, body, ids=ids, at=now, table=records.MATTERS, key={"id": identity})
    return identity


def write_move(world: World, matter: str, serial: int, event: Event, told: Mapping[str, Any], now: datetime) -> str:
    """Enter a move: in the ledger its ids alone, in the records its day and name, sealed what was told. Its id.

    `told`: by, permit, and, where somebody signed, statement and signature.
    """
    identity = fresh_id("move")
    sealed = seal(world, matter, {"facts": event.facts, **{k: told[k] for k in ("statement", "signature") if k in told}})
    plain = {"by": told["by"], "permit": told.get("permit", "")}
    body = canonical({"matter": matter, "serial": serial, "move": event.move, "day": event.day, **plain, "sealed": sealed})
    records.add(world.db, records.MOVES, body, now, id=identity, matter=matter, serial=serial)
    ids = {"matter": matter, "move": identity} | ({"permit": plain["permit"]} if plain["permit"] else {})
    world.write(EntryType.CASE_MOVED, body, ids=ids, at=now, table=records.MOVES, key={"id": identity})
    return identity


def settle(world: World, identity: str, now: datetime) -> Matter:
    """After a move: what the list and the housekeeping go by. The case as it now stands."""
    matter = load(world, identity)
    due = min((c.due for c in matter.standing.clocks.values() if c.stopped is None), default=None)
    values: dict[str, Any] = {
        "state": matter.standing.state,
        "due": due.isoformat() if due else None,
        "wakes": _spelled(wakes(world, matter)),
        "closed": (matter.row["closed"] or records.stamp(now)) if matter.final else None,
    }
    table = records.MATTERS
    world.db.execute(update(table).where(table.c.id == identity).values(**values))
    return matter


def wakes(world: World, matter: Matter) -> date | None:
    """The first day on which the node has something to do for this case: a reminder not yet given, or the end of a clock it acts on."""
    given = {r["id"] for r in records.rows(world.db, records.REMINDERS, matter=matter.id)}
    days = [day for identity, day, _ in reminders(matter) if identity not in given]
    for move in matter.procedure.out_of(matter.standing.state):
        running = matter.standing.clocks.get(move.at_end_of)
        if running is not None and running.stopped is None:
            days.append(running.due + timedelta(days=1))
    return min(days, default=None)


def reminders(matter: Matter) -> list[tuple[str, date, Mapping[str, Any]]]:
    """Every reminder of the clocks that run: its id (the same however often it is asked), its day, and what it says."""
    found: list[tuple[str, date, Mapping[str, Any]]] = []
    for rule in matter.procedure.reminders:
        running = matter.standing.clocks.get(rule.clock)
        if running is None or running.stopped is not None:
            continue
        said = {"matter": matter.id, "clock": rule.clock, "due": running.due, "days_before": rule.days_before, "role": rule.role}
        found.append((digest(said), running.due - timedelta(days=rule.days_before), said))
    return found + _of_orders(matter)


def _of_orders(matter: Matter) -> list[tuple[str, date, Mapping[str, Any]]]:
    """Orders that somebody has not answered: the day before their last day, and the day after it."""
    here = incident.room(Said(m.event.move, m.event.facts, m.at, m.by) for m in matter.made) if matter.procedure.room else {}
    found: list[tuple[str, date, Mapping[str, Any]]] = []
    for order in here.get(Kind.ORDER, ()):
        if matter.final or not incident.silent(here, order):
            continue
        due = date.fromisoformat(order.text("order_due"))
        for days in ORDERS:
            said = {"matter": matter.id, "order": order.number, "due": due, "days_before": days, "role": Role.WINDOW}
            found.append((digest(said), due - timedelta(days=days), said))
    return found


def papers(world: World, identity: str) -> list[Mapping[str, Any]]:
    """What is attached, oldest first: id, paper, digest, size, media, by, at, name, scan (as `scans.of` says)."""
    found: list[Mapping[str, Any]] = []
    for row in records.rows(world.db, records.ATTACHMENTS, matter=identity):
        said = records.body(row)
        name = unseal(world, identity, said.pop("sealed"))["name"]
        found.append({**said, "id": row["id"], "name": name, "at": row["at"], "entry": row["entry"], "scan": scans.of(world, row["id"])})
    return found


def key_id(world: World, matter: str) -> str:
    row = records.one(world.db, records.MATTERS, id=matter)
    if row is None:
        raise No("unknown-matter", matter=matter)
    return f"{matter}/content/{row['at'][:10]}"


def seal(world: World, matter: str, value: object) -> str:
    """Sealed to the case's own key, as hex."""
    return seal_bytes(world, matter, canonical(value)).hex()


def seal_bytes(world: World, matter: str, content: bytes) -> bytes:
    key = key_id(world, matter)
    return seal_note(world.vault.public_half(key, world.clock.now() + CENTURY), key, content)


def unseal(world: World, matter: str, sealed: str) -> Any:
    return json.loads(unseal_bytes(world, matter, bytes.fromhex(sealed)))


def unseal_bytes(world: World, matter: str, sealed: bytes) -> bytes:
    """Raises No("case-file-gone") when the key is."""
    key = key_id(world, matter)
    try:
        return open_note(world.vault.unwrap, key, sealed)
    except StoreError as why:
        raise No("case-file-gone", matter=matter, why=why.code) from why


def named(world: World, person: str) -> str:
    """A person's name; empty for whoever is none of the operator's people."""
    known = world.everybody().get(person)
    return known.name if known else "" if person.startswith(OUTSIDE) else person


def lacking(found: Sequence[Any]) -> list[dict[str, str]]:
    return [{"code": lack.code, "name": lack.name} for lack in found]


def _made(world: World, row: Mapping[str, Any]) -> Made:
    said = records.body(row)
    sealed = unseal(world, row["matter"], said["sealed"])
    facts = read(dict[str, Value], sealed["facts"])
    event = Event(said["move"], date.fromisoformat(said["day"]), facts)
    return Made(event, said["by"], datetime.fromisoformat(row["at"]), said["permit"], row["entry"])


def _number(world: World, now: datetime) -> str:
    """The receipt number people use: the year in the book's country, and the next number in it."""
    year = world.book.day(now).year
    last = [r["number"] for r in records.rows(world.db, records.MATTERS) if r["number"].startswith(f"{year}-")]
    return f"{year}-{max((int(n.partition('-')[2]) for n in last), default=0) + 1:05d}"


def _spelled(day: date | None) -> str | None:
    return day.isoformat() if day else None
