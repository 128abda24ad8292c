"""Numbers of the law that changed, or that people dispute: each value with its days, source, authority and who sees it otherwise.

The day of the act picks the value. A condition names the parameter instead of a number, and is filled in before its check runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from sekisho.law.reader import dissent
from sekisho.law.tables import Table
from sekisho.law.words import Authority, Certainty, Condition, Dissent, Words

FILLS = MappingProxyType({"sides": "sides", "consent": "sides", "term": "days"})
"""By check: which of its parameters a dated one fills."""


@dataclass(frozen=True)
class DatedValue:
    """One value with its days of force. `sure_from`: the first day a source attests it, where that is later than `since`."""

    value: int
    words: Words
    source: str
    authority: Authority
    certainty: Certainty
    since: date
    seen: date
    until: date | None = None
    sure_from: date | None = None
    dissent: tuple[Dissent, ...] = ()

    def in_force(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Parameter:
    """A named number and its values by day, which never overlap."""

    name: str
    title: Words
    values: tuple[DatedValue, ...]

    def on(self, day: date) -> DatedValue | None:
        """The value in force on that day, or None: the book says nothing, which means no."""
        return next((v for v in self.values if v.in_force(day)), None)


def filled(condition: Condition, parameters: Mapping[str, Parameter], day: date) -> Condition:
    """The condition with its dated parameter's value put in; without one, as it is. No value on that day is None, and the check says no."""
    name = condition.params.get("parameter")
    if not isinstance(name, str):
        return condition
    known = parameters.get(name)
    value = known.on(day) if known else None
    rest = {k: v for k, v in condition.params.items() if k != "parameter"}
    rest[FILLS[condition.check]] = value.value if value else None
    return replace(condition, params=MappingProxyType(rest))


def read_parameters(table: Table) -> Mapping[str, Parameter]:
    """`parameters.toml`. Raises CasebookError naming file, place and what to change."""
    found: dict[str, Parameter] = {}
    for entry in table.tables("parameter"):
        parameter = _parameter(entry)
        if parameter.name in found:
            raise entry.error("name", f"{parameter.name} stands there twice")
        found[parameter.name] = parameter
    table.done()
    return MappingProxyType(found)


def _parameter(table: Table) -> Parameter:
    found = Parameter(table.text("name"), table.words("title"), tuple(_value(t) for t in table.tables("value")))
    table.done()
    if not found.values:
        raise table.error("value", "is missing")
    for one, following in zip(found.values, found.values[1:], strict=False):
        if one.until is None or one.until > following.since:
            raise table.error("value", f"from {one.since} and from {following.since} are in force at once; order them and end the first")
    return found


def _value(table: Table) -> DatedValue:
    found = DatedValue(
        value=table.number("value"),
        words=table.words("words"),
        source=table.text("source"),
        authority=table.word("authority", Authority),
        certainty=table.word("certainty", Certainty),
        since=table.day("since"),
        seen=table.day("seen"),
        until=table.maybe("until", table.day),
        sure_from=table.maybe("sure_from", table.day),
        dissent=tuple(dissent(t) for t in table.tables("dissent")),
    )
    table.done()
    if found.until is not None and found.until <= found.since:
        raise table.error("until", "ends before it begins")
    return found
