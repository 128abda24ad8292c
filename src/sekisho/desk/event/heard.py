"""What people said of the board and nobody has settled yet: for the overview of the operator's own people.

Being late brings nothing back: a panel somebody objected to stays off. It only stands out until somebody named sees to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from sekisho.desk import records
from sekisho.desk.event import objections
from sekisho.desk.world import World

WARNING, WARNED = "board-warning", "warned"
Json = dict[str, Any]


@dataclass(frozen=True)
class Heard:
    """An open case of the board: its number, and by when somebody named settles it."""

    number: str
    due: datetime


def objected(world: World) -> list[Heard]:
    """Objections that nobody decided, the one due first in front."""
    return _open(world, objections.PROCEDURE, objections.OBJECTED, world.settings.event.decide_minutes)


def warned(world: World) -> list[Heard]:
    """Warnings that nobody answered."""
    return _open(world, WARNING, WARNED, world.settings.event.answer_minutes)


def notices(world: World, now: datetime) -> Iterator[Json]:
    """One for each kind, the late ones by themselves: {"code", "args", "names": case numbers, "href"}."""
    for kind, found in (("objection", objected(world)), ("warning", warned(world))):
        for late in (True, False):
            some = [h for h in found if (now >= h.due) is late]
            if some:
                code = f"{kind}-{'late' if late else 'open'}"
                yield {"code": code, "args": {}, "names": [h.number for h in some[:10]], "href": "/procedures"}


def _open(world: World, procedure: str, state: str, minutes: int) -> list[Heard]:
    table = records.MATTERS
    found = select(table.c.number, table.c.at).where(table.c.procedure == procedure, table.c.state == state).order_by(table.c.at)
    return [Heard(n, datetime.fromisoformat(at) + timedelta(minutes=minutes)) for n, at in world.db.execute(found).all()]
