"""What a case lets out goes out under a permit of its own: proposed from its facts, signed by people, minted, replayed, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import matters, records
from sekisho.desk.cases import procedure_attach
from sekisho.desk.cases.procedure_attach import File
from sekisho.desk.outside import KeepSaidNo
from sekisho.law.words import Value
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.office import Office
from tests.desk.test_disclosure import ASKED, HIDDEN, IP, JUDGED, VALUES, Request
from tests.desk.test_disclosure import AT as TIME

TO_RELEASE = {**JUDGED, "to_release": (IP, TIME)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Request]:
    office = Office(tmp_path_factory.mktemp("release") / "office").found()
    yield Request(office)
    office.close()


@pytest.fixture(scope="module")
def released(desk: Request) -> dict[str, Any]:
    """A case whose items went out: its page."""
    matter = desk.approved()
    desk.load.move(matter, "release", {"released": VALUES})
    return desk.load.case(matter)


def proposed(desk: Request, **more: Value) -> str:
    matter = desk.heard()
    desk.load.move(matter, "decide-release", {**TO_RELEASE, **more})
    return matter


def permit_of(desk: Request, matter: str) -> dict[str, Any]:
    return dict(desk.load.case(matter)["permits"][-1])


def plan_of(desk: Request, matter: str, move: str = "approve-release") -> dict[str, Any]:
    return dict(next(m["plan"] for m in desk.load.case(matter)["moves"] if m["id"] == move))


def refused(desk: Request, matter: str, move: str, who: str = "officer", facts: dict[str, Value] | None = None, **more: Any) -> str:
    with pytest.raises(KeepSaidNo) as why:
        desk.load.move(matter, move, facts, who=who, **more)
    return why.value.code


def entries(desk: Request) -> list[Entry]:
    log = desk.office.world.log
    return [Entry.decode(raw) for raw in log.entries(0, log.size)]


def explained(desk: Request, entry: int) -> dict[str, Any]:
    return dict(desk.load.call("explain", entry=entry))


def test_a_release_is_approved_by_as_many_as_the_case_book_asks_for_and_then_has_its_permit(desk: Request) -> None:
    matter = proposed(desk)
    assert (plan_of(desk, matter)["needed"], plan_of(desk, matter)["given"]) == (2, [])
    first = desk.load.moved(matter, "approve-release", who="reviewer-a")
    assert (first["state"], first["permit"], first["missing"]) == ("proposed", "", 1)
    assert len(plan_of(desk, matter)["given"]) == 1
    second = desk.load.moved(matter, "approve-release", who="reviewer-b")
    assert (second["state"], second["missing"]) == ("approved", 0)
    permit = permit_of(desk, matter)
    assert (permit["id"], permit["step"], permit["state"]) == (second["permit"], "disclose-post", "in-force")
    assert permit["scope"]["case"] == matter
    assert permit["scope"]["items"] == [IP, TIME]
    assert len(permit["signed_by"]) == 2


def test_one_person_signs_once_and_who_vouches_signs_not_at_all(desk: Request) -> None:
    matter = proposed(desk)
    desk.load.move(matter, "approve-release", who="reviewer-a")
    assert refused(desk, matter, "approve-release", "reviewer-a") == "already-approved"
    again = desk.heard()
    desk.load.move(again, "decide-release", TO_RELEASE, who="reviewer-a")
    assert refused(desk, again, "approve-release", "reviewer-a") == "same-person"
    order = desk.load.open("disclosure-order", ORDER, who="officer")
    desk.load.attach(order, "order", who="officer")
    desk.load.move(order, "record-held", {"items_held": (IP,)}, who="desk")
    desk.load.move(order, "decide-release", {"to_release": (IP,)}, who="reviewer-a")
    assert refused(desk, order, "approve-release", "officer") == "voucher-never-approves"
    assert desk.load.moved(order, "approve-release", who="reviewer-b")["state"] == "approved"


ORDER: dict[str, Value] = {
    "claimant": "見本 花子", "court": "静岡地方裁判所", "order_number": "令和8年（発チ）第1号", "order_day": "2026-11-20",
    "received_on": "2026-11-21", "in_force": True, "items_ordered": (IP, TIME), "language": "ja",
}  # fmt: skip


def test_what_is_signed_is_the_plan_as_it_was_shown(desk: Request) -> None:
    matter = proposed(desk)
    assert refused(desk, matter, "approve-release", "reviewer-a", shown="") == "plan-changed-since-shown"
    assert refused(desk, matter, "approve-release", "reviewer-a", shown="0" * 64) == "plan-changed-since-shown"
    shown = plan_of(desk, matter)["shown"]
    other = proposed(desk)
    assert refused(desk, other, "approve-release", "reviewer-a", shown=shown) == "plan-changed-since-shown"


def test_a_refusal_stands_in_the_ledger_and_is_mended_by_what_was_missing(desk: Request) -> None:
    """The request form is the desk's to lay in: until it is, the gate's no is written down, and the page says what is missing."""
    before = len(entries(desk))
    matter = desk.heard(claim_by="officer")
    desk.load.move(matter, "decide-release", TO_RELEASE)
    plan = plan_of(desk, matter)
    assert plan["outcome"] == "refused"
    assert plan["missing"]
    no = next(e for e in entries(desk)[before:] if e.type is EntryType.REFUSED)
    assert no.ids["plan"] == plan["id"]
    assert refused(desk, matter, "approve-release", "reviewer-a") == "no-ground"
    desk.load.attach(matter, "claim", content=b"the claim again")
    assert plan_of(desk, matter)["outcome"] == "permitted"
    assert desk.load.grant(matter, "approve-release")


@pytest.mark.parametrize(("told_by", "outcome"), [("desk", "permitted"), ("officer", "refused")])
def test_for_a_paper_from_outside_vouches_who_recorded_what_it_shows(desk: Request, told_by: str, outcome: str) -> None:
    """A claim that came by the web form, an answer by the code: nobody of the operator attached them, and no desk types them again."""
    load = desk.load
    told = {"claimant": "見本 花子", "received_on": load.today(), "tell_name": False, "language": "ja"}
    matter = load.open("disclosure-request", told)
    with desk.office.turn() as world:
        for paper in ("claim", "identity", "answer"):
            procedure_attach.keep(world, matter, File(paper, "a.txt", b"from outside"), "outside:claimant", {}, world.clock.now())
    load.move(matter, "complete", ASKED, who=told_by)
    load.move(matter, "record-held", {"items_held": (IP, TIME)}, who="desk")
    load.move(matter, "draft", who="desk")
    load.move(matter, "sent", {"sent_on": load.today()}, who="desk")
    load.move(matter, "answered", {"answered_on": load.today(), "opinion": "agrees", "opinion_reason": "-"}, who="desk")
    load.move(matter, "decide-release", TO_RELEASE, who="reviewer-a")
    assert plan_of(desk, matter)["outcome"] == outcome


def test_ledger_entries_of_move_and_letters_name_the_permit_and_each_is_replayed(desk: Request, released: dict[str, Any]) -> None:
    permit = released["permits"][0]
    made = {m["move"]: m for m in released["made"]}
    assert {m["permit"] for name, m in made.items() if name in ("approve-release", "release")} == {permit["id"]}
    letters = [x for x in released["letters"] if x["text"] in ("disclosed-items@1", "no-misuse@1", "disclosure-notice@1")]
    assert {x["permit"] for x in letters} == {permit["id"]}
    first = explained(desk, permit["entry"])
    assert [d["outcome"] for d in first["decisions"]] == ["permitted"]
    assert {t["case"] for a in first["decisions"][0]["axes"] for t in a["tried"]} >= {"jp/D-07/1", "jp/E-10/1"}
    for entry in (made["approve-release"]["entry"], made["release"]["entry"], *(x["entry"] for x in letters)):
        said = explained(desk, entry)
        assert said["opens"] is True
        assert said["entry"]["ids"]["permit"] == permit["id"]
        assert said["decisions"] == first["decisions"]
        assert said["permit"]["scope"]["case"] == released["id"]


def test_a_decision_is_replayed_when_the_file_of_its_case_is_gone(desk: Request) -> None:
    matter = desk.approved()
    permit = permit_of(desk, matter)
    before = explained(desk, permit["entry"])["decisions"]
    with desk.office.turn() as world:
        world.vault.destroy(matters.key_id(world, matter))
    assert explained(desk, permit["entry"])["decisions"] == before


def test_what_people_wrote_is_in_no_plan_and_no_evidence(desk: Request, released: dict[str, Any]) -> None:
    words = (*HIDDEN, *(str(v) for k, v in {**ASKED, **JUDGED}.items() if k in ("where_posted", "posted", "why_clear", "clear_reason")))
    with desk.office.turn() as world:
        kept = [r["body"] for t in (records.PLANS, records.EVIDENCE, records.PERMITS) for r in records.rows(world.db, t)]
    assert released["permits"]
    for word in (*words, "203.0.113.9"):
        assert not any(word.encode() in body for body in kept), word


def test_a_withdrawn_permit_stops_a_release_that_has_not_happened(desk: Request) -> None:
    matter = desk.approved()
    old = permit_of(desk, matter)["id"]
    desk.office.withdraw(old)
    letters = len(desk.load.case(matter)["letters"])
    assert refused(desk, matter, "release", facts={"released": VALUES}) == "withdrawn"
    button = next(m for m in desk.load.case(matter)["moves"] if m["id"] == "release")
    assert [(x["code"], x["name"]) for x in button["lacks"]] == [("withdrawn", old)]
    assert len(desk.load.case(matter)["letters"]) == letters
    assert desk.load.move(matter, "send-back") == "heard"
    desk.load.move(matter, "decide-release", TO_RELEASE)
    fresh = desk.load.grant(matter, "approve-release")
    assert fresh != old
    assert desk.load.move(matter, "release", {"released": VALUES}) == "released"


def test_sending_back_ends_the_permit_and_what_was_shown_before_is_approved_by_nobody(desk: Request) -> None:
    matter = proposed(desk)
    plan = plan_of(desk, matter)["id"]
    desk.load.move(matter, "send-back")
    with pytest.raises(KeepSaidNo, match="plan-changed-since-shown"):
        desk.office.approve(plan, "reviewer-a")
    assert plan not in {w["id"] for w in desk.load.call("overview")["waiting"]}
    other = desk.approved()
    permit = permit_of(desk, other)["id"]
    desk.load.move(other, "send-back")
    assert permit_of(desk, other)["state"] == "withdrawn"
    assert any(e.type is EntryType.WITHDRAWAL and e.ids["permit"] == permit for e in entries(desk))


def test_a_release_letter_is_not_had_after_its_permit_was_withdrawn(desk: Request) -> None:
    matter = desk.approved()
    desk.load.move(matter, "release", {"released": VALUES})
    letter = next(x for x in desk.load.case(matter)["letters"] if x["text"] == "disclosed-items@1")
    assert "203.0.113.9" in desk.load.call("letter", letter=letter["id"], masked=False)["body"]
    desk.office.withdraw(permit_of(desk, matter)["id"])
    with pytest.raises(KeepSaidNo, match="withdrawn"):
        desk.load.call("letter", letter=letter["id"], masked=False)
    listed = next(x for x in desk.load.case(matter)["letters"] if x["id"] == letter["id"])
    assert (listed["stopped"], listed["body"]) == ("withdrawn", "")
    inquiry = next(x for x in desk.load.case(matter)["letters"] if x["text"] == "opinion-inquiry@1")
    assert inquiry["stopped"] == ""


def test_a_permit_that_is_over_stops_the_release_and_the_letter_until_the_case_is_closed(desk: Request) -> None:
    waiting, gone, closed = desk.approved(), desk.approved(), desk.approved()
    for matter in (gone, closed):
        desk.load.move(matter, "release", {"released": VALUES})
    desk.load.move(closed, "close")
    letter = {m: next(x["id"] for x in desk.load.case(m)["letters"] if x["text"] == "disclosed-items@1") for m in (gone, closed)}
    desk.office.watch.wind(days=14, seconds=1)
    assert refused(desk, waiting, "release", facts={"released": VALUES}) == "ended"
    with pytest.raises(KeepSaidNo, match="ended"):
        desk.load.call("letter", letter=letter[gone], masked=False)
    assert "203.0.113.9" in desk.load.call("letter", letter=letter[closed], masked=False)["body"]


def test_a_forged_permit_in_the_records_lets_nothing_out(desk: Request) -> None:
    matter = desk.approved()
    permit = permit_of(desk, matter)["id"]
    with desk.office.turn() as world:
        world.db.execute(records.PERMITS.update().where(records.PERMITS.c.id == permit).values(signature=bytes(64)))
    assert refused(desk, matter, "release", facts={"released": VALUES}) == "forged-permit"


def test_the_records_and_the_ledger_agree_on_everything_that_was_decided_here(tmp_path: Any) -> None:
    office = Office(tmp_path / "office").found()
    desk = Request(office)
    matter = desk.approved()
    desk.load.move(matter, "release", {"released": VALUES})
    desk.load.move(matter, "close")
    assert desk.load.call("compare")["differences"] == []
    office.close()


def test_an_operator_of_one_person_releases_too_and_case_and_permit_say_so(tmp_path: Path) -> None:
    """Nobody else could sign: what two people are for is not had, and whoever reads the file sees that."""
    office = Office(tmp_path / "alone").found_alone()
    try:
        desk = Request(office)
        matter = proposed(desk)
        assert desk.load.moved(matter, "approve-release")["state"] == "approved"
        permit = permit_of(desk, matter)
        assert (permit["one_person"], len(permit["signed_by"])) == (True, 1)
        assert desk.load.move(matter, "release", {"released": VALUES}) == "released"
        made = {m["move"]: m["one_person"] for m in desk.load.case(matter)["made"]}
        assert made == {m: m == "approve-release" for m in made}
    finally:
        office.close()


def test_where_there_are_others_the_same_person_never_approves(desk: Request, released: dict[str, Any]) -> None:
    assert refused(desk, proposed(desk), "approve-release") == "same-person"
    assert not any(m["one_person"] for m in released["made"])
    assert released["permits"][-1]["one_person"] is False
