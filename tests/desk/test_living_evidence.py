"""Evidence lives: what is measured is measured again, papers end and are renewed, and who has an interest is no needed signature."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import plans, records, watchlist
from sekisho.desk.permitting import remeasure, retire
from sekisho.gate.check import read as words_of
from sekisho.gate.permit import SignedPermit
from sekisho.law.reading import read
from sekisho.law.words import Evidence
from tests.desk.office import EXAMPLES, Office
from tests.desk.test_deciding import refused
from tests.desk.test_hardening_people import unconfirm
from tests.desk.test_remeasure import measured, narrow

LIST_ENDS = datetime.fromisoformat("2026-11-28T20:43:09+00:00")


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list itself has no near end: only the paper about it has one."""
    monkeypatch.setattr(watchlist, "ends", lambda _paths: {})


def paper(office: Office, kind: str, **changes: Any) -> tuple[str, Evidence]:
    """The paper of a kind, as somebody would lay it in now."""
    key, evidence = next((k, e) for k, e in office.papers() if e.kind == kind)
    who = next(name for name, k in office.keys.items() if k is key)
    return who, replace(evidence, at=office.watch.at, **changes)


def supply(office: Office, plan: str, who: str, evidence: Evidence) -> dict[str, Any]:
    return dict(office.terminal.call("supply", plan=plan, evidence=evidence, signature=office.keys[who].sign(evidence)))


def permit(office: Office, step: str = "match") -> dict[str, Any]:
    return next(p for p in office.permits() if p["step"] == step)


def until(office: Office, step: str = "match") -> datetime:
    return datetime.fromisoformat(permit(office, step)["until"])


def kinds(office: Office, plan: str) -> list[str]:
    with office.turn() as world:
        return [records.body(r)["evidence"]["kind"] for r in records.rows(world.db, records.EVIDENCE, plan=plan)]


# Measured again when it counts


@pytest.fixture
def proposed(founded: Office) -> tuple[Office, str]:
    plan = founded.propose()
    founded.supply(plan)
    founded.confirm(plan)
    return founded, plan


def test_what_was_measured_at_the_proposal_does_not_go_stale_while_people_approve(proposed: tuple[Office, str]) -> None:
    """Two days pass between the signatures; the probes say the same, and nobody signs twice."""
    office, plan = proposed
    office.approve(plan, "reviewer-a")
    office.watch.wind(days=2)
    assert len(office.approve(plan, "reviewer-b")) == 3


def test_what_a_permit_rests_on_stands_in_the_ledger_before_it(proposed: tuple[Office, str]) -> None:
    office, plan = proposed
    office.approve(plan, "reviewer-a")
    office.watch.wind(days=2)
    before = len(kinds(office, plan))
    office.approve(plan, "reviewer-b")
    assert len(kinds(office, plan)) > before, "measured again, and laid in again"
    types = [json.loads(e)["type"] for e in office.world.log.entries()]
    assert types[-4:] == ["evidence", "permit", "permit", "permit"]
    found = office.terminal.call("explain", entry=permit(office)["ledger_index"])
    assert [d["outcome"] for d in found["decisions"]] == ["permitted"]


def test_within_the_hour_the_same_value_is_not_written_down_twice(proposed: tuple[Office, str]) -> None:
    office, plan = proposed
    before = len(kinds(office, plan))
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    assert len(kinds(office, plan)) == before


def test_what_a_probe_says_otherwise_in_between_mints_nothing(founded: Office) -> None:
    """Somebody put a customer's address among our prefixes while the reviewers thought about it."""
    plan = founded.propose("traffic-picture")
    founded.supply(plan, "traffic-picture")
    founded.confirm(plan)
    narrow(founded, "198.51.100.11/32")
    assert [founded.approve(plan, who) for who in ("reviewer-a", "reviewer-b")] == [[], []]
    assert founded.terminal.call("plan", plan=plan)["outcome"] != "permitted"


def test_the_page_of_a_plan_says_what_is_measured_now(proposed: tuple[Office, str]) -> None:
    office, plan = proposed
    office.watch.wind(days=2)
    said = office.terminal.call("plan", plan=plan)
    assert {d["outcome"] for d in said["decisions"]} == {"permitted"}
    assert said["missing"] == said["signatures_needed"]
    (listed,) = office.terminal.call("overview")["waiting"]
    assert listed["missing"] == said["missing"]


# Papers end


def test_a_permit_about_a_list_ends_with_the_list_itself(office: Office) -> None:
    """Its own `until` comes before the week that the paper about it is good for."""
    assert until(office) == LIST_ENDS
    office.watch.wind(seconds=(LIST_ENDS - office.watch.at).total_seconds())
    with office.turn() as world:
        assert retire.carry_out(world, retire.Retire())["expired"] == 1
    assert permit(office)["state"] == "ended"


def test_a_list_cut_short_ends_its_permits_at_the_next_measurement(office: Office, tmp_path: Path) -> None:
    """The file with that digest now says that it is over: read again because it changed, and believed at once."""
    assert measured(office)["ended"] == 0
    digest = str(permit(office)["scope"]["list"])
    over = {digest: office.watch.at - timedelta(seconds=1)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watchlist, "ends", lambda _paths: over)
        assert measured(office)["ended"] == 1
    assert {p["step"]: p["state"] for p in office.permits()}["register"] == "in-force"


