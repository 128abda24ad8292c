"""The ladder of an incident is called rung by rung, by mail to the operator's own people, until somebody says that they have it.

The lowest rung is called when the incident is opened; each further one when the time of the rung below is over and nobody had it by
then. An acknowledgement stops all that was not called yet. A call is written in the ledger before its mail may leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import incident_room, records
from sekisho.desk.clock import ClockJumped
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law import incident
from sekisho.law.canonical import canonical, digest
from sekisho.law.incident import Called
from sekisho.ledger.entry import EntryType

OVER = frozenset({"accepted", "refused", "unsendable", "unknown"})
"""Outcomes after which a call is not tried again; the room says which. Whatever else came of it, it is tried again."""
Json = dict[str, Any]


@dataclass(frozen=True)
class CallRungs:
    """Asked by `keep` itself, every few seconds."""


@dataclass(frozen=True)
class Calls:
    """Asked by `act`: whom to mail now."""


@dataclass(frozen=True)
class Call:
    """One mail of the ladder: to whom, and all that it says. Nothing in it is anybody's data."""

    id: str
    to: str
    number: str
    role: str
    minutes: int
    due: datetime
    language: str


@dataclass(frozen=True)
class CallTold:
    """What became of a call's mail, and the server's reply code (0: none)."""

    call: str
    outcome: str
    reply: int = 0


def carry_out(world: World, _request: CallRungs) -> Mapping[str, int]:
    """{"calls": how many were written down}. With a clock that jumped, none."""
    try:
        now = world.clock.sure()
    except ClockJumped:
        return {}
    done = 0
    for matter, called in _open(world, now):
        identity = name(matter, called)
        if records.one(world.db, records.REMINDERS, id=identity) is None:
            _enter(world, matter.id, identity, {"rung": called.rung.minutes, "role": called.rung.role}, now)
            done += 1
    return {"calls": done} if done else {}


def waiting(world: World, _request: Calls) -> list[Call]:
    """Calls that stand in the ledger, whose mail nobody knows to have left, and that nobody has answered meanwhile."""
    now, found = world.clock.now(), []
    for matter, called in _open(world, now):
        identity = name(matter, called)
        known = records.one(world.db, records.REMINDERS, id=identity) is not None
        if called.rung.mail and known and not outcome(world, identity) and not _heard(world, matter, now):
            said = called.rung
            language = str(matter.standing.facts.get("language", "ja"))
            found.append(Call(identity, said.mail, matter.number, said.role, said.minutes, called.due, language))
    return found


def told(world: World, request: CallTold) -> None:
    """Raises No("unknown-call"). What may be tried again is not written down."""
    row = records.one(world.db, records.REMINDERS, id=request.call)
    if row is None or "rung" not in records.body(row):
        raise No("unknown-call", call=request.call[:100])
    if request.outcome in OVER and not outcome(world, request.call):
        said = {"call": request.call, "outcome": request.outcome, "reply": request.reply}
        _enter(world, row["matter"], _told(request.call), said, world.clock.now())


def name(matter: Matter, called: Called) -> str:
    """The same however often it is asked, whatever restart lies between."""
    return digest({"matter": matter.id, "rung": called.rung.minutes, "role": called.rung.role})


def outcome(world: World, call: str) -> str:
    """What became of a call's mail; empty while nobody knows."""
    row = records.one(world.db, records.REMINDERS, id=_told(call))
    return str(records.body(row).get("outcome", "unknown")) if row else ""


def _told(call: str) -> str:
    return digest({"told": call})


def _open(world: World, now: datetime) -> Iterator[tuple[Matter, Called]]:
    """Every rung called so far, of every incident that is open."""
    if not world.settings.incident.ladder:
        return
    for matter in incident_room.every(world, closed=None):
        calls = incident.called(incident_room.ladder(world, matter), matter.made[0].at, now)
        yield from ((matter, called) for called in calls)


def _heard(world: World, matter: Matter, now: datetime) -> bool:
    return any(r.at is not None and r.at <= now for r in incident_room.ladder(world, matter))


def _enter(world: World, matter: str, identity: str, said: Mapping[str, object], now: datetime) -> None:
    body = canonical({"reminder": identity, "matter": matter, **said})
    records.add(world.db, records.REMINDERS, body, now, id=identity, matter=matter)
    ids = {"reminder": identity, "matter": matter}
    world.write(EntryType.REMINDED, body, ids=ids, at=now, table=records.REMINDERS, key={"id": identity})
