"""What is owed as plain JSON: the same object on the command line, in the API and on the console."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sekisho.gate.owing import (
    Answered,
    Breached,
    Done,
    Due,
    Ended,
    Holds,
    Lapsed,
    NotDue,
    Open,
    Owed,
    OwedDuty,
    OwedHold,
    OwedShield,
    State,
)
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.duties import Rule
from sekisho.law.facts import Event
from sekisho.law.numbering import on, today
from sekisho.law.words import Certainty, Words

STATES: Mapping[type, str] = {Due: "due", NotDue: "not-due", Done: "done", Breached: "breached", Lapsed: "lapsed"}
"""The word for each state, as it stands in JSON and in the book's `says`."""


def owed_json(owed: Owed, book: Casebook) -> dict[str, Any]:
    """Everything owed, with the words of each rule and of each fact beside it. Days are ISO text, None where nobody can tell."""
    return {
        "on": owed.on.isoformat(),
        "book": owed.book,
        "duties": [_duty(d, book, owed.on) for d in owed.duties],
        "shields": [_shield(s, book, owed.on) for s in owed.shields],
        "holds": [_hold(h, book, owed.on) for h in owed.holds],
        "blocks_deletion": owed.blocks_deletion,
    }


def _duty(found: OwedDuty, book: Casebook, day: date) -> dict[str, Any]:
    clock = found.rule.clock
    return {
        **_head(found.rule, found.event, found.certainty, book, day),
        "to": plain(found.rule.to),
        "may": found.rule.may,
        "clock": plain(clock) if clock is not None else None,
        **_state(found.state, found.event, book),
        "presumed": _facts(found.presumed, found.event, book),
    }


def _state(state: State, event: Event, book: Casebook) -> dict[str, Any]:
    said = {"state": STATES[type(state)], "state_words": _said(STATES[type(state)], book), **plain(state)}
    if isinstance(state, NotDue):
        said |= {"why_words": _said(state.why, book), "facts": _facts(state.facts, event, book)}
    if isinstance(state, Lapsed):
        said |= {"by": None, "ended_by": _facts((state.by,), event, book)}
    return said


def _shield(found: OwedShield, book: Casebook, day: date) -> dict[str, Any]:
    open_ = found.answer if isinstance(found.answer, Open) else None
    state = "open" if open_ else "shut"
    return {
        **_head(found.rule, found.event, found.certainty, book, day),
        "state": state,
        "state_words": _said(state, book),
        "on": open_.on.isoformat() if open_ else None,
        "missing": [_lacks(m, found, book) for m in getattr(found.answer, "missing", ())],
        "conditions": [_condition(c, found.event, book) for c in found.conditions],
    }


def _lacks(name: str, found: OwedShield, book: Casebook) -> dict[str, Any]:
    """A missing condition, or one of the codes: not-bound, not-happened, confirmation, or the day nobody gave."""
    words = next((c.asked.words for c in found.conditions if c.asked.id == name), None)
    field = book.owed.kinds[found.event.kind].fields.get(name)
    return {"id": name, "words": plain(words or _said(name, book) or (field.words if field else {}))}


def _condition(found: Answered, event: Event, book: Casebook) -> dict[str, Any]:
    return {
        "id": found.asked.id,
        "words": plain(found.asked.words),
        "met": found.met,
        "missing": _facts(found.missing, event, book),
        "against": _facts(found.against, event, book),
        "waits_until": plain(found.over),
    }


def _hold(found: OwedHold, book: Casebook, day: date) -> dict[str, Any]:
    answer = found.answer
    state = "holds" if isinstance(answer, Holds) else "ended" if isinstance(answer, Ended) else "not-held"
    why = {} if isinstance(answer, Holds | Ended) else {"why": answer.why, "why_words": _said(answer.why, book)}
    facts = () if isinstance(answer, Holds | Ended) else answer.facts
    return {
        **_head(found.rule, found.event, found.certainty, book, day),
        "what": plain(found.rule.what),
        "state": state,
        "state_words": _said(state, book),
        "until": plain(answer.until) if isinstance(answer, Holds) else None,
        "ended": plain(answer.on) if isinstance(answer, Ended) else None,
        **why,
        "facts": _facts(facts, found.event, book),
        "capped": found.capped,
        "presumed": _facts(found.presumed, found.event, book),
        "permits_disclosure": found.discloses,
        "disclosure_words": _said("no-disclosure", book),
    }


def _head(rule: Rule, event: Event, certainty: Certainty, book: Casebook, day: date) -> dict[str, Any]:
    """Which rule, about which event, in whose words, from where, how sure; `ask` where a person must say more."""
    return {
        "rule": rule.id,
        "event": event.name,
        "kind": event.kind,
        "title": plain(rule.title),
        "words": plain(rule.words),
        "source": rule.source,
        "cites": [
            {"cite": c, "then": list(on(book.laws, c, written=rule.since, asked=day)), "now": list(today(book.laws, c, rule.since))}
            for c in rule.cites
        ],
        "authority": rule.authority.value,
        "certainty": certainty.value,
        "sure": certainty.decides_alone,
        "ask": plain(rule.ask) if rule.ask is not None and not certainty.decides_alone else None,
        "dissent": plain(rule.dissent),
        "since": plain(rule.since),
        "until_rule": plain(rule.until),
        "seen": plain(rule.seen),
        "notes": plain(rule.notes),
    }


def _facts(names: tuple[str, ...], event: Event, book: Casebook) -> list[dict[str, Any]]:
    """Facts by name with their words; the operator's own regime and roles have the book's."""
    fields = book.owed.kinds[event.kind].fields
    return [{"fact": n, "words": plain(fields[n].words if n in fields else _said(n, book) or {})} for n in names]


def _said(code: str, book: Casebook) -> Words | None:
    return plain(book.owed.says[code]) if code in book.owed.says else None
