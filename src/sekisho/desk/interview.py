"""Plain questions, one for each condition of a step: yes, no, or don't know (which is no). The answers make a plan for the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from types import MappingProxyType
from typing import Any, cast

from sekisho.desk.draft import DraftError
from sekisho.desk.plan_text import Lines, toml
from sekisho.desk.question import Here
from sekisho.gate.answers import Decision, Outcome
from sekisho.gate.decide import applies, decide, matches
from sekisho.gate.render import decision_json
from sekisho.law.canonical import canonical, plain
from sekisho.law.casebook import Casebook
from sekisho.law.examples import build
from sekisho.law.words import Axis, Case, Complete, Condition, Plan, Regime, Role, Step, Value

CARRIED = (Outcome.PERMITTED, Outcome.OUT)
ALL = "all"


class Said(StrEnum):
    """What may be answered. Don't know counts as no; where the rule leaves it to people, they are asked."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Asked:
    """One question: the rule's words, the cases it belongs to (`case` `condition`), and who can supply what it needs."""

    axis: Axis
    places: tuple[tuple[str, str], ...]
    condition: Condition
    kind: str
    who: frozenset[Role]

    @property
    def names(self) -> frozenset[str]:
        """What a person may call it: by condition, or by case and condition."""
        return frozenset({c for _, c in self.places} | {f"{case}/{c}" for case, c in self.places})


@dataclass(frozen=True)
class Remarks:
    """What the written plan says to the person who goes on with it, in their language."""

    language: str = "en"
    head: tuple[str, ...] = ()
    example: str = ""
    lacking: str = "?"


@dataclass(frozen=True)
class Interview:
    """A step of a measure of the book, asked on a day under a regime."""

    here: Here
    measure: str
    step: str
    on: date
    regime: Regime | None = None
    remarks: Remarks = Remarks()


Answer = Callable[[Asked, int, int], Said]
"""Asked with the question, its number and how many there are at most."""


def carry_out(request: Interview, ask: Answer) -> dict[str, Any]:
    """{"measure", "step", "questions": [... with "said"], "decision", "plan": the text of a question file}.

    An axis that is carried is not asked about further. Raises DraftError for an unknown measure or step.
    """
    book = request.here.book
    step = step_of(book, request.measure, request.step)
    regime = regime_of(request)
    complete = _everything(book, request.measure, step, request.on, regime)
    every = questions(request)
    said: dict[int, Said] = {}

    def now() -> tuple[Plan, Decision]:
        answers = {n: said.get(n, Said.NO) for n in range(len(every))}
        plan, moment = _plan(book, complete, request, step, regime, _changed(book, every, answers))
        return plan, decide(plan, book, moment)[0]

    for number, question in enumerate(every):
        if any(a.axis is question.axis and a.outcome in CARRIED for a in now()[1].axes):
            continue
        said[number] = ask(question, number + 1, len(every))
    plan, decision = now()
    whole, _ = _plan(book, complete, request, step, regime, {})
    return {
        "measure": request.measure,
        "step": step.name,
        "on": plain(request.on),
        "regime": regime.value,
        "questions": [_shown(q, book, said.get(n)) for n, q in enumerate(every)],
        "decision": decision_json(decision, book),
        "plan": _text(book, request, whole, plan, every, said),
    }


def questions(request: Interview) -> tuple[Asked, ...]:
    """All that could be asked. Raises DraftError for an unknown measure or step."""
    step = step_of(request.here.book, request.measure, request.step)
    return tuple(asked(request.here.book, request.measure, step, request.on, regime_of(request)))


def regime_of(request: Interview) -> Regime:
    """As asked, else the settings', else what the measure's own file takes for granted."""
    return request.regime or request.here.regime or request.here.book.complete[request.measure].regime


def step_of(book: Casebook, measure: str, name: str) -> Step:
    """The step meant. Raises DraftError, naming those there are."""
    if measure not in book.steps:
        raise DraftError("measure", "unknown-measure", measure, sorted(book.steps))
    found = book.step(measure, name)
    if found is None:
        raise DraftError("step", "unknown-step", name, [s.name for s in book.steps[measure]])
    return found


