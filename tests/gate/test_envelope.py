"""By night, what two people approved by day: inside it, live, no longer; and the book of that second decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sekisho.gate.check import read
from sekisho.gate.decide import CannotMint, decide, mint, shown
from sekisho.gate.envelope import Envelope, ill_made, outside, shown_envelope, size
from sekisho.gate.people import Approval
from sekisho.gate.permit import Permit
from sekisho.law.canonical import digest
from sekisho.law.words import Condition, EvidenceKind, Kind, Plan, Role, VouchedBy, Voucher
from tests.conftest import in_order
from tests.gate.books import KEEP, NOW, PEOPLE, PROPOSER, WORDS, World, permitted_world, person

METER = Voucher(VouchedBy.PROBE, "load-meter")
NIGHT = NOW + timedelta(hours=2)


def attacked() -> World:
    """A plan against an attack: the paper of the day is there, and the load is measured by a probe."""
    world = permitted_world()
    probed, roles = frozenset({VouchedBy.PROBE}), frozenset({Role.ENGINEER})
    load = EvidenceKind("load", WORDS, {"impaired": "bool"}, probed, roles, None, frozenset({"load-meter"}))
    case = world.book.cases[0]
    needs = Condition("load", "evidence", WORDS, {"kind": "load", "where": {"impaired": True}})
    book = replace(world.book, kinds={**world.book.kinds, "load": load}, cases=(replace(case, conditions=(*case.conditions, needs)),))
    return replace(world, book=book, plan=replace(world.plan, scope={"targets": ("a", "b", "c"), "rate": 5}))


WORLD = attacked()
PLAN_ID = digest(WORLD.plan)
ENVELOPE = Envelope(PLAN_ID, frozenset({Kind.LOOK}), timedelta(hours=1), frozenset({"load"}), NOW, NOW + timedelta(days=7), PROPOSER)
TWO = ("reviewer-1", "reviewer-2")


def load(**changes: Any) -> Any:
    paper = replace(WORLD.plan.evidence[0], kind="load", value={"impaired": True}, voucher=METER, at=NIGHT)
    return replace(paper, **changes)


def used(
    envelope: Envelope = ENVELOPE,
    scope: dict[str, Any] | None = None,
    evidence: Sequence[Any] | None = None,
    by: Sequence[str] = TWO,
    now: Any = NIGHT,
    plan: Plan = WORLD.plan,
    **more: Any,
) -> Permit:
    part = scope or {"targets": ("a",), "rate": 5}
    found = tuple(evidence) if evidence is not None else (*plan.evidence, load())
    decision = decide(replace(plan, evidence=found, scope=part), WORLD.book, now)[0]
    words = shown_envelope(envelope, shown(plan, WORLD.book))
    approvals = [Approval("envelope-1", words, name, NOW) for name in by]
    keep: dict[str, Any] = {"plan_id": PLAN_ID, "not_before": now, **more}
    made = mint(
        plan, decision, WORLD.book, approvals, more.pop("people", PEOPLE), KEEP, now,
        evidence=found, scope=part, envelope=("envelope-1", envelope), **{k: v for k, v in keep.items() if k != "people"},
    )  # fmt: skip
    return read(made)


def why(**more: Any) -> str:
    with pytest.raises(CannotMint) as no:
        used(**more)
    return no.value.code


def test_inside_the_envelope_the_signatures_of_the_day_are_enough() -> None:
    permit = used()
    assert permit.envelope == "envelope-1"
    assert permit.signed_by == TWO
    assert permit.scope == {"targets": ("a",), "rate": 5}
    assert permit.until == NIGHT + timedelta(hours=1)
    assert not permit.one_person


def test_without_an_envelope_nobody_signed_this_plan() -> None:
    found = (*WORLD.plan.evidence, load())
    decision = decide(replace(WORLD.plan, evidence=found), WORLD.book, NIGHT)[0]
    words = shown_envelope(ENVELOPE, shown(WORLD.plan, WORLD.book))
    approvals = [Approval("envelope-1", words, name, NOW) for name in TWO]
    with pytest.raises(CannotMint) as no:
        mint(WORLD.plan, decision, WORLD.book, approvals, PEOPLE, KEEP, NIGHT, not_before=NIGHT, evidence=found, plan_id=PLAN_ID)
    assert no.value.code == "signatures"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kinds": frozenset({Kind.BLOCK})}, "outside-the-envelope"),
        ({"triggers": frozenset({"hazard"})}, "no-live-trigger"),
        ({"triggers": frozenset({"load", "hazard"})}, "no-live-trigger"),
        ({"triggers": frozenset({"terms"})}, "no-live-trigger"),
        ({"until": NIGHT}, "envelope-lapsed"),
        ({"since": NIGHT + timedelta(seconds=1)}, "envelope-lapsed"),
        ({"plan": "another"}, "another-plan"),
        ({"kinds": frozenset()}, "envelope-empty"),
        ({"triggers": frozenset()}, "envelope-empty"),
        ({"longest": timedelta(0)}, "envelope-too-long"),
        ({"longest": timedelta(days=2)}, "envelope-too-long"),
        ({"until": NOW + timedelta(days=60)}, "envelope-too-long"),
    ],
    ids=in_order,
)
def test_outside_the_envelope_is_refused(changes: dict[str, Any], code: str) -> None:
    """Another sort of step, no live trigger, too early, lapsed, another plan; and an envelope without bounds is none."""
    assert why(envelope=replace(ENVELOPE, **changes)) == code


@pytest.mark.parametrize("age", [timedelta(seconds=61), timedelta(days=1), timedelta(seconds=-1)])
def test_a_trigger_that_is_not_of_this_minute_is_none(age: timedelta) -> None:
    """The attack of an hour ago, and one still to come."""
    assert why(evidence=(*WORLD.plan.evidence, load(at=NIGHT - age))) in ("no-live-trigger", "refused")


def test_a_person_cannot_state_the_trigger() -> None:
    stated = load(voucher=Voucher(VouchedBy.STATEMENT, "clerk", Role.ENGINEER))
    assert why(evidence=(*WORLD.plan.evidence, stated)) in ("not-as-shown", "refused")


def test_the_book_of_that_second_decides() -> None:
    """Every condition is asked again: a paper gone stale, or a load that impairs nobody, is refused inside the envelope too."""
    assert why(evidence=(*WORLD.plan.evidence, load(value={"impaired": False}))) == "refused"
    late = NOW + timedelta(hours=7)
    assert why(now=late, evidence=(*WORLD.plan.evidence, load(at=late))) == "refused"
    assert why(evidence=(load(),)) == "refused"


@pytest.mark.parametrize("scope", [{"targets": ("a", "d"), "rate": 5}, {"targets": ("a",), "rate": 6}, {"targets": ("a",), "more": 1}])
def test_no_scope_is_larger_than_the_plans(scope: dict[str, Any]) -> None:
    assert why(scope=scope) == "wider-than-the-plan"


@pytest.mark.parametrize("by", [(), ("reviewer-1",), ("reviewer-1", "reviewer-1"), ("reviewer-1", PROPOSER), ("reviewer-1", "clerk")])
def test_two_people_other_than_its_proposer_approve_it(by: tuple[str, ...]) -> None:
    assert why(by=by) == "signatures"


def test_two_even_where_the_case_asks_for_none() -> None:
    case = replace(WORLD.book.cases[0], signatures=0)
    book = replace(WORLD.book, cases=(case,))
    found = (*WORLD.plan.evidence, load())
    decision = decide(replace(WORLD.plan, evidence=found, scope={"rate": 5}), book, NIGHT)[0]
    one = Approval("envelope-1", shown_envelope(ENVELOPE, shown(WORLD.plan, book)), "reviewer-1", NOW)
    with pytest.raises(CannotMint) as no:
        mint(
            WORLD.plan, decision, book, [one], PEOPLE, KEEP, NIGHT, not_before=NIGHT,
            evidence=found, scope={"rate": 5}, plan_id=PLAN_ID, envelope=("envelope-1", ENVELOPE),
        )  # fmt: skip
    assert no.value.code == "signatures"


def test_an_approval_is_of_these_very_words() -> None:
    """Longer, more kinds, another plan or another book: another digest, and nobody signed it."""
    mine = shown(WORLD.plan, WORLD.book)
    others = (replace(ENVELOPE, longest=timedelta(hours=2)), replace(ENVELOPE, kinds=frozenset({Kind.LOOK, Kind.BLOCK})))
    digests = {shown_envelope(e, mine) for e in (ENVELOPE, *others)} | {shown_envelope(ENVELOPE, "0" * 64)}
    assert len(digests) == 4


def test_where_there_is_one_person_the_permit_says_so() -> None:
    alone = {"reviewer-1": person("reviewer-1", Role.REVIEWER, Role.OFFICER, Role.ENGINEER)}
    assert used(by=("reviewer-1",), people=alone).one_person


def test_a_clock_that_jumped_uses_nothing() -> None:
    assert why(not_before=NIGHT + timedelta(seconds=1)) == "clock"


def test_a_use_never_outlasts_the_envelope() -> None:
    assert used(replace(ENVELOPE, until=NIGHT + timedelta(minutes=5))).until == NIGHT + timedelta(minutes=5)


def test_the_narrowest_scope_names_least() -> None:
    wide, narrow = {"targets": ("a", "b"), "rate": 5}, {"targets": ("a",), "rate": 5}
    assert sorted([wide, narrow], key=size) == [narrow, wide]
    assert size({}) == 0
    assert ill_made(ENVELOPE) == ""


def test_the_bounds_of_an_envelope_are_still_inside_it() -> None:
    """A day for one use, 31 for the envelope, from its first moment, a trigger one minute old."""
    day, month = timedelta(days=1), timedelta(days=31)
    assert ill_made(replace(ENVELOPE, longest=day, until=NOW + month)) == ""
    assert ill_made(replace(ENVELOPE, until=NOW + month + timedelta(seconds=1))) == "envelope-too-long"
    assert ill_made(replace(ENVELOPE, until=NOW)) == "envelope-too-long"
    assert used(replace(ENVELOPE, since=NIGHT)).since == NIGHT
    assert used(evidence=(*WORLD.plan.evidence, load(at=NIGHT - timedelta(minutes=1)))).since == NIGHT


def test_a_scope_is_as_large_as_what_it_names() -> None:
    assert size({"targets": ("a", "b"), "rate": 5}) == 3


def test_what_was_measured_is_a_trigger_only_if_the_answer_stands_on_it() -> None:
    """Measured just now, but with a value that meets nothing, or for a case that carries nothing here."""
    idle = load(value={"impaired": False}, at=NIGHT - timedelta(minutes=5))
    alone = replace(WORLD.book.cases[0], conditions=WORLD.book.cases[0].conditions[:1])
    refusing = replace(WORLD.book.cases[0], id="other", conditions=(*WORLD.book.cases[0].conditions, Condition("x", "only-hits", WORDS)))
    envelope = replace(ENVELOPE, triggers=frozenset({"load"}))
    for cases in ((alone,), (alone, refusing)):
        book = replace(WORLD.book, cases=cases)
        for measured in (load(), idle):
            plan = replace(WORLD.plan, evidence=(*WORLD.plan.evidence, measured))
            decision = decide(plan, book, NIGHT)[0]
            assert decision.cases == ("case",)
            assert outside(envelope, plan, decision, NIGHT) == "no-live-trigger"
