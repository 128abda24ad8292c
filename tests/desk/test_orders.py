"""Orders after an incident: each contractor of the tree has a code of its own, answers by it, and sees nothing but its own order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.incidents.order_answer import MOST_ANSWERS
from sekisho.desk.outside import KeepSaidNo
from tests.desk.caseload import PDF, Caseload
from tests.desk.office import Office, refused
from tests.desk.rooming import Rooming
from tests.desk.test_entrust import entrusted

CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}\b")
TEXT = "名簿を直ちに消去してください。"


@pytest.fixture(scope="module")
def _ready(_adopted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contractor and its sub-contractor, and an incident that was written down."""
    office = Office(_adopted).copied_closed(tmp_path_factory.mktemp("orders") / "home").open()
    office.watch.wind(seconds=1)
    agency = entrusted(office)
    app = entrusted(office, "printing-house", agency, party="Sample Apps")
    room = Rooming(Caseload(office, texts=False)).known()
    (office.home / "known").write_text(f"{room.matter} {agency} {app}", encoding="ascii")
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
    return (office.home / "known").read_text(encoding="ascii").split()[1:]


@pytest.fixture
def room(office: Office) -> Rooming:
    matter = (office.home / "known").read_text(encoding="ascii").split()[0]
    found = Rooming(Caseload(office, texts=False), matter)
    found.made = 2
    return found


def order(room: Rooming, rows: list[str], kind: str = "erase", **more: Any) -> None:
    room.do("order", order_kind=kind, order_text=TEXT, order_to="\n".join(rows), **more)


def codes(room: Rooming, text: str = "incident-order@2") -> dict[str, str]:
    """Each firm's code, by the name its newest letter begins with."""
    found = [x["body"] for x in room.load.case(room.matter)["letters"] if x["text"] == text]
    return {body.partition(" ")[0].partition("\n")[0]: CODE.findall(body)[0] for body in found}


def mine(room: Rooming, code: str) -> dict[str, Any]:
    return dict(room.load.call("my-order", number=room.room()["number"], code=code))


def answers(room: Rooming, code: str, words: str = "消去しました。", undone: int | None = None, files: Any = ()) -> dict[str, Any]:
    found = dict(room.load.call("answer-order", number=room.room()["number"], code=code, words=words, undone=undone, files=files))
    room.made += 1
    return found


def test_each_firm_of_the_tree_gets_a_letter_of_its_own_and_none_sees_another(room: Rooming, rows: list[str]) -> None:
    order(room, rows)
    letters = [x for x in room.load.case(room.matter)["letters"] if x["text"] == "incident-order@2"]
    assert len(letters) == len(rows)
    assert all(x["body"].count("entrustment-") == 0 for x in letters), "who else was asked stands in no letter"
    first, second = (x["body"].partition("\n")[0].removesuffix(" 御中") for x in letters)
    assert (second, letters[1]["recipient"]) == ("Sample Apps", []), "the window shows the greeting of a firm"
    assert first not in letters[1]["body"]
    assert second not in letters[0]["body"]
    assert len(set(codes(room).values())) == len(rows)


def test_a_firm_answers_by_its_code_and_the_room_says_that_it_did_so_itself(room: Rooming, rows: list[str]) -> None:
    order(room, rows)
    code = codes(room)["Sample"]
    seen = mine(room, code)
    assert (seen["party"], seen["text"], seen["answers"], seen["undo"], seen["late"]) == ("Sample Apps", TEXT, [], False, False)
    said = answers(room, code.lower().replace("-", " "), files=({"paper": "anything", "name": "proof.pdf", "content": PDF},))
    assert [a["words"] for a in said["answers"]] == ["消去しました。"]
    assert [f["name"] for f in said["files"]] == ["proof.pdf"]
    here = room.room()
    assert [(r["row"], r["taken"] and r["taken"]["own"]) for r in here["orders"][0]["rows"]] == [(rows[0], None), (rows[1], True)]
    assert ("order-open", f"1: {rows[0]}") in room.left()
    assert ("order-open", f"1: {rows[1]}") not in room.left()
    assert [p["paper"] for p in room.load.case(room.matter)["attachments"]] == ["acknowledged"]
    assert room.load.case(room.matter)["made"][-1]["by"]["name"] == "", "nobody of ours made this move"


