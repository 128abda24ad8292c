"""Hurried or dishonest people of the operator, with their own good keys: nobody gets a permit that two others did not approve as shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.draft import read_draft
from sekisho.desk.staff import statements
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.law.words import Evidence, Plan, Role, VouchedBy, Voucher
from tests.node import EXAMPLES, NOTICE, Desk, no, serving, thread
from tests.redteam.conftest import Stage


def draft(desk: Desk, who: str = "engineer") -> Plan:
    world, now = desk.world, desk.world.clock()
    operator, book = world.settings.operator, desk.place.book
    path = EXAMPLES / "plans" / f"{NOTICE}.toml"
    proposer = desk.people.keys[who].person
    return read_draft(path, actor=operator.name, regime=operator.regime, proposer=proposer, day=book.day(now), now=now).plan


def propose(desk: Desk, plan: Plan, who: str = "engineer") -> str:
    return str(desk.world.keep.call("propose", plan=plan, signature=desk.people.keys[who].sign(plan))["plan"])


def shown(desk: Desk, plan: str) -> str:
    return str(desk.world.keep.call("plan", plan=plan)["shown"])


def hand_in(desk: Desk, words: Any, key: KeyFile) -> Any:
    return desk.world.keep.call("review", approval=words, signature=key.sign(words))


def approval(desk: Desk, plan: str, who: str, **changed: Any) -> tuple[Any, KeyFile]:
    key = desk.people.keys[who]
    words = statements.approval(plan, changed.get("shown") or shown(desk, plan), key.person, desk.world.clock())
    return words, key


def text(desk: Desk, **changed: Any) -> Evidence:
    """A reviewer's adoption of the notice, as it should be but for what is changed."""
    from sekisho.desk.texts import adoption

    form = adoption(desk.place.settings.texts, "infected-notice@1")
    value = {k: tuple(v) if isinstance(v, list) else v for k, v in form["example"].items()}
    key = desk.people.keys["officer"]
    made = statements.evidence("text-adopted", value, NOTICE, key.person, Role.OFFICER, form["example_document"], None, desk.world.clock())
    return replace(made, **changed)


def supply(desk: Desk, plan: str, evidence: Evidence, who: str = "officer") -> Any:
    return desk.world.keep.call("supply", plan=plan, evidence=evidence, signature=desk.people.keys[who].sign(evidence))


def permits_of(desk: Desk, plan: str) -> int:
    return sum(1 for p in desk.world.keep.call("permits") if p["plan"] == plan)


def test_a_replayed_approval_counts_once(waiting: Desk, plan: str) -> None:
    waiting.people.adopt(plan)
    waiting.people.confirm(plan)
    words, key = approval(waiting, plan, "reviewer-a")
    assert hand_in(waiting, words, key)["permits"] == []
    for _ in range(3):
        assert no(lambda: hand_in(waiting, words, key)) == "already-approved"
    assert permits_of(waiting, plan) == 0


def test_the_same_person_twice_is_one_person(waiting: Desk, plan: str) -> None:
    waiting.people.adopt(plan)
    waiting.people.confirm(plan)
    waiting.people.approve("reviewer-a", plan)
    waiting.time.pass_(seconds=5)
    assert no(lambda: waiting.people.approve("reviewer-a", plan)) == "already-approved"
    assert permits_of(waiting, plan) == 0
    assert len(waiting.people.approve("reviewer-b", plan)) == 6


def test_an_approval_of_another_plan_is_none_of_this(waiting: Desk, plan: str) -> None:
    other = propose(waiting, draft(waiting))
    words, key = approval(waiting, plan, "reviewer-a", shown=shown(waiting, other))
    assert no(lambda: hand_in(waiting, words, key)) == "plan-changed-since-shown"
    moved = replace(approval(waiting, other, "reviewer-a")[0], plan=plan)
    assert no(lambda: hand_in(waiting, moved, key)) == "plan-changed-since-shown"
    signed_for_other = key.sign(approval(waiting, other, "reviewer-a")[0])
    mine, _ = approval(waiting, plan, "reviewer-a")
    assert no(lambda: waiting.world.keep.call("review", approval=mine, signature=signed_for_other)) == "bad-signature"


