"""Approved by day, used by night, reviewed the next day: in one office, with the probes that office has."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.signed_words import Revocation, Use, UseReview
from sekisho.desk.staff import statements
from sekisho.gate.envelope import Envelope
from sekisho.gate.people import Approval
from sekisho.law.words import Kind, Role
from tests.desk.office import Office
from tests.desk.test_deciding import refused
from tests.desk.test_hardening_ledger import backup, restore
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


def revoke(office: Office, envelope: str, who: str = "officer", reason: str = "the router is replaced") -> list[str]:
    said = Revocation(envelope, reason, office.keys[who].person, office.watch.at)
    return list(ask(office, "revoke-envelope", who, revocation=said)["permits"])


def only(office: Office) -> dict[str, Any]:
    """The one envelope there is, as people see it."""
    (said,) = office.terminal.call("envelopes")
    return dict(said)


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
    assert refused(lambda: office.terminal.call("use-envelope", **said)) == "done-already"
    assert [p["state"] for p in office.permits()] == ["withdrawn"]


def test_what_was_permitted_for_a_night_does_not_stand_in_the_way_of_the_plan_itself(night: tuple[Office, str]) -> None:
    office, envelope = night
    use(office, envelope)
    plan = office.terminal.call("envelopes")[0]["envelope"]["plan"]
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    ends = {datetime.fromisoformat(p["until"]) for p in office.permits() if p["step"] == "count"}
    assert len(ends) == 2, "the night's two hours, and the plan's own end"


def test_the_narrowest_wins_in_whatever_order_the_scopes_are_named(night: tuple[Office, str]) -> None:
    """Three scopes, each within the next; the first that the gate permits is the smallest, however they were listed."""
    office, envelope = night
    wider = {"streams": {"sums": {**NARROW["streams"]["sums"], "columns": ("minute", "interface", "packets", "octets")}}}
    for order in permutations(({}, NARROW, wider)):
        office.watch.wind(seconds=1)
        permit = use(office, envelope, *order)["permits"][0]
        (made,) = [p for p in office.permits() if p["id"] == permit]
        assert made["scope"]["streams"]["sums"]["columns"] == ["minute", "interface", "packets"]


def test_from_the_alarm_to_the_permit_is_one_call_and_one_write(
    night: tuple[Office, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`keep` mints within a second because nothing is asked twice and the disk is waited for once; the figure is printed, not judged."""
    office, envelope = night
    writes: list[int] = []
    append = office.world.log.append_many
    monkeypatch.setattr(office.world.log, "append_many", lambda entries: writes.append(len(entries)) or append(entries))
    calls: list[str] = []
    call = type(office.terminal).call
    monkeypatch.setattr(type(office.terminal), "call", lambda self, method, **said: calls.append(method) or call(self, method, **said))
    began = time.monotonic()
    assert use(office, envelope, {}, NARROW)["permits"]
    took = time.monotonic() - began
    assert calls == ["use-envelope"]
    assert len(writes) == 1, "permit, use and what was measured go to the ledger together"
    with capsys.disabled():
        sys.stdout.write(f" [alarm to permit: {took * 1000:.0f} ms] ")


# Revoked


def test_a_revoked_envelope_is_used_no_more_and_what_was_made_in_it_ends_at_once(night: tuple[Office, str]) -> None:
    office, envelope = night
    (permit,) = use(office, envelope)["permits"]
    assert revoke(office, envelope) == [permit]
    (gone,) = office.permits()
    assert (gone["state"], gone["withdrawn"]["reason"]) == ("withdrawn", "envelope-revoked")
    types = [json.loads(e)["type"] for e in office.world.log.entries()]
    assert types[-2:] == ["envelope-revoked", "withdrawal"]
    office.watch.wind(seconds=1)
    assert refused(lambda: use(office, envelope)) == "envelope-revoked"
    assert refused(lambda: revoke(office, envelope)) == "envelope-revoked"
    assert refused(lambda: approve(office, envelope, "officer")) == "envelope-revoked"
    said = only(office)
    assert (said["state"], said["revoked"]["reason"]) == ("revoked", "the router is replaced")
    assert office.terminal.call("compare")["found"] == 0


