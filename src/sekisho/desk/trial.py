"""Ask the gate without asking for anything: a plan file, the book, a day. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.desk import books, probes
from sekisho.desk.config import Settings
from sekisho.desk.draft import read_draft
from sekisho.gate.decide import decide
from sekisho.gate.render import decision_json
from sekisho.law.casebook import load
from sekisho.law.words import Evidence, Role

NOON = timedelta(hours=12)


@dataclass(frozen=True)
class Trial:
    """A plan file, settings, and the day whose law is asked for (today if None)."""

    plan: Path
    settings: Settings
    on: date | None
    now: datetime


def carry_out(request: Trial) -> list[dict[str, Any]]:
    """The whole tree for each step. Raises DraftError."""
    book = load(books.place(request.settings))
    day = request.on or book.day(request.now)
    now = book.begins(day) + NOON if request.on else request.now
    operator = request.settings.operator
    draft = read_draft(request.plan, actor=operator.name, regime=operator.regime, proposer="trial-proposer", day=day, now=now)
    kinds = {n: k.vouchers for n, k in book.kinds.items()}
    purpose = draft.plan.steps[0].purpose
    papers = tuple(p.laid_in(purpose, f"trial-{p.role}", now, kinds) for p in draft.papers)
    measured = tuple(e for e in probes.compiled(draft.plan, request.settings.network.prefixes, now) if e.kind in book.kinds)
    plan = replace(draft.plan, evidence=papers + measured)
    return [decision_json(d, book) for d in decide(plan, book, now)]


def papers(path: Path, settings: Settings, person: str, roles: frozenset[str], plan: Mapping[str, Any], now: datetime) -> list[Evidence]:
    """The papers of a plan file that a person in these roles can answer for. Raises DraftError."""
    book = load(books.place(settings))
    operator = settings.operator
    draft = read_draft(path, actor=operator.name, regime=operator.regime, proposer="-", day=book.day(now), now=now)
    kinds = {n: k.vouchers for n, k in book.kinds.items()}
    purpose = str(plan["plan"]["steps"][0]["purpose"])
    mine = [p for p in draft.papers if p.role in {Role(r) for r in roles}]
    return [p.laid_in(purpose, person, now - timedelta(seconds=1), kinds) for p in mine]