def asked(book: Casebook, measure: str, step: Step, on: date, regime: Regime) -> Iterator[Asked]:
    """The conditions of every case in force for the step, axis by axis; what two cases ask alike is asked once."""
    plan = _bare(measure, step, on, regime, book)
    for rule in book.axes:
        if regime not in rule.regimes or not applies(rule, step):
            continue
        found: dict[bytes, Asked] = {}
        for case in _sorted(c for c in book.cases if c.axis is rule.axis and matches(c, plan, step)):
            for condition in case.conditions:
                key = canonical((condition.check, condition.params))
                known = found.get(key)
                places = (*(known.places if known else ()), (case.id, condition.id))
                found[key] = replace(known, places=places) if known else _asked(book, rule.axis, condition, places)
        yield from found.values()


def by_names(yes: Sequence[str], questions: Sequence[Asked]) -> Answer:
    """Yes to what is named (`all`: to everything), don't know to the rest. Raises DraftError for a name nobody asks about."""
    known = sorted({n for q in questions for n in q.names} | {ALL})
    for name in yes:
        if name not in known:
            raise DraftError("yes", "unknown-condition", name, known)
    return lambda question, *_: Said.YES if ALL in yes or question.names & set(yes) else Said.UNKNOWN


def by_table(answers: Mapping[str, Any], questions: Sequence[Asked]) -> Answer:
    """As a table says: condition to yes, no or unknown; don't know to what it leaves out. Raises DraftError."""
    known = sorted({n for q in questions for n in q.names} | {ALL})
    said: dict[str, Said] = {}
    for name, value in answers.items():
        if name not in known:
            raise DraftError(name, "unknown-condition", name, known)
        word = ("yes" if value else "no") if isinstance(value, bool) else value
        if word not in set(Said):
            raise DraftError(name, "unknown-answer", value, list(Said))
        said[name] = Said(word)

    def answer(question: Asked, *_: int) -> Said:
        closest = (said[n] for n in sorted(question.names, key=len, reverse=True) if n in said)
        return next(closest, said.get(ALL, Said.UNKNOWN))

    return answer


def _asked(book: Casebook, axis: Axis, condition: Condition, places: tuple[tuple[str, str], ...]) -> Asked:
    name = condition.params.get("kind")
    kind = book.kinds.get(name) if isinstance(name, str) else None
    who = kind.roles if kind else frozenset({Role.ENGINEER, Role.DESK})
    return Asked(axis, places, condition, kind.name if kind else "", who)


def _sorted(cases: Iterator[Case]) -> list[Case]:
    """The surest first: what decides alone, then by authority."""
    return sorted(cases, key=lambda c: (not c.certainty.decides_alone, c.authority.value))


def _bare(measure: str, step: Step, on: date, regime: Regime, book: Casebook) -> Plan:
    return Plan(measure, "-", "-", regime, (step,), on, book.begins(on))


def _everything(book: Casebook, measure: str, step: Step, on: date, regime: Regime) -> Complete:
    """All that the cases for this step could ask for: the measure's own file, and of general files what it leaves out."""
    mine = book.complete[measure]
    plan = _bare(measure, step, on, regime, book)
    in_force = {c.id: c for c in book.cases if c.measure == "*" and matches(c, plan, step)}
    files = {e.file for e in book.examples if e.case in in_force}
    asked_for = {word for c in in_force.values() for condition in c.conditions for word in _mentioned(condition)}
    general = [book.complete[f] for f in sorted(files) if f != measure]
    evidence = {k: v for c in general for k, v in c.evidence.items()}
    scope = {k: v for c in general for k, v in c.scope.items() if k in asked_for}
    return replace(mine, regime=regime, scope={**scope, **mine.scope}, evidence={**evidence, **mine.evidence})


