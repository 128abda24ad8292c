"""An incident in one office: every clock from the day it was known, one record for both authorities, nothing closed while it is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import incident_room
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.effects.texts import load as texts_of
from sekisho.faces.commands import incident as commands
from sekisho.faces.words.say import refuse
from sekisho.law.entrustment import Action, What
from tests.conftest import ROOT
from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.desk.rooming import TABLE, Rooming
from tests.desk.test_entrust import entrusted, move
from tests.faces.conftest import Said, typed

LADDER = '[incident]\nladder = ["15=desk", "30=legal-officer"]\noutside_body = "見本法律事務所"\noutside_contact = "03-0000-0000"\n'


@pytest.fixture(scope="module")
def _ready(_adopted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two contractors and a sub-contractor in the register, and a ladder in the settings."""
    office = Office(_adopted).copied_closed(tmp_path_factory.mktemp("ready") / "home")
    settings = office.home / "sekisho.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + LADDER, encoding="utf-8")
    office.open()
    office.watch.wind(seconds=1)
    agency = entrusted(office)
    house = entrusted(office, "printing-house", agency)
    posting = frozenset({Action.PRINT, Action.SEND_POST})
    post = entrusted(office, "printing-house", party="Letter House", ground="jp/E-02/1", actions=posting)
    (office.home / "rows").write_text(f"{agency} {house} {post}", encoding="ascii")
    office.close()
    return office.home


@pytest.fixture
def office(_ready: Path, tmp_path: Path) -> Iterator[Office]:
    found = Office(_ready).copied_closed(tmp_path / "office").open()
    found.watch.wind(minutes=1)
    yield found
    found.close()


@pytest.fixture
def rows(office: Office) -> list[str]:
    """Agency, its printing house, and who posts letters for us."""
    return (office.home / "rows").read_text(encoding="ascii").split()


@pytest.fixture
def room(office: Office) -> Rooming:
    return Rooming(Caseload(office, texts=False))


def no(call: Callable[[], object]) -> KeepSaidNo:
    with pytest.raises(KeepSaidNo) as why:
        call()
    return why.value


def lacks(call: Callable[[], object]) -> list[str]:
    refused = no(call)
    assert refused.code == "move-lacks"
    return [x["code"] for x in refused.detail["lacks"]]


# Clocks


def test_every_clock_runs_from_the_day_it_was_known_whenever_it_was_entered(room: Rooming) -> None:
    room.open(knew_on="2026-11-20")
    assert room.clocks() == {
        "personal-first": "2026-11-25",
        "personal-final": "2026-12-21",  # the 20th is a Sunday, and offices are closed
        "people": "2026-11-27",
        "secrecy-first": "2026-11-21",
        "secrecy-final": "2026-12-21",
        "entruster": "2026-11-21",
    }


def test_the_clocks_of_an_incident_end_on_the_days_that_the_law_of_leaks_names(room: Rooming) -> None:
    """`sekisho owed` counts the same duties from the same facts: both come to the same last day."""
    from datetime import date

    from sekisho.law.casebook import load

    book = load(ROOT / "casebook" / "jp")
    duties = {d.id: d for d in book.owed.duties}
    room.open(knew_on="2026-11-20")
    room.do("record")
    room.do("wrongful-purpose")
    found = room.clocks()
    for clock, duty in {"secrecy-final": "jp/A-10/d2", "personal-final-60": "jp/E-06/d3"}.items():
        owed = duties[duty].clock
        assert owed is not None
        assert found[clock] == owed.run(date(2026, 11, 20), book.calendar).last.isoformat()


def test_a_wrongful_purpose_gives_sixty_days_from_knowing_and_what_does_not_apply_is_stopped_with_its_reason(room: Rooming) -> None:
    room.open(knew_on="2026-11-20")
    room.do("record")
    room.do("wrongful-purpose", why_not="持ち出されたおそれがある。")
    assert room.clocks()["personal-final-60"] == "2027-01-19"
    assert "personal-final" not in room.clocks()
    room.do("not-secrecy", why_not="通信に当たらない。")
    assert not {"secrecy-first", "secrecy-final"} & set(room.clocks())
    made = room.load.case(room.matter)["made"][-1]
    assert [f["value"] for f in made["facts"]] == ["通信に当たらない。"]


# One record, both authorities


def letters(room: Rooming) -> dict[str, str]:
    return {x["text"]: x["body"] for x in room.load.case(room.matter)["letters"]}


