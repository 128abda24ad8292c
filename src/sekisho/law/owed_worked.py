"""Worked questions beside the rules of what is owed: facts in order (`[complete.KIND]`), one change, and what must come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sekisho.law.duties import Duties, DutyRule, HoldRule, Rule, ShieldRule
from sekisho.law.facts import Facts, FactsError, read_facts
from sekisho.law.tables import Table, frozen
from sekisho.law.words import Value, Words

STATES: Mapping[type[Rule], tuple[str, ...]] = {
    DutyRule: ("due", "not-due", "done", "late", "breached", "lapsed"),
    ShieldRule: ("open", "shut"),
    HoldRule: ("holds", "ended", "not-held"),
}
"""What may be expected of each kind of rule; `late` is done after the term."""


@dataclass(frozen=True)
class Worked:
    """One question about one rule on one day: what was `given` otherwise, and the state, day and missing conditions expected.

    `by` is the last day of what is due or held, else the first day of the breach, the lapse or the end, if the example says one.
    """

    rule: str
    because: Words
    on: date
    facts: Facts
    given: Mapping[str, Value]
    expect: str
    by: date | None = None
    lacks: tuple[str, ...] = ()


def worked(tables: Iterable[Table], book: Duties) -> tuple[Worked, ...]:
    """Every `[[example]]` of the folder's files. Raises CasebookError naming file and example."""
    rules = {rule.id: rule for rule in book.rules}
    return tuple(_example(entry, table, rules, book) for table in tables for entry in table.tables("example"))


def _example(entry: Table, table: Table, rules: Mapping[str, Rule], book: Duties) -> Worked:
    name = entry.text("rule")
    rule = rules.get(name)
    if rule is None:
        raise entry.error("rule", f"{name!r} is no rule of this book")
    expect = entry.text("expect")
    known = STATES[type(rule)]
    if expect not in known:
        raise entry.error("expect", f"must be one of {', '.join(known)}")
    given = _plain(entry, "given")
    found = Worked(
        rule=name,
        because=entry.words("because"),
        on=entry.day("on"),
        facts=_facts(entry, table, rule, given, book),
        given=MappingProxyType({k: frozen(v) for k, v in given.items()}),
        expect=expect,
        by=entry.maybe("by", entry.day),
        lacks=entry.maybe("lacks", entry.texts, ()),
    )
    entry.done()
    return found


def _facts(entry: Table, table: Table, rule: Rule, given: Mapping[str, Any], book: Duties) -> Facts:
    """The complete facts of the rule's kind, changed; a fact given as an empty text is taken out, `operator` replaces the complete one."""
    complete = table.data.get("complete", {})
    facts = complete.get(rule.events[0]) if isinstance(complete, dict) else None
    if not isinstance(facts, dict):
        raise entry.error("rule", f"this file has no [complete.{rule.events[0]}]")
    changed = {**facts, **{k: v for k, v in given.items() if k != "operator"}}
    event = {"kind": rule.events[0], **{k: v for k, v in changed.items() if v != ""}}
    operator = given.get("operator", complete.get("operator", {}))
    try:
        return read_facts({"operator": operator, "event": [event]}, book)
    except FactsError as why:
        raise entry.error("given", f"{why.where}: {why.code} {why.said}".rstrip()) from why


def _plain(entry: Table, key: str) -> dict[str, Any]:
    entry.asked.add(key)
    value = entry.data.get(key, {})
    if not isinstance(value, dict):
        raise entry.error(key, "must be a table of facts")
    return value
