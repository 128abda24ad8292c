"""Plain questions, one for each condition of a step: yes, no, or don't know (which is no). The answers make a plan for the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sekisho.desk.asking.plan_text import Lines, toml
from sekisho.desk.asking.question import Here
from sekisho.desk.asking.supposing import CARRIED, Asked, Given, Said, Supposed, bare
from sekisho.desk.draft import DraftError
from sekisho.gate.decide import applies, matches
from sekisho.gate.render import decision_json
from sekisho.law.canonical import canonical, plain
from sekisho.law.casebook import Casebook
from sekisho.law.words import Case, Condition, Regime, Role, Step

__all__ = ["Asked", "Interview", "Remarks", "Said", "by_names", "by_table", "carry_out", "questions", "step_of"]

ALL = "all"


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
    book, step = request.here.book, step_of(request.here.book, request.measure, request.step)
    supposed = Supposed(book, request.measure, step, request.on, regime_of(request), request.here.operator)
    every = questions(request)
    said: dict[int, Said] = {}
    for number, question in enumerate(every):
        if set(question.axes) <= supposed.carried(supposed.so_far(every, said)):
            continue
        said[number] = ask(question, number + 1, len(every))
    given = supposed.finally_(every, said)
    return {
        "measure": request.measure,
        "step": step.name,
        "on": plain(request.on),
        "regime": supposed.regime.value,
        "questions": [_shown(q, book, said.get(n)) for n, q in enumerate(every)],
        "decision": decision_json(supposed.decision(given), book),
        "plan": _text(request, supposed, given, every, said),
    }


def questions(request: Interview) -> tuple[Asked, ...]:
    """All that could be asked. Raises DraftError for an unknown measure or step."""
    step = step_of(request.here.book, request.measure, request.step)
    return asked(request.here.book, request.measure, step, request.on, regime_of(request))


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


def asked(book: Casebook, measure: str, step: Step, on: date, regime: Regime) -> tuple[Asked, ...]:
    """The conditions of every case in force for the step, axis by axis, the surest case first; what two ask alike is asked once."""
    plan = bare(book, measure, step, on, regime)
    found: dict[bytes, Asked] = {}
    for rule in book.axes:
        if regime not in rule.regimes or not applies(rule, step):
            continue
        for case in _sorted(c for c in book.cases if c.axis is rule.axis and matches(c, plan, step)):
            for condition in case.conditions:
                key = canonical((condition.check, condition.params))
                known = found.get(key) or _asked(book, condition)
                axes = tuple(dict.fromkeys((*known.axes, rule.axis)))
                found[key] = replace(known, axes=axes, places=(*known.places, (case.id, condition.id)))
    return tuple(found.values())


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


def _asked(book: Casebook, condition: Condition) -> Asked:
    name = condition.params.get("kind")
    kind = book.kinds.get(name) if isinstance(name, str) else None
    who = kind.roles if kind else frozenset({Role.ENGINEER, Role.DESK})
    return Asked((), (), condition, kind.name if kind else "", who)


def _sorted(cases: Iterator[Case]) -> list[Case]:
    """The surest first: what decides alone, then by authority."""
    return sorted(cases, key=lambda c: (not c.certainty.decides_alone, c.authority.value))


def _shown(question: Asked, book: Casebook, said: Said | None) -> dict[str, Any]:
    """`said` is None where it was not asked because the axis was carried already."""
    kind = book.kinds.get(question.kind)
    return {
        "axes": [a.value for a in question.axes],
        "conditions": [{"case": case, "condition": condition} for case, condition in question.places],
        "words": plain(question.condition.words),
        "kind": {"name": kind.name, "title": plain(kind.title)} if kind else None,
        "who": [{"role": r.value, "words": plain(book.roles.get(r.value, {}))} for r in sorted(question.who)],
        "said": said.value if said else None,
    }


def _text(request: Interview, supposed: Supposed, given: Given, questions: Sequence[Asked], said: Mapping[int, Said]) -> str:
    """The plan to go on with: what was answered yes, and what is not there yet as comments. What nobody asked about is left out."""
    book, (whole, _), (plan, _) = supposed.book, supposed.plan({}), supposed.plan(given)
    lacking = {q.kind for n, q in enumerate(questions) if said.get(n, Said.YES) is not Said.YES and q.kind}
    there = {q.kind for n, q in enumerate(questions) if said.get(n) is Said.YES}
    words = request.remarks
    if supposed.decision(given).outcome in CARRIED:
        kept = tuple(e for e in plan.evidence if e.kind in {q.kind for q in questions})
        return toml(replace(plan, evidence=kept), book, Lines(words.head, words.example))
    missing = {k: f"{words.lacking} {book.kinds[k].title[words.language]}: {_people(book, k, words.language)}" for k in lacking}
    evidence = tuple(e for e in whole.evidence if e.kind in there | lacking)
    open_still = [q.condition.words[words.language] for n, q in enumerate(questions) if said.get(n, Said.YES) is not Said.YES]
    if Said.NO in said.values():  # who said no meant something else by it: the plan says so too
        added = {k: v for k, v in plan.scope.items() if k not in whole.scope}
        whole = replace(whole, steps=plan.steps, scope={**whole.scope, **added, "purposes": plan.scope.get("purposes")})
    unsaid = frozenset(k for k, v in whole.scope.items() if plan.scope.get(k) != v)
    head = (*words.head, *(f"{words.lacking} {line}" for line in open_still))
    return toml(replace(whole, evidence=evidence), book, Lines(head, words.example, missing, unsaid))


def _people(book: Casebook, kind: str, language: str) -> str:
    return ", ".join(book.roles.get(r.value, {}).get(language, r.value) for r in sorted(book.kinds[kind].roles))