def test_an_approval_after_the_evidence_changed_is_none(waiting: Desk, plan: str) -> None:
    waiting.people.confirm(plan)
    stale, key = approval(waiting, plan, "reviewer-a")
    waiting.people.adopt(plan)
    assert no(lambda: hand_in(waiting, stale, key)) == "plan-changed-since-shown"


def test_an_approval_from_before_the_evidence_changed_does_not_count(waiting: Desk, plan: str) -> None:
    waiting.people.confirm(plan)
    waiting.people.approve("reviewer-a", plan)
    waiting.people.adopt(plan)
    assert waiting.people.approve("reviewer-b", plan) == []
    assert permits_of(waiting, plan) == 0
    assert len(waiting.people.approve("reviewer-a", plan)) == 6


def test_a_proposer_never_approves_and_never_vouches(waiting: Desk) -> None:
    mine = propose(waiting, draft(waiting, "officer"), "officer")
    words, key = approval(waiting, mine, "officer")
    assert no(lambda: hand_in(waiting, words, key)) == "proposer-never-approves"
    assert no(lambda: supply(waiting, mine, text(waiting))) == "proposer-never-vouches"


def test_who_is_no_reviewer_does_not_approve(waiting: Desk, plan: str) -> None:
    for who in ("engineer", "desk"):
        words, key = approval(waiting, plan, who)
        assert no(lambda w=words, k=key: hand_in(waiting, w, k)) == "wrong-role"


def test_only_the_legal_officer_confirms_and_for_a_year_at_most(waiting: Desk, plan: str) -> None:
    said = waiting.world.keep.call("plan", plan=plan)
    now = waiting.world.clock()

    def confirm(who: str, **changed: Any) -> str:
        key = waiting.people.keys[who]
        made = statements.confirmation(
            "jp/B-13/1", said["measure"], said["book"], "because", key.person, now + timedelta(days=100), now
        )
        words = replace(made, **changed)
        return no(lambda: waiting.world.keep.call("confirm", confirmation=words, signature=key.sign(words)))

    assert confirm("reviewer-a") == "wrong-role"
    assert confirm("officer", until=now + timedelta(days=400)) == "longer-than-a-year"
    assert confirm("officer", until=now) == "longer-than-a-year"
    assert confirm("officer", reasons="  ") == "no-reasons"
    assert confirm("officer", case="jp/none/1") == "unknown-case"
    assert confirm("officer", book="0" * 64) == "another-book"


def test_what_a_probe_measures_no_person_states(waiting: Desk, plan: str) -> None:
    key = waiting.people.keys["officer"]
    for kind, value in (
        ("roles", {"may_see": ("desk",), "people": 1, "logged": True}),
        ("optout", {"works": True, "any_time": True}),
        ("finding", {"source": "own-inquiry", "who": "x", "contacts": 99, "credible": True}),
    ):
        probe = Evidence(kind, value, NOTICE, Voucher(VouchedBy.PROBE, kind), waiting.world.clock())
        assert no(lambda e=probe: supply(waiting, plan, e)) == "probes-do-not-sign"
        claimed = statements.evidence(kind, value, NOTICE, key.person, Role.OFFICER, "", None, waiting.world.clock())
        before = waiting.world.keep.call("plan", plan=plan)["missing"]
        if refused(lambda e=claimed: supply(waiting, plan, e)) is None:
            assert waiting.world.keep.call("plan", plan=plan)["missing"] >= before
        assert permits_of(waiting, plan) == 0


def refused(call: Callable[[], object]) -> str | None:
    from sekisho.desk.outside import KeepSaidNo

    try:
        call()
    except KeepSaidNo as why:
        return why.code
    return None