def test_what_people_signed_for_the_plan_itself_outlives_the_envelope(night: tuple[Office, str]) -> None:
    office, envelope = night
    (by_night,) = use(office, envelope)["permits"]
    plan = only(office)["envelope"]["plan"]
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    assert revoke(office, envelope) == [by_night]
    states = {p["id"]: p["state"] for p in office.permits()}
    assert states.pop(by_night) == "withdrawn"
    assert set(states.values()) == {"in-force"}


def test_a_use_in_a_revoked_envelope_is_still_reviewed(night: tuple[Office, str]) -> None:
    office, envelope = night
    used = use(office, envelope)["use"]
    revoke(office, envelope, "reviewer-b")
    review(office, used)
    assert only(office)["uses"][0]["review"]["words"] == "as it should be"


@pytest.mark.parametrize("who", ["engineer", "reviewer-a"])
def test_whoever_could_have_refused_may_revoke(night: tuple[Office, str], who: str) -> None:
    office, envelope = night
    assert revoke(office, envelope, who) == []
    assert only(office)["revoked"]["by"] == office.keys[who].person


def test_nobody_else_revokes_and_nobody_without_a_reason(night: tuple[Office, str]) -> None:
    office, envelope = night
    assert refused(lambda: revoke(office, envelope, "auditor")) == "wrong-role"
    assert refused(lambda: revoke(office, envelope, reason=" ")) == "no-reasons"
    assert refused(lambda: revoke(office, "envelope-0000000000000000")) == "unknown-envelope"
    said = Revocation(envelope, "for another", office.keys["officer"].person, office.watch.at)
    assert refused(lambda: ask(office, "revoke-envelope", "engineer", revocation=said)) == "signed-by-another"
    assert only(office)["state"] == "in-force"


def test_a_revocation_outlives_records_put_back_from_before_it(night: tuple[Office, str], tmp_path: Path) -> None:
    """The ledger alone knows: with the row gone the envelope is still revoked, and its permit still over."""
    office, envelope = night
    use(office, envelope)
    backup(office, tmp_path / "old.db")
    revoke(office, envelope)
    restore(office, tmp_path / "old.db")
    assert only(office)["state"] == "revoked"
    office.watch.wind(seconds=1)
    assert refused(lambda: use(office, envelope)) == "envelope-revoked"
    assert [p["state"] for p in office.permits()] == ["withdrawn"]


# Shown


def test_what_is_shown_says_what_is_allowed_who_signed_and_when_the_review_is_due(night: tuple[Office, str]) -> None:
    office, envelope = night
    at = office.watch.at
    used = use(office, envelope, {}, NARROW)["use"]
    said = only(office)
    assert (said["state"], said["minutes"], said["measure"]) == ("in-force", 120, "traffic-picture")
    assert sorted(s["name"] for s in said["signed"]) == ["reviewer-a", "reviewer-b"]
    assert said["proposer"] == "engineer"
    (shown,) = said["uses"]
    assert (shown["id"], shown["name"], shown["reason"]) == (used, "engineer", "alarm 03:12")
    assert (shown["overdue"], shown["review"]) == (False, None)
    assert datetime.fromisoformat(shown["due"]) == at + timedelta(hours=24)
    assert [p["state"] for p in shown["permits"]] == ["in-force"]
    assert shown["scope"]["streams"]["sums"]["columns"] == ["minute", "interface", "packets"]
    office.watch.wind(hours=24)
    assert (only(office)["uses"][0]["overdue"], only(office)["blocked"]) == (True, True)
    review(office, used)
    assert only(office)["uses"][0]["review"]["name"] == "reviewer-a"
    assert not only(office)["uses"][0]["overdue"]


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