def test_the_ends_of_lists_are_read_from_their_files(tmp_path: Path) -> None:
    """By digest; what is no list has no end; a file that changed is read again."""
    path = tmp_path / "list.toml"
    text = (EXAMPLES / "lists" / "cc.toml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    (tmp_path / "none.toml").write_text("nothing = 1\n", encoding="utf-8")
    paths = [path, tmp_path / "none.toml", tmp_path / "absent.toml"]
    assert list(watchlist.ends(paths).values()) == [LIST_ENDS]
    first = watchlist.ends(paths)
    path.write_text(text.replace("2026-11-28", "2026-11-29"), encoding="utf-8")
    second = watchlist.ends(paths)
    assert list(second.values()) == [LIST_ENDS + timedelta(days=1)]
    assert first.keys() != second.keys()


def test_a_paper_with_an_end_of_its_own_keeps_the_nearer_one(office: Office) -> None:
    _, evidence = paper(office, "list", until=office.watch.at + timedelta(hours=1))
    named = permit(office)["plan"]
    with office.turn() as world:
        plan = replace(plans.load(world, named), evidence=(evidence,))
        (capped, *_) = plans.today(world, plan, office.watch.at).evidence
    assert capped.until == office.watch.at + timedelta(hours=1)


# Papers are renewed


def test_a_renewed_paper_carries_the_permit_on_without_a_new_plan(office: Office, lasting: None) -> None:
    """Same permit, same step, same scope, same signatures, a later end; and what it said before stays readable."""
    before = permit(office)
    office.watch.wind(days=5)
    who, evidence = paper(office, "list")
    said = supply(office, before["plan"], who, evidence)
    after = permit(office)
    assert said["carried_on"] == [before["id"]]
    assert said["permits"] == []
    assert datetime.fromisoformat(after["until"]) > datetime.fromisoformat(before["until"])
    for same in ("id", "plan", "since", "scope", "cases", "signed_by", "step"):
        assert after[same] == before[same]
    assert after["ledger_index"] > before["ledger_index"]


def test_a_carried_on_permit_is_one_that_act_and_collect_take(office: Office, lasting: None) -> None:
    """Signed anew and proven anew: the words on the wire are those in the ledger."""
    from sekisho.desk.prove import in_ledger
    from sekisho.desk.public import read_public

    office.watch.wind(days=5)
    who, evidence = paper(office, "list")
    supply(office, permit(office)["plan"], who, evidence)
    standing = [read(SignedPermit, s["permit"]) for s in office.channel("collect").call("standing")]
    (mine,) = [s for s in standing if words_of(s).step.name == "match"]
    assert words_of(mine).until == until(office)
    in_ledger(read_public(office.settings.folder).ledger)(mine)


def test_it_lives_past_the_day_on_which_the_old_paper_was_over(office: Office, lasting: None) -> None:
    old = until(office)
    office.watch.wind(days=5)
    who, evidence = paper(office, "list")
    supply(office, permit(office)["plan"], who, evidence)
    office.watch.wind(days=3)
    assert office.watch.at > old
    with office.turn() as world:
        retire.carry_out(world, retire.Retire())
        remeasure.carry_out(world, remeasure.Remeasure())
    assert permit(office)["state"] == "in-force"


def test_records_and_ledger_agree_after_a_renewal_and_both_readings_are_explained(office: Office, lasting: None) -> None:
    before = permit(office)
    office.watch.wind(days=5)
    who, evidence = paper(office, "list")
    supply(office, before["plan"], who, evidence)
    assert office.terminal.call("compare")["found"] == 0
    for entry, end in ((before["ledger_index"], before["until"]), (permit(office)["ledger_index"], permit(office)["until"])):
        found = office.terminal.call("explain", entry=entry)
        assert found["permit"]["until"] == end
        assert [d["outcome"] for d in found["decisions"]] == ["permitted"]


def test_a_paper_that_meets_less_is_laid_in_and_carries_nothing_on(office: Office) -> None:
    """The list named in it is another one: the permit keeps its old end."""
    before = until(office)
    office.watch.wind(days=5)
    who, evidence = paper(office, "list")
    said = supply(office, permit(office)["plan"], who, replace(evidence, value={**evidence.value, "digest": "f" * 64}))
    assert said["carried_on"] == []
    assert until(office) == before


def test_a_paper_of_a_kind_nobody_approved_renews_nothing(office: Office) -> None:
    """A living plan takes newer papers in the place of older ones, and no others."""
    _, evidence = paper(office, "list")
    asked: Callable[[], Any] = lambda: supply(office, permit(office)["plan"], "officer", other)  # noqa: E731 - one call, named
    other = replace(
        evidence, kind="balance", value={"harm_done": "a", "harm_averted": "b", "averted_is_more": True}, voucher=office_voucher(office)
    )
    assert refused(asked) == "nothing-waits"


def office_voucher(office: Office) -> Any:
    from sekisho.law.words import Role, VouchedBy, Voucher

    return Voucher(VouchedBy.STATEMENT, office.keys["officer"].person, Role.OFFICER)


def test_a_renewal_does_not_touch_what_people_approved(office: Office, lasting: None) -> None:
    """The digest they signed is the same, so their signatures stand; a new plan would have another."""
    plan = permit(office)["plan"]
    shown = office.terminal.call("plan", plan=plan)["shown"]
    office.watch.wind(days=1)
    who, evidence = paper(office, "list")
    supply(office, plan, who, evidence)
    assert office.terminal.call("plan", plan=plan)["shown"] == shown


def test_a_newer_paper_helps_a_step_that_waits_beside_one_that_is_permitted(proposed: tuple[Office, str], lasting: None) -> None:
    """The list grew old while the match waited. The newer paper is shown, signed for anew, and the step gets its permit.

    Nobody's old signature is stretched over it; and what was permitted on the old signatures is not touched.
    """
    office, plan = proposed
    confirmation = office.terminal.call("confirmations")[0]["id"]
    unconfirm(office, confirmation)
    office.approve(plan, "reviewer-a")
    office.approve(plan, "reviewer-b")
    assert {p["step"] for p in office.permits()} == {"register", "record"}
    office.watch.wind(days=10)
    who, fresh = paper(office, "list")
    shown = office.terminal.call("plan", plan=plan)["shown"]
    assert supply(office, plan, who, fresh)["permits"] == []
    assert office.confirm(plan) == []
    now = office.terminal.call("plan", plan=plan)
    assert now["shown"] != shown
    assert now["approvals"] == []
    assert office.approve(plan, "reviewer-a") == []
    assert len(office.approve(plan, "reviewer-b")) == 1
    assert {p["step"]: p["state"] for p in office.permits()} == dict.fromkeys(("register", "record", "match"), "in-force")
    office.watch.wind(days=5)
    before = until(office)
    who, again = paper(office, "list")
    assert supply(office, plan, who, again)["carried_on"] == [permit(office)["id"]]
    assert until(office) > before
    assert office.terminal.call("compare")["found"] == 0


def test_an_ended_permit_is_not_brought_back_by_a_paper(office: Office, lasting: None) -> None:
    office.withdraw(permit(office)["id"])
    office.watch.wind(days=1)
    who, evidence = paper(office, "list")
    supply(office, permit(office)["plan"], who, evidence)
    assert permit(office)["state"] == "withdrawn"


# Who has an interest


def test_who_vouched_for_what_a_permit_rests_on_is_not_its_needed_signature(proposed: tuple[Office, str]) -> None:
    """The officer laid in the terms: their approval is kept, and counts for steps that do not rest on them."""
    office, plan = proposed
    office.approve(plan, "officer")
    office.approve(plan, "reviewer-a")
    assert "match" not in {p["step"] for p in office.permits()}
    office.approve(plan, "reviewer-b")
    match = permit(office)
    assert "officer" not in match["signed_by"]


# What a measure measures itself


@pytest.fixture
def gauged(founded: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A measure whose figures tell the load; nothing was counted yet."""
    from sekisho.desk import probes
    from sekisho.measures.measure import Gauge
    from sekisho.measures.registry import EVERY

    def read_load(rows: Any) -> Any:
        packets = sum(r["packets"] for r in rows)
        return {"what": "packets", "measured": packets, "unit": "packets", "impaired": packets > 100} if rows else None

    measure = EVERY["traffic-picture"]
    loaded = type("Loaded", (type(measure),), {"gauges": (Gauge("load", "load-meter", read_load),)})()
    monkeypatch.setattr(probes, "EVERY", {**EVERY, "traffic-picture": loaded})
    founded.stand("traffic-picture")
    return founded


def figures(office: Office, *packets: int) -> None:
    from sekisho.law.canonical import canonical

    permit_id = office.permits()[0]["id"]
    with office.turn() as world:
        body = canonical({"permit": permit_id, "rows": [{"packets": n} for n in packets]})
        records.add(world.db, records.FIGURES, body, office.watch.at, measure="traffic-picture")


def loads(office: Office) -> list[Evidence]:
    from sekisho.desk import probes

    plan = office.draft("traffic-picture").plan
    with office.turn() as world:
        return [e for e in probes.measured(world, plan, office.watch.at) if e.kind == "load"]


def test_a_measure_vouches_by_its_own_probe_for_what_it_counted(gauged: Office) -> None:
    """Dated when it was counted, for the purpose it was counted for; of nothing counted it says nothing."""
    assert loads(gauged) == []
    figures(gauged, 70, 80)
    gauged.watch.wind(hours=1)
    (load,) = loads(gauged)
    assert (load.value["measured"], load.value["impaired"]) == (150, True)
    assert (load.voucher.who, load.purpose) == ("load-meter", "traffic-picture")
    assert load.at == gauged.watch.at - timedelta(hours=1)


def test_figures_of_a_permit_that_was_withdrawn_measure_nothing(gauged: Office) -> None:
    figures(gauged, 150)
    gauged.withdraw(permit(gauged, "count")["id"])
    assert loads(gauged) == []
