"""From answers to a plan: what a no changes in the plan where everything is at hand. The book says of each condition what makes it fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property, reduce
from types import MappingProxyType
from typing import TypeAlias

from sekisho.gate.answers import Decision, Met, Outcome
from sekisho.gate.decide import decide, matches
from sekisho.law.casebook import Casebook
from sekisho.law.examples import build
from sekisho.law.words import Axis, Complete, Condition, Plan, Regime, Role, Step, Value, nothing

Given: TypeAlias = Mapping[str, Value]
CARRIED = (Outcome.PERMITTED, Outcome.OUT)
OF_THE_SCOPE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"single-purpose": ("purposes",), "only-hits": ("rows",), "applied-alike": ("lines",), "list-origin": ("list",), "term": ("days",)}
)
"""The words of a plan's scope that a check reads without being told their names."""


class Said(StrEnum):
    """What may be answered. Don't know counts as no; where the rule leaves it to people, they are asked."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Asked:
    """One question: the rule's words, the cases it belongs to (`case` `condition`), and who can supply what it needs."""

    axes: tuple[Axis, ...]
    places: tuple[tuple[str, str], ...]
    condition: Condition
    kind: str
    who: frozenset[Role]

    @property
    def names(self) -> frozenset[str]:
        """What a person may call it: by condition, or by case and condition."""
        return frozenset({c for _, c in self.places} | {f"{case}/{c}" for case, c in self.places})


@dataclass(frozen=True)
class Supposed:
    """A step with everything at hand that its cases on that day could ask for, to be answered by yes and no."""

    book: Casebook
    measure: str
    step: Step
    on: date
    regime: Regime
    actor: str

    def plan(self, given: Given) -> tuple[Plan, datetime]:
        """The complete plan with these changes, and the moment it is decided."""
        said = {"regime": self.regime.value, **given}
        plan, now = build(self.book, self.complete, self.measure, self.step, said, self.on.isoformat())
        return replace(plan, actor=self.actor), now

    def decision(self, given: Given) -> Decision:
        plan, now = self.plan(given)
        return decide(plan, self.book, now)[0]

    def carried(self, given: Given) -> frozenset[Axis]:
        """The axes that pass."""
        return frozenset(a.axis for a in self.decision(given).axes if a.outcome in CARRIED)

    def so_far(self, questions: Sequence[Asked], said: Mapping[int, Said]) -> Given:
        """What was answered, and no to all that was not asked yet."""
        changes = (self._no(q, said.get(n, Said.NO)) for n, q in enumerate(questions) if said.get(n) is not Said.YES)
        return reduce(_merged, changes, nothing())

    def finally_(self, questions: Sequence[Asked], said: Mapping[int, Said]) -> Given:
        """What was answered, each no seen to fail its condition; and no to what was not asked, where that takes nothing away."""
        given: Given = nothing()
        for number, question in enumerate(questions):
            if number in said and said[number] is not Said.YES:
                given = self._failing(question, said[number], given)
        before = self.carried(given)
        for number, question in enumerate(questions):
            if number not in said and self.carried(more := self._failing(question, Said.NO, given)) == before:
                given = more
        return given

    def _failing(self, question: Asked, said: Said, given: Given) -> Given:
        """The changes with this no. Where the book's own way does not fail here, the evidence or the word is taken away."""
        changed = _merged(given, self._no(question, said))
        checked = {(t.case, c.condition): c.answer for a in self.decision(changed).axes for t in a.tried for c in t.checked}
        if not any(isinstance(checked.get(place), Met) for place in question.places):
            return changed
        words = tuple(f"scope.{word}" for word in mentioned(question.condition))
        return _merged(changed, {"without": words or (f"evidence.{question.kind}",)})

    def _no(self, question: Asked, said: Said) -> Given:
        if said is Said.UNKNOWN and question.condition.params.get("ask") is True:
            return {"without": (f"evidence.{question.kind}",)}
        return reduce(_merged, (self.fails[place] for place in question.places if place in self.fails), nothing())

    @cached_property
    def fails(self) -> Mapping[tuple[str, str], Given]:
        """By case and condition, the one change that makes it fail."""
        return {(e.case, e.missing[0]): e.given for e in self.book.examples if e.case and len(e.missing) == 1}

    @cached_property
    def complete(self) -> Complete:
        """All that the cases for this step could ask for: the measure's own file, and of general files what it leaves out."""
        mine = self.book.complete[self.measure]
        plan = bare(self.book, self.measure, self.step, self.on, self.regime)
        in_force = {c.id: c for c in self.book.cases if c.measure == "*" and matches(c, plan, self.step)}
        files = {e.file for e in self.book.examples if e.case in in_force}
        asked_for = {word for c in in_force.values() for condition in c.conditions for word in mentioned(condition)}
        general = [self.book.complete[f] for f in sorted(files) if f != self.measure]
        evidence = {k: v for c in general for k, v in c.evidence.items()}
        scope = {k: v for c in general for k, v in c.scope.items() if k in asked_for}
        return replace(mine, regime=self.regime, scope={**scope, **mine.scope}, evidence={**evidence, **mine.evidence})


def bare(book: Casebook, measure: str, step: Step, on: date, regime: Regime) -> Plan:
    """A plan that shows nothing: for asking which cases speak of it."""
    return Plan(measure, "-", "-", regime, (step,), on, book.begins(on))


def mentioned(condition: Condition) -> Iterator[str]:
    """The words of a scope that a condition asks about."""
    yield from OF_THE_SCOPE.get(condition.check, ())
    if isinstance(field := condition.params.get("field"), str):
        yield field
    where = condition.params.get("where", {})
    for asked_of in where.values() if isinstance(where, Mapping) else ():
        if isinstance(asked_of, Mapping) and isinstance(word := asked_of.get("scope"), str):
            yield word


def _merged(one: Given, two: Given) -> Given:
    found = dict(one)
    for key, value in two.items():
        there = found.get(key)
        if isinstance(there, Mapping) and isinstance(value, Mapping):
            found[key] = _merged(there, value)
        elif isinstance(there, tuple) and isinstance(value, tuple) and key in ("without", "others"):
            found[key] = (*there, *(v for v in value if v not in there))
        else:
            found[key] = value
    return found
