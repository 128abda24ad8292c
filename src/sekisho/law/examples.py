"""From an example to the plan it describes: the file's complete plan with the one change the example makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import cast

from sekisho.law.canonical import digest
from sekisho.law.casebook import Casebook
from sekisho.law.words import Act, Complete, Element, Evidence, EvidenceKind, Example, Plan, Regime, Role, Step, Value, VouchedBy, Voucher

NOON = timedelta(hours=12)
PROPOSER = "example-proposer"


def plan_of(example: Example, book: Casebook) -> tuple[Plan, datetime]:
    """The plan an example describes and the moment it is decided: noon of its day. Raises KeyError for an unknown step."""
    complete = book.complete[example.file]
    step = {s.name: s for s in complete.steps}[example.step]
    return build(book, complete, example.measure, step, both(example.base, example.given), example.on.isoformat())


def both(first: Mapping[str, Value], then: Mapping[str, Value]) -> Mapping[str, Value]:
    """Two changes of a plan as one: tables table by table, of anything else the second."""
    merged = dict(first)
    for key, value in then.items():
        before = merged.get(key)
        merged[key] = both(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return MappingProxyType(merged)


def build(book: Casebook, complete: Complete, measure: str, step: Step, given: Mapping[str, Value], day: str) -> tuple[Plan, datetime]:
    """A plan of one step with everything at hand, changed by `given`, and noon of its day."""
    given = both(complete.of.get(step.name, {}), given)
    on = complete.day.fromisoformat(day)
    now = book.begins(on) + NOON
    step = _step(step, given)
    without = set(_texts(given, "without"))
    scope = {"purposes": (step.purpose,), **complete.scope, **_table(given, "scope")}
    plan = Plan(
        measure=measure,
        actor="example-operator",
        proposer=PROPOSER,
        regime=Regime(str(given.get("regime", complete.regime))),
        steps=(step, *_others(step, given)),
        day=on,
        until=now + timedelta(days=30),
        scope=MappingProxyType({k: v for k, v in scope.items() if f"scope.{k}" not in without}),
        evidence=tuple(e for e in _evidence(book, complete, step, given, now) if f"evidence.{e.kind}" not in without),
    )
    return plan, now


def _step(step: Step, given: Mapping[str, Value]) -> Step:
    return replace(
        step,
        acts=frozenset(Act(a) for a in _texts(given, "acts")) or step.acts,
        elements=frozenset(Element(e) for e in _texts(given, "elements")) or step.elements,
        audience=frozenset(_texts(given, "audience")) or step.audience,
    )


def _others(step: Step, given: Mapping[str, Value]) -> Iterator[Step]:
    """Further steps of the same plan, alike but for their purpose."""
    for purpose in _texts(given, "others"):
        yield replace(step, name=f"{step.name}-{purpose}", purpose=purpose)


def _evidence(book: Casebook, complete: Complete, step: Step, given: Mapping[str, Value], now: datetime) -> Iterator[Evidence]:
    changed = _table(given, "evidence")
    for name in [*complete.evidence, *(k for k in changed if k not in complete.evidence)]:
        kind = book.kinds[name]
        value = dated(kind, {**complete.evidence.get(name, {}), **_table(changed, name)}, book.day(now))
        at = now - timedelta(hours=1)
        if name in _table(given, "days"):
            at = book.begins(now.date().fromisoformat(str(_table(given, "days")[name]))) + NOON
        yield Evidence(
            kind=name,
            value=MappingProxyType(value),
            purpose=str(_table(given, "purposes").get(name, step.purpose)),
            voucher=_voucher(kind, value, _table(_table(given, "vouched"), name)),
            at=at,
        )


def dated(kind: EvidenceKind, value: Mapping[str, Value], today: date) -> dict[str, Value]:
    """A whole number where a day belongs is so many days from today."""
    apart = {k: v for k, v in value.items() if kind.fields.get(k) == "day" and isinstance(v, int)}
    return {**value, **{k: (today + timedelta(days=v)).isoformat() for k, v in apart.items()}}


def _voucher(kind: EvidenceKind, value: Mapping[str, Value], given: Mapping[str, Value]) -> Voucher:
    """The first way the kind allows: probe, document, statement; changed by what the example says."""
    by = VouchedBy(str(given.get("by", next(v for v in VouchedBy if v in kind.vouchers).value)))
    role = Role(str(given.get("role", min(kind.roles).value)))
    person = str(given.get("person", "example-clerk"))
    if by is VouchedBy.PROBE:
        return Voucher(by, str(given.get("who", min(kind.probes))))
    if by is VouchedBy.DOCUMENT:
        return Voucher(by, digest(value), role, person)
    return Voucher(by, person, role)


def _table(given: Mapping[str, Value], key: str) -> Mapping[str, Value]:
    value = given.get(key, {})
    if not isinstance(value, Mapping):
        raise TypeError(f"{key} must be a table")
    return value


def _texts(given: Mapping[str, Value], key: str) -> Sequence[str]:
    value = given.get(key, ())
    if not isinstance(value, tuple):
        raise TypeError(f"{key} must be a list")
    return cast("Sequence[str]", value)