def test_both_authorities_reports_are_written_from_one_record(room: Rooming) -> None:
    room.open()
    room.do("record", outline="返信が全員に届いた。\n二通目から止めた。", persons="1,150人")
    room.do("personal-first", who="officer", stage="first")
    room.do("secrecy-first", who="officer", stage="first")
    found = letters(room)
    for name in ("incident-commission@1", "incident-ministry@1"):
        assert "  返信が全員に届いた。\n  二通目から止めた。" in found[name], "our own words are not marked as somebody else's"
        assert "1,150人" in found[name]
    room.do("update", cause_known="機能の一覧を確かめる手順がなかった。")
    room.do("personal-final", who="officer", stage="final")
    assert "手順がなかった" in letters(room)["incident-commission@1"]
    assert {"personal-first", "secrecy-first", "personal-final"}.isdisjoint(room.clocks())


def test_the_nine_items_of_the_commission_and_those_of_the_ministry_are_facts_of_the_record() -> None:
    texts, record = texts_of(ROOT / "texts"), {f"fact_{n}" for n in TABLE.move("record").facts}
    both = {name: texts.find(name, "ja").places for name in ("incident-commission@1", "incident-ministry@1")}
    nine = {"outline", "data_items", "persons", "cause_known", "harm", "people_state", "public_state", "measures_state", "other_matters"}
    ministry = {"happened_when", "happened_where", "outline", "cause_known", "measures_state"}
    assert {f"fact_{n}" for n in nine} <= both["incident-commission@1"] & record
    assert {f"fact_{n}" for n in ministry} <= both["incident-ministry@1"] & record


def test_a_report_says_which_it_is(room: Rooming) -> None:
    room.known()
    assert lacks(lambda: room.do("personal-first", who="officer", stage="final")) == ["must"]


# Closing


def test_an_incident_cannot_close_with_an_unanswered_question(room: Rooming) -> None:
    room.known().explained().reported()
    room.do("acknowledge")
    room.do("add-question")
    room.do("add-question", question_text="何件ですか。")
    room.do("answer", answer_to="1")
    room.do("answer-later", later_to="2")
    assert room.left() == {("question-open", "2")}
    assert lacks(lambda: room.do("close")) == ["question-open"]
    room.do("answer", answer_to="2")
    assert room.do("close") == "closed"


def test_an_incident_cannot_close_with_a_cause_that_is_a_person(room: Rooming) -> None:
    room.known().reported()
    room.do("acknowledge")
    assert lacks(lambda: room.do("add-cause", cause_kind="person")) == ["person-as-root"]
    room.do("add-cause", cause_kind="person", cause_root=False, cause_text="担当が急いで押した。")
    assert lacks(lambda: room.do("close")) == ["cause-not-ended"]
    room.do("add-cause", cause_under=1, cause_text="一人で送れる作りだった。", cause_kind="tool")
    assert lacks(lambda: room.do("close")) == ["cause-without-measure"]
    room.do("add-measure", measure_cause=2)
    assert room.do("close") == "closed"
    tree = room.room()["causes"]
    assert [(c["number"], c["root"], [w["number"] for w in c["why"]]) for c in tree] == [(1, False, [2])]
    assert tree[0]["why"][0]["measures"] == [1]


def test_a_measure_without_an_owner_is_not_even_recorded(room: Rooming) -> None:
    room.known()
    room.do("add-cause")
    assert lacks(lambda: room.do("add-measure", measure_owner=" ")) == ["fact-wrong"]


def test_a_root_does_not_name_one_of_our_people(room: Rooming) -> None:
    room.known()
    name = next(p["name"] for p in room.load.call("people") if p["id"] == room.load.person("desk"))
    assert "cause-names-person" in lacks(lambda: room.do("add-cause", cause_text=f"{name} の不注意"))


def test_the_button_of_closing_says_what_is_still_open_before_anybody_signs(room: Rooming) -> None:
    room.known()
    room.do("add-question")
    button = next(m for m in room.load.case(room.matter)["moves"] if m["id"] == "close")
    codes = [x["code"] for x in button["lacks"]]
    assert {"clock-open", "question-open", "no-cause", "nobody-acknowledged"} == set(codes)
    assert next(x for x in button["lacks"] if x["code"] == "clock-open")["words"]["en"]


# Orders


