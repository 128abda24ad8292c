"""Properties of the gate over case books nobody wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from sekisho.gate.answers import Met, Outcome
from sekisho.gate.check import read
from sekisho.gate.decide import CannotMint, decide, mint, shown
from sekisho.gate.people import Approval, Confirmation, KeyKind, Person
from sekisho.gate.permit import Permit
from sekisho.law.canonical import digest
from sekisho.law.casebook import Casebook, CasebookError
from sekisho.law.words import Axis, Certainty, Condition, Element, Ground, Regime, Role
from tests.gate.books import ELEMENTS, NOW, PROPOSER, WORDS, World, naive, worlds

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
KEEP = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def person(name: str, *roles: Role) -> Person:
    return Person(name, name, frozenset(roles), KeyKind.FILE, b"")


PEOPLE = {
    p.id: p
    for p in (
        person(PROPOSER, Role.ENGINEER, Role.REVIEWER, Role.OFFICER),
        person("officer", Role.OFFICER),
        person("reviewer-1", Role.REVIEWER),
        person("reviewer-2", Role.REVIEWER),
        person("clerk", Role.DESK),
    )
}


def outcome(world: World) -> Outcome:
    return decide(world.plan, world.book, NOW, world.confirmations)[0].outcome


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


@pytest.mark.parametrize("broken", ["doubled", "empty", "unknown-kind", "unknown-check"])
def test_even_a_book_forced_past_its_reader_gives_no_permit(broken: str) -> None:
    """Were a broken book to exist all the same, the gate says no: empty and unknown mean no, and nothing hides by its name."""
    world = worlds_with_a_permit()
    case = world.book.case(decide(world.plan, world.book, NOW)[0].cases[0])
    unmet = Condition(case.conditions[0].id, "evidence", WORDS, {"kind": "terms", "where": {"day": "1999-01-01"}})
    conditions = {
        "doubled": (unmet, *case.conditions),
        "empty": (),
        "unknown-kind": (Condition("c", "evidence", WORDS, {"kind": "unheard-of"}),),
        "unknown-check": (Condition("c", "unheard-of", WORDS),),
    }[broken]
    object.__setattr__(world.book, "cases", (replace(case, conditions=conditions),))
    assert decide(world.plan, world.book, NOW)[0].outcome is Outcome.REFUSED


def worlds_with_a_permit() -> World:
    """One world that is permitted, made by hand."""
    from sekisho.law.words import Act, Authority, AxisRule, Case, Evidence, EvidenceKind, Kind, Plan, Step, VouchedBy, Voucher

    kind = EvidenceKind("terms", WORDS, {"day": "day"}, frozenset({VouchedBy.DOCUMENT}), frozenset({Role.DESK}), timedelta(hours=6))
    case = Case(
        id="case",
        measure="measure",
        axis=Axis.SECRECY,
        ground=Ground.BUSINESS,
        authority=Authority.MINISTRY,
        certainty=Certainty.LAW,
        title=WORDS,
        source="somewhere",
        since=date(2018, 1, 1),
        seen=date(2026, 1, 1),
        conditions=(Condition("c", "evidence", WORDS, {"kind": "terms"}),),
        acts=frozenset({Act.USE}),
        elements=frozenset({Element.PARTY}),
        steps=frozenset({"step"}),
        signatures=2,
    )
    rule = AxisRule(Axis.SECRECY, WORDS, frozenset({Element.PARTY}))
    step = Step("step", Kind.LOOK, frozenset({Act.USE}), frozenset({Element.PARTY}), "purpose")
    paper = Evidence("terms", {"day": "2020-01-01"}, "purpose", Voucher(VouchedBy.DOCUMENT, "0" * 64, Role.DESK, "clerk"), NOW)
    plan = Plan("measure", "operator", PROPOSER, Regime.TBA, (step,), date(2020, 6, 1), NOW + timedelta(days=7), {}, {}, (paper,))
    return World(Casebook("xx", "1", (rule,), {"terms": kind}, (case,)), plan, ())


def test_half_of_one_paper_and_half_of_another_are_no_whole() -> None:
    """Two conditions about the terms are met by one and the same version of them, or not at all."""
    world = worlds_with_a_permit()
    old, new = ({"kind": "terms", "where": {"day": d}} for d in ("2019-01-01", "2020-01-01"))
    clause = replace(world.book.cases[0], conditions=(Condition("a", "evidence", WORDS, old), Condition("b", "evidence", WORDS, new)))
    paper = world.plan.evidence[0]
    two = replace(world.plan, evidence=(paper, replace(paper, value={"day": "2019-01-01"})))
    decision = decide(two, replace(world.book, cases=(clause,)), NOW)[0]
    assert decision.outcome is Outcome.REFUSED
    assert [m.why for m in decision.missing] == ["split-papers"]


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"case": "another"}, False),
        ({"measure": "another"}, False),
        ({"book": "0" * 64}, False),
        ({"reasons": " "}, False),
        ({"person": ""}, False),
        ({"at": NOW + timedelta(seconds=1)}, False),
        ({"until": NOW}, False),
        ({"until": NOW + timedelta(days=400)}, False),
    ],
)
def test_the_officers_word_counts_for_one_case_one_measure_one_book_and_a_year(change: dict[str, Any], counts: bool) -> None:
    """With reasons, from when it was given until it lapses; and only a legal officer's is minted on."""
    world = worlds_with_a_permit()
    unsure = replace(world.book.cases[0], certainty=Certainty.MEM, ask=WORDS)
    book = replace(world.book, cases=(unsure,))
    said = replace(Confirmation("case", "measure", book.digest, "read it", "officer", NOW, NOW + timedelta(days=90)), **change)
    confirmed = replace(world, book=book, confirmations=(said,))
    assert outcome(confirmed) is (Outcome.PERMITTED if counts else Outcome.REFERRED)
    if counts:
        assert minted(confirmed, ("reviewer-1", "reviewer-2")).cases == ("case",)
        for nobody in (replace(said, person="clerk"), replace(said, person="stranger"), replace(said, person=PROPOSER)):
            with pytest.raises(CannotMint) as why:
                minted(replace(confirmed, confirmations=(nobody,)), ("reviewer-1", "reviewer-2"))
            assert why.value.code == "confirmation"


