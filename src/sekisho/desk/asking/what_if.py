"""What if a fact were otherwise? A measure's step with everything at hand, changed by whoever asks, put to the gate. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from sekisho.desk.world import No, World
from sekisho.gate.answers import Decision
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.gate.render import decision_json
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.examples import build, dated
from sekisho.law.words import Complete, Evidence, Plan, Regime, Value, nothing

Json = dict[str, Any]
DAY = timedelta(days=1)
FIRST, LAST = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True)
class WhatIf:
    """A step of a measure on a day. `without` are kinds of evidence that are not there; the rest replaces what `[complete]` says.

    `confirmed` are cases taken as confirmed. Absent day: today; absent regime: the file's.
    """

    measure: str
    step: str
    on: str = ""
    regime: str = ""
    without: frozenset[str] = frozenset()
    evidence: Mapping[str, Value] = field(default_factory=nothing)
    scope: Mapping[str, Value] = field(default_factory=nothing)
    confirmed: frozenset[str] = frozenset()


def carry_out(world: World, request: WhatIf) -> Json:
    """Raises No: unknown-measure, unknown-step, not-a-day, not-a-regime."""
    return supposed(world.book, request, world.book.day(world.clock.now()))


def supposed(book: Casebook, request: WhatIf, today: date) -> Json:
    """{"decision" as changed, "before" with everything at hand and nothing confirmed, "evidence": every kind asked about with its fields
    and what is supposed, "scope", "confirmable", "on", "regime"}. Raises No.
    """
    complete = book.complete.get(request.measure)
    step = book.step(request.measure, request.step)
    if complete is None or request.measure not in book.steps:
        raise No("unknown-measure", measure=request.measure[:64])
    if step is None:
        raise No("unknown-step", step=request.step[:64])
    on = _day(request.on, today)
    regime = _regime(request.regime, complete.regime)
    given: dict[str, Value] = {
        "regime": regime.value,
        "without": tuple(f"evidence.{k}" for k in sorted(request.without)),
        "evidence": _known(book, request.evidence),
        "scope": request.scope,
    }
    plan, now = build(book, complete, request.measure, step, given, on.isoformat())
    whole, _ = build(book, complete, request.measure, step, {"regime": regime.value}, on.isoformat())
    said = [Confirmation(c, plan.measure, book.digest, "supposed", "officer", now - DAY, now + DAY) for c in sorted(request.confirmed)]
    after, before = decide(plan, book, now, said)[0], decide(whole, book, now)[0]
    return {
        "measure": request.measure,
        "title": plain(book.about[request.measure].title) if request.measure in book.about else None,
        "step": plain(step),
        "says": plain(book.about[request.measure].steps[step.name]) if request.measure in book.about else None,
        "on": on.isoformat(),
        "regime": regime.value,
        "decision": decision_json(after, book),
        "before": before.outcome.value,
        "evidence": [_shown(book, k, plan.evidence, complete, on) for k in _asked_about(book, whole, before)],
        "scope": {k: plain(v) for k, v in plan.scope.items() if not isinstance(v, Mapping)},
        "confirmable": sorted({t.case for a in before.axes for t in a.tried if not t.certainty.decides_alone}),
        "confirmed": sorted(request.confirmed),
        "book": {"version": book.version, "country": book.country},
    }


def _day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        found = date.fromisoformat(text)
    except ValueError as why:
        raise No("not-a-day", day=text[:20]) from why
    if not FIRST <= found <= LAST:
        raise No("not-a-day", day=text[:20])
    return found


def _regime(text: str, otherwise: Regime) -> Regime:
    try:
        return Regime(text) if text else otherwise
    except ValueError as why:
        raise No("not-a-regime", regime=text[:20]) from why


def _known(book: Casebook, evidence: Mapping[str, Value]) -> Mapping[str, Value]:
    """Fields of kinds the book knows; others are left out: nobody asks about them."""
    kept = {
        kind: MappingProxyType({f: v for f, v in value.items() if f in book.kinds[kind].fields})
        for kind, value in evidence.items()
        if kind in book.kinds and isinstance(value, Mapping)
    }
    return MappingProxyType(kept)


def _asked_about(book: Casebook, whole: Plan, decision: Decision) -> list[str]:
    """Kinds of evidence that some case tried for this step asks about, and that could be supposed."""
    tried = {t.case for a in decision.axes for t in a.tried}
    kinds = {str(c.params["kind"]) for case in book.cases if case.id in tried for c in case.conditions if "kind" in c.params}
    there = {e.kind for e in whole.evidence}
    return sorted(kinds & there) + sorted(kinds - there)


def _shown(book: Casebook, name: str, evidence: tuple[Evidence, ...], complete: Complete, on: date) -> Json:
    kind = book.kinds[name]
    piece = next((e for e in evidence if e.kind == name), None)
    value = piece.value if piece else dated(kind, complete.evidence.get(name, nothing()), on)
    fields = [{"name": f, "title": plain(book.fields.get(f)), "type": t, "value": plain(value.get(f))} for f, t in kind.fields.items()]
    vouchers = sorted(v.value for v in kind.vouchers)
    known = name in complete.evidence
    return {"kind": name, "title": plain(kind.title), "there": piece is not None, "known": known, "vouchers": vouchers, "fields": fields}
