"""What happened, as somebody wrote it down: strictly read, nothing concluded from silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sekisho.law.clocks import FIRST, LAST
from sekisho.law.duties import NOT_YET, Duties, Field
from sekisho.law.tables import Table
from sekisho.law.words import Regime, Value

MOST_EVENTS = 200


@dataclass(frozen=True)
class Event:
    """Something that happened, by its kind: what is known of it. A field that is not there is unknown."""

    name: str
    kind: str
    facts: Mapping[str, Value]


@dataclass(frozen=True)
class Facts:
    """Who the operator is, as far as known, and what happened. None: nobody said, so every rule may bind."""

    events: tuple[Event, ...]
    regime: Regime | None = None
    roles: frozenset[str] | None = None


def facts(table: Table, book: Duties) -> Facts:
    """A facts file: `[operator]` with regime and roles, and one `[[event]]` per thing that happened. Raises CasebookError."""
    regime, roles = None, None
    if "operator" in table:
        operator = table.table("operator")
        regime = operator.maybe("regime", lambda k: operator.word(k, Regime))
        roles = operator.maybe("roles", lambda k: _roles(operator, k, book))
        operator.done()
    events = []
    for number, entry in enumerate(table.tables("event"), 1):
        events.append(_event(entry, number, book))
    table.done()
    if not 1 <= len(events) <= MOST_EVENTS:
        raise table.error("event", f"must be 1 to {MOST_EVENTS} tables, written [[event]]: what happened?")
    names = [e.name for e in events]
    if len(set(names)) != len(names):
        raise table.error("event", "two events have one name")
    return Facts(tuple(events), regime, roles)


def _roles(table: Table, key: str, book: Duties) -> frozenset[str]:
    """The operator's roles; an empty list says that it has none of them."""
    found = frozenset() if table.data[key] == [] else frozenset(table.texts(key))
    if unknown := found - book.roles.keys():
        raise table.error(key, f"{min(unknown)!r} is not one of {', '.join(sorted(book.roles))}")
    return found


def _event(table: Table, number: int, book: Duties) -> Event:
    kind_name = table.text("kind")
    kind = book.kinds.get(kind_name)
    if kind is None:
        raise table.error("kind", f"{kind_name!r} is not one of {', '.join(sorted(book.kinds))}")
    name = table.maybe("name", table.text, f"{kind_name}-{number}")
    found: dict[str, Value] = {}
    for key in table.data:
        if key in ("kind", "name"):
            continue
        if key not in kind.fields:
            raise table.error(key, f"{kind_name} has no such field; it has {', '.join(sorted(kind.fields))}")
        found[key] = _fact(table, key, kind.fields[key])
    table.done()
    return Event(name, kind_name, MappingProxyType(found))


def _fact(table: Table, key: str, field: Field) -> Value:
    if field.type == "day":
        return _day(table, key)
    if field.type == "bool":
        return table.flag(key)
    if field.type == "int":
        return table.number(key)
    if field.type == "list":
        return table.texts(key)
    text = table.text(key)
    if field.among and text not in field.among:
        raise table.error(key, f"{text!r} is not one of {', '.join(field.among)}")
    return text


def _day(table: Table, key: str) -> str:
    """A day as its ISO text, or `not-yet`. A day may be written as TOML's day or as text, since JSON has no days."""
    value: Any = table.data[key]
    if isinstance(value, str):
        table.asked.add(key)
        if value == NOT_YET:
            return NOT_YET
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise table.error(key, f'must be a day, written 2018-09-26, or "{NOT_YET}"') from None
    elif isinstance(value, date) and not isinstance(value, datetime):
        day = table.day(key)
    else:
        raise table.error(key, f'must be a day, written 2018-09-26, or "{NOT_YET}"')
    if not FIRST <= day <= LAST:
        raise table.error(key, f"must be a day from {FIRST} to {LAST}")
    return day.isoformat()
