"""Plans as JSON: there and back without loss, and everything that is not a plan refused by its path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sekisho.law.casebook import load
from sekisho.law.codec import PlanError, evidence_from_json, evidence_to_json, plan_from_json, plan_to_json
from sekisho.law.examples import plan_of

BOOK = load(Path(__file__).resolve().parents[2] / "casebook" / "jp")
PLANS = [plan_of(e, BOOK)[0] for e in BOOK.examples if not e.case]


def test_every_plan_of_the_book_comes_back_as_it_was() -> None:
    """Through JSON text and back, evidence and all."""
    for plan in PLANS:
        assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan
        for evidence in plan.evidence:
            assert evidence_from_json(evidence_to_json(evidence)) == evidence


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("more", 1),
        ("measure", ""),
        ("proposer", None),
        ("regime", "none"),
        ("steps", []),
        ("steps.0.elements", []),
        ("steps.0.acts", ["look-away"]),
        ("steps.0.audience", []),
        ("steps.0.purpose", ""),
        ("steps.0.more", 1),
        ("day", "tomorrow"),
        ("until", "2026-11-21T00:00:00"),
        ("scope.days", 1.5),
        ("evidence.0.voucher.by", "hearsay"),
        ("evidence.0.at", 1),
    ],
)
def test_what_is_no_plan_is_refused(path: str, value: Any) -> None:
    """Unknown keys, empty steps, no time zone, floats, words that do not exist: "not a carrier" is no regime."""
    data: Any = plan_to_json(PLANS[0])
    *folders, last = path.split(".")
    place = data
    for part in folders:
        place = place[int(part)] if part.isdigit() else place[part]
    place[last] = value
    with pytest.raises(PlanError):
        plan_from_json(data)


def test_two_steps_of_one_name_and_plans_without_end_are_refused() -> None:
    """What is decided by name must be one thing; and there are bounds."""
    data = plan_to_json(PLANS[0])
    with pytest.raises(PlanError, match="doubled"):
        plan_from_json({**data, "steps": data["steps"] * 2})
    with pytest.raises(PlanError, match="too-many"):
        plan_from_json({**data, "evidence": data["evidence"] * 300})
    with pytest.raises(PlanError, match="too-large"):
        plan_from_json({**data, "actor": "x" * (1 << 19)})
    for nothing in (None, [], "plan", {}):
        with pytest.raises(PlanError):
            plan_from_json(nothing)
