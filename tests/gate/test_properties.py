"""Properties of the gate over case books nobody wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from sekisho.gate.answers import Met, Outcome
from sekisho.gate.check import read
from sekisho.gate.decide import CannotMint, decide, mint, shown, vouched_for
from sekisho.gate.people import Approval
from sekisho.law.canonical import digest
from sekisho.law.casebook import CasebookError
from sekisho.law.words import Certainty, Condition, Element, Ground, Regime, VouchedBy
from tests.gate.books import (
    AMISS,
    ELEMENTS,
    KEEP,
    NAMES,
    NOW,
    PEOPLE,
    PROPOSER,
    WORDS,
    Dice,
    World,
    naive,
    naive_end,
    outcome,
    paper,
    worlds,
)

settings.register_profile(
    "gate",
    max_examples=250,
    deadline=None,
    database=None,
    derandomize=True,  # the same worlds every time: a mutant that is killed stays killed
    suppress_health_check=[HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.generate],  # a world is one seed: there is nothing to shrink
    report_multiple_bugs=False,
)
settings.load_profile("gate")

PASSES = (Outcome.PERMITTED, Outcome.OUT)
RANK = (Outcome.REFUSED, Outcome.REFERRED, Outcome.OUT, Outcome.PERMITTED)


@given(worlds())
def test_the_answer_is_the_one_a_naive_reading_gives(world: World) -> None:
    """A second, plain reading of the same rules comes to the same outcome for every generated book and plan."""
    assert outcome(world).value == naive(world)


@given(worlds())
def test_a_permit_means_every_condition_met_on_every_axis_that_applies(world: World) -> None:
    """Each applicable axis stands on one case, and each of that case's conditions is met in the tree."""
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    assume(decision.outcome in PASSES)
    assert decision.axes
    assert not decision.missing
    for axis in decision.axes:
        stood = next(t for t in axis.tried if t.case == axis.stands_on)
        case = world.book.case(stood.case)
        met = [c.condition for c in stood.checked if isinstance(c.answer, Met)]
        assert met == [c.id for c in case.conditions]
        assert met
        assert case.ground is not Ground.NONE


@given(worlds())
def test_whatever_is_not_a_yes_says_what_is_missing(world: World) -> None:
    """Never a bare no: a refusal or a referral has at least one line of to-do, with its axis or its reason."""
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    assume(decision.outcome not in PASSES)
    assert decision.missing
    assert all(m.why for m in decision.missing)


@given(worlds(), st.data())
def test_taking_evidence_away_never_helps(world: World, data: st.DataObject) -> None:
    """Any subset of the evidence gives a permit only where the whole does."""
    assume(world.plan.evidence)
    keep = data.draw(st.lists(st.booleans(), min_size=len(world.plan.evidence), max_size=len(world.plan.evidence)))
    less = replace(world.plan, evidence=tuple(e for e, k in zip(world.plan.evidence, keep, strict=True) if k))
    if outcome(replace(world, plan=less)) in PASSES:
        assert outcome(world) in PASSES


@given(worlds())
def test_without_confirmations_nothing_uncertain_carries(world: World) -> None:
    """A case from memory or inferred never decides alone, and a confirmation never turns a refusal into anything."""
    bare = decide(world.plan, world.book, NOW)[0]
    for name in bare.cases:
        assert world.book.case(name).certainty not in (Certainty.MEM, Certainty.INF)
    if bare.outcome is Outcome.REFUSED:
        assert outcome(world) is Outcome.REFUSED


@given(worlds(), st.sampled_from(ELEMENTS))
def test_a_wider_step_is_never_easier(world: World, more: Element) -> None:
    """One element more never turns a no into a yes."""
    step = world.plan.steps[0]
    narrow = decide(world.plan, world.book, NOW, world.confirmations)[0]
    assume(narrow.axes)
    wider = replace(world, plan=replace(world.plan, steps=(replace(step, elements=step.elements | {more}),)))
    assert not (outcome(wider) in PASSES and narrow.outcome not in PASSES)


@given(worlds())
def test_no_regime_is_outside(world: World) -> None:
    """Where the cases bind everybody, calling oneself no carrier changes nothing."""
    cases = tuple(replace(c, regimes=frozenset(Regime)) for c in world.book.cases)
    book = replace(world.book, cases=cases)
    answers = {decide(replace(world.plan, regime=r), book, NOW)[0].outcome for r in Regime}
    assert len(answers) == 1


@given(worlds())
def test_two_conditions_with_one_id_never_make_a_book(world: World) -> None:
    """The hole of the prototype: an unmet condition hidden behind a met one of the same name."""
    case = next((c for c in world.book.cases if len(c.conditions) > 1), None)
    assume(case is not None)
    assert case is not None
    first = case.conditions[0]
    doubled = replace(case, conditions=(first, *(replace(c, id=first.id) for c in case.conditions[1:])))
    with pytest.raises(CasebookError):
        replace(world.book, cases=(doubled,))