@pytest.mark.parametrize("by", [(), ("reviewer-1",), ("reviewer-1", "reviewer-1"), ("reviewer-1", PROPOSER), ("reviewer-1", "clerk")])
def test_two_reviewers_other_than_the_proposer_must_have_signed(by: tuple[str, ...]) -> None:
    """One reviewer twice, the proposer, or somebody who is no reviewer does not make two."""
    with pytest.raises(CannotMint) as why:
        minted(worlds_with_a_permit(), by)
    assert why.value.code == "signatures"


def test_an_approval_counts_for_exactly_what_was_shown() -> None:
    """One more piece of evidence, and everybody looks again."""
    world = worlds_with_a_permit()
    was = shown(world.plan, world.book)
    paper = world.plan.evidence[0]
    changed = replace(world, plan=replace(world.plan, evidence=(paper, replace(paper, at=NOW - timedelta(hours=1)))))
    approvals = [Approval(digest(changed.plan), was, n, NOW) for n in ("reviewer-1", "reviewer-2")]
    decision = decide(changed.plan, changed.book, NOW)[0]
    with pytest.raises(CannotMint):
        mint(changed.plan, decision, changed.book, approvals, PEOPLE, KEEP, NOW, not_before=NOW)
    assert minted(changed, ("reviewer-1", "reviewer-2")).signed_by == ("reviewer-1", "reviewer-2")


def test_a_single_person_may_sign_alone_and_the_permit_says_so() -> None:
    """Only where the operator has one person; a second person in any role of the operator ends it."""
    world = worlds_with_a_permit()
    alone = {PROPOSER: person(PROPOSER, Role.ENGINEER, Role.REVIEWER, Role.OFFICER), "subscriber": person("subscriber", Role.SUBSCRIBER)}
    assert minted(world, (PROPOSER,), alone).one_person
    with pytest.raises(CannotMint):
        minted(world, (PROPOSER,), {**alone, "clerk": person("clerk", Role.DESK)})
    with pytest.raises(CannotMint):
        minted(world, (), alone)


@pytest.mark.parametrize(("before", "after"), [(1, 9), (-9, -1)])
def test_a_clock_that_jumped_mints_nothing(before: int, after: int) -> None:
    """Backwards past the last moment seen, or forwards past what can be: no permit either way."""
    world = worlds_with_a_permit()
    with pytest.raises(CannotMint) as why:
        minted(world, ("reviewer-1", "reviewer-2"), window=(NOW + timedelta(seconds=before), NOW + timedelta(seconds=after)))
    assert why.value.code == "clock"


def test_yesterdays_law_is_not_chosen_by_writing_yesterdays_date() -> None:
    """A plan is decided by the cases of the day it is minted on, whatever day it names; a day to come waits."""
    world = worlds_with_a_permit()
    over = replace(world.book.cases[0], until=date(2020, 6, 1))
    past = replace(world, plan=replace(world.plan, day=date(2020, 5, 1)), book=replace(world.book, cases=(over,)))
    assert outcome(past) is Outcome.PERMITTED
    with pytest.raises(CannotMint) as why:
        minted(past, ("reviewer-1", "reviewer-2"))
    assert why.value.code == "answer-changed"
    with pytest.raises(CannotMint) as why:
        minted(replace(world, plan=replace(world.plan, day=date(2020, 6, 2))), ("reviewer-1", "reviewer-2"))
    assert why.value.code == "day-to-come"


def minted(
    world: World, by: tuple[str, ...], people: dict[str, Person] | None = None, window: tuple[datetime, datetime] = (NOW, NOW)
) -> Permit:
    decision = decide(world.plan, world.book, NOW, world.confirmations)[0]
    approvals = [Approval(digest(world.plan), shown(world.plan, world.book), n, NOW) for n in by]
    window_of = {"not_before": window[0], "not_after": window[1], "confirmations": world.confirmations}
    made = mint(world.plan, decision, world.book, approvals, people or PEOPLE, KEEP, NOW, **window_of)  # type: ignore[arg-type] # three kinds
    return read(made)


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
    assert decision.ends <= world.plan.until
    later = decide(world.plan, world.book, decision.ends, world.confirmations)[0]
    case_over = any((u := world.book.case(c).until) and world.book.begins(u) <= decision.ends for c in decision.cases)
    longest = any(world.book.case(c).longest for c in decision.cases)
    if decision.ends < world.plan.until and not case_over and not longest:
        assert later.outcome not in PASSES or later.cases != decision.cases
