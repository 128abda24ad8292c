"""Approved by day, used by night, reviewed the next day: in one office, with the probes that office has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import statements
from sekisho.desk.envelope import Use, UseReview
from sekisho.gate.envelope import Envelope
from sekisho.gate.people import Approval
from sekisho.law.words import Kind, Role
from tests.desk.office import Office
from tests.desk.test_deciding import refused
from tests.desk.test_remeasure import measured, narrow

NARROW = {"streams": {"sums": {"shape": "sums", "rows": "sums", "columns": ("minute", "interface", "packets"), "term_days": 90}}}


def ask(office: Office, method: str, who: str, **said: Any) -> Any:
    key = office.keys[who]
    (words,) = said.values()
    return office.terminal.call(method, **said, signature=key.sign(words))


def proposed(office: Office, plan: str, who: str = "engineer", **changed: Any) -> str:
    now = office.watch.at
    words = Envelope(
        plan,
        frozenset({Kind.COLLECT}),
        timedelta(hours=2),
        frozenset({"aggregation"}),
        now,
        now + timedelta(days=14),
        office.keys[who].person,
    )
    return str(ask(office, "propose-envelope", who, envelope=replace(words, **changed))["envelope"])


def approve(office: Office, envelope: str, who: str) -> int:
    said = next(e for e in office.terminal.call("envelopes") if e["id"] == envelope)
    words = Approval(envelope, said["shown"], office.keys[who].person, office.watch.at)
    return int(ask(office, "approve-envelope", who, approval=words)["approvals"])


def use(office: Office, envelope: str, *scopes: dict[str, Any], who: str = "engineer", **changed: Any) -> dict[str, Any]:
    words = Use(envelope, scopes or ({},), "alarm 03:12", office.keys[who].person, office.watch.at)
    return dict(ask(office, "use-envelope", who, use=replace(words, **changed)))


def review(office: Office, used: str, who: str = "reviewer-a", words: str = "as it should be") -> str:
    said = UseReview(used, words, office.keys[who].person, office.watch.at)
    return str(ask(office, "review-use", who, review=said)["use"])


@pytest.fixture(scope="session")
def _by_day(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("by-day") / "home").open()
    plan = office.propose("traffic-picture")
    office.supply(plan, "traffic-picture")
    office.confirm(plan)
    envelope = proposed(office, plan)
    for who in ("reviewer-a", "reviewer-b"):
        approve(office, envelope, who)
    office.close()
    return office.home


@pytest.fixture
def night(_by_day: Path, tmp_path: Path) -> Iterator[tuple[Office, str]]:
    """A plan nobody signed, and an envelope about it that two people did; some hours later."""
    office = Office(_by_day).copied_closed(tmp_path / "night").open()
    office.watch.wind(hours=6)
    yield office, office.terminal.call("envelopes")[0]["id"]
    office.close()


# Used


def test_by_night_a_permit_is_made_at_once_and_names_its_envelope(night: tuple[Office, str]) -> None:
    office, envelope = night
    assert office.permits() == []
    found = use(office, envelope)
    (permit,) = office.permits()
    assert found["permits"] == [permit["id"]]
    assert sorted(permit["signed_by"]) == ["reviewer-a", "reviewer-b"]
    assert not permit["one_person"]
    assert datetime.fromisoformat(permit["until"]) == office.watch.at + timedelta(hours=2)
    types = [json.loads(e)["type"] for e in office.world.log.entries()]
    assert types[-2:] == ["permit", "envelope-used"]
    assert office.terminal.call("compare")["found"] == 0
    assert office.terminal.call("explain", entry=permit["ledger_index"])["permit"]["envelope"] == envelope


def test_the_narrowest_scope_is_tried_first(night: tuple[Office, str]) -> None:
    office, envelope = night
    use(office, envelope, {}, NARROW)
    assert office.permits()[0]["scope"]["streams"]["sums"]["columns"] == ["minute", "interface", "packets"]


def test_a_scope_beyond_the_plans_is_not_inside(night: tuple[Office, str]) -> None:
    office, envelope = night
    for wider in ({"days": 9999}, {"streams": {"more": {}}}, {"tokens": ["a"]}):
        assert refused(lambda wider=wider: use(office, envelope, wider)) == "not-inside"
    assert office.permits() == []


def test_what_the_probes_find_otherwise_that_night_is_refused_inside_too(night: tuple[Office, str]) -> None:
    """The book of that second decides: the condition that fails, fails."""
    office, envelope = night
    narrow(office, "198.51.100.11/32")
    assert refused(lambda: use(office, envelope)) == "not-inside"


def test_when_the_trigger_is_gone_the_permit_ends_within_seconds(night: tuple[Office, str]) -> None:
    office, envelope = night
    use(office, envelope)
    assert measured(office)["ended"] == 0
    narrow(office, "198.51.100.11/32")
    assert measured(office)["ended"] == 1


def test_a_lapsed_envelope_is_none(night: tuple[Office, str]) -> None:
    office, envelope = night
    office.watch.wind(days=14)
    assert refused(lambda: use(office, envelope)) == "envelope-lapsed"
    assert office.terminal.call("envelopes")[0]["state"] == "lapsed"


def test_a_clock_that_jumped_uses_nothing(night: tuple[Office, str]) -> None:
    office, envelope = night
    office.watch.jump(hours=3)
    assert refused(lambda: use(office, envelope)) == "clock-jumped"


def test_a_paper_more_and_the_people_of_the_day_are_asked_again(night: tuple[Office, str]) -> None:
    """What they signed is not what would be used."""
    office, envelope = night
    plan = office.terminal.call("envelopes")[0]["envelope"]["plan"]
    key, value = office.keys["officer"], {"harm_done": "a", "harm_averted": "b", "averted_is_more": True}
    words = statements.evidence("balance", value, "traffic-picture", key.person, Role.OFFICER, "", None, office.watch.at)
    office.terminal.call("supply", plan=plan, evidence=words, signature=key.sign(words))
    assert refused(lambda: use(office, envelope)) == "not-inside"
    assert office.terminal.call("envelopes")[0]["state"] == "waiting"
    for who in ("reviewer-a", "reviewer-b"):
        approve(office, envelope, who)
    assert use(office, envelope)["permits"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"reason": " "}, "no-reasons"),
        ({"scopes": ()}, "no-scope"),
        ({"scopes": ({},) * 17}, "no-scope"),
    ],
    ids=["no reason", "no scope", "many scopes"],
)
def test_a_use_that_is_none_is_refused(night: tuple[Office, str], changed: dict[str, Any], code: str) -> None:
    office, envelope = night
    assert refused(lambda: use(office, envelope, **changed)) == code


def test_who_reviews_does_not_use_and_an_old_signature_is_not_played_again(night: tuple[Office, str]) -> None:
    office, envelope = night
    assert refused(lambda: use(office, envelope, who="reviewer-a")) == "wrong-role"
    assert refused(lambda: use(office, envelope, at=office.watch.at - timedelta(minutes=6))) == "waited-too-long"


def test_a_use_is_not_played_again_after_its_permit_was_withdrawn(night: tuple[Office, str]) -> None:
    """The signature is good for minutes; who withdrew in them is not undone by whoever passes the words on once more."""
    office, envelope = night
    key = office.keys["engineer"]
    words = Use(envelope, ({},), "alarm 03:12", key.person, office.watch.at)
    said = {"use": words, "signature": key.sign(words)}
    office.terminal.call("use-envelope", **said)
    (permit,) = office.permits()
    office.withdraw(permit["id"])
    office.watch.wind(seconds=30)
    assert refused(lambda: office.terminal.call("use-envelope", **said)) == "used-already"
    assert [p["state"] for p in office.permits()] == ["withdrawn"]


def test_what_was_permitted_for_a_night_does_not_stand_in_the_way_of_the_plan_itself(night: tuple[Office, str]) -> None:
    office, envelope = night
    use(office, envelope)
    plan = office.terminal.call("envelopes")[0]["envelope"]["plan"]
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    ends = {datetime.fromisoformat(p["until"]) for p in office.permits() if p["step"] == "count"}
    assert len(ends) == 2, "the night's two hours, and the plan's own end"


# Reviewed


def test_a_use_nobody_reviewed_within_a_day_blocks_the_next(night: tuple[Office, str]) -> None:
    office, envelope = night
    first = use(office, envelope)["use"]
    office.watch.wind(hours=23)
    second = use(office, envelope)["use"]
    office.watch.wind(hours=1)
    assert refused(lambda: use(office, envelope)) == "use-not-reviewed"
    assert office.terminal.call("envelopes")[0]["blocked"]
    review(office, first)
    assert use(office, envelope)["permits"]
    assert second in {u["id"] for u in office.terminal.call("envelopes")[0]["uses"]}


def test_a_review_is_another_persons_once_and_in_words(night: tuple[Office, str]) -> None:
    office, envelope = night
    mine = use(office, envelope, who="officer")["use"]
    assert refused(lambda: review(office, mine, who="officer")) == "user-never-reviews"
    assert refused(lambda: review(office, mine, who="engineer")) == "wrong-role"
    assert refused(lambda: review(office, mine, words=" ")) == "no-reasons"
    assert refused(lambda: review(office, "use-0000000000000000")) == "unknown-use"
    review(office, mine)
    assert refused(lambda: review(office, mine, who="reviewer-b")) == "reviewed-already"


# Approved by day


@pytest.fixture
def day(founded: Office) -> tuple[Office, str]:
    plan = founded.propose("traffic-picture")
    founded.supply(plan, "traffic-picture")
    founded.confirm(plan)
    return founded, plan


def test_one_approval_is_not_enough_and_its_proposer_never_approves(day: tuple[Office, str]) -> None:
    office, plan = day
    own = proposed(office, plan, who="officer")
    assert refused(lambda: approve(office, own, "officer")) == "proposer-never-approves"
    envelope = proposed(office, plan)
    assert approve(office, envelope, "reviewer-a") == 1
    assert refused(lambda: approve(office, envelope, "reviewer-a")) == "already-approved"
    assert refused(lambda: use(office, envelope)) == "not-inside"
    assert approve(office, envelope, "reviewer-b") == 2
    assert use(office, envelope)["permits"]


def test_whoever_confirmed_its_case_does_not_also_propose_the_envelope(day: tuple[Office, str]) -> None:
    office, plan = day
    envelope = proposed(office, plan, who="officer")
    for reviewer in ("reviewer-a", "reviewer-b"):
        approve(office, envelope, reviewer)
    assert refused(lambda: use(office, envelope)) == "not-inside"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"triggers": frozenset({"terms"})}, "no-probe-measures-this"),
        ({"triggers": frozenset({"never-heard-of"})}, "no-probe-measures-this"),
        ({"triggers": frozenset()}, "envelope-empty"),
        ({"kinds": frozenset()}, "envelope-empty"),
        ({"longest": timedelta(days=2)}, "envelope-too-long"),
        ({"since": datetime.fromisoformat("2026-01-01T00:00:00+00:00")}, "envelope-too-long"),
    ],
    ids=str,
)
def test_an_envelope_without_bounds_is_not_even_proposed(day: tuple[Office, str], changed: dict[str, Any], code: str) -> None:
    office, plan = day
    size = office.world.log.size
    assert refused(lambda: proposed(office, plan, **changed)) == code
    assert office.world.log.size == size


def test_an_envelope_that_nobody_proposed_or_about_no_plan_is_unknown(day: tuple[Office, str]) -> None:
    office, _ = day
    assert refused(lambda: use(office, "envelope-0000000000000000")) == "unknown-envelope"
    assert refused(lambda: proposed(office, "0" * 16)) == "unknown-plan"


def test_another_sort_of_step_than_it_names_is_not_inside(day: tuple[Office, str]) -> None:
    office, plan = day
    envelope = proposed(office, plan, kinds=frozenset({Kind.THROTTLE}))
    for who in ("reviewer-a", "reviewer-b"):
        approve(office, envelope, who)
    assert refused(lambda: use(office, envelope)) == "not-inside"


def test_an_envelope_and_its_uses_survive_a_restart(night: tuple[Office, str]) -> None:
    office, envelope = night
    used = use(office, envelope)["use"]
    office.reopen()
    (said,) = office.terminal.call("envelopes")
    assert (said["id"], said["state"]) == (envelope, "in-force")
    assert [u["id"] for u in said["uses"]] == [used]
