"""What anybody may know: which measures are in force here, on which ground, since when, until when, and how to object.

Written from permits alone, with the words that the book of each permit has for its step and its cases. No evidence, no
scope, no name of a person, no number of lines: permits that say the same of different lines are one entry, by days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from sekisho.desk import books, permits, records
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.casebook import Casebook
from sekisho.law.words import Case
from sekisho.measures.registry import EVERY

ENDED_SHOWN = timedelta(days=366)
Json = dict[str, Any]


@dataclass(frozen=True)
class PublicRegister:
    """Asked by anybody."""


@dataclass(frozen=True)
class One:
    """A permit, whether it holds now, and if not since when and how."""

    permit: Permit
    living: bool
    over: datetime
    how: str


def carry_out(world: World, _request: PublicRegister) -> Json:
    """{"operator", "object", "demo", "at", "in_force": [entry], "ended": [entry]}; newest first, days of the book's country.

    An entry: {"measure", "title", "step", "says", "kind", "purpose", "elements", "audience", "grounds": [{"case", "title",
    "axis", "ground", "authority", "source"}], "since", "until", "one_person", "out_of_scope", "duties": [words]}, and for an
    ended one {"ended": day, "how": "ended" | "withdrawn"}.
    """
    now = world.clock.now()
    groups: dict[tuple[object, ...], list[One]] = {}
    for one in _permits(world, now):
        groups.setdefault(_alike(one.permit), []).append(one)
    known: dict[str, Casebook | None] = {}
    entries = [_entry(world, group, known) for group in groups.values()]
    operator = world.settings.operator
    return {
        "operator": {"name": operator.name, "regime": operator.regime, "one_person": operator.one_person},
        "object": {"window": operator.window, "phone": operator.window_phone, "hours": operator.window_hours, "url": operator.help_url},
        "demo": world.settings.demo,
        "at": now,
        "in_force": _newest((e for e in entries if "ended" not in e), "since"),
        "ended": _newest((e for e in entries if "ended" in e), "ended"),
    }


def _permits(world: World, now: datetime) -> Iterable[One]:
    """Those in force, and those that ended within the last twelve months."""
    table, earliest = records.PERMITS, now - ENDED_SHOWN
    wanted = or_(table.c.ended.is_(None), table.c.ended_at >= records.stamp(earliest))
    query = select(table.c.body, table.c.until, table.c.ended, table.c.ended_at).where(wanted)
    for row in world.db.execute(query).mappings():
        permit = permits.of(dict(row))
        state = permits.state(dict(row), now)
        over = datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else permit.until
        if state == "in-force" or over >= earliest:
            yield One(permit, state == "in-force", min(over, permit.until), state)


def _alike(permit: Permit) -> tuple[object, ...]:
    """What two permits of one entry have in common: everything that is shown but the days."""
    return permit.measure, permit.step, permit.cases, permit.one_person, permit.out_of_scope, permit.book


def _entry(world: World, group: list[One], known: dict[str, Casebook | None]) -> Json:
    permit = group[0].permit
    living = [o for o in group if o.living]
    shown = living or group
    book = _book(world, permit.book, known)
    said = book.about.get(permit.measure) if book else None
    measure = EVERY.get(permit.measure)
    entry: Json = {
        "measure": permit.measure,
        "title": said.title if said else measure.title if measure else {},
        "step": permit.step.name,
        "says": said.steps.get(permit.step.name) if said else None,
        "kind": permit.step.kind,
        "purpose": permit.step.purpose,
        "elements": permit.step.elements,
        "audience": permit.step.audience,
        "grounds": [_ground(c) for c in _cases(book, permit)],
        "since": _day(world, min(o.permit.since for o in shown)),
        "until": _day(world, max(o.permit.until for o in shown)),
        "one_person": permit.one_person,
        "out_of_scope": permit.out_of_scope,
        "duties": [d.words for d in permit.duties],
    }
    if not living:
        last = max(group, key=lambda o: o.over)
        entry |= {"ended": _day(world, last.over), "how": last.how}
    return entry


def _book(world: World, digest: str, known: dict[str, Casebook | None]) -> Casebook | None:
    """The book of a permit; None where it is not kept any more, and the entry then has fewer words."""
    if digest not in known:
        try:
            known[digest] = books.of_digest(world, digest)
        except No:
            known[digest] = None
    return known[digest]


def _cases(book: Casebook | None, permit: Permit) -> list[Case]:
    by_id = {c.id: c for c in book.cases} if book else {}
    return [by_id[c] for c in permit.cases if c in by_id]


def _ground(case: Case) -> Mapping[str, object]:
    named = ("title", "axis", "ground", "authority", "source")
    return {"case": case.id} | {name: getattr(case, name) for name in named}


def _day(world: World, at: datetime) -> date:
    return world.book.day(at)


def _newest(entries: Iterable[Json], by: str) -> list[Json]:
    return sorted(entries, key=lambda e: (e[by], e["measure"], e["step"]), reverse=True)
