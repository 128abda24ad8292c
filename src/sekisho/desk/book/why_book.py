"""Which cases speak of a step, which of them were in force on a day, and why the others were not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sekisho.desk.book.read_book import brief, history, in_force
from sekisho.desk.draft import DraftError
from sekisho.gate.decide import applies
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.words import Step


@dataclass(frozen=True)
class Why:
    """A case's id, a measure, or a measure and its step (`cc-search/search`), and the day that is meant."""

    name: str
    book: Casebook
    on: date


def carry_out(request: Why) -> dict[str, Any]:
    """{"name", "on", "steps": [{"measure", "step", "cases": [case with "holds" and "why"]}]}. Raises DraftError for an unknown name.

    `why` is empty where the case is in force, else not-yet, over, or axis-not-touched. A general case is shown with its history.
    """
    book, name = request.book, request.name
    case = next((c for c in book.cases if c.id == name), None)
    if case is not None and case.measure == "*":
        cases = [_held(brief(c), request.on) for c in history(book, case)]
        return _found(request, [{"measure": "*", "step": None, "cases": cases}])
    if case is not None:
        named = [s for s in book.steps[case.measure] if s.name in case.steps]
        return _found(request, [_step(book, case.measure, s, request.on) for s in named])
    return _found(request, [_step(book, measure, s, request.on) for measure, s in _named(book, name)])


def _found(request: Why, steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": request.name, "on": plain(request.on), "steps": steps}


def _named(book: Casebook, name: str) -> Iterator[tuple[str, Step]]:
    measure, _, step = name.partition("/")
    if measure not in book.steps:
        raise DraftError("name", "unknown-case", name, [c.id for c in book.cases] + sorted(book.steps))
    if step and book.step(measure, step) is None:
        raise DraftError("name", "unknown-step", step, [s.name for s in book.steps[measure]])
    yield from ((measure, s) for s in book.steps[measure] if step in ("", s.name))


def _step(book: Casebook, measure: str, step: Step, on: date) -> dict[str, Any]:
    touched = {rule.axis.value for rule in book.axes if applies(rule, step)}
    cases = [_touching(c, touched) for c in in_force(book, measure, step, on)]
    return {"measure": measure, "step": step.name, "cases": sorted(cases, key=lambda c: (not c["holds"], c["axis"], c["since"]))}


def _touching(case: dict[str, Any], touched: set[str]) -> dict[str, Any]:
    """A general case speaks of a kind of step; where its axis is not touched by this one it is not asked."""
    return case if case["axis"] in touched else {**case, "holds": False, "why": "axis-not-touched"}


def _held(case: dict[str, Any], on: date) -> dict[str, Any]:
    day = on.isoformat()
    why = "not-yet" if day < case["since"] else "over" if case["until"] and day >= case["until"] else ""
    return {**case, "holds": not why, "why": why}
