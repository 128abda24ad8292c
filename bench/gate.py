"""The gate beside cedarpy: the same cases as Cedar policies, the same questions, both asked from prepared objects, in one process.

Cedar answers allow or deny for one axis; the gate answers with the whole tree of every axis. Cedar's policies and requests are
built before the clock starts, and what Cedar cannot say (freshness, vouchers, shares) is handed to it as a finished truth value:
each of these favours Cedar. Before anything is timed, both must agree on every axis of every question.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.desk.prove import _prove as proven
from sekisho.desk.prove import in_ledger, proof_text
from sekisho.gate.answers import Met, Outcome
from sekisho.gate.check import _lease_signature as lease_signature
from sekisho.gate.check import _opened as opened
from sekisho.gate.check import check as check_permit
from sekisho.gate.check import sign_lease
from sekisho.gate.checks import Question, check
from sekisho.gate.decide import applies, decide, matches
from sekisho.gate.papers import Papers
from sekisho.gate.people import Confirmation
from sekisho.gate.permit import PERMIT_CONTEXT, Permit, SignedPermit
from sekisho.law.canonical import canonical
from sekisho.law.casebook import Casebook, load
from sekisho.law.examples import plan_of
from sekisho.law.parameters import filled
from sekisho.law.words import Case, Condition, Ground, Plan, Step, Value
from sekisho.ledger.entry import Entry, EntryType, commit
from sekisho.ledger.log import Log

ROOT = Path(__file__).resolve().parent.parent
CARRIED = (Outcome.PERMITTED, Outcome.OUT)


@dataclass(frozen=True)
class Asked:
    """One question: a plan of one step, its moment, what the officer confirmed, and the same as Cedar requests by axis."""

    plan: Plan
    now: datetime
    confirmed: tuple[Confirmation, ...]
    requests: Mapping[str, dict[str, Any]]


def word(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value).lower()


def listed(values: Iterable[object]) -> str:
    return "[" + ", ".join(word(v) for v in values) + "]"


def expression(condition: Condition) -> str | None:
    """The condition in Cedar's words, or None where Cedar has none."""
    given = condition.params
    if condition.check == "elements-within":
        return f"{listed(given['elements'])}.containsAll(context.elements)"  # type: ignore[arg-type] # the book is sound
    if condition.check == "audience":
        return f"{listed(given['within'])}.containsAll(context.audience)"  # type: ignore[arg-type] # the book is sound
    if condition.check == "only-hits":
        return 'context.scope has "rows" && context.scope["rows"] == "hits"'
    if condition.check == "applied-alike":
        return '!(context.scope has "except") && context.scope has "lines" && context.scope["lines"] == "every-line-found"'
    if condition.check == "evidence":
        return _of_evidence(given)
    return None


def _of_evidence(given: Mapping[str, Value]) -> str | None:
    kind, where = str(given["kind"]), given.get("where", {})
    assert isinstance(where, Mapping)
    here = f"context.evidence[{word(kind)}]"
    parts = [f"context.evidence has {word(kind)}", f"{here}.usable"]
    for name, asked in where.items():
        field = f"{here}[{word(name)}]"
        for predicate, wanted in asked.items() if isinstance(asked, Mapping) else [("is", asked)]:
            said = _predicate(field, predicate, wanted)
            if said is None:
                return None
            parts.append(said)
    return " && ".join(parts)


def _predicate(field: str, predicate: str, wanted: Value) -> str | None:
    if predicate == "is" and not isinstance(wanted, tuple | Mapping):
        return f"{field} == {word(wanted)}"
    if predicate in ("least", "most"):
        return f"{field} {'>=' if predicate == 'least' else '<='} {wanted}"
    if predicate == "has":
        return f"{field}.containsAll({listed(wanted)})"  # type: ignore[arg-type] # the book is sound
    if predicate == "only":
        return f"{listed(wanted)}.containsAll({field})"  # type: ignore[arg-type] # the book is sound
    if predicate == "by-day":
        return f"{field} <= context.day"
    return None


def policy(case: Case) -> str:
    """One case as one Cedar policy of its axis; a case without a ground permits nothing and needs no policy."""
    about = f"context.measure == {word(case.measure)} && {listed(sorted(case.steps))}.contains(context.step)"
    if case.measure == "*":
        about = f"context.kinds_of.containsAny({listed(sorted(case.kinds))})"
    until = f" && context.day < {case.until.toordinal()}" if case.until else ""
    parts = [
        about,
        f"context.day >= {case.since.toordinal()}{until}",
        f"context.bounds.contains({word(case.id)})",
        *(expression(c) or f"context.met.contains({word(f'{case.id} {c.id}')})" for c in case.conditions),
    ]
    if case.sure_from and case.certainty.decides_alone:
        parts.append(f"(context.day >= {case.sure_from.toordinal()} || context.confirmed.contains({word(case.id)}))")
    elif not case.certainty.decides_alone:
        parts.append(f"context.confirmed.contains({word(case.id)})")
    when = " &&\n  ".join(f"({p})" for p in parts)
    return f"@id({word(case.id)})\npermit(principal, action == Action::{word(case.axis.value)}, resource) when {{\n  {when}\n}};"