def test_an_order_goes_to_all_contractors_and_each_answers(room: Rooming, office: Office, rows: list[str]) -> None:
    room.known().explained().reported()
    room.do("acknowledge")
    assert lacks(lambda: room.do("order", order_to=rows[0])) == ["order-leaves-out"] * 2
    room.do("order", order_kind="undo-accounts", order_to="\n".join(rows))
    assert room.left() == {("order-open", f"1: {row}") for row in rows}
    assert lacks(lambda: room.do("order-taken", taken_by=rows[0])) == ["undone-not-said"]
    for row in rows:
        room.do("order-taken", taken_by=row, taken_undone=3)
    assert room.do("close") == "closed"
    assert [r["taken"]["taken_undone"] for r in room.room()["orders"][0]["rows"]] == [3, 3, 3]


def test_who_gave_everything_back_is_not_ordered_any_more_and_who_was_stopped_is(room: Rooming, office: Office, rows: list[str]) -> None:
    room.known()
    move(office, rows[2], What.ENDED, "officer", reason="done")
    assert {h["row"] for h in room.room()["holding"]} == set(rows), "it may still have something of ours"
    move(office, rows[2], What.RETURNED, "desk", proof="7" * 64)
    move(office, rows[0], What.SUSPENDED, "reviewer-a", reason="the incident")
    assert {h["row"] for h in room.room()["holding"]} == set(rows[:2])


# Letters to people


def test_a_letter_by_post_needs_a_printing_house_that_stands_in_the_register(room: Rooming, office: Office, rows: list[str]) -> None:
    room.known()
    who = {"person": "見本 花子", "person_address": "〒100-0001\n東京都千代田区見本1-2-3"}
    assert lacks(lambda: room.do("tell-person", **who, printer=rows[0])) == ["printer-not-in-force"]
    room.do("tell-person", **who, printer=rows[2])
    letter = room.load.case(room.matter)["letters"][-1]
    assert letter["recipient"] == ["〒100-0001", "東京都千代田区見本1-2-3", "見本 花子"], "what stands in the envelope's window"
    move(office, rows[2], What.SUSPENDED, "reviewer-a", reason="lost a box")
    assert lacks(lambda: room.do("tell-people", told_how="post", printer=rows[2])) == ["printer-not-in-force"]
    room.do("tell-people", told_how="mail")
    assert "people" not in room.clocks()


# Ladder, statements, protection


def test_the_ladder_counts_minutes_and_says_who_had_it(room: Rooming, office: Office) -> None:
    room.known()
    office.watch.wind(minutes=10)
    room.do("acknowledge", who="desk")
    office.watch.wind(minutes=30)
    first, second = room.room()["ladder"]
    assert (first["minutes"], first["by"], first["late"]) == (15, "desk", False)
    assert (second["role"], second["by"], second["late"]) == ("legal-officer", "", True)


def said(office: Office) -> Any:
    return office.outside("terminal").keep.call("statements")["incidents"]


def test_a_statement_is_written_by_one_published_by_another_and_never_taken_away(room: Rooming, office: Office) -> None:
    room.known()
    room.do("name-spokesperson", spokesperson="高橋 凛")
    room.do("draft-statement")
    assert said(office) == [], "a draft is no statement"
    assert no(lambda: room.load.move(room.matter, "publish-statement", {"publish_number": 1}, who="desk")).code == "wrong-role"
    room.do("draft-statement", who="officer", statement_kind="addition")
    assert no(lambda: room.do("publish-statement")).code == "same-person"


def test_additions_and_corrections_stand_beside_what_they_change(room: Rooming, office: Office) -> None:
    room.known()
    room.do("name-spokesperson", spokesperson="高橋 凛")
    room.do("draft-statement")
    room.do("publish-statement")
    office.watch.wind(hours=5)
    room.do("draft-statement", statement_kind="addition", statement_ja="原因が分かりました。")
    room.do("publish-statement", publish_number=2)
    room.do("draft-statement", statement_kind="correction", statement_of=1, statement_ja="人数を改めます。")
    room.do("publish-statement", publish_number=3)
    (one,) = said(office)
    assert [(s["number"], s["kind"], s["of"]) for s in one["statements"]] == [(1, "first", 0), (2, "addition", 0), (3, "correction", 1)]
    assert one["statements"][0]["out"] < one["statements"][1]["out"]
    assert one["spokesperson"] == "高橋 凛"


