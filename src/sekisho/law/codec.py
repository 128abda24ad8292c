"""Plans and evidence from JSON and back, strictly: what is empty, doubled or too large is refused with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from sekisho.law.canonical import canonical, plain
from sekisho.law.reading import ReadingError, read
from sekisho.law.words import Evidence, Plan, Step

MOST_STEPS = 32
MOST_EVIDENCE = 256
LARGEST = 1 << 18


class PlanError(ValueError):
    """The JSON is no plan. `path` says where, `code` how: unknown-key, missing, empty, doubled, too-many, too-large, not-..."""

    def __init__(self, path: str, code: str) -> None:
        super().__init__(f"{path or 'plan'}: {code}")
        self.path = path
        self.code = code


def plan_from_json(data: object) -> Plan:
    """Raises PlanError naming the path."""
    try:
        plan = read(Plan, data)
    except ReadingError as why:
        raise PlanError(why.path, why.code) from why
    for path, code in _faults(plan):
        raise PlanError(path, code)
    return plan


def evidence_from_json(data: object) -> Evidence:
    """Raises PlanError naming the path."""
    try:
        return read(Evidence, data)
    except ReadingError as why:
        raise PlanError(why.path, why.code) from why


def plan_to_json(plan: Plan) -> dict[str, Any]:
    return cast("dict[str, Any]", plain(plan))


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    return cast("dict[str, Any]", plain(evidence))


def _faults(plan: Plan) -> Iterator[tuple[str, str]]:
    for name in ("measure", "actor", "proposer", "steps"):
        if not getattr(plan, name):
            yield name, "empty"
    if len(plan.steps) > MOST_STEPS:
        yield "steps", "too-many"
    if len(plan.evidence) > MOST_EVIDENCE:
        yield "evidence", "too-many"
    if len(canonical(plan)) > LARGEST:
        yield "", "too-large"
    names = [s.name for s in plan.steps]
    if len(set(names)) != len(names):
        yield "steps", "doubled"
    for number, step in enumerate(plan.steps):
        yield from _step_faults(step, f"steps[{number}]")


def _step_faults(step: Step, path: str) -> Iterator[tuple[str, str]]:
    fields: Mapping[str, object] = {n: getattr(step, n) for n in ("name", "acts", "elements", "purpose", "audience")}
    for name, value in fields.items():
        if not value:
            yield f"{path}.{name}", "empty"