def policies(book: Casebook) -> str:
    return "\n".join(policy(c) for c in book.cases if c.ground is not Ground.NONE)


def question(plan: Plan, now: datetime, confirmed: Iterable[str], book: Casebook) -> Asked:
    step, day = plan.steps[0], timedelta(days=1)
    said = tuple(Confirmation(c, plan.measure, book.digest, "bench", "officer", now - day, now + day) for c in confirmed)
    context = _context(plan, step, now, said, book)
    axes = [r.axis.value for r in book.axes if plan.regime in r.regimes and applies(r, step)]
    requests = {a: {"principal": 'Who::"keep"', "action": f'Action::"{a}"', "resource": 'What::"step"', "context": context} for a in axes}
    return Asked(plan, now, said, requests)


def _context(plan: Plan, step: Step, now: datetime, said: tuple[Confirmation, ...], book: Casebook) -> dict[str, Any]:
    """Facts as Cedar takes them: days as numbers, no nothing, and truth values for what it has no words for."""
    papers = Papers.of(plan)
    decision = decide(plan, book, now, said)[0]
    bounds = [t.case for a in decision.axes for t in a.tried if not any(c.condition.startswith("@") for c in t.checked)]
    evidence = {
        e.kind: {"usable": isinstance(check(Question(_plain(e.kind), plan, step, now, book.kinds, papers)), Met)}
        | {k: _told(book, e.kind, k, v) for k, v in e.value.items() if not isinstance(v, Mapping | None)}
        for e in plan.evidence
    }
    met = [
        f"{case.id} {c.id}"
        for case in book.cases
        if matches(case, plan, step)
        for c in case.conditions
        if expression(c) is None
        and isinstance(check(Question(filled(c, book.parameters, plan.day), plan, step, now, book.kinds, papers)), Met)
    ]
    return {
        "day": plan.day.toordinal(), "measure": plan.measure, "step": step.name, "kinds_of": [step.kind.value],
        "elements": sorted(step.elements), "acts": sorted(step.acts), "audience": sorted(step.audience), "purpose": step.purpose,
        "scope": {k: list(v) if isinstance(v, tuple) else v for k, v in plan.scope.items() if not isinstance(v, Mapping)},
        "evidence": evidence, "met": met, "bounds": bounds, "confirmed": [c.case for c in said],
    }  # fmt: skip


def _plain(kind: str) -> Condition:
    return Condition("usable", "evidence", {"ja": "-", "en": "-"}, {"kind": kind})


def _told(book: Casebook, kind: str, field: str, value: Value) -> object:
    if book.kinds[kind].fields.get(field) == "day" and isinstance(value, str):
        return date.fromisoformat(value).toordinal()
    return list(value) if isinstance(value, tuple) else value


def questions(book: Casebook) -> list[Asked]:
    """Every worked question of the book whose evidence Cedar's records can hold: one piece of a kind."""
    found = []
    for example in book.examples:
        if example.case:
            continue
        plan, now = plan_of(example, book)
        if len({e.kind for e in plan.evidence}) == len(plan.evidence):
            found.append(question(replace(plan, steps=plan.steps[:1]), now, example.confirmed, book))
    return found


def disagreements(book: Casebook, asked: list[Asked], ask: Callable[[dict[str, Any]], bool]) -> list[str]:
    """Axes on which Cedar and the gate say something else."""
    wrong = []
    for q in asked:
        answered = decide(q.plan, book, q.now, q.confirmed)[0].axes
        apart = (a for a in answered if ask(q.requests[a.axis.value]) != (a.outcome in CARRIED))
        wrong += [f"{q.plan.measure}/{q.plan.steps[0].name} {q.plan.day} {a.axis.value}: {a.outcome.value}" for a in apart]
    return wrong


def cedar(book: Casebook) -> Callable[[dict[str, Any]], bool]:
    """Cedar over the whole book, policies and entities parsed once. Raises ImportError where cedarpy is not installed."""
    import cedarpy

    handle, nobody = cedarpy.PolicySet.from_str(policies(book)), cedarpy.Entities.from_json_str("[]")

    def ask(request: dict[str, Any]) -> bool:
        return bool(cedarpy.is_authorized(request, handle, nobody).allowed)

    return ask


