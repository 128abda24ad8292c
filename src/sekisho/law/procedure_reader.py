"""From strict tables to a procedure: one TOML file of `procedures/`, whose name is the procedure's id."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sekisho.law import public_reader
from sekisho.law.holidays import clock as clock_of
from sekisho.law.procedures import OPENING, Asks, ClockRule, Fact, Holds, Move, Must, Procedure, Reminder, State
from sekisho.law.tables import Table
from sekisho.law.words import Authority, Certainty, Role, Words


def procedure(table: Table) -> Procedure:
    """Read one file. Raises CasebookError naming file, place and expectation; soundness is checked by `walkable`."""
    stem = table.file.removesuffix(".toml").rpartition("/")[2]
    if table.text("id") != stem:
        raise table.error("id", f"must be {stem!r}, the name of the file")
    opening = table.table("opening")
    found = Procedure(
        id=stem,
        title=table.words("title"),
        law=table.words("law"),
        since=table.day("since"),
        until=table.maybe("until", table.day),
        seen=table.day("seen"),
        source=table.text("source"),
        authority=table.word("authority", Authority),
        certainty=table.word("certainty", Certainty),
        keep_days=table.number("keep_days"),
        opening=_move(opening, OPENING, ()),
        states=tuple(_state(t) for t in table.tables("state")),
        facts=tuple(_fact(t) for t in table.tables("fact")),
        papers=_worded(table, "papers"),
        clocks=tuple(_clock(t) for t in table.tables("clock")),
        moves=tuple(_move(t, t.text("id"), t.texts("from")) for t in table.tables("move")),
        reminders=tuple(_reminder(t) for t in table.tables("reminder")),
        notes=table.maybe("notes", table.words),
        door=public_reader.door(table),
        answer=public_reader.answer(table),
    )
    table.done()
    return found


def _worded(table: Table, key: str) -> Mapping[str, Words]:
    """A table of sentences by name; none if it is absent."""
    if key not in table:
        return MappingProxyType({})
    named = table.table(key)
    found = {name: named.words(name) for name in named.data}
    named.done()
    return MappingProxyType(found)


def _state(table: Table) -> State:
    found = State(
        id=table.text("id"),
        title=table.words("title"),
        waits=table.words("waits"),
        final=table.maybe("final", table.flag, default=False),
    )
    table.done()
    return found


def _fact(table: Table) -> Fact:
    found = Fact(
        id=table.text("id"),
        title=table.words("title"),
        type=table.text("type"),
        sample=table.value("sample"),
        choices=_worded(table, "choices"),
    )
    table.done()
    return found


def _clock(table: Table) -> ClockRule:
    found = ClockRule(
        id=table.text("id"),
        title=table.words("title"),
        clock=clock_of(table.table("clock")),
        source=table.text("source"),
        day=table.maybe("day", table.text, ""),
        of=table.maybe("of", table.texts, ()),
    )
    table.done()
    return found


def _move(table: Table, name: str, leaves: tuple[str, ...]) -> Move:
    found = Move(
        id=name,
        title=table.words("title"),
        does=table.words("does"),
        source=table.text("source"),
        leaves=leaves,
        to=table.text("to"),
        roles=table.maybe("roles", lambda k: table.set_of(k, Role), frozenset()),
        must=tuple(_must(t) for t in table.tables("must")),
        asks=_asks(table),
        letter=table.maybe("letter", table.text, ""),
        holds=_holds(table),
        lifts=table.maybe("lifts", table.flag, default=False),
        at_end_of=table.maybe("at_end_of", table.text, ""),
        **{key: table.maybe(key, table.texts, ()) for key in ("facts", "may", "papers", "starts", "stops", "over", "within")},
    )
    table.done()
    return found


def _must(table: Table) -> Must:
    found = Must(
        id=table.text("id"),
        words=table.words("words"),
        of=table.texts("of"),
        is_=table.maybe("is", table.value),
        least=table.maybe("least", table.number),
        most=table.maybe("most", table.number),
        not_before=table.maybe("not_before", table.text, ""),
    )
    table.done()
    return found


def _asks(table: Table) -> Asks | None:
    if "asks" not in table:
        return None
    asked = table.table("asks")
    found = Asks(asked.text("measure"), asked.text("step"))
    asked.done()
    return found


def _holds(table: Table) -> Holds | None:
    if "holds" not in table:
        return None
    held = table.table("holds")
    found = Holds(held.text("data"), held.text("clock"))
    held.done()
    return found


def _reminder(table: Table) -> Reminder:
    found = Reminder(
        clock=table.text("clock"),
        days_before=table.number("days_before"),
        role=table.word("role", Role),
        words=table.words("words"),
    )
    table.done()
    return found