def test_evidence_in_anothers_name_role_or_time_is_refused(waiting: Desk, plan: str) -> None:
    good = text(waiting)
    reviewer = waiting.people.keys["reviewer-a"]
    assert no(lambda: supply(waiting, plan, good, "reviewer-a")) == "vouched-for-another"
    as_desk = replace(good, voucher=replace(good.voucher, role=Role.DESK))
    assert no(lambda: supply(waiting, plan, as_desk)) == "not-who-vouches-for-this"
    other = replace(good, voucher=replace(good.voucher, person=reviewer.person))
    assert no(lambda: supply(waiting, plan, other)) == "vouched-for-another"
    assert no(lambda: supply(waiting, plan, text(waiting, at=waiting.world.clock() + timedelta(hours=1)))) == "evidence-not-of-now"
    assert no(lambda: supply(waiting, plan, text(waiting, kind="good-feeling"))) == "unknown-evidence-kind"
    forged = waiting.people.keys["officer"].sign(text(waiting, kind="list"))
    assert no(lambda: waiting.world.keep.call("supply", plan=plan, evidence=good, signature=forged)) == "bad-signature"


def test_evidence_for_another_purpose_or_out_of_date_meets_nothing(waiting: Desk, plan: str) -> None:
    now = waiting.world.clock()
    for changed in (
        text(waiting, purpose="traffic-picture"),
        text(waiting, at=now - timedelta(days=9), until=now - timedelta(days=1)),
        text(waiting, value={**text(waiting).value, "digest": "0" * 64}),
        text(waiting, value={**text(waiting).value, "adopted": False}),
    ):
        refused(lambda e=changed: supply(waiting, plan, e))
    waiting.people.confirm(plan)
    refused(lambda: waiting.people.approve("reviewer-a", plan))
    refused(lambda: waiting.people.approve("reviewer-b", plan))
    assert not [p for p in waiting.people.permits("notify") if p["plan"] == plan]


WIDER: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], str]] = {
    "a column more": (lambda w: {**w, "columns": (*w["columns"], "octets")}, "not-as-declared"),
    "all rows": (lambda w: {**w, "rows": "all"}, "not-as-declared"),
    "another list": (lambda w: {**w, "list": "0" * 64}, "another-list"),
    "a longer term": (lambda w: {**w, "term_days": 365}, "another-term"),
    "the line open": (lambda w: {**w, "line": "open"}, "not-as-declared"),
    "another shape": (lambda w: {**w, "shape": "assignments"}, "not-as-declared"),
}


@pytest.mark.parametrize("how", WIDER)
def test_a_plan_wider_than_the_measure_declares_is_not_even_entered(waiting: Desk, how: str) -> None:
    widen, code = WIDER[how]
    plan = draft(waiting)
    streams: Any = plan.scope["streams"]
    wide = replace(plan, scope={**plan.scope, "streams": {**streams, "hits": widen(dict(streams["hits"]))}})
    assert no(lambda: propose(waiting, wide)) == code


def test_a_stream_of_a_step_that_is_not_asked_for_is_refused(waiting: Desk) -> None:
    plan = draft(waiting)
    without = tuple(s for s in plan.steps if s.name != "match")
    assert no(lambda: propose(waiting, replace(plan, steps=without))) == "not-as-declared"
    hidden: Any = {**plan.scope["streams"], "mine": plan.scope["streams"]["hits"]}  # type: ignore[dict-item,index] # a scope is a table of tables
    assert no(lambda: propose(waiting, replace(plan, scope={**plan.scope, "streams": hidden}))) == "not-as-declared"


def test_a_step_reworded_is_no_step_of_the_measure(waiting: Desk) -> None:
    plan = draft(waiting)
    match = next(s for s in plan.steps if s.name == "match")
    for changed in (
        replace(match, purpose="traffic-picture"),
        replace(match, elements=frozenset(type(next(iter(match.elements))))),
        replace(match, audience=frozenset({"world"})),
        replace(match, name="matches"),
    ):
        assert no(lambda s=changed: propose(waiting, replace(plan, steps=(s,)))) == "not-as-declared"