@given(worlds())
def test_an_empty_list_of_conditions_never_makes_a_book(world: World) -> None:
    """All of nothing is nothing."""
    case = next((c for c in world.book.cases if c.conditions), None)
    assume(case is not None)
    assert case is not None
    with pytest.raises(CasebookError):
        replace(world.book, cases=(replace(case, conditions=()),))


@given(worlds(), st.sampled_from(["unheard-of", ""]))
def test_an_unknown_evidence_kind_never_makes_a_book(world: World, name: str) -> None:
    """A condition about evidence nobody described is refused when the book is built."""
    case = next((c for c in world.book.cases if c.conditions), None)
    assume(case is not None)
    assert case is not None
    with pytest.raises(CasebookError):
        replace(world.book, cases=(replace(case, conditions=(Condition("c", "evidence", WORDS, {"kind": name}),)),))


@given(worlds(), st.lists(st.sampled_from(sorted(PEOPLE)), max_size=3), st.integers(-3, 3), st.booleans())
def test_nothing_is_minted_but_what_was_permitted_shown_and_signed(world: World, by: list[str], jump: int, stale: bool) -> None:
    """A permit needs a yes, a clock that did not jump, and enough reviewers other than the proposer for exactly what was shown."""
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    digest_shown = "0" * 64 if stale else shown(world.plan, world.book)
    approvals = [Approval(digest(world.plan), digest_shown, name, NOW) for name in by]
    reviewers = {n for n in by if n not in (PROPOSER, "clerk")} if not stale else set()
    before, after = NOW + timedelta(seconds=jump), NOW + timedelta(seconds=jump + 2)
    confirmed = world.confirmations
    expected = decision.outcome in PASSES and before <= NOW <= after and len(reviewers) >= decision.signatures
    try:
        made = mint(
            world.plan, decision, world.book, approvals, PEOPLE, KEEP, NOW, not_before=before, not_after=after, confirmations=confirmed
        )
    except CannotMint:
        assert not expected
        return
    assert expected
    permit = read(made)
    assert permit.step == decision.step
    assert permit.since == NOW < permit.until <= world.plan.until
    assert not permit.one_person
    assert permit.out_of_scope == (decision.outcome is Outcome.OUT)


@given(worlds())
def test_a_decision_handed_in_is_not_trusted(world: World) -> None:
    """A refusal painted as a permit is made again from its inputs, and stays a refusal."""
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    assume(decision.outcome not in PASSES)
    painted = replace(decision, outcome=Outcome.PERMITTED, missing=(), axes=())
    approvals = [Approval(digest(world.plan), shown(world.plan, world.book), n, NOW) for n in ("reviewer-1", "reviewer-2")]
    for handed in (decision, painted):
        with pytest.raises(CannotMint):
            mint(world.plan, handed, world.book, approvals, PEOPLE, KEEP, NOW, not_before=NOW, confirmations=world.confirmations)


@given(worlds())
def test_what_a_decision_claims_beside_its_answer_is_not_believed(world: World) -> None:
    """A permit's end, duties and number of signatures come from the answer made anew, not from the one handed in."""
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    assume(decision.outcome in PASSES)
    approvals = [Approval(digest(world.plan), shown(world.plan, world.book), n, NOW) for n in ("reviewer-1", "reviewer-2")]
    longer = replace(decision, ends=NOW + timedelta(days=999), duties=())
    honest, painted = (
        read(mint(world.plan, d, world.book, approvals, PEOPLE, KEEP, NOW, not_before=NOW, confirmations=world.confirmations))
        for d in (decision, longer)
    )
    assert honest == painted


@given(worlds())
def test_a_permit_never_outlasts_what_it_stands_on(world: World) -> None:
    """It ends with the plan, the evidence, the confirmations and the cases, whichever is first."""
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    assume(decision.outcome in PASSES)
    assert decision.ends == naive_end(world, decision)
    later = decide(world.plan, world.book, decision.ends, world.confirmations)[0]
    case_over = any((u := world.book.case(c).until) and world.book.begins(u) <= decision.ends for c in decision.cases)
    longest = any(world.book.case(c).longest for c in decision.cases)
    if decision.ends < world.plan.until and not case_over and not longest:  # then it is a paper or a confirmation that is over
        assert later.outcome not in PASSES or later.cases != decision.cases