def permit_check() -> Callable[[], Permit]:
    """A permit with its real proof and lease, checked in all seven steps; the checkpoint was seen before."""
    keep, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    book = load(ROOT / "casebook" / "jp")
    plan, _ = plan_of(next(e for e in book.examples if e.expect == "permitted" and not e.case), book)
    day = (now, now + timedelta(days=1))
    rest = {"duties": (), "signed_by": ("one", "two"), "one_person": False, "out_of_scope": False}
    permit = Permit("permit-0123456789abcdef", "plan", plan.measure, plan.steps[0], plan.scope, ("jp/B-12/1",), book.digest, *day, **rest)  # type: ignore[arg-type] # by name above
    body = canonical(permit)
    commitment, salt = commit(body)
    entry = Entry(EntryType.PERMIT, now, ids={"permit": permit.id}, commitments={"body": commitment}).encode()
    with tempfile.TemporaryDirectory() as folder, Log.create(Path(folder) / "ledger", "bench.example/log", keep) as log:
        text, vkey = proof_text(log.receipt(log.append_many([entry])[0]), entry, salt), log.vkey
    signed = SignedPermit(body, keep.sign(PERMIT_CONTEXT + body), text)
    prove, public = in_ledger(vkey), keep.public_key()
    lease = sign_lease(permit.id, now + timedelta(seconds=50), keep)
    step, scope = plan.steps[0].name, dict(list(plan.scope.items())[:1])
    return lambda: check_permit(signed, public, now, step=step, scope=scope, lease=lease, prove=prove)


def seconds(what: Callable[[], object], times: int) -> float:
    """CPU seconds of one call, over so many."""
    start = time.process_time()
    for _ in range(times):
        what()
    return (time.process_time() - start) / times


def measure(rounds: int = 7) -> dict[str, Any]:
    """Medians over rounds in which all take turns, in microseconds of CPU time. Raises SystemExit when the two disagree."""
    book = load(ROOT / "casebook" / "jp")
    asked, ask = questions(book), cedar(book)
    if wrong := disagreements(book, asked, ask):
        raise SystemExit("the two disagree, nothing is timed:\n" + "\n".join(wrong))
    requests = [r for q in asked for r in q.requests.values()]
    permit = permit_check()
    found: dict[str, list[float]] = {"decision": [], "slowest": [], "cedarpy": [], "first": [], "again": []}
    for _ in range(rounds):
        each = [seconds(partial(decide, q.plan, book, q.now, q.confirmed), 3) for q in asked]
        found["decision"].append(sum(each) / len(each))
        found["slowest"].append(max(each))
        found["cedarpy"].append(seconds(lambda: [ask(r) for r in requests], 3) / len(asked))
        found["first"].append(seconds(lambda: (forget(), permit()), 100))
        found["again"].append(seconds(permit, 1000))
    middle = {name: median(values) * 1e6 for name, values in found.items()}
    ratio = middle["cedarpy"] / middle["decision"]
    aims = [
        told(middle["slowest"], 1000, "the slowest decision with its whole tree"),
        told(middle["again"], 200, "checking a permit whose checkpoint was seen"),
        f"{'ahead' if ratio >= 1 else 'not ahead'}: {ratio:.2f} decisions of the gate in the time of one of cedarpy",
    ]
    return {
        "bench": "gate",
        "cases": len(book.cases),
        "questions": len(asked),
        "axes": len(requests),
        "microseconds": {name: round(value, 1) for name, value in middle.items()},
        "ratio": round(ratio, 2),
        "aims": aims,
    }


def forget() -> None:
    """As if no permit, lease or proof had been seen before."""
    for remembered in (opened, lease_signature, proven):
        remembered.cache_clear()


def told(value: float, most: float, what: str) -> str:
    return f"{'reached' if value <= most else 'not reached'}: {what}, {value:.0f} us (aim: at most {most:.0f})"


def table(result: Mapping[str, Any]) -> str:
    took = result["microseconds"]
    rows = {
        "gate, one decision with its tree, every axis": took["decision"],
        "gate, the slowest question": took["slowest"],
        "cedarpy, the same axes, yes or no": took["cedarpy"],
        "a permit seen for the first time, three signatures": took["first"],
        "a permit seen before": took["again"],
    }
    head = f"{result['cases']} cases, {result['questions']} questions, {result['axes']} axes; both agree on every one"
    return "\n".join([head, "", *(f"{what:52}{value:>10,.0f} us" for what, value in rows.items()), "", *result["aims"]])
