"""Cases of procedures, from receipt to end: the right days, the right people, nothing twice, nothing lost, and holds that only keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sekisho.desk import copies, holds, records
from sekisho.desk.case_words import Attaching
from sekisho.desk.cases import procedure_attach
from sekisho.desk.outside import KeepSaidNo
from sekisho.ledger.entry import Entry
from tests.desk.caseload import CLAIM, PDF, REQUEST, SHOWN, Caseload
from tests.desk.office import Office


@pytest.fixture
def office(adopting: Office) -> Office:
    return adopting


@pytest.fixture
def load(office: Office) -> Caseload:
    return Caseload(office)


def no(call: Any) -> KeepSaidNo:
    with pytest.raises(KeepSaidNo) as why:
        call()
    return why.value


def entries(office: Office) -> list[dict[str, Any]]:
    return [json.loads(Entry.decode(raw).encode()) for raw in office.world.log.entries(0, office.world.log.size)]


def kinds(office: Office) -> list[str]:
    return [e["type"] for e in entries(office)]


def differences(office: Office) -> list[Any]:
    return list(office.terminal.call("compare")["differences"])


# Opening


def test_a_case_has_a_number_an_owner_and_the_day_it_was_received(load: Caseload) -> None:
    matter = load.open("deletion-inquiry", CLAIM)
    second = load.open("deletion-inquiry", CLAIM, owner=load.person("officer"))
    case, other = load.case(matter), load.case(second)
    assert (case["number"], other["number"]) == ("2026-00001", "2026-00002")
    assert case["owner"]["id"] == load.person("desk")
    assert other["owner"]["id"] == load.person("officer")
    assert {f["id"]: f["value"] for f in case["facts"]} == dict(CLAIM)
    assert case["state"] == "received"
    assert load.case("2026-00001")["id"] == matter


def test_numbers_begin_anew_with_the_year_of_the_country(load: Caseload) -> None:
    load.open("deletion-inquiry", CLAIM)
    load.office.watch.at = load.office.watch.at.replace(month=12, day=31, hour=15, minute=1)  # New Year's Day in Japan
    load.office.reopen()
    assert load.case(load.open("deletion-inquiry", CLAIM))["number"] == "2027-00001"


@pytest.mark.parametrize(
    ("facts", "lack"),
    [
        ({**CLAIM, "received_on": "2026-02-30"}, {"code": "fact-wrong", "name": "received_on"}),
        ({k: v for k, v in CLAIM.items() if k != "claimant"}, {"code": "fact-missing", "name": "claimant"}),
        ({**CLAIM, "agency": "x"}, {"code": "fact-unasked", "name": "agency"}),
        ({**CLAIM, "claimant": "見本\u202e花子"}, {"code": "fact-wrong", "name": "claimant"}),
    ],
)
def test_an_opening_that_lacks_something_says_what(facts: dict[str, Any], lack: dict[str, str], load: Caseload) -> None:
    why = no(lambda: load.open("deletion-inquiry", facts))
    assert (why.code, why.detail["lacks"]) == ("move-lacks", [lack])
    assert load.call("cases")["cases"] == []


def test_an_unknown_procedure_is_refused_and_the_known_ones_named(load: Caseload) -> None:
    why = no(lambda: load.open("deletion", CLAIM))
    assert why.code == "unknown-procedure"
    assert "deletion-inquiry" in why.detail["known"]


def test_who_has_no_role_in_it_opens_nothing(load: Caseload) -> None:
    assert no(lambda: load.open("deletion-inquiry", CLAIM, who="auditor")).code == "wrong-role"
    assert no(lambda: load.open("deletion-inquiry", CLAIM, owner="person-0000000000000000")).code == "unknown-person"


# Moving


def test_silence_counts_from_receipt_and_only_when_the_seventh_day_is_over(load: Caseload) -> None:
    matter = load.asked()
    load.office.watch.wind(days=30)
    why = no(lambda: load.move(matter, "silence"))
    assert why.code == "wrong-state"
    assert load.case(matter)["clocks"] == []
    load.attach(matter, "receipt-proof")
    load.move(matter, "received-by-sender", {"sender_received_on": load.today()}, who="desk")
    (clock,) = load.case(matter)["clocks"]
    assert date.fromisoformat(clock["due"]) == date.fromisoformat(load.today()) + timedelta(days=7)
    load.office.watch.wind(days=7)
    why = no(lambda: load.move(matter, "silence"))
    assert why.detail["lacks"] == [{"code": "clock-not-over", "name": "inquiry"}]
    load.office.watch.wind(days=1)
    assert load.move(matter, "silence") == "unopposed"
    assert load.move(matter, "remove", {"what_removed": "34番", "why_not_less": "広がる", "decision_reason": "異議がない"}) == "removed"


def test_days_are_those_of_japan_and_not_of_the_machine(load: Caseload) -> None:
    """The last day ends at 15:00 UTC: a second before, silence has not come; at it, it has."""
    matter = load.counting()
    due = date.fromisoformat(load.case(matter)["clocks"][0]["due"])
    ends = load.office.world.book.begins(due + timedelta(days=1))
    load.office.watch.wind(seconds=(ends - load.office.watch.at).total_seconds() - 1)
    assert no(lambda: load.move(matter, "silence")).code == "move-lacks"
    load.office.watch.wind(seconds=1)
    assert load.move(matter, "silence") == "unopposed"


def test_an_objection_after_the_days_were_over_still_takes_silence_away(load: Caseload) -> None:
    matter = load.counting()
    load.office.watch.wind(days=8)
    load.move(matter, "silence")
    load.attach(matter, "answer")
    assert load.move(matter, "objection", {"answered_on": load.today(), "objection": "事実である"}) == "objected"
    assert no(lambda: load.move(matter, "remove", {"what_removed": "x", "decision_reason": "y"})).code == "wrong-state"


@pytest.mark.parametrize(
    ("procedure", "more"),
    [
        ("deletion-inquiry-election", {"in_campaign": True, "election_material": True}),
        ("deletion-inquiry-intimate", {"claimant_entitled": True, "private_image": True}),
    ],
)
def test_the_special_lanes_wait_two_days(procedure: str, more: dict[str, bool], load: Caseload) -> None:
    matter = load.counting(procedure, **more)
    load.office.watch.wind(days=2)
    assert no(lambda: load.move(matter, "silence")).code == "move-lacks"
    load.office.watch.wind(days=1)
    assert load.move(matter, "silence") == "unopposed"


def test_the_election_lane_is_for_honour_alone(load: Caseload) -> None:
    matter = load.open("deletion-inquiry-election", CLAIM)
    load.attach(matter, "claim")
    told = {**SHOWN, "in_campaign": True, "election_material": True}
    why = no(lambda: load.move(matter, "complete", {**told, "infringed_right": "copyright"}, who="desk"))
    assert why.detail["lacks"] == [{"code": "must", "name": "honour"}]
    assert load.move(matter, "complete", told, who="desk") == "complete"


def test_a_wrong_role_moves_nothing_and_leaves_no_entry(load: Caseload) -> None:
    matter = load.open("authority-preservation", REQUEST)
    size = load.office.world.log.size
    why = no(lambda: load.move(matter, "refuse", {"why_refused": "not-named"}, who="desk"))
    assert (why.code, why.detail["needs"]) == ("wrong-role", ["legal-officer", "responsible-window"])
    assert load.office.world.log.size == size
    assert load.case(matter)["state"] == "received"


def test_what_the_node_does_itself_nobody_can_press(load: Caseload, office: Office) -> None:
    matter = load.preserved()
    load.office.watch.wind(days=40)
    assert no(lambda: load.move(matter, "period-over")).code == "unknown-move"


def test_two_moves_at_once_make_one(load: Caseload) -> None:
    """Both saw the same case; the second is told that it moved, and nothing of it is kept."""
    matter = load.open("authority-preservation", REQUEST)
    assert load.move(matter, "refuse", {"why_refused": "not-named"}, after=1) == "refused"
    assert no(lambda: load.move(matter, "refuse", {"why_refused": "not-named"}, after=1)).code == "wrong-state"
    inquiry = load.open("deletion-inquiry", CLAIM)
    load.move(inquiry, "ask-claimant", {"lacking": "URL"}, who="desk", after=1)
    assert no(lambda: load.move(inquiry, "ask-claimant", {"lacking": "URL"}, who="desk", after=1)).code == "case-moved-meanwhile"
    assert len(load.case(inquiry)["letters"]) == 1


def test_an_old_signature_and_a_changed_statement_move_nothing(load: Caseload) -> None:
    matter = load.open("authority-preservation", REQUEST)
    from sekisho.desk.case_words import CaseMove

    words = CaseMove(matter, "refuse", 1, {"why_refused": "not-named"}, load.person("officer"), load.office.watch.at)
    signature = load.signed("officer", words)
    changed = CaseMove(matter, "refuse", 1, {"why_refused": "not-kept"}, load.person("officer"), load.office.watch.at)
    assert no(lambda: load.call("move-case", move=changed, signature=signature)).code == "bad-signature"
    load.office.watch.wind(minutes=6)
    assert no(lambda: load.call("move-case", move=words, signature=signature)).code == "waited-too-long"


def test_a_clock_that_jumped_moves_no_case(load: Caseload) -> None:
    matter = load.counting()
    load.office.watch.jump(days=9)
    assert no(lambda: load.move(matter, "silence")).code == "clock-jumped"
    assert load.remind() == {}


def asking_for_a_match(office: Office) -> Caseload:
    """A caseload whose `drop` asks for a permit to match."""
    from dataclasses import replace
    from types import MappingProxyType

    from sekisho.law.procedures import Asks

    load, book = Caseload(office), office.world.book
    table = book.procedures["deletion-inquiry"]
    asks = Asks("infected-notice", "match")
    moves = tuple(replace(m, asks=asks) if m.id == "drop" else m for m in table.moves)
    load.use_book(replace(book, procedures=MappingProxyType({**book.procedures, table.id: replace(table, moves=moves)})))
    return load


def permits_for(office: Office, case: str) -> dict[str, str]:
    """Permits of a plan that was proposed for this case, by step."""
    from dataclasses import replace

    draft, key = office.draft(), office.keys["engineer"]
    plan = replace(draft.plan, scope={**draft.plan.scope, "case": case})
    identity = office.terminal.call("propose", plan=plan, signature=key.sign(plan))["plan"]
    office.supply(identity)
    office.confirm(identity)
    office.approve(identity, "reviewer-a")
    office.approve(identity, "reviewer-b")
    return {p["step"]: p["id"] for p in office.permits() if p["plan"] == identity}


def test_a_move_the_gate_must_permit_needs_a_living_permit_for_that_step(office: Office) -> None:
    """`asks`: no permit, a permit for another step and an ended one are refused; the right one is written beside the move."""
    load = asking_for_a_match(office)
    matter = load.open("deletion-inquiry", CLAIM)
    told = {"decision_reason": "取り下げられた"}
    permits = permits_for(office, matter)
    assert no(lambda: load.move(matter, "drop", told)).code == "permit-missing"
    assert no(lambda: load.move(matter, "drop", told, permit=permits["record"])).code == "another-step"
    assert no(lambda: load.move(matter, "drop", told, permit="permit-0000000000000000")).code == "unknown-permit"
    office.withdraw(permits["match"])
    assert no(lambda: load.move(matter, "drop", told, permit=permits["match"])).code == "withdrawn"


def test_a_permit_serves_the_case_it_was_given_for_and_no_other(office: Office) -> None:
    """Neither one for no case nor one for another; the refusal says which is needed, and what to write into the plan."""
    load = asking_for_a_match(office)
    mine, other = (load.open("deletion-inquiry", CLAIM) for _ in range(2))
    told, number, standing = {"decision_reason": "取り下げられた"}, load.case(mine)["number"], load.permit
    permit = permits_for(office, number)["match"]
    for wrong, matter in ((standing, mine), (permit, other)):
        why = no(lambda wrong=wrong, matter=matter: load.move(matter, "drop", told, permit=wrong))
        assert why.code == "permit-of-another-case"
        needed = {"measure": "infected-notice", "step": "match", "case": load.case(matter)["number"]}
        assert why.detail == {"permit": wrong, **needed}
        assert no(lambda matter=matter: load.move(matter, "drop", told)).detail == needed
    assert load.move(mine, "drop", told, permit=permit) == "dropped"
    assert load.case(mine)["made"][-1]["permit"] == permit


def test_a_plan_is_proposed_for_a_case_that_is_open(office: Office) -> None:
    load = Caseload(office)
    assert no(lambda: permits_for(office, "2026-00001")).code == "unknown-matter"
    matter = load.open("authority-preservation", REQUEST)
    load.move(matter, "refuse", {"why_refused": "not-named"})
    assert no(lambda: permits_for(office, matter)).code == "case-closed"


# What is written where


def test_the_ledger_holds_kinds_ids_and_digests_and_nobodys_name(load: Caseload) -> None:
    matter = load.preserved()
    written = json.dumps(entries(load.office), ensure_ascii=False)
    for secret in ("見本", "接続", "a.pdf", "警部", "2026-00001"):
        assert secret not in written
    mine = [e for e in entries(load.office) if e.get("ids", {}).get("matter") == matter]
    assert [e["type"] for e in mine] == ["case-opened", "case-moved", "attached", "case-moved", "letter-drafted", "held"]


def test_nothing_readable_of_a_case_lies_on_the_disk(load: Caseload) -> None:
    matter = load.preserved()
    load.attach(matter, content="見本 花子の住所".encode(), name="花子の住所.txt")
    load.office.close()
    raw = b"".join(p.read_bytes() for p in load.office.home.rglob("*") if p.is_file() and "texts" not in p.parts and "books" not in p.parts)
    for secret in ("見本県警察本部", "警部", "接続の記録", "花子の住所", "保全について"):
        assert secret.encode() not in raw, secret
        assert json.dumps(secret)[1:-1].encode() not in raw, secret
    load.office.open()
    assert load.case(matter)["attachments"][-1]["name"] == "花子の住所.txt"


def test_records_and_ledger_say_the_same(load: Caseload) -> None:
    load.preserved()
    load.hold(load.counting(), f"{load.permit}/*/2026-11-21")
    load.office.watch.wind(days=29)
    assert load.remind()["reminders"] == 4
    assert differences(load.office) == []


def test_a_row_that_was_altered_is_found(load: Caseload) -> None:
    load.open("deletion-inquiry", CLAIM)
    with load.office.turn() as world:
        world.db.execute(records.MOVES.update().values(body=b"{}"))
    assert [(d["what"], d["where"]) for d in differences(load.office)] == [("altered", "moves")]


class Killed(BaseException):
    pass


def killed_before_its_record(load: Caseload, monkeypatch: pytest.MonkeyPatch, doing: Callable[[], object]) -> None:
    """The node is killed when the ledger has the first entry of what it does and the records do not, and starts again."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(records, "set_entry", die)
        with pytest.raises(Killed):
            doing()
    load.office.reopen()