@given(worlds())
def test_removing_the_evidence_ends_every_permit_resting_on_it(world: World) -> None:
    """Without the pieces a condition was met by, its case carries nothing; another ground may carry a new permit."""
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    assume(decision.outcome in PASSES)
    stood = [t for a in decision.axes for t in a.tried if t.case == a.stands_on]
    for tried in stood:
        for used in (c.answer.evidence for c in tried.checked if isinstance(c.answer, Met) and c.answer.evidence):
            left = replace(world.plan, evidence=tuple(e for e in world.plan.evidence if digest(e) not in used))
            again = decide(left, world.book, NOW, world.confirmations)[0]
            assert tried.case not in again.cases


@given(worlds(), st.integers(0, 2**32))
def test_added_evidence_never_refuses_except_where_a_rule_says_so(world: World, seed: int) -> None:
    """Any paper more leaves a permit a permit. What waits for a person's answer (`ask`) may get a no from a paper that says no."""
    dice = Dice(seed)
    more = paper(dice, dict(world.book.kinds), dice.of(*NAMES))
    fuller = replace(world, plan=replace(world.plan, evidence=(*world.plan.evidence, more)))
    before, after = outcome(world), outcome(fuller)
    asks = any(c.params.get("ask") for case in world.book.cases for c in case.conditions)
    assert RANK.index(after) >= RANK.index(before) or (asks and before is Outcome.REFERRED) or {before, after} <= set(PASSES)


@given(worlds())
def test_conditions_never_collapse(world: World) -> None:
    """Each condition of each case tried has its own line and its own answer, in the book's order."""
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    for tried in (t for a in decision.axes for t in a.tried):
        lines = [c.condition for c in tried.checked if not c.condition.startswith("@")]
        assert lines == [c.id for c in world.book.case(tried.case).conditions]


@given(worlds(), st.sampled_from(["elements", "acts", "audience", "purpose", "name"]))
def test_empty_means_no(world: World, field: str) -> None:
    """A step that names nothing of a sort is no step; without evidence no condition about evidence is met; of no book there is no yes."""
    step = world.plan.steps[0]
    nothing = "" if isinstance(getattr(step, field), str) else frozenset()
    empty = replace(world.plan, steps=(replace(step, **{field: nothing}),))
    assert decide(empty, world.book, NOW, world.confirmations)[0].outcome not in PASSES
    bare = decide(replace(world.plan, evidence=()), world.book, NOW, world.confirmations)[0]
    for tried in (t for a in bare.axes for t in a.tried):
        about = {c.id for c in world.book.case(tried.case).conditions if "kind" in c.params}
        assert not [c for c in tried.checked if c.condition in about and isinstance(c.answer, Met)]
    assert decide(world.plan, replace(world.book, cases=()), NOW)[0].outcome not in PASSES


@given(worlds(), st.integers(0, 2**32))
def test_people_approve_what_people_vouch_for(world: World, seed: int) -> None:
    """What probes measured is no part of the digest that is signed; every paper is, to the letter."""
    dice = Dice(seed)
    was = shown(world.plan, world.book)
    probed = [e for e in world.plan.evidence if e.voucher.by is VouchedBy.PROBE]
    again = tuple(replace(e, at=NOW) if e in probed else e for e in world.plan.evidence)
    assert shown(replace(world.plan, evidence=again), world.book) == was
    more = paper(dice, dict(world.book.kinds), dice.of(*NAMES))
    assume(more not in world.plan.evidence)
    changed = shown(replace(world.plan, evidence=(*world.plan.evidence, more)), world.book) != was
    assert changed == (more.voucher.by is not VouchedBy.PROBE)


@given(worlds())
def test_who_vouched_for_the_deciding_evidence_is_no_needed_signature(world: World) -> None:
    """Nor is who proposed or declared a conflict; where there are others enough, a permit is made without them."""
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    assume(decision.outcome in PASSES)
    voucher = replace(AMISS[1], person="reviewer-1")
    ours = tuple(replace(e, voucher=voucher) if e.voucher == AMISS[1] else e for e in world.plan.evidence)
    plan = replace(world.plan, evidence=ours)
    again = decide(plan, world.book, NOW, world.confirmations)[0]
    assume(again.outcome in PASSES)
    assume(again.signatures == 2)
    approvals = [Approval(digest(plan), shown(plan, world.book), n, NOW) for n in ("reviewer-1", "reviewer-2")]
    ask = partial(mint, plan, again, world.book, approvals, PEOPLE, KEEP, NOW, not_before=NOW, confirmations=world.confirmations)
    rests = "reviewer-1" in vouched_for(plan, again)
    if rests:
        with pytest.raises(CannotMint) as why:
            ask()
        assert why.value.code == "signatures"
    else:
        assert read(ask()).signed_by == ("reviewer-1", "reviewer-2")
        with pytest.raises(CannotMint):
            ask(conflicted={"reviewer-2"})
