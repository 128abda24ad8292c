"""Minting, one safeguard after the other, on one world that is permitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from sekisho.gate.answers import Outcome
from sekisho.gate.check import read
from sekisho.gate.decide import CannotMint, decide, mint, shown, vouched_for
from sekisho.gate.people import Approval, Confirmation, Person
from sekisho.gate.permit import Permit
from sekisho.law.canonical import digest
from sekisho.law.words import Certainty, Condition, Ground, Role
from tests.gate.books import KEEP, NOW, PEOPLE, PROPOSER, WORDS, World, outcome, permitted_world, person


@pytest.mark.parametrize("broken", ["doubled", "empty", "unknown-kind", "unknown-check"])
def test_even_a_book_forced_past_its_reader_gives_no_permit(broken: str) -> None:
    """Were a broken book to exist all the same, the gate says no: empty and unknown mean no, and nothing hides by its name."""
    world = permitted_world()
    case = world.book.case(decide(world.plan, world.book, NOW)[0].cases[0])
    unmet = Condition(case.conditions[0].id, "evidence", WORDS, {"kind": "terms", "where": {"day": "1999-01-01"}})
    conditions = {
        "doubled": (unmet, *case.conditions),
        "empty": (),
        "unknown-kind": (Condition("c", "evidence", WORDS, {"kind": "unheard-of"}),),
        "unknown-check": (Condition("c", "unheard-of", WORDS),),
    }[broken]
    forced = replace(world.book)
    object.__setattr__(forced, "cases", (replace(case, conditions=conditions),))
    assert decide(world.plan, forced, NOW)[0].outcome is Outcome.REFUSED


def test_half_of_one_paper_and_half_of_another_are_no_whole() -> None:
    """Two conditions about the terms are met by one and the same version of them, or not at all."""
    world = permitted_world()
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
    world = permitted_world()
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
        minted(permitted_world(), by)
    assert why.value.code == "signatures"


def test_an_approval_counts_for_exactly_what_was_shown() -> None:
    """One more piece of evidence, and everybody looks again."""
    world = permitted_world()
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
    world = permitted_world()
    alone = {PROPOSER: person(PROPOSER, Role.ENGINEER, Role.REVIEWER, Role.OFFICER), "subscriber": person("subscriber", Role.SUBSCRIBER)}
    assert minted(world, (PROPOSER,), alone).one_person
    with pytest.raises(CannotMint):
        minted(world, (PROPOSER,), {**alone, "clerk": person("clerk", Role.DESK)})
    with pytest.raises(CannotMint):
        minted(world, (), alone)


@pytest.mark.parametrize(("before", "after"), [(1, 9), (-9, -1)])
def test_a_clock_that_jumped_mints_nothing(before: int, after: int) -> None:
    """Backwards past the last moment seen, or forwards past what can be: no permit either way."""
    world = permitted_world()
    with pytest.raises(CannotMint) as why:
        minted(world, ("reviewer-1", "reviewer-2"), window=(NOW + timedelta(seconds=before), NOW + timedelta(seconds=after)))
    assert why.value.code == "clock"


def test_yesterdays_law_is_not_chosen_by_writing_yesterdays_date() -> None:
    """A plan is decided by the cases of the day it is minted on, whatever day it names; a day to come waits."""
    world = permitted_world()
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


def signed_by(world: World, by: tuple[str, ...], *more: Person) -> str:
    """Why no permit came of these signatures, or what the permit says of them."""
    try:
        permit = minted(world, by, {**PEOPLE, **{p.id: p for p in more}})
    except CannotMint as why:
        return why.code
    return ",".join(permit.signed_by)


def test_only_a_reviewer_in_the_book_of_people_counts() -> None:
    """Not a stranger, not an engineer, not an entry under somebody else's name, not one who was asked about another plan."""
    world = permitted_world()
    engineer, outside = person("engineer", Role.ENGINEER), person("outside", Role.OUTSIDE_REVIEWER)
    assert signed_by(world, ("reviewer-1", "stranger")) == "signatures"
    assert signed_by(world, ("reviewer-1", "engineer"), engineer) == "signatures"
    assert signed_by(world, ("reviewer-1", "outside"), replace(outside, only_plan="another")) == "signatures"
    assert signed_by(world, ("reviewer-1", "outside"), replace(outside, only_plan=digest(world.plan))) == "outside,reviewer-1"
    people = {**PEOPLE, "reviewer-3": person("reviewer-2", Role.REVIEWER)}
    with pytest.raises(CannotMint) as why:
        minted(world, ("reviewer-1", "reviewer-3"), people)
    assert why.value.code == "signatures"


def test_nobody_signs_where_the_case_asks_for_nobody() -> None:
    world = permitted_world()
    free = replace(world, book=replace(world.book, cases=(replace(world.book.cases[0], signatures=0),)))
    permit = minted(free, ())
    assert permit.signed_by == ()
    assert not permit.one_person
    assert not permit.out_of_scope
    assert len(permit.id) == len("permit-") + 16


def test_a_step_the_law_does_not_speak_of_says_so_in_its_permit() -> None:
    world = permitted_world()
    outside = replace(world, book=replace(world.book, cases=(replace(world.book.cases[0], ground=Ground.NOT_SECRECY),)))
    assert minted(outside, ("reviewer-1", "reviewer-2")).out_of_scope


def test_where_enough_others_signed_one_person_does_not_stand_behind_it_all() -> None:
    """The operator has one person, and two people from outside approved."""
    outside = {n: person(n, Role.OUTSIDE_REVIEWER) for n in ("one", "two")}
    people = {PROPOSER: person(PROPOSER, Role.ENGINEER, Role.REVIEWER), **outside}
    world = permitted_world()
    assert not minted(world, ("one", "two"), people).one_person
    assert minted(world, ("one",), people).one_person
    assert minted(world, ("one", PROPOSER), people).one_person


def test_what_is_over_is_not_minted() -> None:
    """An answer that ends this very moment has ended."""
    world = permitted_world()
    for until in (NOW, NOW - timedelta(days=1)):
        with pytest.raises(CannotMint) as why:
            minted(replace(world, plan=replace(world.plan, until=until)), ("reviewer-1", "reviewer-2"))
        assert why.value.code == "over"


def test_who_vouched_is_asked_of_the_cases_the_answer_stands_on_and_of_the_papers_that_decided() -> None:
    """Not of a case that carries nothing, nor of a paper that met nothing."""
    world = permitted_world()
    case, paper = world.book.cases[0], world.plan.evidence[0]
    stood = replace(case, conditions=(Condition("c", "evidence", WORDS, {"kind": "terms", "where": {"day": "2020-01-01"}}),))
    fails = Condition("d", "only-hits", WORDS)
    older = Condition("c", "evidence", WORDS, {"kind": "terms", "where": {"day": "2019-01-01"}})
    failed = replace(case, id="failed", conditions=(older, fails))
    other = replace(paper, value={"day": "2019-01-01"}, voucher=replace(paper.voucher, person="another-clerk"))
    plan = replace(world.plan, evidence=(paper, other))
    decision = decide(plan, replace(world.book, cases=(stood, failed)), NOW)[0]
    assert decision.cases == ("case",)
    assert vouched_for(plan, decision) == {"clerk"}
