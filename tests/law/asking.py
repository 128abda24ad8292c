"""The shipped book asked row by row: everything at hand but for what is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sekisho.gate.answers import Decision, Outcome, Tried
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.law.casebook import load
from sekisho.law.examples import build
from sekisho.law.tables import frozen
from sekisho.law.words import Axis, Case, Step
from tests.conftest import ROOT

BOOK = load(ROOT / "casebook" / "jp")
TODAY = "2026-11-21"
DAYS = ("2014-06-01", "2019-06-01", "2020-06-01", TODAY)
Given = Mapping[str, Any]


def carriers(row: str) -> list[Case]:
    """The cases that carry a row: by their id, or by the rows they name."""
    return [c for c in BOOK.cases if c.id.split("/")[1] == row or row in c.rows]


def step_of(measure: str, name: str) -> Step:
    found = BOOK.step(measure, name)
    assert found is not None
    return found


def ask(measure: str, name: str, day: str = TODAY, given: Given | None = None, *, sure: bool = False) -> Decision:
    """What the gate says of a measure's step on a day, everything at hand but for `given`; `sure`: the officer has confirmed every case."""
    change = frozen(given or {})
    assert isinstance(change, Mapping)
    plan, now = build(BOOK, BOOK.complete[measure], measure, step_of(measure, name), change, day)
    start, end = now - timedelta(days=1), now + timedelta(days=30)
    said = [Confirmation(c.id, measure, BOOK.digest, "read and found good", "officer", start, end) for c in BOOK.cases] if sure else []
    return decide(plan, BOOK, now, said)[0]


def secrecy(decision: Decision) -> tuple[Outcome, str | None]:
    """What the axis of secrecy comes to, and the case it stands on."""
    axis = next(a for a in decision.axes if a.axis is Axis.SECRECY)
    return axis.outcome, axis.stands_on


def missing(decision: Decision) -> set[str]:
    """The conditions on the to-do list."""
    return {m.condition for m in decision.missing if m.condition}


def tried(decision: Decision, case: str) -> Tried:
    return next(t for a in decision.axes for t in a.tried if t.case == case)