OF_THE_SCOPE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"single-purpose": ("purposes",), "only-hits": ("rows",), "applied-alike": ("lines",), "list-origin": ("list",), "term": ("days",)}
)
"""The words of a plan's scope that a check reads without being told their names."""


def _mentioned(condition: Condition) -> Iterator[str]:
    """The words of a scope that a condition asks about."""
    yield from OF_THE_SCOPE.get(condition.check, ())
    if isinstance(field := condition.params.get("field"), str):
        yield field
    where = condition.params.get("where", {})
    for asked_of in where.values() if isinstance(where, Mapping) else ():
        if isinstance(asked_of, Mapping) and isinstance(word := asked_of.get("scope"), str):
            yield word


def _changed(book: Casebook, questions: Sequence[Asked], said: Mapping[int, Said]) -> Mapping[str, Value]:
    """The complete plan's changes: for every no, what the book says makes that condition fail."""
    fails = {(e.case, e.missing[0]): e.given for e in book.examples if e.case and len(e.missing) == 1}
    changes: list[Mapping[str, Value]] = []
    for number, question in enumerate(questions):
        if said[number] is Said.YES:
            continue
        if said[number] is Said.UNKNOWN and question.condition.params.get("ask") is True:
            changes.append({"without": (f"evidence.{question.kind}",)})
        else:
            changes += [fails[place] for place in question.places if place in fails]
    return reduce(_merged, changes, cast("Mapping[str, Value]", MappingProxyType({})))


def _merged(one: Mapping[str, Value], two: Mapping[str, Value]) -> Mapping[str, Value]:
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


def _plan(
    book: Casebook, complete: Complete, request: Interview, step: Step, regime: Regime, given: Mapping[str, Value]
) -> tuple[Plan, datetime]:
    on = request.on.isoformat()
    plan, now = build(book, complete, request.measure, step, {"regime": regime.value, **given}, on)
    return replace(plan, actor=request.here.operator), now


def _shown(question: Asked, book: Casebook, said: Said | None) -> dict[str, Any]:
    """`said` is None where it was not asked because the axis was carried already."""
    kind = book.kinds.get(question.kind)
    return {
        "axis": question.axis.value,
        "conditions": [{"case": case, "condition": condition} for case, condition in question.places],
        "words": plain(question.condition.words),
        "kind": {"name": kind.name, "title": plain(kind.title)} if kind else None,
        "who": [{"role": r.value, "words": plain(book.roles.get(r.value, {}))} for r in sorted(question.who)],
        "said": said.value if said else None,
    }


def _text(book: Casebook, request: Interview, whole: Plan, plan: Plan, questions: Sequence[Asked], said: Mapping[int, Said]) -> str:
    """The plan to go on with: what was answered yes, and what is not there yet as comments. What nobody asked about is left out."""
    lacking = {q.kind for n, q in enumerate(questions) if said.get(n, Said.YES) is not Said.YES and q.kind}
    there = {q.kind for n, q in enumerate(questions) if said.get(n) is Said.YES}
    words = request.remarks
    missing = {k: f"{words.lacking} {book.kinds[k].title[words.language]}: {_people(book, k, words.language)}" for k in lacking}
    evidence = tuple(e for e in whole.evidence if e.kind in there | lacking)
    open_still = [q.condition.words[words.language] for n, q in enumerate(questions) if said.get(n, Said.YES) is not Said.YES]
    if Said.NO in said.values():  # who said no meant something else by it: the plan says so too
        whole = replace(whole, steps=plan.steps, scope={**whole.scope, "purposes": plan.scope.get("purposes")})
    unsaid = frozenset(k for k, v in whole.scope.items() if plan.scope.get(k) != v)
    head = (*words.head, *(f"{words.lacking} {line}" for line in open_still))
    return toml(replace(whole, evidence=evidence), book, Lines(head, words.example, missing, unsaid))


def _people(book: Casebook, kind: str, language: str) -> str:
    return ", ".join(book.roles.get(r.value, {}).get(language, r.value) for r in sorted(book.kinds[kind].roles))