def test_a_kill_between_ledger_and_record_leaves_a_case_that_stands_where_it_stood(load: Caseload, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry is written, the records are not: nobody was told; after the restart the same move is made once more, and once."""
    matter = load.open("authority-preservation", REQUEST)
    office = load.office

    killed_before_its_record(load, monkeypatch, lambda: load.move(matter, "refuse", {"why_refused": "not-named"}))
    assert "case-moved" in kinds(office)[-4:]
    assert load.case(matter)["state"] == "received"
    assert load.case(matter)["letters"] == []
    assert load.move(matter, "refuse", {"why_refused": "not-named"}) == "refused"
    assert len(load.case(matter)["letters"]) == 1
    assert differences(office) == []


# Clocks, reminders, restarts


def test_each_reminder_is_given_once_across_restarts(load: Caseload) -> None:
    matter = load.preserved()
    for day in range(1, 40):
        load.office.watch.wind(days=1)
        if day in (10, 22, 23, 24, 29, 30, 31):
            load.office.reopen()
        load.remind()
        load.remind()
        told = [r["role"] for r in load.case(matter)["told"]]
        assert told == [r for r, n in (("responsible-window", 23), ("legal-officer", 29)) if day >= n], day
    assert kinds(load.office).count("reminded") == 2


def test_what_was_missed_while_the_node_slept_is_made_up_for_once(load: Caseload) -> None:
    matter = load.counting()
    load.office.watch.wind(days=9)
    load.office.reopen()
    assert load.remind() == {"reminders": 2}
    assert load.remind() == {}
    assert [r["role"] for r in load.case(matter)["told"]] == ["desk", "responsible-window"]


def test_a_reminder_whose_entry_was_written_before_a_kill_is_not_given_again(load: Caseload, monkeypatch: pytest.MonkeyPatch) -> None:
    load.counting()
    load.office.watch.wind(days=6)

    killed_before_its_record(load, monkeypatch, load.remind)
    assert load.remind() == {}
    assert kinds(load.office).count("reminded") == 1


def test_a_stopped_clock_reminds_nobody(load: Caseload) -> None:
    matter = load.counting()
    load.attach(matter, "answer")
    load.move(matter, "objection", {"answered_on": load.today(), "objection": "x"}, who="desk")
    load.office.watch.wind(days=20)
    assert load.remind() == {}
    assert load.case(matter)["told"] == []


def test_an_extension_starts_the_reminders_of_the_new_last_day(load: Caseload) -> None:
    matter = load.preserved()
    load.office.watch.wind(days=25)
    assert load.remind() == {"reminders": 1}
    load.attach(matter, "extension")
    load.move(matter, "extend", {"more_days": 30})
    assert load.remind() == {}
    load.office.watch.wind(days=28)
    assert load.remind() == {"reminders": 1}
    assert len(load.case(matter)["told"]) == 2


def test_cases_that_are_stuck_keep_no_other_waiting(founded: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A turn takes so many; those whose book is not kept are counted, and the next turn goes on behind them."""
    import shutil

    from sekisho.law.casebook import load as load_book
    from tests.conftest import ROOT

    load, book = Caseload(founded), founded.world.book
    folder = Path(shutil.copytree(ROOT / "casebook" / "jp", tmp_path / "jp"))
    path = folder / "procedures" / "deletion-inquiry.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("length = 7", "length = 8"), encoding="utf-8")
    load.use_book(load_book(folder))
    stuck = [load.counting() for _ in range(3)]
    load.use_book(book)
    founded.watch.wind(days=1)
    fine = [load.counting() for _ in range(2)]
    founded.watch.wind(days=7)
    founded.reopen()
    monkeypatch.setattr("sekisho.desk.cases.procedure_remind.MOST", 2)
    given = 0
    for _ in range(3):
        given += load.remind().get("reminders", 0)
    with founded.turn() as world:
        told = {r["matter"] for r in records.rows(world.db, records.REMINDERS)}
    assert told == set(fine)
    assert given == 2 * len(fine)
    listed = load.call("cases")
    assert listed["stuck"] == 3
    assert {c["id"]: c["stuck"] for c in listed["cases"]} == dict.fromkeys(stuck, "book-not-kept") | dict.fromkeys(fine)
    assert load.remind()["stuck"] > 0


def test_what_a_clock_does_by_itself_is_done_whole_or_not_at_all(load: Caseload, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its letter cannot be drafted: the case stands where it stood, its reminders are given; later it is done, once."""
    from sekisho.desk.cases import case_moves
    from sekisho.desk.world import No

    matter = load.preserved()
    load.office.watch.wind(days=31)
    size = load.case(matter)["events"]
    with monkeypatch.context() as broken:
        broken.setattr(case_moves, "_end_holds", lambda *_: (_ for _ in ()).throw(No("text-not-adopted")))
        said = load.remind()
        assert "moves" not in said
        assert said["stuck"] == 1
    case = load.case(matter)
    assert (case["state"], case["events"], case["stuck"]) == ("held", size, "text-not-adopted")
    assert load.remind() == {"moves": 1}
    assert (load.case(matter)["state"], load.case(matter)["stuck"]) == ("over", None)
    assert differences(load.office) == []


def test_a_restart_in_the_middle_changes_nothing(load: Caseload) -> None:
    matter = load.counting()
    before = load.case(matter)
    load.office.reopen()
    after = load.case(matter)
    assert {**before, "now": 0} == {**after, "now": 0}
    load.office.watch.wind(days=8)
    load.office.reopen()
    assert load.move(matter, "silence") == "unopposed"


def test_a_case_is_finished_by_the_table_it_began_under(founded: Office, tmp_path: Path) -> None:
    """The book changes meanwhile: a case under way keeps its seven days, a new one gets the new ones."""
    import shutil

    from sekisho.law.casebook import load as load_book
    from tests.conftest import ROOT

    load = Caseload(founded)
    matter = load.counting()
    folder = Path(shutil.copytree(ROOT / "casebook" / "jp", tmp_path / "jp"))
    path = folder / "procedures" / "deletion-inquiry.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("length = 7", "length = 3"), encoding="utf-8")
    load.use_book(load_book(folder))
    second = load.counting()
    load.office.watch.wind(days=4)
    assert load.move(second, "silence") == "unopposed"
    assert no(lambda: load.move(matter, "silence")).code == "move-lacks"
    load.office.watch.wind(days=4)
    assert load.move(matter, "silence") == "unopposed"


# Lists


def test_the_list_says_what_waits_what_is_due_soon_and_what_can_be_decided(load: Caseload) -> None:
    waiting = load.open("deletion-inquiry", CLAIM)
    held = load.preserved()
    soon = load.counting()
    found = {c["id"]: (c["when"], c["held"]) for c in load.call("cases")["cases"]}
    assert found == {waiting: ("waiting", False), held: ("waiting", True), soon: ("soon", False)}
    load.office.watch.wind(days=8)
    rows = load.call("cases")["cases"]
    assert (rows[0]["id"], rows[0]["when"], rows[0]["days_left"]) == (soon, "ready", -1)
    load.move(waiting, "drop", {"decision_reason": "取下げ"})
    assert waiting not in {c["id"] for c in load.call("cases")["cases"]}
    assert {c["id"] for c in load.call("cases", shown="closed")["cases"]} == {waiting}
    assert len(load.call("cases", shown="all")["cases"]) == 3
    assert load.call("cases", owner=load.person("officer"))["cases"] == []
    assert no(lambda: load.call("cases", shown="mine")).code == "unknown-state"


def test_what_is_owed_and_not_done_is_overdue(load: Caseload) -> None:
    """A clock that nobody waits for is a duty: past its last day it is overdue, until the move that stops it."""
    from dataclasses import replace
    from types import MappingProxyType

    book = load.office.world.book
    table = book.procedures["deletion-inquiry"]
    moves = tuple(replace(m, over=(), stops=("inquiry",)) if m.id == "silence" else m for m in table.moves)
    load.use_book(replace(book, procedures=MappingProxyType({**book.procedures, table.id: replace(table, moves=moves)})))
    matter = load.counting()
    load.office.watch.wind(days=7)
    assert [c["when"] for c in load.call("cases")["cases"]] == ["soon"]
    load.office.watch.wind(days=1)
    assert [c["when"] for c in load.call("cases")["cases"]] == ["overdue"]
    load.move(matter, "silence")
    assert [c["when"] for c in load.call("cases")["cases"]] == ["waiting"]


def test_the_list_names_nobody_outside_the_operator(load: Caseload) -> None:
    load.counting()
    load.preserved()
    said = json.dumps(load.call("cases", shown="all"), ensure_ascii=False)
    assert "見本 花子" not in said
    assert "警部" not in said


def test_a_case_says_what_each_button_does_in_law_and_what_it_still_lacks(load: Caseload) -> None:
    matter = load.counting()
    moves = {m["id"]: m for m in load.case(matter)["moves"]}
    assert set(moves) == {"objection", "consent", "silence", "removed-by-sender", "drop"}
    assert "7日" in moves["silence"]["does"]["ja"]
    assert [(x["code"], x["name"]) for x in moves["silence"]["lacks"]] == [("clock-not-over", "inquiry")]
    assert [(x["code"], x["words"]["en"]) for x in moves["objection"]["lacks"]] == [("paper-missing", "the sender's answer")]
    assert moves["drop"]["lacks"] == []


# Attachments


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\x.pdf", "x.pdf"),
        ("a\x00b\nc.pdf", "abc.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("...", "file"),
        ("", "file"),
        ("x" * 500, "x" * 120),
        ("<script>alert(1)</script>.pdf", "script>.pdf"),
        ("申出 書.pdf", "申出 書.pdf"),
    ],
)
def test_a_malicious_name_is_only_ever_shown_and_never_a_path(name: str, shown: str, load: Caseload) -> None:
    matter = load.open("deletion-inquiry", CLAIM)
    before = {p for p in load.office.home.rglob("*") if p.is_file()}
    attachment = load.attach(matter, "claim", name=name)
    assert load.case(matter)["attachments"][0]["name"] == shown
    new = {p for p in load.office.home.rglob("*") if p.is_file()} - before
    assert [p.name for p in new if "files" in p.parts] == [attachment]
    assert load.call("attachment", attachment=attachment)["content"] == PDF.hex()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "attachment-empty"),
        (b"%PDF-" + bytes(procedure_attach.LARGEST), "attachment-too-large"),
        (b"MZ\x90\x00\x03", "attachment-type"),
        (b"PK\x03\x04zip", "attachment-type"),
        ("読めない".encode("cp932"), "attachment-type"),
        (b"#!/bin/sh\nrm -rf /\x1b[0m", "attachment-type"),
    ],
)
def test_files_of_other_sizes_and_types_are_refused(content: bytes, code: str, load: Caseload) -> None:
    matter = load.open("deletion-inquiry", CLAIM)
    assert no(lambda: load.attach(matter, "claim", content=content)).code == code
    assert load.case(matter)["attachments"] == []


def test_a_file_other_than_the_one_signed_for_is_refused(load: Caseload) -> None:
    matter = load.open("deletion-inquiry", CLAIM)
    words = Attaching(matter, "claim", "a.pdf", "0" * 64, len(PDF), load.person("desk"), load.office.watch.at)
    assert no(lambda: load.call("attach", attaching=words, content=PDF, signature=load.signed("desk", words))).code == "another-file"
    assert no(lambda: load.attach(matter, "testament")).code == "unknown-paper"
    assert no(lambda: load.attach(matter, "claim", who="auditor")).code == "wrong-role"
    assert no(lambda: load.attach(matter, "claim", who="engineer")).code == "wrong-role"


def test_a_file_changed_on_the_disk_is_not_handed_out(load: Caseload) -> None:
    matter = load.open("deletion-inquiry", CLAIM)
    attachment = load.attach(matter, "claim")
    path = copies.folder(load.office.world) / attachment
    raw = path.read_bytes()
    assert PDF not in raw
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    assert no(lambda: load.call("attachment", attachment=attachment)).code == "case-file-gone"
    assert no(lambda: load.call("attachment", attachment="attachment-0000000000000000")).code == "unknown-attachment"


def test_a_move_that_needs_a_paper_waits_for_it(load: Caseload) -> None:
    matter = load.open("deletion-inquiry", CLAIM)
    why = no(lambda: load.move(matter, "complete", SHOWN, who="desk"))
    assert why.detail["lacks"] == [{"code": "paper-missing", "name": "claim"}]
    load.attach(matter, "")
    assert no(lambda: load.move(matter, "complete", SHOWN, who="desk")).code == "move-lacks"
    load.attach(matter, "claim")
    assert load.move(matter, "complete", SHOWN, who="desk") == "complete"


# The preservation request


def test_a_request_not_in_writing_is_refused_by_letter_and_keeps_nothing(load: Caseload) -> None:
    matter = load.open("authority-preservation", {**REQUEST, "in_writing": False})
    load.attach(matter, "request")
    told = {"named_records": "x", "data": (f"{load.permit}/*/2026-11-21",), "days": 30}
    assert no(lambda: load.move(matter, "hold", told)).detail["lacks"] == [{"code": "must", "name": "in-writing"}]
    assert load.move(matter, "refuse", {"why_refused": "not-in-writing"}) == "refused"
    (letter,) = load.case(matter)["letters"]
    assert letter["text"] == "preservation-refused@1"
    assert "書面によらない要請である" in letter["body"]
    assert load.case(matter)["holds"] == []


def test_a_preservation_ends_by_itself_with_its_last_day(load: Caseload) -> None:
    matter = load.preserved()
    load.office.watch.wind(days=30)
    load.remind()
    assert load.case(matter)["state"] == "held"
    load.office.watch.wind(days=1)
    assert load.remind()["moves"] == 1
    case = load.case(matter)
    assert (case["state"], case["holds"][0]["state"], case["made"][-1]["by"]) == ("over", "lifted", None)
    assert load.remind() == {}


def test_an_extension_replaces_the_hold_and_the_old_one_is_over(load: Caseload) -> None:
    matter = load.preserved(days=20)
    load.attach(matter, "extension")
    assert load.move(matter, "extend", {"more_days": 30}) == "held"
    states = [(h["state"], h["until"][:10]) for h in load.case(matter)["holds"]]
    assert states == [("replaced", "2026-12-12"), ("living", "2027-01-11")]
    assert "2027-01-11" in load.case(matter)["letters"][-1]["body"]


# Letters


def test_a_letter_holds_the_cases_facts_and_nothing_of_them_is_read_as_a_template(load: Caseload) -> None:
    matter = load.open("deletion-inquiry", {**CLAIM, "claimant": "{{operator}} #eval"})
    load.attach(matter, "claim")
    load.move(matter, "complete", {**SHOWN, "posted": "一行目\n■ 当社からのお知らせ {{number}}"}, who="desk")
    load.move(matter, "draft", who="desk")
    (letter,) = load.case(matter)["letters"]
    assert "> 一行目\n> ■ 当社からのお知らせ {{number}}\n" in letter["body"]
    assert "名誉" in letter["body"]
    assert "7日" in letter["body"]
    assert "#eval" not in letter["body"]  # the claimant is not named to the sender
    assert load.case(matter)["number"] in letter["subject"]
    assert load.move(matter, "drop", {"decision_reason": "x"}) == "dropped"


def test_a_letter_is_written_in_the_language_of_the_case(load: Caseload) -> None:
    matter = load.open("authority-preservation", {**REQUEST, "language": "en"})
    load.move(matter, "refuse", {"why_refused": "too-long"})
    (letter,) = load.case(matter)["letters"]
    assert letter["language"] == "en"
    assert "the period is longer than the law allows" in letter["body"]


def test_without_an_adopted_text_no_letter_and_no_move(founded: Office) -> None:
    load = Caseload(founded, texts=False)
    matter = load.open("authority-preservation", REQUEST)
    lacks = {m["id"]: m["lacks"] for m in load.case(matter)["moves"]}
    named = {"ja": "通信履歴の保全の要請について", "en": "Your request to preserve communication records"}
    assert {"code": "text-not-adopted", "name": "preservation-refused@1", "words": named} in lacks["refuse"]
    size = founded.world.log.size
    assert no(lambda: load.move(matter, "refuse", {"why_refused": "too-long"})).code == "text-not-adopted"
    assert (load.case(matter)["state"], founded.world.log.size) == ("received", size)
    assert no(lambda: load.adopt("preservation-refused@1", who="desk")).code == "wrong-role"
    assert no(lambda: load.adopt("preservation-refused@1", digest="0" * 64)).code == "another-text"
    load.adopt("preservation-refused@1")
    assert no(lambda: load.adopt("preservation-refused@1")).code == "already-adopted"
    assert load.move(matter, "refuse", {"why_refused": "too-long"}) == "refused"


# Holds


@pytest.fixture
def kept(office: Office) -> tuple[Caseload, str, list[str]]:
    """Traffic was recorded and matched under a standing permit; the caseload, the permit, its keys."""
    office.collect()
    office.look()
    permit = next(p["id"] for p in office.permits() if p["step"] == "match")
    return Caseload(office), permit, [k for k in office.world.vault.key_ids() if k.startswith(permit)]


def retire(office: Office) -> None:
    from sekisho.desk.permitting.retire import Retire, carry_out

    with office.turn() as world:
        carry_out(world, Retire())


def test_data_that_a_living_hold_names_are_not_destroyed_and_go_when_it_is_over(kept: tuple[Caseload, str, list[str]]) -> None:
    load, permit, keys = kept
    assert keys
    until = max(load.office.world.vault._by_term()[k] for k in keys)
    load.office.watch.at = until - timedelta(days=2)
    load.office.reopen()
    matter = load.preserved(permit, days=30, first="2026-01-01", last="2027-12-31")
    load.office.watch.wind(days=20)
    for _ in range(2):
        retire(load.office)
        assert set(keys) <= set(load.office.world.vault.key_ids())
        load.office.reopen()
    load.office.watch.wind(days=11)
    assert load.remind()["moves"] == 1
    retire(load.office)
    assert not set(keys) & set(load.office.world.vault.key_ids())
    assert load.case(matter)["state"] == "over"
    assert differences(load.office) == []


def test_a_hold_on_other_days_or_of_another_permit_keeps_nothing(kept: tuple[Caseload, str, list[str]]) -> None:
    load, permit, keys = kept
    other = next(p["id"] for p in load.office.permits() if p["step"] == "record")
    matter = load.counting()
    load.hold(matter, f"{permit}/*/2025-01-01..2025-12-31", f"{other}/*/2025-01-01", days=300)
    load.office.watch.at = max(load.office.world.vault._by_term()[k] for k in keys) + timedelta(seconds=1)
    load.office.reopen()
    retire(load.office)
    assert not set(keys) & set(load.office.world.vault.key_ids())


def test_a_hold_of_one_class_keeps_that_class_and_what_it_needs_to_be_opened(kept: tuple[Caseload, str, list[str]]) -> None:
    load, permit, keys = kept
    held = holds.of(f"{permit}/counterpart/2026-01-01..2027-12-31")
    with load.office.turn() as world:
        found = holds.keys(world, [held])
    assert found == {k for k in keys if k.split("/")[1] in ("counterpart", "footer")}
    assert found
    assert found < set(keys)


def test_rows_that_a_hold_names_stay_with_it(kept: tuple[Caseload, str, list[str]]) -> None:
    from sekisho.desk.flows.forget import Forget, carry_out

    load, permit, _ = kept
    hold = load.hold(load.counting(), f"{permit}/*/2026-01-01..2027-12-31", days=300)
    load.office.watch.wind(days=29)
    load.office.watch.wind(days=200)

    def forget() -> int:
        with load.office.turn() as world:
            carry_out(world, Forget())
            return len(world.db.execute(select(records.LOOKS).where(records.LOOKS.c.permit == permit)).all())

    assert forget() > 0
    load.lift(hold)
    assert forget() == 0


def test_a_hold_alone_opens_nothing(office: Office) -> None:
    """A look under way, its permit in force, the key kept past its term by a hold: the key is not released."""
    from sekisho.desk.cases.procedure_hold import Hold  # noqa: F401 - the use case this is about
    from sekisho.store.spec import period_of

    load = Caseload(office)
    office.collect()
    (look,) = office.channel("supervisor").call("due-looks")["start"]
    work = office.channel("work", look)
    work.call("open-look", look=look)
    permit = next(p["id"] for p in office.permits() if p["step"] == "match")
    key = next(k for k in office.world.vault.key_ids() if k.startswith(permit) and k.endswith(period_of(office.watch.at)))
    ends = office.world.vault._by_term()[key]
    load.hold(load.counting(), f"{permit}/*/2026-01-01..2027-12-31", days=300)
    office.watch.wind(seconds=(ends - office.watch.at).total_seconds() + 1)
    retire(office)
    assert key in office.world.vault.key_ids()
    why = no(lambda: work.call("release-key", look=look, key_id=key, wrapped=b"\x01" * 113))
    assert why.code in ("held-only", "ended", "look-not-under-way")


def test_a_key_past_its_term_is_held_only_even_for_a_permit_in_force(office: Office) -> None:
    from sekisho.desk import permits
    from sekisho.desk.flows import release_key
    from sekisho.desk.world import No

    load = Caseload(office)
    office.collect()
    permit = next(p["id"] for p in office.permits() if p["step"] == "match")
    key = next(k for k in office.world.vault.key_ids() if k.startswith(permit))
    hold = load.hold(load.counting(), f"{permit}/*/2026-01-01..2027-12-31", days=300)
    with office.turn() as world:
        whole = permits.of(records.one(world.db, records.PERMITS, id=permit) or {})
        release_key._not_held_only(world, whole, key)
    office.watch.at = office.world.vault._by_term()[key] + timedelta(seconds=1)
    office.reopen()
    retire(office)
    from dataclasses import replace

    with office.turn() as world:
        with pytest.raises(No) as why:
            release_key._not_held_only(world, whole, key)
        assert why.value.code == "held-only"
        release_key._not_held_only(world, replace(whole, scope={**whole.scope, "holds": (hold,)}), key)
        with pytest.raises(No):
            release_key._not_held_only(world, replace(whole, scope={**whole.scope, "holds": ("hold-0000000000000000",)}), key)


def test_who_may_hold_and_who_may_lift(kept: tuple[Caseload, str, list[str]]) -> None:
    load, permit, _ = kept
    matter = load.counting()
    data = f"{permit}/*/2026-11-21"
    assert no(lambda: load.hold(matter, data, who="desk")).code == "wrong-role"
    assert no(lambda: load.hold(matter, data, days=367)).code == "longer-than-a-year"
    assert no(lambda: load.hold(matter, data, days=0)).code == "longer-than-a-year"
    assert no(lambda: load.hold(matter, data, reason=" ")).code == "no-reasons"
    assert no(lambda: load.hold(matter)).code == "not-data"
    assert no(lambda: load.hold(matter, "everything")).code == "not-data"
    assert no(lambda: load.hold(matter, "permit-0000000000000000/*/2026-11-21")).code == "unknown-permit"
    hold = load.hold(matter, data)
    assert no(lambda: load.lift(hold, who="reviewer-a")).code == "wrong-role"
    assert no(lambda: load.lift("hold-0000000000000000")).code == "unknown-hold"
    assert load.lift(hold) == hold
    assert no(lambda: load.lift(hold)).code == "hold-ended"
    assert [h["state"] for h in load.case(matter)["holds"]] == ["lifted"]


def test_a_hold_of_an_officer_is_not_lifted_by_the_procedure(kept: tuple[Caseload, str, list[str]]) -> None:
    load, permit, _ = kept
    matter = load.preserved(permit)
    hold = load.hold(matter, f"{permit}/*/2026-11-21", days=100)
    load.attach(matter, "ended")
    assert load.move(matter, "withdraw") == "withdrawn"
    assert {h["id"]: h["state"] for h in load.case(matter)["holds"]}[hold] == "living"


def test_a_hold_that_ended_by_its_day_is_written_down_once(kept: tuple[Caseload, str, list[str]]) -> None:
    load, permit, _ = kept
    load.hold(load.counting(), f"{permit}/*/2026-11-21", days=2)
    load.office.watch.wind(days=3)
    assert load.remind()["holds"] == 1
    assert "holds" not in load.remind()
    assert kinds(load.office).count("hold-ended") == 1


# The file's own end


def test_a_file_goes_when_its_days_are_over_and_nobody_can_read_it_any_more(load: Caseload) -> None:
    matter = load.open("authority-preservation", REQUEST)
    attachment = load.attach(matter, "request")
    load.move(matter, "refuse", {"why_refused": "not-named"})
    path = copies.folder(load.office.world) / attachment
    for days in (29,) * 37:
        load.office.watch.wind(days=days)
        load.remind()
    assert path.exists()
    load.office.watch.wind(days=23)
    assert load.remind() == {"files": 1}
    assert not path.exists()
    assert no(lambda: load.case(matter)).code == "case-file-gone"
    (row,) = load.call("cases", shown="all")["cases"]
    assert row["gone"]
    assert differences(load.office) == []
    load.office.reopen()
    assert no(lambda: load.call("attachment", attachment=attachment)).code == "case-file-gone"


def test_a_kill_between_the_entry_of_a_destruction_and_its_record_stops_nothing_that_comes_after(
    load: Caseload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is gone all the same, and reminders of other cases are given."""
    matter = load.open("authority-preservation", REQUEST)
    attachment = load.attach(matter, "request")
    load.move(matter, "refuse", {"why_refused": "not-named"})
    with load.office.turn() as world:
        table = records.MATTERS
        world.db.execute(table.update().values(closed=records.stamp(load.office.watch.at - timedelta(days=2000))))

    killed_before_its_record(load, monkeypatch, load.remind)
    load.counting()
    load.office.watch.wind(days=9)
    assert load.remind() == {"reminders": 2, "files": 1}
    assert load.remind() == {}
    assert no(lambda: load.case(matter)).code == "case-file-gone"
    assert not (copies.folder(load.office.world) / attachment).exists()


def test_an_earlier_book_is_read_once_for_all_its_cases(founded: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading one takes seconds; `keep` answers everybody."""
    import shutil

    from sekisho.desk import books
    from sekisho.law.casebook import Casebook
    from sekisho.law.casebook import load as load_book
    from tests.conftest import ROOT

    load = Caseload(founded)
    for number in range(3):
        load.open("deletion-inquiry", {**CLAIM, "claimant": f"見本 {number}"})
    folder = Path(shutil.copytree(ROOT / "casebook" / "jp", tmp_path / "jp"))
    path = folder / "procedures" / "deletion-inquiry.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("length = 7", "length = 3"), encoding="utf-8")
    load.use_book(load_book(folder))
    read: list[Path] = []

    def counted(place: Path) -> Casebook:
        read.append(place)
        return load_book(place)

    monkeypatch.setattr(books, "load", counted)
    assert len(load.call("cases")["cases"]) == 3
    load.call("cases")
    load.remind()
    assert len(read) == 1


def test_a_file_with_a_living_hold_in_it_stays(kept: tuple[Caseload, str, list[str]]) -> None:
    load, permit, _ = kept
    matter = load.open("deletion-inquiry", CLAIM)
    load.move(matter, "drop", {"decision_reason": "x"})
    other = load.open("deletion-inquiry", CLAIM)
    hold = load.hold(other, f"{permit}/*/2026-11-21", days=360)
    load.move(other, "drop", {"decision_reason": "x"})
    table = records.MATTERS
    load.office.watch.wind(days=350)
    with load.office.turn() as world:
        world.db.execute(table.update().values(closed=records.stamp(load.office.watch.at - timedelta(days=2000))))
    assert load.remind()["files"] == 1
    assert load.case(other)["final"]
    assert no(lambda: load.case(matter)).code == "case-file-gone"
    load.lift(hold)
    assert load.remind()["files"] == 1
