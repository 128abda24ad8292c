"""What of the register somebody must see to now: a list that leaked, data owed back, a row about to end; told to more as it gets later.

Worked out whenever somebody looks, from the register alone: nothing has to be sent for it to be true, and none of it can be waved away.

 (1) a mail nobody approved came to one of our own on a list: until an incident is opened that names the row it leaked from
 (2) a row ended or is past its last day: until there is proof that the data were given back or erased
 (3) a row in force ends within 30 days
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sekisho.desk import entrustments, incident_room, records
from sekisho.desk.entrustments import Standing
from sekisho.desk.world import World
from sekisho.law.entrustment import Status
from sekisho.law.words import Role

SOON, WEEK, DAY = 30, 7, 1
BACK = (Status.ENDED, Status.OVER)


class Call(StrEnum):
    """What it is about, the worst first."""

    LEAKED = "list-leaked"
    LATE = "back-late"
    BACK = "back-due"
    ENDS = "row-ends"


@dataclass(frozen=True)
class Due:
    """`day`: its last day, None where it is due at once; `days` until then, below 0 once it is over. `name` of who answers for the row;
    `told`: roles that are told beside them."""

    call: Call
    entrustment: str
    party: str
    day: date | None
    days: int
    name: str
    told: tuple[Role, ...]


def told(call: Call, days: int) -> tuple[Role, ...]:
    """Who besides whoever answers for it: the desk from a week before, the legal officer from the day before and when it is late, the
    responsible window when it is late by more than a week; of a leak, all three at once."""
    if call is Call.LEAKED or days < -WEEK:
        return (Role.DESK, Role.OFFICER, Role.WINDOW)
    return (Role.DESK, Role.OFFICER) if days <= DAY else (Role.DESK,) if days <= WEEK else ()


def due(world: World, now: datetime) -> Sequence[Due]:
    """The worst first, then what is due first."""
    rows, names = entrustments.every(world, now), {k: p.name for k, p in world.everybody().items()}
    leaked = _leaked(world)
    if leaked:
        leaked -= {str(m.standing.facts.get("leaked_by", "")) for m in incident_room.every(world)}
    found = [one for row in rows for one in _of(world, row, world.book.day(now), names, leaked)]
    return sorted(found, key=lambda d: ([*Call].index(d.call), d.days, d.entrustment))


def return_due(world: World, one: Standing) -> date | None:
    """The day by which what was handed over is back or erased; None while it is a draft."""
    if one.status is Status.DRAFT:
        return None
    ended = next((world.book.day(m.at) for m in one.moves if m is not None and m.what.value == "ended"), one.said.until)
    return min(ended, one.said.until) + timedelta(days=one.said.return_days)


def ends_soon(one: Standing, day: date) -> bool:
    """Whether it is in force, and its last day within thirty."""
    return one.status is Status.IN_FORCE and (one.said.until - day).days <= SOON


def _of(world: World, one: Standing, day: date, names: Mapping[str, str], leaked: set[str]) -> Iterator[Due]:
    name, back = names.get(one.said.by, one.said.by), return_due(world, one)
    if one.id in leaked:
        yield Due(Call.LEAKED, one.id, one.said.party, None, 0, name, told(Call.LEAKED, 0))
    if back is not None and one.status in BACK and (left := (back - day).days) <= SOON:
        call = Call.LATE if left < 0 else Call.BACK
        yield Due(call, one.id, one.said.party, back, left, name, told(call, left))
    if ends_soon(one, day):
        left = (one.said.until - day).days
        yield Due(Call.ENDS, one.id, one.said.party, one.said.until, left, name, told(Call.ENDS, left))


def _leaked(world: World) -> set[str]:
    """Rows from whose lists a mail came to one of our own."""
    given = {r["handover"] for r in records.rows(world.db, records.CANARY_MAILS)}
    return {row["entrustment"] for name in given if (row := records.one(world.db, records.HAND_OVERS, id=name)) is not None}