def test_what_somebody_of_ours_typed_in_is_not_said_to_be_the_firms_own(room: Rooming, rows: list[str]) -> None:
    order(room, rows)
    room.do("order-taken", taken_by=rows[0])
    assert room.room()["orders"][0]["rows"][0]["taken"]["own"] is False


def test_a_code_opens_its_own_order_with_the_right_number_and_nothing_else(room: Rooming, rows: list[str]) -> None:
    order(room, rows)
    code = codes(room)["Sample"]
    number = room.room()["number"]
    for wrong in ({"number": "2026-99999", "code": code}, {"number": number, "code": code[:-1] + ("1" if code[-1] == "0" else "0")}):
        with refused("unknown-code"):
            room.load.call("my-order", **wrong)
    for door in ("my-case", "open-inquiry"):
        with refused("unknown-code"):
            room.load.call(door, number=number, code=code)


def test_who_undid_accounts_says_how_many_and_who_was_not_asked_that_says_nothing(room: Rooming, rows: list[str]) -> None:
    order(room, rows, "undo-accounts")
    code = codes(room)["Sample"]
    assert mine(room, code)["undo"] is True
    with refused("undone-not-said"):
        answers(room, code)
    answers(room, code, undone=1150)
    assert room.room()["orders"][0]["rows"][1]["taken"]["taken_undone"] == 1150
    order(room, rows, "report")
    answers(room, codes(room)["Sample"], undone=7)
    assert "taken_undone" not in room.room()["orders"][1]["rows"][1]["taken"]


def test_whoever_is_silent_is_reminded_of_and_asked_again_with_a_new_code(room: Rooming, rows: list[str], office: Office) -> None:
    order(room, rows, order_due="2026-11-25")
    old = codes(room)
    answers(room, old["Sample"])
    office.watch.wind(days=3)
    told = [r for r in room.load.case(room.matter)["told"] if r["order"]]
    room.load.remind()
    told = [r for r in room.load.case(room.matter)["told"] if r["order"]]
    assert [(r["order"], r["role"], r["due"]) for r in told] == [(1, "responsible-window", "2026-11-25")]
    office.watch.wind(days=3)
    room.load.remind()
    assert len([r for r in room.load.case(room.matter)["told"] if r["order"]]) == 2
    assert room.room()["orders"][0]["late"] is True
    room.do("order-again", again_order=1)
    again = codes(room, "incident-order-again@1")
    assert len(again) == 1, "only who is silent"
    (new,) = again.values()
    assert mine(room, new)["late"] is True
    with refused("unknown-code"):
        mine(room, next(c for firm, c in old.items() if firm != "Sample"))
    answers(room, new)
    assert room.room()["orders"][0]["late"] is False
    with pytest.raises(KeepSaidNo) as why:
        room.do("order-again", again_order=1)
    assert why.value.detail["lacks"] == [{"code": "order-answered", "name": "1"}]


def test_an_order_everybody_answered_reminds_nobody(room: Rooming, rows: list[str], office: Office) -> None:
    order(room, rows, order_due="2026-11-25")
    for code in codes(room).values():
        answers(room, code)
    office.watch.wind(days=9)
    room.load.remind()
    assert not [r for r in room.load.case(room.matter)["told"] if r["order"]]


def test_whoever_has_a_code_cannot_fill_the_ledger_with_it_nor_answer_a_closed_case(room: Rooming, rows: list[str]) -> None:
    order(room, rows)
    first, second = codes(room).values()
    for _ in range(MOST_ANSWERS):
        answers(room, first)
    with refused("answered-too-often"):
        answers(room, first)
    for wrong, code in (("  ", "nothing-told"), ("x" * 4001, "text-too-long")):
        with refused(code):
            answers(room, second, wrong)
    room.do("no-incident", "officer")
    with refused("case-closed"):
        answers(room, second)
    assert mine(room, second)["open"] is False


def test_an_order_is_shown_before_it_is_signed_and_no_code_is_made_for_that(room: Rooming, rows: list[str]) -> None:
    told = {"order_kind": "stop", "order_text": TEXT, "order_due": "2026-11-25", "order_to": "\n".join(rows)}
    (shown,) = room.load.call("preview-move", matter=room.matter, move="order", facts=told)
    assert "/order" in shown["body"]
    assert "XXXX-XXXX" in shown["body"]
