"""From strict tables to the public sides of a procedure: `[door]` and `[answer]` of its file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sekisho.law.public import Answer, Choice, Door, Receipt
from sekisho.law.tables import Table
from sekisho.law.words import Words


def door(table: Table) -> Door | None:
    """The door of a procedure's file; None where it has none. Raises CasebookError."""
    if "door" not in table:
        return None
    said = table.table("door")
    found = Door(
        title=said.words("title"),
        lead=said.words("lead"),
        next=said.words("next"),
        place=said.number("place"),
        facts=said.texts("facts"),
        may=said.maybe("may", said.texts, ()),
        pledges=said.maybe("pledges", said.texts, ()),
        given=_names(said, "given"),
        paper=said.maybe("paper", said.text, ""),
        papers=said.maybe("papers", said.texts, ()),
        tells=said.maybe("tells", said.texts, ()),
        helps=_words(said, "helps"),
    )
    said.done()
    return found


def answer(table: Table) -> Answer | None:
    """The answer page of a procedure's file; None where nobody outside is asked. Raises CasebookError."""
    if "answer" not in table:
        return None
    said = table.table("answer")
    found = Answer(
        title=said.words("title"),
        lead=said.words("lead"),
        letter=said.text("letter"),
        clock=said.text("clock"),
        paper=said.text("paper"),
        shows=said.texts("shows"),
        receipt=_receipt(said.table("receipt")),
        choices=tuple(_choice(c) for c in said.tables("choice")),
    )
    said.done()
    return found


def _receipt(table: Table) -> Receipt:
    found = Receipt(table.text("move"), table.text("day"), table.text("paper"))
    table.done()
    return found


def _choice(table: Table) -> Choice:
    found = Choice(
        id=table.text("id"),
        title=table.words("title"),
        says=table.words("says"),
        move=table.text("move"),
        day=table.text("day"),
        reason=table.maybe("reason", table.text, ""),
        tells=_names(table, "tells"),
    )
    table.done()
    return found


def _names(table: Table, key: str) -> Mapping[str, str]:
    if key not in table:
        return MappingProxyType({})
    inner = table.table(key)
    found = {name: inner.text(name) for name in inner.data}
    inner.done()
    return MappingProxyType(found)


def _words(table: Table, key: str) -> Mapping[str, Words]:
    if key not in table:
        return MappingProxyType({})
    inner = table.table(key)
    found = {name: inner.words(name) for name in inner.data}
    inner.done()
    return MappingProxyType(found)
