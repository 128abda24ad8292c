"""A move that may be made is made here: the entry, what was told, the hold it sets or lifts, the letter it drafts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import holds, matters, records
from sekisho.desk.cases import case_grounds, case_letters
from sekisho.desk.clock import ClockJumped
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law.procedures import Event, Move
from sekisho.law.words import Value

DAY = timedelta(days=1)


def make(world: World, identity: str, serial: int, event: Event, told: Mapping[str, Any], now: datetime) -> Matter:
    """Everything a move does, or nothing of it. Raises No for a letter that cannot be drafted.

    `told`: as `matters.write_move` says. Where the next move needs a ground, its plan is drawn up at once, for all to see.
    """
    entered = matters.write_move(world, identity, serial, event, told, now)
    matter = matters.settle(world, identity, now)
    move = matter.procedure.move(event.move)
    for letter in move.letters:
        case_letters.draft(world, matter, move, letter, now)
    if move.lifts or move.holds is not None:
        _end_holds(world, identity, "lifted" if move.lifts else "replaced", now)
    if move.holds is not None:
        _hold(world, matter, move, entered, now)
    case_grounds.draw_up(world, matter, now)
    return matter


def sure(world: World) -> datetime:
    """The time, where days are counted by it. Raises No("clock-jumped")."""
    try:
        return world.clock.sure()
    except ClockJumped as why:
        raise No("clock-jumped", by=str(why.by)) from why


def _hold(world: World, matter: Matter, move: Move, entered: str, now: datetime) -> None:
    assert move.holds is not None  # noqa: S101 - said to the type checker; the caller looked
    due = matter.standing.clocks[move.holds.clock].due
    named: Value = matter.standing.facts[move.holds.data]
    data = holds.named(world, [str(v) for v in named] if isinstance(named, tuple) else [])
    holds.add(world, matter.id, data, world.book.begins(due + DAY), {"move": entered}, now)


def _end_holds(world: World, identity: str, how: str, now: datetime) -> None:
    """Those the procedure itself set; what an officer ordered beside it, an officer lifts."""
    for row in records.rows(world.db, records.HOLDS, matter=identity, ended=None):
        if "move" in records.body(row):
            holds.end(world, row, how, now)
