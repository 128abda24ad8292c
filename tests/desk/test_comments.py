"""People say what they think of a plan, declare an interest, and ask somebody from outside about one plan only."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.desk.signed_words import Comment, Invite
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.law.words import Role
from tests.desk.office import Office
from tests.desk.test_deciding import refused, steps


@pytest.fixture
def ready(founded: Office) -> tuple[Office, str]:
    """Nothing but signatures is missing."""
    plan = founded.propose()
    founded.supply(plan)
    founded.confirm(plan)
    return founded, plan


def comment(office: Office, plan: str, who: str, text: str = "確かめました", **changed: Any) -> str:
    key = office.keys[who]
    words = replace(Comment(plan, text, conflict=False, person=key.person, at=office.watch.at), **changed)
    return str(office.terminal.call("comment", comment=words, signature=key.sign(words))["comment"])


def outsider(office: Office, plan: str, name: str = "outside") -> str:
    """Invited for one plan, with a key of their own."""
    key = office.keys["officer"]
    words = Invite("Mori", frozenset({Role.OUTSIDE_REVIEWER}), key.person, office.watch.at, plan)
    code = office.terminal.call("invite", invite=words, signature=key.sign(words))
    private = Ed25519PrivateKey.generate()
    person = office.terminal.call("enrol", code=code, key_kind="file", public_key=private.public_key().public_bytes_raw())
    office.keys[name] = KeyFile(person, private)
    return str(person)


# Comments


def test_a_comment_stands_with_its_author_on_the_plan_and_in_the_ledger(ready: tuple[Office, str]) -> None:
    office, plan = ready
    comment(office, plan, "desk", "点検日を確かめました")
    (said,) = office.terminal.call("plan", plan=plan)["comments"]
    assert (said["text"], said["conflict"], said["person"]) == ("点検日を確かめました", False, office.keys["desk"].person)
    entry = json.loads(list(office.world.log.entries())[-1])
    assert entry["type"] == "comment"
    assert entry["ids"] == {"plan": plan, "person": office.keys["desk"].person}
    assert office.terminal.call("compare")["found"] == 0


def test_a_comment_changes_no_answer_and_voids_no_approval(ready: tuple[Office, str]) -> None:
    office, plan = ready
    shown = office.terminal.call("plan", plan=plan)["shown"]
    office.approve(plan, "reviewer-a")
    comment(office, plan, "desk")
    assert office.terminal.call("plan", plan=plan)["shown"] == shown
    assert len(office.approve(plan, "reviewer-b")) == 3


@pytest.mark.parametrize(
    ("who", "changed", "code"),
    [
        ("desk", {"text": "  "}, "no-reasons"),
        ("desk", {"text": "x" * 4001}, "no-reasons"),
        ("desk", {"person": "person-0000000000000000"}, "signed-by-another"),
        ("auditor", {}, "wrong-role"),
    ],
)
def test_a_comment_that_is_none_is_refused(ready: tuple[Office, str], who: str, changed: dict[str, Any], code: str) -> None:
    office, plan = ready
    size = office.world.log.size
    assert refused(lambda: comment(office, plan, who, **changed)) == code
    assert office.world.log.size == size


def test_a_comment_on_no_plan_is_refused(founded: Office) -> None:
    assert refused(lambda: comment(founded, "0" * 16, "desk")) == "unknown-plan"


def test_the_same_comment_is_not_written_twice_nor_played_again_later(ready: tuple[Office, str]) -> None:
    office, plan = ready
    comment(office, plan, "desk")
    assert refused(lambda: comment(office, plan, "desk")) == "done-already"
    old = office.watch.at
    office.watch.wind(minutes=6)
    assert refused(lambda: comment(office, plan, "desk", at=old)) == "waited-too-long"


def test_who_explains_a_permit_reads_what_was_said(ready: tuple[Office, str]) -> None:
    office, plan = ready
    comment(office, plan, "desk", "よく読みました")
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    found = office.terminal.call("explain", entry=office.permits()[0]["ledger_index"])
    assert [c["text"] for c in found["comments"]] == ["よく読みました"]


# An interest of one's own


def test_who_declares_an_interest_is_no_needed_signature(ready: tuple[Office, str]) -> None:
    """Whether they signed before or after."""
    office, plan = ready
    office.approve(plan, "reviewer-a")
    comment(office, plan, "reviewer-a", "弟の回線です", conflict=True)
    assert office.approve(plan, "reviewer-b") == []
    assert office.keys["reviewer-a"].person in office.terminal.call("plan", plan=plan)["conflicted"]


def test_an_officer_with_an_interest_does_not_confirm_the_case_it_stands_on(ready: tuple[Office, str]) -> None:
    office, plan = ready
    comment(office, plan, "officer", conflict=True)
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    minted = {p["step"] for p in office.permits()}
    confirmed = {t["confirmed_by"] for d in office.terminal.call("plan", plan=plan)["decisions"] for a in d["axes"] for t in a["tried"]}
    assert office.keys["officer"].person in confirmed
    assert minted == {"register", "record"}, "the match stands on the confirmed case"


@pytest.mark.parametrize("who", ["reviewer-a", "outside"])
def test_an_interest_declared_later_ends_what_rests_on_that_signature(ready: tuple[Office, str], who: str) -> None:
    """At once, in the ledger, after a restart too; permits of another plan that the same person signed stay."""
    office, plan = ready
    outsider(office, plan)
    office.approve(plan, who)
    assert len(office.approve(plan, "reviewer-b")) == 3
    other = office.propose("traffic-picture")
    office.supply(other, "traffic-picture")
    office.confirm(other)
    office.approve(other, "reviewer-a")
    office.watch.wind(minutes=1)
    comment(office, plan, who, "弟の回線です", conflict=True)
    assert {p["state"] for p in office.permits() if p["plan"] == plan} == {"ended"}
    assert {p["state"] for p in office.permits() if p["plan"] == other} == {"in-force"}
    office.reopen()
    assert {p["state"] for p in office.permits() if p["plan"] == plan} == {"ended"}
    assert office.terminal.call("compare")["found"] == 0


def test_an_interest_of_who_signed_nothing_ends_nothing(ready: tuple[Office, str]) -> None:
    office, plan = ready
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    comment(office, plan, "desk", "弟の回線です", conflict=True)
    comment(office, plan, "reviewer-a", "点検しました")
    assert {p["state"] for p in office.permits()} == {"in-force"}


def test_an_officers_interest_ends_what_stands_on_their_confirmation(ready: tuple[Office, str]) -> None:
    """The other steps of the plan, which stand on no case that the officer had to confirm, go on."""
    office, plan = ready
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    comment(office, plan, "officer", "弟の回線です", conflict=True)
    assert {p["step"]: p["state"] for p in office.permits()} == {"register": "in-force", "record": "in-force", "match": "ended"}


def test_an_interest_in_one_plan_is_none_in_another(ready: tuple[Office, str]) -> None:
    office, plan = ready
    comment(office, plan, "reviewer-a", conflict=True)
    other = office.propose("traffic-picture")
    office.supply(other, "traffic-picture")
    office.confirm(other)
    assert len(office.approve(other, "reviewer-a")) == 1


# Somebody from outside


def test_an_outside_reviewer_may_be_the_second(ready: tuple[Office, str]) -> None:
    office, plan = ready
    person = outsider(office, plan)
    office.approve(plan, "reviewer-a")
    assert len(office.approve(plan, "outside")) == 3
    assert all("Mori" in p["signed_by"] for p in office.permits())
    assert next(p for p in office.terminal.call("people") if p["id"] == person)["only_plan"] == plan


def test_they_sign_and_say_nothing_about_any_other_plan(ready: tuple[Office, str]) -> None:
    office, plan = ready
    outsider(office, plan)
    other = office.propose("traffic-picture")
    office.supply(other, "traffic-picture")
    assert refused(lambda: office.approve(other, "outside")) == "another-plan"
    assert refused(lambda: comment(office, other, "outside")) == "another-plan"
    assert comment(office, plan, "outside")


@pytest.mark.parametrize(
    ("roles", "plan", "code"),
    [
        ({Role.OUTSIDE_REVIEWER}, "", "outside-reviewer-for-one-plan"),
        ({Role.OUTSIDE_REVIEWER, Role.REVIEWER}, "its own", "outside-reviewer-for-one-plan"),
        ({Role.REVIEWER}, "its own", "outside-reviewer-for-one-plan"),
        ({Role.OUTSIDE_REVIEWER}, "0" * 16, "unknown-plan"),
    ],
)
def test_an_outside_reviewer_is_invited_for_one_plan_and_into_no_other_role(
    ready: tuple[Office, str], roles: set[Role], plan: str, code: str
) -> None:
    office, mine = ready
    key = office.keys["officer"]
    words = Invite("Mori", frozenset(roles), key.person, office.watch.at, mine if plan == "its own" else plan)
    assert refused(lambda: office.terminal.call("invite", invite=words, signature=key.sign(words))) == code


def test_who_looks_in_from_outside_confirms_withdraws_and_supplies_nothing(ready: tuple[Office, str]) -> None:
    office, plan = ready
    outsider(office, plan)
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    permit = office.permits()[0]["id"]
    assert refused(lambda: office.withdraw(permit, "outside")) == "wrong-role"


def test_people_and_their_one_plan_survive_a_restart(ready: tuple[Office, str]) -> None:
    office, plan = ready
    person = outsider(office, plan)
    office.reopen()
    assert next(p for p in office.terminal.call("people") if p["id"] == person)["only_plan"] == plan
    assert steps(office, []) == set()
