"""A drill on the clock: from one runner's complaint at the public door to a public statement, and on to the day the incident closes.

D0.5: the ladder, who speaks, dated statements, those protected, the outside body: "a drill from complaint to public statement runs on the
clock". D1.8: the room with orders that firms answer by their own code and people who see what touched them: "an incident cannot close with
an unanswered question or a cause that is a person". D1.9: "both authorities' items print from one record; clocks run from 'knew'".

The console and a real `keep`; the clock is wound by hand. Read from top to bottom; each test goes on where the one above it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from sekisho.desk.outside import KeepSaidNo
from sekisho.law.entrustment import Action
from tests.desk.office import Office
from tests.desk.rooming import Rooming
from tests.desk.test_entrust import entrusted
from tests.desk.test_orders import codes
from tests.desk.test_rungs import tick
from tests.faces.web.live import Live, live

LADDER = '["15=desk <duty@example.jp>", "30=legal-officer <legal@example.jp>"]'
SETTINGS = f'[incident]\nladder = {LADDER}\noutside_body = "見本法律事務所"\noutside_contact = "03-0000-0000"\n'
TOLD = "返信したら、ほかの参加者全員に私のアドレスが届きました。"
WORDS = {"statement_ja": "アドレスが、ほかの参加者に見える状態でした。", "statement_en": "Runners could see each other's addresses."}


@dataclass
class Drill:
    """What the tests hand down."""

    live: Live
    rows: list[str]
    known: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.room = Rooming(self.live.load)

    def page(self, language: str = "en") -> str:
        answer = self.live.stranger.get(f"/statements?lang={language}")
        assert answer.status_code == 200
        return str(answer.text)

    def minutes(self, count: int) -> None:
        self.live.office.watch.wind(minutes=count)

    def lacks(self, move: str, who: str = "", **told: object) -> list[str]:
        with pytest.raises(KeepSaidNo) as why:
            self.room.do(move, who, **told)  # type: ignore[arg-type]  # values of facts
        return [x["code"] for x in why.value.detail["lacks"]]


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    office = Office(tmp_path_factory.mktemp("drill") / "home").found(more=SETTINGS)
    agency = entrusted(office)
    app = entrusted(office, "printing-house", agency, party="Sample Apps")
    posting = frozenset({Action.PRINT, Action.SEND_POST})
    house = entrusted(office, "printing-house", party="Letter House", ground="jp/E-02/1", actions=posting)
    office.close()
    with live(office.home, tmp_path_factory.mktemp("drill") / "office") as running:
        yield Drill(running, [agency, app, house])


def test_a_complaint_comes_in_by_the_public_door_and_an_incident_is_opened(drill: Drill) -> None:
    number, code = drill.live.receipt("security-report", {"what": TOLD})
    drill.minutes(5)
    drill.room.open(from_case=number)
    drill.known |= {"complaint": number, "code": code, "incident": drill.room.room()["number"]}
    assert {"personal-first", "personal-final", "people", "secrecy-first", "secrecy-final", "entruster"} == set(drill.room.clocks())
    assert "Nothing was published yet." in drill.page()


def test_the_ladder_is_climbed_within_its_minutes_and_each_says_that_they_have_it(drill: Drill) -> None:
    assert tick(drill.live.office) == 1
    drill.room.do("record", persons="1,150人", leaked_by=drill.rows[1])
    drill.minutes(10)
    drill.room.do("acknowledge", "desk")
    drill.minutes(15)
    assert tick(drill.live.office) == 0, "somebody has it: the next rung is not called"
    drill.room.do("acknowledge", "officer")
    assert [(r["by"], r["late"]) for r in drill.room.room()["ladder"]] == [("desk", False), ("officer", False)]


def test_blaming_somebody_is_refused_in_the_room_and_in_public(drill: Drill) -> None:
    """2023: the blame fell on a volunteer; the person who had warned was left out."""
    drill.room.do("add-warning")
    drill.room.do("protect-reporter", protected_name="証人 久代")
    drill.room.do("name-spokesperson", spokesperson="officer")
    assert drill.lacks("add-cause", cause_kind="person") == ["person-as-root"]
    assert drill.lacks("draft-statement", statement_ja="engineer の操作ミスでした。") == ["names-our-people"]
    assert drill.lacks("draft-statement", statement_ja="証人 久代さんの指摘によります。") == ["names-a-reporter"]


def test_the_first_statement_is_out_within_the_hour_and_another_than_its_writer_published_it(drill: Drill) -> None:
    drill.room.do("draft-statement", **WORDS)
    drill.minutes(20)
    drill.room.do("publish-statement", publish_number=1)
    room = drill.room.room()
    opened = drill.live.load.case(drill.room.matter)["made"][0]["at"]
    out = room["statements"][0]["out"]
    assert (int(out[11:13]) * 60 + int(out[14:16])) - (int(opened[11:13]) * 60 + int(opened[14:16])) == 45
    assert WORDS["statement_en"] in drill.page("en").replace("&#39;", "'")
    assert WORDS["statement_ja"] in drill.page("ja")
    assert "久代" not in drill.page("ja")


def test_every_question_is_numbered_and_the_public_page_counts_those_without_an_answer(drill: Drill) -> None:
    drill.room.do("add-question", question_case=drill.known["complaint"])
    drill.room.do("add-question", question_from="press", question_text="何件ですか。")
    drill.room.do("add-question", question_about="own-people", question_text="担当者の態度について。")
    drill.room.do("answer", answer_to="1, 2", answer_text="1,150人です。住所は渡っていません。", answer_public=True)
    drill.room.do("answer-later", later_to="3", later_by="2026-12-01")
    assert "Questions: 3. Answered: 2." in drill.page()
    assert "1. 私の住所も渡っていたのですか。<br>" in drill.page("ja").replace("</span>", "")
    assert drill.lacks("answer", answer_to="3") == ["for-the-outside-body"]


def test_all_contractors_are_ordered_and_accounts_made_against_peoples_will_are_undone_at_every_level(drill: Drill) -> None:
    drill.room.do("order", order_kind="undo-accounts", order_to="\n".join(drill.rows))
    who = {"number": drill.known["incident"], "code": codes(drill.room)["Sample"], "words": "消しました。", "undone": "1150"}
    assert drill.live.post("/order", "/order/answer", who).status_code == 200
    drill.room.made += 1
    for row in (drill.rows[0], drill.rows[2]):
        drill.room.do("order-taken", taken_by=row, taken_undone=0)
    taken = [r["taken"] for r in drill.room.room()["orders"][0]["rows"]]
    assert [(t["taken_undone"], t["own"]) for t in taken] == [(0, False), (1150, True), (0, False)]
    assert drill.lacks("add-cost", cost_kind="coupon", cost_to="Sample Apps") == ["amends-profit-leaker"]


def test_both_authorities_get_the_items_of_one_record_and_the_persons_a_letter(drill: Drill) -> None:
    room = drill.room
    for move, stage in (("personal-first", "first"), ("secrecy-first", "first"), ("personal-final", "final"), ("secrecy-final", "final")):
        room.do(move, "officer", stage=stage)
    room.do("not-entrusted")
    room.do("tell-person", printer=drill.rows[2])
    assert drill.lacks("tell-people", told_how="post", printer=drill.rows[0]) == ["printer-not-in-force"]
    room.do("tell-people", told_how="post", printer=drill.rows[2])
    mine = {"number": drill.known["complaint"], "code": drill.known["code"]}
    page = drill.live.post("/touched", "/touched", mine).text
    assert "1,150人です。住所は渡っていません。" in page, "who complained sees what it became, and the answer to their question"
    letters = [x for x in drill.live.load.case(room.matter)["letters"] if x["text"] in ("incident-commission@1", "incident-ministry@1")]
    assert len(letters) == 4
    assert all("1,150人" in x["body"] for x in letters)
    assert room.clocks() == {}


def test_it_closes_only_when_nothing_is_open_and_what_was_said_stays_with_its_additions(drill: Drill) -> None:
    assert sorted(drill.lacks("close")) == ["no-cause", "question-open"]
    drill.room.do("add-cause", cause_kind="person", cause_root=False, cause_text="機能を切らずに使い始めた。")
    assert sorted(drill.lacks("close")) == ["cause-not-ended", "question-open"]
    drill.room.do("add-cause", cause_under=1)
    drill.room.do("add-measure", measure_cause=2)
    drill.room.do("answer", answer_to="3", answer_body="見本法律事務所")
    drill.room.do("draft-statement", statement_kind="addition", statement_en="The cause was a step nobody had to take.")
    drill.room.do("publish-statement", publish_number=2)
    assert drill.room.do("close") == "closed"
    text = drill.page()
    assert text.index("First statement") < text.index("Addition")
    assert "closed on" in text
    assert drill.live.office.terminal.call("compare")["differences"] == []
