"""From strict tables to the rules of the `owed` folder. One function per kind of table; errors name file, place and what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sekisho.law.clocks import Clock
from sekisho.law.duties import (
    FIELD_TYPES,
    Asked,
    Asks,
    Doing,
    Duties,
    DutyRule,
    EventKind,
    Field,
    HoldRule,
    ShieldRule,
    Span,
)
from sekisho.law.holidays import clock
from sekisho.law.tables import CasebookError, Table
from sekisho.law.words import Authority, Certainty, Dissent, Regime, Words

FACTS = "owed/facts.toml"


def duties(tables: Iterable[Table]) -> Duties:
    """All files of the folder together; `facts.toml` names the kinds of events and the roles. Raises CasebookError."""
    files = {table.file: table for table in tables}
    head = files.pop(FACTS, None)
    if head is None:
        if files:
            raise CasebookError(FACTS, "", "is missing: it names the kinds of events the other files speak of")
        return Duties()
    kinds = [_event_kind(t) for t in head.tables("event")]
    if len({k.name for k in kinds}) != len(kinds):
        raise head.error("event", "names one kind twice")
    says, roles = _sentences(head.table("says")), _sentences(head.table("roles"))
    head.done()
    whole = Duties(MappingProxyType({k.name: k for k in kinds}), roles, says)
    parts = [_part(table, whole) for table in files.values()]
    return replace(
        whole,
        duties=tuple(rule for part in parts for rule in part.duties),
        shields=tuple(rule for part in parts for rule in part.shields),
        holds=tuple(rule for part in parts for rule in part.holds),
    )


def _part(table: Table, whole: Duties) -> Duties:
    """The rules of one file, sound by themselves, so that an error can name the file."""
    found = tuple(_duty(t) for t in table.tables("duty"))
    shields = tuple(_shield(t) for t in table.tables("shield"))
    holds = tuple(_hold(t) for t in table.tables("hold"))
    table.asked |= {"complete", "example"}  # read by `worked`, once every rule is known
    table.done()
    if not (found or shields or holds):
        raise table.error("duty", "holds no rule: write [[duty]], [[shield]] or [[hold]]")
    try:
        return replace(whole, duties=found, shields=shields, holds=holds)
    except CasebookError as why:
        raise CasebookError(table.file, why.where, why.what) from why


def _event_kind(table: Table) -> EventKind:
    fields = table.table("fields")
    known = {}
    for name in fields.data:
        entry = fields.table(name)
        type_ = entry.text("type")
        if type_ not in FIELD_TYPES:
            raise entry.error("type", f"{type_!r} is not one of {', '.join(sorted(FIELD_TYPES))}")
        known[name] = Field(name, type_, entry.words("words"), entry.maybe("among", entry.texts, ()))
        entry.done()
    fields.done()
    found = EventKind(table.text("kind"), table.words("title"), MappingProxyType(known), table.texts("dated_by"))
    for name in found.dated_by:
        if name not in known or known[name].type != "day":
            raise table.error("dated_by", f"{name!r} is no day of this kind")
    table.done()
    return found


def _sentences(table: Table) -> Mapping[str, Words]:
    found = {key: table.words(key) for key in table.data}
    table.done()
    return MappingProxyType(found)


def _head(table: Table) -> dict[str, Any]:
    return {
        "id": table.text("id"),
        "title": table.words("title"),
        "words": table.words("words"),
        "source": table.text("source"),
        "authority": table.word("authority", Authority),
        "certainty": table.word("certainty", Certainty),
        "since": table.day("since"),
        "seen": table.day("seen"),
        "events": table.texts("events"),
        "until": table.maybe("until", table.day),
        "sure_from": table.maybe("sure_from", table.day),
        "regimes": table.maybe("regimes", lambda k: table.set_of(k, Regime), frozenset(Regime)),
        "roles": table.maybe("roles", lambda k: frozenset(table.texts(k)), frozenset()),
        "rows": table.maybe("rows", table.texts, ()),
        "cites": table.maybe("cites", table.texts, ()),
        "dissent": tuple(_dissent(t) for t in table.tables("dissent")),
        "ask": table.maybe("ask", table.words),
        "notes": table.maybe("notes", table.words),
    }


def _dissent(table: Table) -> Dissent:
    found = Dissent(words=table.words("words"), source=table.text("source"), authority=table.word("authority", Authority))
    table.done()
    return found


def _duty(table: Table) -> DutyRule:
    found = DutyRule(
        **_head(table),
        to=table.words("to"),
        clock=_clock(table, "clock"),
        by=table.maybe("by", table.text, ""),
        before=table.maybe("before", table.text, ""),
        may=table.maybe("may", table.flag, default=False),
        when=_asks(table, "when"),
        unless=_asks(table, "unless"),
        done=tuple(_doing(t) for t in table.tables("done")),
        awaits=table.maybe("awaits", table.text, ""),
        forfeits=_clock(table, "forfeits"),
        ends=table.maybe("ends", table.texts, ()),
    )
    table.done()
    return found


def _doing(table: Table) -> Doing:
    found = Doing(table.text("by"), table.mapping("where"), _clock(table, "ahead"))
    table.done()
    return found


def _shield(table: Table) -> ShieldRule:
    found = ShieldRule(
        **_head(table), conditions=tuple(_asked(t) for t in table.tables("condition")), acts=table.maybe("acts", table.text, "")
    )
    table.done()
    return found


def _asked(table: Table) -> Asked:
    found = Asked(table.text("id"), table.words("words"), _asks(table, "asks"), _clock(table, "after"))
    table.done()
    return found


def _hold(table: Table) -> HoldRule:
    found = HoldRule(
        **_head(table),
        what=table.words("what"),
        starts=table.text("starts"),
        clock=_clock(table, "clock"),
        spans=tuple(_span(t) for t in table.tables("span")),
        in_all=table.maybe("in_all", lambda k: table.number(k, least=1), 0),
        ends=table.maybe("ends", table.texts, ()),
        unless=_asks(table, "unless"),
        when=_asks(table, "when"),
    )
    table.done()
    return found


def _span(table: Table) -> Span:
    found = Span(table.text("field"), table.number("most", least=1))
    table.done()
    return found


def _clock(table: Table, key: str) -> Clock | None:
    return clock(table.table(key)) if key in table else None


def _asks(table: Table, key: str) -> Asks:
    """A list of tables of what is asked; none if it is absent."""
    found = []
    for entry in table.tables(key):
        if not entry.data:
            raise table.error(key, "has an empty table, which would ask nothing")
        found.append(MappingProxyType({name: entry.value(name) for name in entry.data}))
    return tuple(found)
