"""Pages of an incident for people outside, before a real `keep`: a contractor's order, and what touched somebody. Nothing for others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.desk.office import Office
from tests.desk.rooming import Rooming
from tests.desk.test_entrust import entrusted
from tests.desk.test_orders import codes
from tests.faces.web.live import Live, live

TEXT = "本人の意思によらず作った登録を、すべて消してください。"


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    office = Office(tmp_path_factory.mktemp("firms") / "template").found()
    agency = entrusted(office)
    entrusted(office, "printing-house", agency, party="Sample Apps")
    office.close()
    with live(office.home, tmp_path_factory.mktemp("firms") / "office") as running:
        running.office.watch.wind(minutes=5)
        yield running


@pytest.fixture
def room(at: Live) -> Rooming:
    found = Rooming(at.load).known()
    rows = "\n".join(h["row"] for h in found.room()["holding"])
    found.do("order", order_kind="undo-accounts", order_text=TEXT, order_to=rows)
    return found


@pytest.fixture
def who(room: Rooming) -> dict[str, str]:
    return {"number": room.room()["number"], "code": codes(room)["Sample"]}


def read(at: Live, who: dict[str, str]) -> Any:
    return at.post("/order", "/order", who)


def test_the_page_tells_nothing_before_number_and_code_are_sent(at: Live, who: dict[str, str]) -> None:
    before = at.load.case(who["number"])["events"]
    loaded = at.stranger.get(f"/order?number={who['number']}&code={who['code']}").text
    assert who["code"] not in loaded
    assert TEXT not in loaded
    wrong, unknown = read(at, {**who, "code": "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ"}), read(at, {"number": "2026-99999", "code": who["code"]})
    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert TEXT not in wrong.text + unknown.text
    assert at.load.case(who["number"])["events"] == before


def test_a_firm_reads_its_order_and_answers_it_with_proof(at: Live, room: Rooming, who: dict[str, str]) -> None:
    page = read(at, who).text
    assert TEXT in page
    assert "Sample Apps" in page
    missing = at.post("/order", "/order/answer", {**who, "words": "消しました", "undone": "many"})
    assert missing.status_code == 422
    assert "消しました" in missing.text, "what was typed is not lost"
    assert "Write how many accounts were undone" in missing.text
    done = at.post("/order", "/order/answer", {**who, "words": "消しました", "undone": "1150"}, {"file.": ("proof.txt", b"1150 rows")})
    assert done.status_code == 200
    assert "1150 accounts undone" in done.text
    assert "proof.txt" in done.text
    taken = [r["taken"] for r in room.room()["orders"][0]["rows"]]
    assert taken[0] is None
    assert (taken[1]["taken_words"], taken[1]["taken_undone"], taken[1]["own"]) == ("消しました", 1150, True)


def test_who_tries_codes_waits(at: Live, who: dict[str, str]) -> None:
    hurried = at.browser(sign_in_attempts=2)
    wrong = {**who, "code": "0000-0000-0000-0000-0000"}
    assert [at.post("/order", "/order", wrong, client=hurried).status_code for _ in range(3)] == [404, 404, 429]


def test_what_touched_somebody_is_shown_to_their_code_alone_in_their_language(at: Live, room: Rooming) -> None:
    number, code = at.receipt("security-report", {"what": "返信が全員に届きました。"})
    room.do("add-question", question_case=number)
    room.do("tell-people", told_how="mail")
    for language, title in (("ja", "求められること"), ("en", "What you may ask")):
        mine = at.browser(language)
        page = at.post("/touched", "/touched", {"number": number, "code": code}, client=mine)
        assert page.status_code == 200
        assert title in page.text
        assert "再委託先のメーリングリスト機能" in page.text, "what happened, as it was written down"
        assert room.room()["number"] in page.text


def test_the_page_of_what_touched_somebody_hints_at_nothing(at: Live, room: Rooming) -> None:
    number, code = at.receipt("security-report", {"what": "x"})
    empty = at.stranger.get(f"/touched?number={number}&code={code}")
    assert code not in empty.text
    nothing = at.post("/touched", "/touched", {"number": number, "code": code})
    assert "We know of no incident" in nothing.text
    wrong, unknown = (
        at.post("/touched", "/touched", told)
        for told in ({"number": room.room()["number"], "code": code}, {"number": number, "code": "0000-0000-0000-0000-0000"})
    )
    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert "What happened" not in wrong.text + unknown.text
    hurried = at.browser(sign_in_attempts=2)
    told = {"number": number, "code": "0000-0000-0000-0000-0000"}
    assert [at.post("/touched", "/touched", told, client=hurried).status_code for _ in range(3)] == [404, 404, 429]
