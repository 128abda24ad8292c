"""A book's own worked questions, asked of the gate: which come out otherwise than the book says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sekisho.gate import owed_worked
from sekisho.gate.answers import Decision, Met, Outcome
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.law.casebook import Casebook
from sekisho.law.examples import plan_of
from sekisho.law.words import Example, Words

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wrong:
    """A worked question of `file` that came out as `got` where the book expects `expect`."""

    file: str
    because: Words
    expect: str
    got: str


def wrong(book: Casebook) -> tuple[Wrong, ...]:
    """Every example that does not come out as it says; none where the book is right about itself."""
    asked = ((e, answer(book, e)) for e in book.examples)
    may = tuple(Wrong(e.file, e.because, e.expect, got) for e, got in asked if got != e.expect)
    owing = (w for w in book.worked if not owed_worked.right(w, book))
    return may + tuple(Wrong(f"owed: {w.rule}", w.because, w.expect, owed_worked.told(w, book)) for w in owing)


def answer(book: Casebook, example: Example) -> str:
    """What the gate says: the outcome of the step, or whether the example's one case is met with all but `missing`."""
    plan, now = plan_of(example, book)
    said = [Confirmation(c, plan.measure, book.digest, "worked example", "officer", now - DAY, now + DAY) for c in example.confirmed]
    decision = decide(plan, book, now, said)[0]
    return decision.outcome.value if example.case is None else _of_case(decision, example)


def _of_case(decision: Decision, example: Example) -> str:
    tried = next((t for a in decision.axes for t in a.tried if t.case == example.case), None)
    if tried is None:
        return "not-asked"
    if not example.missing:
        return "refused" if tried.outcome is Outcome.REFUSED else "met"
    failing = {c.condition for c in tried.checked if not isinstance(c.answer, Met)}
    return "refused" if set(example.missing) <= failing else "met"