@pytest.mark.parametrize("away", [-1, 1, 365, -3650])
def test_a_plan_is_of_today(waiting: Desk, away: int) -> None:
    """An old day would pick old law, a later one law that is not in force."""
    plan = draft(waiting)
    assert no(lambda: propose(waiting, replace(plan, day=plan.day + timedelta(days=away)))) == "not-todays-plan"


def test_a_plan_about_somebodys_token_is_not_drafted_by_hand(waiting: Desk, plan: str) -> None:
    token = waiting.world.keep.call("plan", plan=plan)["plan"]["scope"]["tokens"][0]
    mine = draft(waiting)
    for word, value in (("tokens", (token,)), ("views", {}), ("periods", ("2026-11-21",))):
        wide = replace(mine, scope={**mine.scope, word: value})
        assert no(lambda p=wide: propose(waiting, p)) == "keeps-own-word"


def test_a_production_store_refuses_unsafe_demo_keys(found: Stage, tmp_path: Path) -> None:
    place = found.copy(tmp_path / "node")
    said = place.settings_path.read_text("utf-8")
    place.settings_path.write_text(said.replace("demo = true", "demo = false"), "utf-8")
    with serving(place, found.root) as desk:
        assert not desk.place.settings.demo
        words, key = approval(desk, found.plan, "reviewer-a")
        assert no(lambda: hand_in(desk, words, key)) == "unsafe-demo-key"
        assert no(lambda: propose(desk, draft(desk))) == "unsafe-demo-key"
        assert no(lambda: supply(desk, found.plan, text(desk))) == "unsafe-demo-key"
        assert no(lambda: desk.people.withdraw(desk.people.permits("match")[0]["id"])) == "unsafe-demo-key"


def test_a_clock_that_jumped_never_makes_a_permit(waiting: Desk, plan: str) -> None:
    waiting.people.adopt(plan)
    waiting.people.confirm(plan)
    waiting.people.approve("reviewer-a", plan)
    waiting.time.jump(seconds=30)
    assert no(lambda: waiting.people.approve("reviewer-b", plan)) == "clock-jumped"
    waiting.time.jump(seconds=-30)
    assert no(lambda: waiting.people.approve("reviewer-b", plan)) == "clock-jumped"
    assert permits_of(waiting, plan) == 0


def test_time_that_only_passes_is_no_jump(waiting: Desk, plan: str) -> None:
    waiting.time.pass_(minutes=10)
    assert len(waiting.people.agree(plan)) == 6


def test_a_start_before_the_last_time_written_never_makes_a_permit(found: Stage, tmp_path: Path) -> None:
    """The machine comes up in the past: keep says so, and mints nothing."""
    from tests.node import Time

    place = found.copy(tmp_path / "node")
    later, earlier = Time(timedelta(hours=1)), Time()
    with serving(place, found.root, later) as desk:
        desk.people.adopt(found.plan)
        desk.people.confirm(found.plan)
        desk.people.approve("reviewer-a", found.plan)
        desk.world.keep.call("overview")
    with serving(place, found.root, earlier) as desk:
        assert desk.world.keep.call("overview")["notices"][0]["code"] == "clock-jumped"
        assert no(lambda: desk.people.approve("reviewer-b", found.plan)) == "clock-jumped"
        assert permits_of(desk, found.plan) == 0


def test_before_anybody_is_enrolled_nobody_can_sign(tmp_path: Path) -> None:
    with thread(tmp_path / "node") as desk:
        stranger = replace(desk.people.keys["officer"], person="person-0000000000000000")
        words = statements.approval("0" * 16, "0" * 64, stranger.person, desk.world.clock())
        assert no(lambda: hand_in(desk, words, stranger)) == "unknown-person"
