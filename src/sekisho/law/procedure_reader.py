"""From strict tables to a procedure: one TOML file of `procedures/`, whose name is the procedure's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from sekisho.law import public_reader
from sekisho.law.holidays import clock as clock_of
from sekisho.law.procedures import OPENING, Asks, ClockRule, Fact, Grounds, Holds, Kept, Move, Must, Procedure, Proof, Reminder, State
from sekisho.law.tables import Table
from sekisho.law.words import Authority, Certainty, Role, Words

T = TypeVar("T")
LISTS = ("facts", "may", "papers", "starts", "stops", "over", "within", "also", "under", "apart")
"""The keys of a move that list names."""


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
        earlier=tuple(_earlier(t) for t in table.tables("earlier")),
        about=table.maybe("about", table.text, ""),
        room=table.maybe("room", table.flag, default=False),
        kept=tuple(_kept(t) for t in table.tables("kept")),
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


def _earlier(table: Table) -> tuple[date, Words]:
    found = (table.day("until"), table.words("law"))
    table.done()
    return found


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
        sample=table.words("sample") if isinstance(table.data.get("sample"), dict) else table.value("sample"),
        choices=_worded(table, "choices"),
        since=_days(table, "since"),
        forms=MappingProxyType({k: str(v) for k, v in table.mapping("forms").items()}),
        shown_if=table.maybe("shown_if", table.text, ""),
        kept=table.maybe("kept", table.text, ""),
        own=table.maybe("own", table.flag, default=False),
    )
    table.done()
    return found


def _days(table: Table, key: str) -> Mapping[str, date]:
    if key not in table:
        return MappingProxyType({})
    named = table.table(key)
    found = {name: named.day(name) for name in named.data}
    named.done()
    return MappingProxyType(found)


def _grounds(table: Table) -> Grounds | None:
    if "grounds" not in table:
        return None
    sought = table.table("grounds")
    kinds = sought.tables("evidence")
    proofs, may = tuple(_proof(t) for t in kinds), sought.mapping("may")
    found = Grounds(sought.text("measure"), sought.text("step"), sought.mapping("scope"), proofs, may)
    sought.done()
    return found


def _proof(table: Table) -> Proof:
    papers, its_digest = table.maybe("papers", table.texts, ()), table.maybe("its_digest", table.text, "")
    found = Proof(table.text("kind"), table.mapping("fields"), papers, its_digest)
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
        large_platform=table.maybe("large_platform", table.flag, default=False),
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
        asks=_pair(table, "asks", Asks, "measure", "step"),
        letter=table.maybe("letter", table.text, ""),
        holds=_pair(table, "holds", Holds, "data", "clock"),
        lifts=table.maybe("lifts", table.flag, default=False),
        at_end_of=table.maybe("at_end_of", table.text, ""),
        second=table.maybe("second", table.text, ""),
        grounds=_grounds(table),
        decides=table.maybe("decides", table.text, ""),
        withdraws=table.maybe("withdraws", table.flag, default=False),
        **{key: table.maybe(key, table.texts, ()) for key in LISTS},
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
        **{key: table.maybe(key, table.texts, ()) for key in ("among", "only", "has")},
    )
    table.done()
    return found


def _kept(table: Table) -> Kept:
    found = Kept(table.text("paper"), table.text("days"), table.texts("under"))
    table.done()
    return found


def _pair(table: Table, name: str, made: Callable[[str, str], T], first: str, second: str) -> T | None:
    """What an inner table of two texts makes; None where there is no such table."""
    if name not in table:
        return None
    inner = table.table(name)
    found = made(inner.text(first), inner.text(second))
    inner.done()
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
