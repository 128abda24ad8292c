"""What touched me: by the code of a receipt, a letter or a mail, and by nothing else; what was not told yet is not shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import campaigns
from sekisho.desk.outside import KeepSaidNo
from sekisho.law.entrustment import Action
from tests.desk.caseload import Caseload
from tests.desk.mailing import approved
from tests.desk.office import Office, refused
from tests.desk.rooming import Rooming
from tests.desk.test_entrust import entrusted
from tests.desk.test_orders import CODE

POSTING = frozenset({Action.PRINT, Action.SEND_POST})
ASKED = "私のアドレスは、だれに見えたのですか。"


@pytest.fixture(scope="module")
def _ready(_adopted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_adopted).copied_closed(tmp_path_factory.mktemp("touched") / "home").open()
    agency = entrusted(office)
    house = entrusted(office, "printing-house", party="Letter House", ground="jp/E-02/1", actions=POSTING)
    (office.home / "rows").write_text(f"{agency} {house}", encoding="ascii")
    office.close()
    return office.home


@pytest.fixture
def office(_ready: Path, tmp_path: Path) -> Iterator[Office]:
    found = Office(_ready).copied_closed(tmp_path / "office").open()
    found.watch.wind(minutes=5)
    yield found
    found.close()


@pytest.fixture
def rows(office: Office) -> list[str]:
    """Agency, and who posts letters for us."""
    return (office.home / "rows").read_text(encoding="ascii").split()


@pytest.fixture
def room(office: Office) -> Rooming:
    return Rooming(Caseload(office, texts=False))


def told(room: Rooming, number: str, code: str) -> dict[str, Any]:
    return dict(room.load.call("what-touched-me", number=number, code=code))


def knock(room: Rooming) -> tuple[str, str]:
    found = room.load.call("knock", door="security-report", facts={"what": ASKED}, files=[], language="ja")
    return found["number"], found["code"]


def letter(room: Rooming, printer: str) -> str:
    """The code in the letter of one person."""
    room.do("tell-person", printer=printer)
    body = room.load.case(room.matter)["letters"][-1]["body"]
    assert "/touched" in body
    return str(CODE.findall(body)[0])


def test_who_has_a_letter_sees_what_happened_to_which_data_and_what_was_done(room: Rooming, rows: list[str]) -> None:
    room.known(knew_on="2026-11-20")
    room.do("add-touched", touched_row=rows[0])
    code = letter(room, rows[1])
    number = room.room()["number"]
    (found,) = told(room, number, code)["incidents"]
    assert (found["number"], found["known"], found["told"], found["closed"]) == (number, "2026-11-20", True, None)
    assert set(found["record"]) == {"happened_when", "outline", "data_items", "cause_known", "harm", "measures_state"}
    assert found["data"][0]["fields"]
    room.do("name-spokesperson")
    room.do("draft-statement")
    room.do("publish-statement")
    (later,) = told(room, number, code.lower().replace("-", " "))["incidents"]
    assert [set(s["words"]) for s in later["statements"]] == [{"ja", "en"}]


def test_two_people_have_two_codes_and_both_stay_good(room: Rooming, rows: list[str]) -> None:
    room.known()
    first, second = letter(room, rows[1]), letter(room, rows[1])
    assert first != second
    number = room.room()["number"]
    assert told(room, number, first)["incidents"] == told(room, number, second)["incidents"]


def test_who_wrote_to_us_sees_the_incident_it_became_and_the_record_only_once_people_were_told(room: Rooming) -> None:
    receipt, code = knock(room)
    assert told(room, receipt, code) == {"number": receipt, "way": "receipt", "incidents": []}
    room.known(from_case=receipt)
    room.do("add-question", question_text=ASKED, question_case=receipt)
    room.do("add-question", question_text="ほかの人の質問", question_from="press")
    (found,) = told(room, receipt, code)["incidents"]
    assert (found["told"], found["record"], found["data"]) == (False, {}, [])
    assert [(q["number"], q["text"], q["answers"], q["by"]) for q in found["questions"]] == [(1, ASKED, [], None)]
    room.do("answer-later", later_to="1", later_by="2026-12-01")
    room.do("tell-people", told_how="mail")
    (found,) = told(room, receipt, code)["incidents"]
    assert (found["told"], found["questions"][0]["by"]) == (True, "2026-12-01")
    assert found["record"]["outline"]
    room.do("answer", answer_text="だれにも見えていません。")
    assert [a["text"] for a in told(room, receipt, code)["incidents"][0]["questions"][0]["answers"]] == ["だれにも見えていません。"]


def test_the_check_code_of_a_mail_about_it_opens_it_with_its_number_and_no_other_mail_does(room: Rooming, office: Office) -> None:
    room.known()
    number, named = room.room()["number"], approved(office)["campaign"]
    other = approved(office)["campaign"]
    room.do("mail-people", mail_campaign=named)
    with office.turn() as world:
        codes = {n: campaigns.check_code(world, n, campaigns.leaves(world, n)[0]) for n in (named, other)}
    assert [i["number"] for i in told(room, number, codes[named])["incidents"]] == [number]
    for wrong in ((number, codes[other]), ("2026-99999", codes[named])):
        with refused("unknown-code"):
            told(room, *wrong)


def test_a_campaign_nobody_approved_carries_no_mail_of_an_incident(room: Rooming) -> None:
    room.known()
    with pytest.raises(KeepSaidNo) as why:
        room.do("mail-people", mail_campaign="campaign-0000000000000000")
    assert why.value.detail["lacks"] == [{"code": "campaign-not-approved", "name": "campaign-0000000000000000"}]


def test_whatever_is_wrong_is_answered_alike_and_says_nothing(room: Rooming, rows: list[str]) -> None:
    receipt, code = knock(room)
    room.known()
    person, number = letter(room, rows[1]), room.room()["number"]
    said = set()
    for wrong in ((number, code), (receipt, person), (receipt, ""), ("", person), ("2026-77777", "A" * 20), (number, "x" * 9000)):
        with pytest.raises(KeepSaidNo) as why:
            told(room, *wrong)
        said.add((why.value.code, str(why.value.detail)))
    assert said == {("unknown-code", "{}")}


def test_nothing_goes_to_people_while_the_record_names_a_reporter_or_one_of_ours(room: Rooming, rows: list[str]) -> None:
    """What the letters and this page show is looked over like a public statement."""
    room.known()
    room.do("protect-reporter", protected_name="証人 久代")
    room.do("update", outline="証人　久代さんが気づいた。")
    for move, more in (("tell-people", {"told_how": "mail"}), ("tell-person", {"printer": rows[1]})):
        with pytest.raises(KeepSaidNo) as why:
            room.do(move, **more)
        assert [x["code"] for x in why.value.detail["lacks"]] == ["names-a-reporter"]
    room.do("update", outline="参加者が気づいた。", cause_known="reviewer-a が忘れた。")
    with pytest.raises(KeepSaidNo) as why:
        room.do("tell-people", told_how="mail")
    assert {x["code"] for x in why.value.detail["lacks"]} == {"names-our-people"}


def test_the_page_of_a_person_holds_no_name_of_ours_no_reporter_and_no_other_question(room: Rooming, rows: list[str]) -> None:
    room.known()
    room.do("protect-reporter", protected_name="証人 久代")
    room.do("add-question", question_text="ほかの人の質問")
    room.do("add-warning")
    shown = str(told(room, room.room()["number"], letter(room, rows[1])))
    assert not re.findall(r"久代|ほかの人の質問|desk|officer|engineer|entrustment-", shown)
