"""What happened, as somebody wrote it down: strictly read, nothing concluded from silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from sekisho.law.clocks import FIRST, LAST
from sekisho.law.duties import NOT_YET, Duties, Field
from sekisho.law.words import Regime, Value

MOST_EVENTS = 200
LONGEST_TEXT = 400
HIGHEST = 10**12


class FactsError(ValueError):
    """The facts are wrong: `where` in the file, `code` says how, `said` is what stands there, `known` what could."""

    def __init__(self, where: str, code: str, said: object = "", known: Iterable[str] = ()) -> None:
        super().__init__(f"{where or 'facts'}: {code}")
        self.where = where
        self.code = code
        self.said = str(said)
        self.known = tuple(known)


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


def read_facts(raw: object, book: Duties) -> Facts:
    """`operator` (regime, roles) and `event` tables, as TOML or JSON gives them. A day may be a date or its text. Raises FactsError."""
    table = _table(raw, "", ("operator", "event"))
    operator = _table(table.get("operator", {}), "operator", ("regime", "roles"))
    regime = _regime(operator["regime"]) if "regime" in operator else None
    roles = _roles(operator["roles"], book) if "roles" in operator else None
    entries = table.get("event")
    if not isinstance(entries, list) or not entries:
        raise FactsError("event", "missing" if not entries else "not-a-list", "", sorted(book.kinds))
    if len(entries) > MOST_EVENTS:
        raise FactsError("event", "too-many", len(entries))
    events = tuple(_event(entry, number, book) for number, entry in enumerate(entries))
    names = [e.name for e in events]
    if twice := [n for n in names if names.count(n) > 1]:
        raise FactsError(f"event[{len(names) - 1 - names[::-1].index(twice[0])}].name", "doubled", twice[0])
    return Facts(events, regime, roles)


def _table(raw: object, where: str, known: Iterable[str]) -> Mapping[str, object]:
    if not isinstance(raw, Mapping):
        raise FactsError(where, "not-a-table", raw)
    for key in raw:
        if key not in known:
            raise FactsError(f"{where}.{key}".lstrip("."), "unknown-key", key, known)
    return raw


def _regime(said: object) -> Regime:
    known = [r.value for r in Regime]
    if said not in known:
        raise FactsError("operator.regime", "unknown-word", said, known)
    return Regime(str(said))


def _roles(said: object, book: Duties) -> frozenset[str]:
    """The operator's roles; an empty list says that it has none of them."""
    if not isinstance(said, list) or not all(isinstance(role, str) for role in said):
        raise FactsError("operator.roles", "not-a-list", said, sorted(book.roles))
    for role in said:
        if role not in book.roles:
            raise FactsError("operator.roles", "unknown-word", role, sorted(book.roles))
    return frozenset(said)


def _event(raw: object, number: int, book: Duties) -> Event:
    where = f"event[{number}]"
    if not isinstance(raw, Mapping):
        raise FactsError(where, "not-a-table", raw)
    if "kind" not in raw:
        raise FactsError(f"{where}.kind", "missing", "", sorted(book.kinds))
    kind = book.kinds.get(str(raw["kind"]))
    if kind is None:
        raise FactsError(f"{where}.kind", "unknown-event", raw["kind"], sorted(book.kinds))
    _table(raw, where, ("kind", "name", *kind.fields))
    name = _text(raw.get("name", f"{kind.name}-{number + 1}"), f"{where}.name")
    facts = {key: _fact(value, kind.fields[key], f"{where}.{key}") for key, value in raw.items() if key in kind.fields}
    return Event(name, kind.name, MappingProxyType(facts))


def _fact(value: object, field: Field, where: str) -> Value:
    if field.type == "day":
        return _day(value, where)
    if field.type == "bool":
        if not isinstance(value, bool):
            raise FactsError(where, "not-bool", value)
        return value
    if field.type == "int":
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= HIGHEST:
            raise FactsError(where, "not-a-count", value)
        return value
    text = _text(value, where)
    if field.among and text not in field.among:
        raise FactsError(where, "unknown-word", text, field.among)
    return text


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        raise FactsError(where, "not-str", value)
    return value


def _day(value: object, where: str) -> str:
    """A day as its ISO text, or `not-yet`."""
    if value == NOT_YET:
        return NOT_YET
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise FactsError(where, "not-day-or-not-yet", value) from None
    if not isinstance(day, date) or isinstance(day, datetime) or not FIRST <= day <= LAST:
        raise FactsError(where, "not-day-or-not-yet", value)
    return day.isoformat()
