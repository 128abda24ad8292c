"""Ask the gate without asking for anything: a question, the book, a day. Nothing is written, nothing minted, much may be assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.desk import probes
from sekisho.desk.asking.question import Here, Question, read_question
from sekisho.desk.draft import read_draft
from sekisho.desk.public import book_place
from sekisho.desk.settings import Settings
from sekisho.gate.answers import Decision
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.gate.render import decision_json
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook, load
from sekisho.law.words import Evidence, Plan, Regime, Role
from sekisho.measures.registry import EVERY

OF_PREFIXES = "aggregation"
"""Measured off the operator's own prefixes: without settings there are none to measure."""


@dataclass(frozen=True)
class Trial:
    """A question file, where it is asked, and the day (today if None) and the regime that are meant."""

    plan: Path
    here: Here
    on: date | None
    now: datetime
    regime: Regime | None = None


def carry_out(request: Trial) -> dict[str, Any]:
    """{"measure", "regime", "on", "book", "assumed", "decisions"}: the whole tree for each step. Raises DraftError."""
    asked = read_question(request.plan, request.here, request.now, on=request.on, regime=request.regime)
    question = with_measured(asked, request.here)
    book = request.here.book
    return {
        "measure": question.plan.measure,
        "regime": question.plan.regime.value,
        "on": plain(question.plan.day),
        "book": {"country": book.country, "version": book.version, "digest": book.digest},
        "assumed": plain(question.assumed),
        "decisions": [decision_json(d, book) for d in answers(question, book)],
    }


def answers(question: Question, book: Casebook) -> tuple[Decision, ...]:
    """What the gate says to a question, with its assumed confirmations taken as given."""
    return decide(question.plan, book, question.now, tuple(confirmations(question.plan, book, question.confirmed, question.now)))


def confirmations(plan: Plan, book: Casebook, cases: Sequence[str], now: datetime) -> Iterator[Confirmation]:
    """The officer's word as it would be, for cases that are only taken as confirmed."""
    for case in cases:
        yield Confirmation(case, plan.measure, book.digest, "assumed", "trial-officer", now - timedelta(days=1), now + timedelta(days=1))


def with_measured(question: Question, here: Here) -> Question:
    """Beside what the file says, what our own probes can read off the plan itself, for the kinds the file is silent about."""
    plan = question.plan
    if plan.measure not in EVERY or "streams" not in plan.scope:
        return question
    said = {e.kind for e in plan.evidence} | (set() if here.prefixes else {OF_PREFIXES})
    found = [e for e in probes.compiled(plan, here.prefixes, question.now) if e.kind in here.book.kinds and e.kind not in said]
    return replace(question, plan=replace(plan, evidence=(*plan.evidence, *found)))


def papers(path: Path, settings: Settings, person: str, roles: frozenset[str], plan: Mapping[str, Any], now: datetime) -> list[Evidence]:
    """The papers of a plan file that a person in these roles can answer for. Raises DraftError."""
    book = load(book_place(settings))
    operator = settings.operator
    draft = read_draft(path, actor=operator.name, regime=operator.regime, proposer="-", day=book.day(now), now=now, book=book)
    kinds = {n: k.vouchers for n, k in book.kinds.items()}
    purpose = str(plan["plan"]["steps"][0]["purpose"])
    mine = [p for p in draft.papers if p.role in {Role(r) for r in roles}]
    return [p.laid_in(purpose, person, now - timedelta(seconds=1), kinds) for p in mine]
