"""Log-in data are disclosed only where the node saw that nothing else tells who posted; the whole lane, from the claim to the letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.outside import KeepSaidNo
from sekisho.law.words import Evidence, VouchedBy, Voucher
from tests.desk.caseload import CLAIM, Caseload
from tests.desk.office import Office
from tests.desk.posting import Posting
from tests.desk.test_disclosure import ASKED, JUDGED

ITEMS = ("login-address-and-port", "login-time")
LOGIN = ("203.0.113.77", 40077)


@pytest.fixture(scope="module")
def _heard(_posted: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    posting = Posting(Office(_posted).copied_closed(tmp_path_factory.mktemp("heard") / "home").open())
    matter = heard_in(posting)
    posting.office.close()
    return posting.office.home, matter


@pytest.fixture
def heard(_heard: tuple[Path, str], tmp_path: Path) -> Iterator[Posting]:
    """A claim about a post whose sender's address nobody knows; the sender was heard, and a log-in of theirs is kept."""
    posting = Posting(Office(_heard[0]).copied_closed(tmp_path / "heard").open(), _heard[1])
    posting.office.watch.wind(seconds=1)  # the moments of what was said before are over
    yield posting
    posting.office.close()


def heard_in(posting: Posting) -> str:
    posting.cases = Caseload(posting.office)
    posting.post("rec-0123456789abcdef-8", "post-0008", source=None)
    posting.post("rec-0123456789abcdef-9", "login-0009", kind="login", source=LOGIN)
    load, today = posting.cases, posting.cases.today()
    told = {"claimant": "見本 花子", "claimant_contact": "hanako@example.jp", "claimant_address": "静岡市葵区見本町1-2-3"}
    matter = load.open("disclosure-request", {**told, "received_on": today, "tell_name": False, "language": "ja"})
    load.attach(matter, "claim", who="desk")
    load.attach(matter, "identity")
    load.move(matter, "complete", {**ASKED, "items_asked": ITEMS}, who="desk")
    load.move(matter, "record-held", {"items_held": ("post-time", *ITEMS)}, who="desk")
    load.move(matter, "draft", who="desk")
    load.move(matter, "sent", {"sent_on": today}, who="desk")
    load.attach(matter, "answer")
    load.move(matter, "answered", {"answered_on": today, "opinion": "objects", "opinion_reason": "事実である。"}, who="desk")
    return matter


def login_plan(posting: Posting, **scope: Any) -> str:
    """A plan for the log-in data of the case, with every paper people can lay in."""
    office, draft = posting.office, posting.office.draft("disclosure-request")
    step = office.world.book.step("disclosure-request", "disclose-login")
    assert step is not None
    words = {k: v for k, v in draft.plan.scope.items() if k != "items"}
    words |= {"case": posting.matter, "records": ("login-0009",), "login_items": ITEMS, **scope}
    plan = replace(draft.plan, steps=(step,), scope=words)
    identity = str(posting.call("propose", plan=plan, signature=office.keys["engineer"].sign(plan))["plan"])
    office.supply(identity, "disclosure-request")
    key, at = office.keys["desk"], office.watch.at - timedelta(seconds=1)
    why = {"what": "login", "related": True, "why": "the only log-in between the opening of the account and the post"}
    paper = Evidence("related-communication", why, step.purpose, Voucher(VouchedBy.DOCUMENT, "ab" * 32, "desk", key.person), at)
    posting.call("supply", plan=identity, evidence=paper, signature=key.sign(paper))
    return identity


def measured(posting: Posting, plan: str) -> dict[str, Any] | None:
    """What the plan says it rests on, of this kind; None where nothing was measured."""
    found = [e for e in posting.call("plan", plan=plan)["plan"]["evidence"] if e["kind"] == "sender-data"]
    assert {(e["voucher"]["by"], e["voucher"]["who"]) for e in found} <= {("probe", "sender-table")}
    return dict(found[-1]["value"]) if found else None


def look_at(posting: Posting, record: str) -> None:
    """The first view of a record of the case: the network, and no address."""
    posting.reveal(posting.permit(records=(record,)), record=record)


def test_the_lane_is_walked_from_the_first_view_of_the_post_to_the_log_ins_address_in_the_letter(heard: Posting) -> None:
    look_at(heard, "post-0008")
    plan = login_plan(heard)
    assert measured(heard, plan) == {"items": ["login-address-and-port", "login-time", "post-time"], "other_identifies": False}
    heard.office.approve(plan, "reviewer-a")
    (permit,) = heard.office.approve(plan, "reviewer-b")
    load = heard.cases
    load.move(heard.matter, "decide-login", {**JUDGED, "related_why": "投稿の直前のログインである。", "to_release": ITEMS})
    assert load.move(heard.matter, "approve-login", who="reviewer-a", permit=permit) == "approved"
    first = heard.reveal(permit, record="login-0009")["view"]
    view = heard.reveal(permit, full=True, record="login-0009")["view"]
    assert (first["source"], view["source"]) == (None, {"ip": LOGIN[0], "port": LOGIN[1]})
    values = (f"login-address-and-port={LOGIN[0]}:{LOGIN[1]}", "login-time=2026-11-21T20:54:56.789Z")
    assert load.move(heard.matter, "release", {"released": values}) == "released"


def test_before_a_post_of_the_case_was_looked_at_nothing_is_measured_and_nothing_permitted(heard: Posting) -> None:
    plan = login_plan(heard)
    assert measured(heard, plan) is None
    heard.office.approve(plan, "reviewer-a")
    assert heard.office.approve(plan, "reviewer-b") == []


def test_a_post_with_an_address_tells_who_posted_so_that_log_ins_stay_closed(heard: Posting) -> None:
    look_at(heard, "post-0001")
    found = measured(heard, plan := login_plan(heard))
    assert found is not None
    assert found["other_identifies"] is True
    assert "post-address-and-port" in found["items"]
    heard.office.approve(plan, "reviewer-a")
    assert heard.office.approve(plan, "reviewer-b") == []


def test_nobody_states_what_is_held(heard: Posting) -> None:
    plan, key = login_plan(heard), heard.office.keys["desk"]
    value, at = {"items": ("login-time",), "other_identifies": False}, heard.office.watch.at
    said = Evidence("sender-data", value, "disclosure-request", Voucher(VouchedBy.STATEMENT, key.person, "desk"), at)
    with pytest.raises(KeepSaidNo):
        heard.call("supply", plan=plan, evidence=said, signature=key.sign(said))


def test_what_another_case_saw_says_nothing_about_this_one(heard: Posting) -> None:
    mine, heard.matter = heard.matter, heard.cases.open("deletion-inquiry", dict(CLAIM))
    look_at(heard, "post-0008")
    heard.matter = mine
    assert measured(heard, login_plan(heard)) is None