def test_a_protected_name_is_shown_nowhere_and_found_by_no_search(room: Rooming, office: Office) -> None:
    room.known()
    room.do("protect-reporter", protected_name="証人 久代")
    shown = [room.room(), room.load.case(room.matter), office.terminal.call("find-cases", words="通報者A")]
    assert not any("久代" in str(found) for found in shown)
    assert len(shown[2]["cases"]) == 1
    assert office.terminal.call("find-cases", words="証人 久代")["cases"] == []
    assert lacks(lambda: room.do("draft-statement", statement_ja="証人　久代の指摘による。")) == ["names-a-reporter"]
    room.do("add-question", question_about="own-people")
    assert lacks(lambda: room.do("answer")) == ["for-the-outside-body"]
    room.do("answer", answer_body="見本法律事務所", answer_public=True)


def test_the_public_page_has_the_public_answers_and_how_many_are_open(room: Rooming, office: Office) -> None:
    room.known()
    room.do("name-spokesperson")
    room.do("draft-statement")
    room.do("publish-statement")
    for _ in range(3):
        room.do("add-question")
    room.do("answer", answer_to="1, 3", answer_public=True, answer_text="渡していません。")
    (one,) = said(office)
    assert (one["questions"], one["answered"]) == (3, 2)
    assert [([q["number"] for q in a["to"]], a["text"]) for a in one["answers"]] == [([1, 3], "渡していません。")]


# Costs


def test_a_coupon_for_the_leakers_own_shop_is_refused_without_a_reason_and_flagged_with_one(room: Rooming, rows: list[str]) -> None:
    room.known()
    room.do("update", leaked_by=rows[1])
    assert lacks(lambda: room.do("add-cost", cost_kind="coupon", cost_to="Sakura Agency の店")) == ["amends-profit-leaker"]
    room.do("add-cost", cost_kind="coupon", cost_to="Sakura Agency の店", cost_despite="ほかの店でも使える。")
    room.do("add-cost", cost_to="Letter House")
    assert [(c["yen"], c["profits_leaker"]) for c in room.room()["costs"]] == [(132_000, True), (132_000, False)]
    assert room.room()["yen"] == 264_000


def test_who_was_handed_over_in_a_row_is_told_of_what_touched_it_and_nobody_else(room: Rooming, office: Office, rows: list[str]) -> None:
    room.known()
    room.do("add-touched", touched_row=rows[0])
    number = room.room()["number"]
    with office.turn() as world, world.request():
        (told,) = incident_room.touching(world, rows[0])
        assert (told["number"], told["statements"]) == (number, 0)
        assert incident_room.touching(world, rows[1]) == []


# At the terminal


@pytest.fixture
def typing(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """A terminal of this office: the commands are real, and so is the desk behind them; only the socket between is not."""

    @contextmanager
    def outside(_config: Path) -> Iterator[Outside]:
        try:
            yield office.outside("terminal")
        except KeepSaidNo as why:
            raise refuse(why.code, why.detail) from why

    monkeypatch.setattr(commands, "outside", outside)

    def type_(*words: str, who: str = "", lang: str = "en") -> Said:
        key = ["--key", str(office.home / "people" / f"{who}.key")] if who else []
        return typed(tmp_path, "--lang", lang, "incident", *words, *key, lang=lang)

    return type_


def test_the_terminal_orders_everybody_and_says_what_is_open(room: Rooming, typing: Callable[..., Said], rows: list[str]) -> None:
    room.known().explained()
    room.do("add-question")
    number = room.room()["number"]
    ordered = typing("order", number, "Erase the list", "--due", "2026-11-25", "--kind", "erase", who="officer")
    assert ordered.code == 0, ordered.err
    assert all(f"✗ {row}" in ordered.out for row in rows)
    shown = typing("show", number)
    assert "[process; root]" in shown.out
    assert "this question has no answer 1" in shown.out
    assert "この期限" not in shown.out
    assert "答えていない質問があります 1" in typing("show", number, lang="ja").out
    assert "Nothing was published" in typing("statements").out
    assert typing("show", "2026-09999").code != 0


def test_another_case_is_no_incident(room: Rooming, typing: Callable[..., Said]) -> None:
    from tests.desk.caseload import CLAIM

    matter = room.load.open("deletion-inquiry", CLAIM)
    assert no(lambda: room.load.call("incident", matter=matter)).code == "no-incident-case"
    assert "This case is no incident" in typing("show", matter).err
