"""A decision at its edges, on one small world: which step, which scope, which cases, from when and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sekisho.gate.answers import Outcome, Unmet
from sekisho.gate.check import read
from sekisho.gate.decide import CannotMint, applies, decide, matches, mint, shown
from sekisho.gate.envelope import Envelope, shown_envelope
from sekisho.gate.people import Approval, Confirmation
from sekisho.gate.permit import Permit
from sekisho.law.canonical import digest
from sekisho.law.words import Act, Axis, AxisRule, Certainty, Condition, Duty, Element, EvidenceKind, Kind, Regime, Role, VouchedBy, Voucher
from tests.conftest import in_order
from tests.gate.books import KEEP, NOW, PEOPLE, PROPOSER, WORDS, World, outcome, permitted_world

TWO = ("reviewer-1", "reviewer-2")
WORLD = permitted_world()
CASE, PLAN, STEP = WORLD.book.cases[0], WORLD.plan, WORLD.plan.steps[0]
HITS = Condition("hits", "only-hits", WORDS)


def world(*cases: Any, **plan: Any) -> World:
    return replace(WORLD, book=replace(WORLD.book, cases=cases or (CASE,)), plan=replace(PLAN, **plan))


def minted(given: World = WORLD, step: Any = STEP, now: Any = NOW, **more: Any) -> Permit:
    stands = replace(given.plan, evidence=more.get("evidence", given.plan.evidence))
    decision = next(d for d in decide(replace(stands, steps=(*stands.steps, step)), given.book, now) if d.step == step)
    approvals = [Approval(digest(given.plan), shown(given.plan, given.book), n, NOW) for n in TWO]
    return read(mint(given.plan, decision, given.book, approvals, PEOPLE, KEEP, now, **{"not_before": now, **more}))


def why(given: World = WORLD, **more: Any) -> str:
    with pytest.raises(CannotMint) as no:
        minted(given, **more)
    return no.value.code


def test_a_moment_without_a_zone_decides_nothing() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        decide(PLAN, WORLD.book, naive)
    with pytest.raises(CannotMint) as no:
        mint(PLAN, decide(PLAN, WORLD.book, NOW)[0], WORLD.book, (), PEOPLE, KEEP, naive, not_before=NOW)
    assert no.value.code == "clock"


def test_the_step_meant_is_one_of_the_plans_and_the_only_one_of_its_kind() -> None:
    other = replace(STEP, audience=frozenset({"public"}))
    two = world(steps=(STEP, other))
    assert minted(two).step == STEP
    assert why(step=other) == "step-not-in-plan"
    assert why(world(steps=(STEP, STEP))) == "step-not-in-plan"


def test_a_permit_for_a_part_is_decided_on_the_whole_plan() -> None:
    """Its scope says less, and what the plan binds itself to holds all the same."""
    given = world(replace(CASE, conditions=(*CASE.conditions, HITS)), scope={"targets": ("a", "b"), "rows": "hits"})
    assert minted(given, scope={"targets": ("a",)}).scope == {"targets": ("a",)}


def used(part: dict[str, Any], proposer: str = PROPOSER) -> Permit:
    """By night, in an envelope over a plan that keeps hits only and is triggered by a load."""
    probed = EvidenceKind("load", WORDS, {"day": "day"}, frozenset({VouchedBy.PROBE}), frozenset({Role.DESK}), None, frozenset({"meter"}))
    loaded = Condition("load", "evidence", WORDS, {"kind": "load"})
    case = replace(CASE, conditions=(*CASE.conditions, loaded, HITS))
    book = replace(WORLD.book, kinds={**WORLD.book.kinds, "load": probed}, cases=(case,))
    plan = replace(PLAN, scope={"targets": ("a", "b"), "rows": "hits"})
    found = (*plan.evidence, replace(plan.evidence[0], kind="load", voucher=Voucher(VouchedBy.PROBE, "meter")))
    night = Envelope(digest(plan), frozenset({Kind.LOOK}), timedelta(hours=1), frozenset({"load"}), NOW, NOW + timedelta(days=1), proposer)
    approvals = [Approval("envelope-1", shown_envelope(night, shown(plan, book)), n, NOW) for n in TWO]
    decision = decide(replace(plan, scope=part, evidence=found), book, NOW)[0]
    envelope = ("envelope-1", night)
    return read(mint(plan, decision, book, approvals, PEOPLE, KEEP, NOW, not_before=NOW, evidence=found, scope=part, envelope=envelope))


def test_in_an_envelope_the_narrowed_scope_itself_is_decided_on() -> None:
    assert used({"targets": ("a",), "rows": "hits"}).scope == {"targets": ("a",), "rows": "hits"}
    with pytest.raises(CannotMint) as no:
        used({"targets": ("a",)})
    assert no.value.code == "refused"


def test_who_proposed_an_envelope_does_not_approve_it() -> None:
    with pytest.raises(CannotMint) as no:
        used({"targets": ("a",), "rows": "hits"}, proposer="reviewer-1")
    assert no.value.code == "signatures"


def test_the_shortest_of_the_cases_stood_on_says_how_long_a_permit_is_carried_on() -> None:
    """Another case of the book, however short, has no say."""
    rules = (*WORLD.book.axes, AxisRule(Axis.FAIRNESS, WORDS, frozenset({Element.PARTY})))
    cases = (
        replace(CASE, longest=timedelta(hours=10)),
        replace(CASE, id="fair", axis=Axis.FAIRNESS, longest=timedelta(hours=8)),
        replace(CASE, id="unused", axis=Axis.FAIRNESS, longest=timedelta(hours=4), steps=frozenset({"another"})),
    )
    given = replace(WORLD, book=replace(WORLD.book, axes=rules, cases=cases))
    first, later = minted(given), NOW + timedelta(hours=3)
    newer = (*PLAN.evidence, replace(PLAN.evidence[0], at=later))
    assert minted(given, now=later, evidence=newer, carries_on=first).until == NOW + timedelta(hours=8)


@pytest.mark.parametrize(("days", "counts"), [(366, True), (367, False)])
def test_a_confirmation_lasts_a_leap_year_at_most(days: int, counts: bool) -> None:
    given = world(replace(CASE, certainty=Certainty.MEM, ask=WORDS))
    said = Confirmation("case", "measure", given.book.digest, "read it", "officer", NOW, NOW + timedelta(days=days))
    assert outcome(replace(given, confirmations=(said,))) is (Outcome.PERMITTED if counts else Outcome.REFERRED)


def test_a_permit_may_be_for_one_of_the_plans_tokens() -> None:
    given = world(scope={"tokens": ("a", "b"), "list": "a"})
    assert minted(given, token="a").scope == {"tokens": ("a",), "list": "a"}
    assert minted(given).scope == {"tokens": ("a", "b"), "list": "a"}
    assert why(given, token="c") == "token-not-in-plan"
    assert why(token="a") == "token-not-in-plan"
    assert why(world(scope={"tokens": "abc"}), token="a") == "token-not-in-plan"


def test_only_the_cases_stood_on_bring_their_end_and_their_duties() -> None:
    """A second case that would carry the step as well does not shorten the first."""
    duty, other = (Duty(name, timedelta(days=1), WORDS) for name in ("delete", "report"))
    cases = (replace(CASE, duties=(duty,)), replace(CASE, id="second", duties=(other,), longest=timedelta(minutes=1)))
    decision = decide(PLAN, world(*cases).book, NOW)[0]
    assert decision.cases == ("case",)
    assert decision.duties == (duty,)
    assert decision.ends == NOW + timedelta(hours=6)


def test_an_axis_applies_by_element_kind_or_act_and_by_nothing_else() -> None:
    nothing = AxisRule(Axis.SECRECY, WORDS, frozenset({Element.COUNT}), frozenset({Kind.BLOCK}), frozenset({Act.LEARN}))
    assert not applies(nothing, STEP)
    assert applies(replace(nothing, elements=STEP.elements), STEP)
    assert applies(replace(nothing, kinds=frozenset({STEP.kind})), STEP)
    assert applies(replace(nothing, acts=STEP.acts), STEP)


@pytest.mark.parametrize("field", ["acts", "audience"])
def test_a_step_that_names_nothing_of_a_sort_is_refused_whatever_its_case_says(field: str) -> None:
    assert outcome(world(steps=(replace(STEP, **{field: frozenset()}),))) is Outcome.REFUSED  # type: ignore[arg-type] # one field


def test_the_worst_axis_decides() -> None:
    rules = (*WORLD.book.axes, AxisRule(Axis.FAIRNESS, WORDS, frozenset({Element.PARTY})))
    assert outcome(replace(WORLD, book=replace(WORLD.book, axes=rules))) is Outcome.REFUSED


def test_a_case_for_every_measure_speaks_of_its_kinds_of_steps_while_it_is_in_force() -> None:
    general = replace(CASE, measure="*", steps=frozenset(), kinds=frozenset({Kind.LOOK}))
    assert matches(general, PLAN, STEP)
    assert not matches(replace(general, kinds=frozenset({Kind.MATCH})), PLAN, STEP)
    assert not matches(replace(general, until=PLAN.day), PLAN, STEP)
    assert not matches(replace(general, since=PLAN.day + timedelta(days=1)), PLAN, STEP)


def test_a_permit_ends_with_its_case_and_with_the_word_it_rests_on() -> None:
    """A confirmation of a case that needs none ends nothing."""
    assert decide(PLAN, world(replace(CASE, longest=timedelta(hours=1))).book, NOW)[0].ends == NOW + timedelta(hours=1)
    for certainty, ends in ((Certainty.MEM, timedelta(hours=2)), (Certainty.LAW, timedelta(hours=6))):
        book = world(replace(CASE, certainty=certainty, ask=WORDS)).book
        said = Confirmation("case", "measure", book.digest, "read it", "officer", NOW, NOW + timedelta(hours=2))
        assert decide(PLAN, book, NOW, (said,))[0].ends == NOW + ends


@pytest.mark.parametrize(
    ("conditions", "comes_to"),
    [
        (("met", "asks"), Outcome.REFERRED),
        (("asks",), Outcome.REFERRED),
        (("unmet", "asks"), Outcome.REFUSED),
        (("met", "unmet"), Outcome.REFUSED),
        (("met",), Outcome.PERMITTED),
    ],
    ids=in_order,
)
def test_one_condition_unmet_refuses_and_one_that_waits_for_an_answer_refers(conditions: tuple[str, ...], comes_to: Outcome) -> None:
    """Even where nobody is sure of the case."""
    known = {
        "met": CASE.conditions[0],
        "unmet": HITS,
        "asks": Condition("asks", "evidence", WORDS, {"kind": "other", "ask": True}),
    }
    case = replace(CASE, conditions=tuple(known[c] for c in conditions))
    kinds = {**WORLD.book.kinds, "other": replace(WORLD.book.kinds["terms"], name="other")}
    unsure = replace(case, certainty=Certainty.MEM, ask=WORDS)
    for tried, expected in ((case, comes_to), (unsure, Outcome.REFUSED if comes_to is Outcome.REFUSED else Outcome.REFERRED)):
        assert outcome(replace(WORLD, book=replace(WORLD.book, kinds=kinds, cases=(tried,)))) is expected


@pytest.mark.parametrize(
    ("step", "plan", "declared", "why"),
    [
        ({"elements": frozenset({Element.PARTY, Element.COUNT})}, {}, {}, ["surplus-elements"]),
        ({"acts": frozenset({Act.USE, Act.LEARN})}, {}, {}, ["surplus-acts"]),
        ({"audience": frozenset({"operator", "public"})}, {}, {}, ["surplus-audience"]),
        ({}, {"regime": Regime.WIRE}, {}, ["other-regime"]),
        ({}, {}, {"name": "another"}, ["undeclared-step"]),
        ({}, {}, {"kind": Kind.MATCH}, ["other-kind"]),
        ({}, {}, {"purpose": "another"}, ["other-purpose"]),
        ({}, {}, {}, []),
    ],
    ids=in_order,
)
def test_each_thing_a_step_names_beyond_its_case_is_said_and_nothing_else(
    step: dict[str, Any], plan: dict[str, Any], declared: dict[str, Any], why: list[str]
) -> None:
    case = replace(CASE, regimes=frozenset({Regime.TBA}))
    book = replace(WORLD.book, cases=(case,), steps={"measure": (replace(STEP, **declared),)})
    decision = decide(replace(PLAN, steps=(replace(STEP, **step),), **plan), book, NOW)[0]
    checked = decision.axes[0].tried[0].checked
    assert [c.answer.why for c in checked if isinstance(c.answer, Unmet)] == why
    assert decision.outcome is (Outcome.REFUSED if why else Outcome.PERMITTED)


def test_of_two_papers_one_without_end_ends_no_permit() -> None:
    kinds = {"terms": replace(WORLD.book.kinds["terms"], fresh=None)}
    book, paper = replace(WORLD.book, kinds=kinds), PLAN.evidence[0]
    two = replace(PLAN, evidence=(paper, replace(paper, until=NOW + timedelta(hours=1))))
    assert decide(two, book, NOW)[0].ends == PLAN.until
    assert decide(replace(two, evidence=two.evidence[1:]), book, NOW)[0].ends == NOW + timedelta(hours=1)


def test_a_confirmation_stays_good_in_a_later_book_only_where_its_case_is_the_very_same() -> None:
    case = replace(CASE, certainty=Certainty.MEM, ask=WORDS)
    given = world(case)
    said = Confirmation("case", "measure", "0" * 64, "read it", "officer", NOW, NOW + timedelta(days=9), rule=given.book.rules["case"])
    for rule, comes_to in ((said.rule, Outcome.PERMITTED), ("1" * 64, Outcome.REFERRED), ("", Outcome.REFERRED)):
        assert outcome(replace(given, confirmations=(replace(said, rule=rule),))) is comes_to
