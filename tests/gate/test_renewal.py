"""What may change without asking people again: measurements, and a paper in the place of an older one. The end moves, nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sekisho.gate.check import read
from sekisho.gate.decide import CannotMint, decide, mint, shown
from sekisho.gate.people import Approval
from sekisho.gate.permit import Permit
from sekisho.gate.renewal import approved, renews, stands_as_approved
from sekisho.law.canonical import digest
from sekisho.law.words import Evidence, Role, VouchedBy, Voucher
from tests.gate.books import KEEP, NOW, PEOPLE, World, permitted_world

LATER = NOW + timedelta(hours=3)
WORLD = permitted_world()
(PAPER,) = WORLD.plan.evidence
NEWER = replace(PAPER, at=LATER, voucher=replace(PAPER.voucher, who="1" * 64, person="another-clerk"))
PROBED = replace(PAPER, voucher=Voucher(VouchedBy.PROBE, "probe"))


def minted(world: World = WORLD, now: Any = NOW, **more: Any) -> Permit:
    plan = world.plan
    stands = replace(plan, evidence=more["evidence"]) if "evidence" in more else plan
    decision = decide(stands, world.book, now)[0]
    approvals = [Approval(digest(plan), shown(plan, world.book), n, NOW) for n in ("reviewer-1", "reviewer-2")]
    return read(mint(plan, decision, world.book, approvals, PEOPLE, KEEP, now, not_before=now, **more))


def why(**more: Any) -> str:
    with pytest.raises(CannotMint) as no:
        minted(**more)
    return no.value.code


@pytest.mark.parametrize(
    ("new", "takes_its_place"),
    [
        (NEWER, True),
        (replace(NEWER, value={"day": "2020-02-02"}), True),
        (replace(NEWER, at=PAPER.at), False),
        (replace(NEWER, at=NOW - timedelta(hours=1)), False),
        (replace(NEWER, kind="switch"), False),
        (replace(NEWER, purpose="another"), False),
        (replace(NEWER, voucher=replace(NEWER.voucher, role=Role.OFFICER)), False),
        (replace(NEWER, voucher=Voucher(VouchedBy.STATEMENT, "clerk", Role.DESK)), False),
        (replace(PROBED, at=LATER), False),
    ],
    ids=str,
)
def test_a_newer_paper_of_the_same_kind_purpose_and_role_takes_the_place_of_an_older_one(new: Evidence, takes_its_place: bool) -> None:
    assert renews(new, PAPER) is takes_its_place
    assert not renews(new, PROBED), "what a probe measured no paper renews"


def test_what_people_approve_is_the_plan_without_what_probes_measure() -> None:
    both = replace(WORLD.plan, evidence=(PAPER, PROBED))
    assert approved(both) == WORLD.plan
    assert shown(both, WORLD.book) == shown(WORLD.plan, WORLD.book)


@pytest.mark.parametrize(
    ("evidence", "as_approved"),
    [
        ((PAPER,), True),
        ((), True),
        ((PAPER, NEWER), True),
        ((NEWER,), True),
        ((PAPER, PROBED), True),
        ((replace(PAPER, until=NOW),), True),
        ((replace(PAPER, value={"day": "2020-02-02"}),), False),
        ((PAPER, replace(NEWER, kind="switch")), False),
    ],
    ids=lambda value: str(len(value)) if isinstance(value, tuple) else str(value),
)
def test_a_permit_stands_on_what_was_approved_or_on_what_renews_it(evidence: tuple[Evidence, ...], as_approved: bool) -> None:
    """A nearer end is a smaller claim; another value at the same time is another paper."""
    assert stands_as_approved(evidence, WORLD.plan) is as_approved
    if not as_approved:
        assert why(evidence=evidence) == "not-as-shown"


def test_a_later_end_than_the_papers_own_is_not_as_approved() -> None:
    ended = replace(WORLD.plan, evidence=(replace(PAPER, until=NOW + timedelta(hours=1)),))
    for until in (None, NOW + timedelta(hours=2)):
        assert not stands_as_approved((replace(PAPER, until=until),), ended)
    assert stands_as_approved((replace(PAPER, until=NOW + timedelta(minutes=1)),), ended)


def test_evidence_that_is_gone_today_mints_nothing() -> None:
    """The plan as approved had it; today it is not there."""
    assert why(evidence=()) == "refused"


def test_a_permit_is_carried_on_to_a_later_end_and_nothing_else_changes() -> None:
    first = minted()
    assert first.until == NOW + timedelta(hours=6)
    second = minted(now=LATER, evidence=(PAPER, NEWER), carries_on=first)
    assert second.until == LATER + timedelta(hours=6)
    assert replace(second, until=first.until) == first


def test_without_a_later_end_there_is_nothing_to_carry_on() -> None:
    first = minted()
    assert why(now=LATER, carries_on=first) == "nothing-to-carry-on"


def test_a_renewed_paper_makes_no_permit_that_nobody_signed_for() -> None:
    """Signatures were given for what was shown; a paper that came later, whatever it says, was not among it."""
    for evidence in ((NEWER,), (PAPER, NEWER), (replace(NEWER, value={"day": "2020-02-02"}),)):
        assert why(now=LATER, evidence=evidence) == "not-as-shown"
    assert minted(now=NOW, evidence=(PAPER,)).until > NOW


def test_a_permit_that_is_over_is_not_carried_on() -> None:
    """Nor one that has not begun: what ended is asked for anew, by people."""
    first = minted()
    for old in (replace(first, until=LATER), replace(first, since=LATER + timedelta(hours=1))):
        assert why(now=LATER, evidence=(PAPER, NEWER), carries_on=old) == "nothing-to-carry-on"


@pytest.mark.parametrize("change", ["plan", "measure", "scope", "step"])
def test_another_permit_is_not_carried_on(change: str) -> None:
    first = minted()
    other = {"plan": "another", "measure": "another", "scope": {"days": 9}, "step": replace(first.step, name="another")}[change]
    old = replace(first, **{change: other})  # type: ignore[arg-type] # one field at a time
    assert why(now=LATER, evidence=(PAPER, NEWER), carries_on=old) == "another-permit"


def test_the_longest_a_case_allows_counts_from_the_permits_first_day() -> None:
    """Papers renewed for ever do not make a case that lasts four days last longer."""
    case = replace(WORLD.book.cases[0], longest=timedelta(hours=8))
    world = replace(WORLD, book=replace(WORLD.book, cases=(case,)))
    first = minted(world)
    second = minted(world, now=LATER, evidence=(PAPER, NEWER), carries_on=first)
    assert second.until == first.since + timedelta(hours=8)


def test_carrying_on_needs_the_same_signatures() -> None:
    first = minted()
    decision = decide(replace(WORLD.plan, evidence=(PAPER, NEWER)), WORLD.book, LATER)[0]
    approvals = [Approval(digest(WORLD.plan), shown(WORLD.plan, WORLD.book), "reviewer-1", NOW)]
    with pytest.raises(CannotMint) as no:
        mint(
            WORLD.plan, decision, WORLD.book, approvals, PEOPLE, KEEP, LATER, not_before=LATER, evidence=(PAPER, NEWER), carries_on=first
        )
    assert no.value.code == "signatures"


def test_several_papers_stand_as_approved_each_by_its_own() -> None:
    """Whatever order they come in, and with the very ends that were approved."""
    other = replace(PAPER, value={"day": "2020-03-03"}, until=NOW + timedelta(hours=1))
    plan = replace(WORLD.plan, evidence=(PAPER, other))
    assert stands_as_approved((other, PAPER), plan)
    assert not stands_as_approved((other, PAPER), WORLD.plan)
    assert not stands_as_approved((other, NEWER), plan, renewed=False)


def test_a_permit_may_be_carried_on_in_the_very_second_it_began() -> None:
    first = minted()
    longer = replace(first, until=first.until - timedelta(hours=1))
    assert minted(carries_on=longer).until == first.until
