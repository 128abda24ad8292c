"""The room of an incident: what it refuses to record, and what keeps it from closing. Whatever is recorded, a person is never a root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.law import incident
from sekisho.law.incident import MOVES, CauseKind, Kind, Room, Rung, Said, room
from sekisho.law.incident_rules import Around, open_ends, refused
from sekisho.law.procedures import Running, Standing
from sekisho.law.words import Role, Value

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
TODAY = date(2026, 11, 21)
QUIET = Standing("open", {}, {}, {})
AROUND = Around(
    people=("Takahashi Rin", "Suzuki Aoi"),
    firms={"entrustment-1": "見本代理店", "entrustment-2": "見本アプリ"},
    printers=("entrustment-1",),
    leaking=("見本アプリ", "見本代理店"),
    outside_body="見本法律事務所",
)


def told(*moves: tuple[str, Mapping[str, Value]], by: str = "person-1") -> Room:
    return room(Said(move, facts, NOW + timedelta(minutes=n), by) for n, (move, facts) in enumerate(moves))


def cause(kind: str = "process", root: bool = True, under: int = 0, text: str = "no step asked for it") -> tuple[str, dict[str, Value]]:
    return "add-cause", {"cause_text": text, "cause_kind": kind, "cause_root": root, "cause_under": under}


def measure(number: int = 1) -> tuple[str, dict[str, Value]]:
    return "add-measure", {"measure_text": "try it first", "measure_cause": number, "measure_owner": "data office"}


def codes(here: Room, move: tuple[str, Mapping[str, Value]], around: Around = AROUND) -> list[str]:
    return [lack.code for lack in refused(here, move[0], move[1], around)]


def left(here: Room, standing: Standing = QUIET, around: Around = AROUND) -> list[tuple[str, str]]:
    return [(lack.code, lack.name) for lack in open_ends(here, standing, around)]


# Causes


@pytest.mark.parametrize("kind", ["person", "circumstance"])
def test_a_person_or_a_circumstance_is_no_root(kind: str) -> None:
    assert codes(told(), cause(kind)) == ["person-as-root"]
    assert codes(told(), cause(kind, root=False)) == []


def test_what_somebody_did_is_asked_on_until_a_process_a_tool_or_a_decision() -> None:
    here = told(cause("person", root=False))
    assert left(here) == [("cause-not-ended", "1")]
    here = told(cause("person", root=False), cause("tool", under=1))
    assert left(here) == [("cause-without-measure", "2")]
    assert left(told(cause("person", root=False), cause("tool", under=1), measure(2))) == []


def test_a_root_is_not_one_of_our_people_by_name_in_any_spelling() -> None:
    assert codes(told(), cause(text="ｔａｋａｈａｓｈｉ　ｒｉｎ pressed the button")) == ["cause-names-person"]
    assert codes(told(), cause(root=False, text="Takahashi Rin was asked to hurry")) == [], "on the way to a root it may be said"


def test_a_cause_asks_on_from_one_that_is_there() -> None:
    assert codes(told(), cause(under=1)) == ["unknown-number"]
    assert codes(told(cause(root=False)), cause(under=1)) == []


def test_a_measure_is_tied_to_a_root() -> None:
    assert codes(told(), measure()) == ["unknown-number"]
    assert codes(told(cause("person", root=False)), measure()) == ["cause-not-ended"]
    assert codes(told(cause()), measure()) == []


KINDS = st.sampled_from([k.value for k in CauseKind])


@given(st.lists(st.tuples(KINDS, st.booleans(), st.integers(0, 6)), max_size=8))
def test_whatever_causes_are_recorded_none_that_ends_is_a_person(given_: list[tuple[str, bool, int]]) -> None:
    """Recorded as far as the rules let it; when nothing is left to ask, every end is a process, a tool or a decision."""
    moves: list[tuple[str, Mapping[str, Value]]] = []
    for kind, root, under in given_:
        if not codes(told(*moves), one := cause(kind, root, under)):
            moves.append(one)
    here = told(*moves)
    asked_out = not any(code in ("cause-not-ended", "no-cause") for code, _ in left(here))
    assert asked_out == (bool(moves) and all(incident.is_root(c.said) for c in incident.ends(here)))
    if asked_out:
        assert {c.text("cause_kind") for c in incident.ends(here)} <= {"process", "tool", "decision"}


# Questions


ASKED = ("add-question", {"question_text": "?", "question_from": "person", "question_about": "incident"})
ABOUT_US = ("add-question", {"question_text": "!", "question_from": "person", "question_about": "own-people"})


def answer(to: str, **more: Value) -> tuple[str, dict[str, Value]]:
    return "answer", {"answer_to": to, "answer_text": "No.", "answer_public": False, **more}


def test_every_question_is_numbered_and_one_answer_to_three_stays_tied_to_each() -> None:
    here = told(ASKED, ASKED, ASKED, answer("1, 3"))
    assert [q.number for q in here[Kind.QUESTION]] == [1, 2, 3]
    assert [len(incident.answers(here, n)) for n in (1, 2, 3)] == [1, 0, 1]
    assert ("question-open", "2") in left(here)
    assert ("question-open", "1") not in left(here)


@pytest.mark.parametrize("to", ["", "2", "1, 2", "all", "0", "1;2"])
def test_an_answer_names_questions_that_were_asked(to: str) -> None:
    assert codes(told(ASKED), answer(to)) == ["unknown-number"]


def test_not_yet_is_no_answer() -> None:
    later = ("answer-later", {"later_to": "1", "later_by": "2026-12-01", "later_why": "being read"})
    assert codes(told(ASKED), later) == []
    here = told(ASKED, later)
    assert ("question-open", "1") in left(here)
    assert incident.promised(here, 1) is not None


def test_a_complaint_about_our_own_people_is_not_answered_by_us() -> None:
    here = told(ABOUT_US)
    assert codes(here, answer("1")) == ["for-the-outside-body"]
    assert codes(here, answer("1", answer_body="見本法律事務所")) == []
    assert codes(here, answer("1", answer_body=""), replace(AROUND, outside_body="")) == ["for-the-outside-body"]


# Orders


def order(to: str, kind: str = "erase") -> tuple[str, dict[str, Value]]:
    return "order", {"order_text": "erase it", "order_kind": kind, "order_due": "2026-11-25", "order_to": to}


def taken(by: str, **more: Value) -> tuple[str, dict[str, Value]]:
    return "order-taken", {"taken_order": 1, "taken_by": by, "taken_words": "done", **more}


ALL = "entrustment-1\nentrustment-2"


def test_an_order_goes_to_every_living_row_and_to_no_other() -> None:
    assert codes(told(), order("entrustment-1")) == ["order-leaves-out"]
    assert codes(told(), order(ALL + "\nentrustment-9")) == ["unknown-row"]
    assert codes(told(), order(ALL)) == []


def test_an_order_is_open_until_each_of_them_answered() -> None:
    here = told(order(ALL), taken("entrustment-2"))
    assert [x for x in left(here) if x[0] == "order-open"] == [("order-open", "1: entrustment-1")]
    assert codes(here, taken("entrustment-3")) == ["unknown-row"]


def test_who_undid_accounts_says_how_many() -> None:
    here = told(order(ALL, "undo-accounts"))
    assert codes(here, taken("entrustment-1")) == ["undone-not-said"]
    assert codes(here, taken("entrustment-1", taken_undone=0)) == []


def test_only_who_is_silent_is_asked_again_and_only_about_an_order_that_was_given() -> None:
    here = told(order(ALL), taken("entrustment-2"))
    assert incident.silent(here, here[Kind.ORDER][0]) == ["entrustment-1"]
    again = ("order-again", {"again_order": 1})
    assert codes(here, again) == []
    assert codes(told(order(ALL), taken("entrustment-2"), taken("entrustment-1")), again) == ["order-answered"]
    assert codes(here, ("order-again", {"again_order": 2})) == ["unknown-number"]


# Who is called


THREE = tuple(Rung(m, r) for m, r in ((15, Role.DESK), (30, Role.OFFICER), (60, Role.WINDOW)))


def called_at(minutes: int, heard: int | None = None) -> list[int]:
    """The rungs called so many minutes after the opening, where somebody on duty said after `heard` minutes that they have it."""
    here = room([] if heard is None else [Said("acknowledge", {}, NOW + timedelta(minutes=heard), "person-1")])
    reached = incident.ladder(here, THREE, NOW, {"person-1": frozenset({Role.DESK})})
    return [c.rung.minutes for c in incident.called(reached, NOW, NOW + timedelta(minutes=minutes))]


def test_each_rung_is_called_when_the_time_of_the_one_below_is_over() -> None:
    assert [called_at(m) for m in (0, 14, 15, 29, 30, 500)] == [[15], [15], [15, 30], [15, 30], [15, 30, 60], [15, 30, 60]]


@given(st.integers(0, 200), st.integers(0, 200))
def test_whoever_has_it_stops_all_that_was_not_called_by_then(minutes: int, heard: int) -> None:
    found = called_at(minutes, heard)
    assert found == [r for r in called_at(minutes) if r in (called_at(heard - 1) if heard else [])]


# Statements


def statement(kind: str = "first", words: str = "We apologise.", of: int = 0) -> tuple[str, dict[str, Value]]:
    said: dict[str, Value] = {f"statement_{n}": words for n in ("title_ja", "ja", "title_en", "en")}
    return "draft-statement", {**said, "statement_kind": kind, **({"statement_of": of} if of else {})}


SPEAKER = ("name-spokesperson", {"spokesperson": "Takahashi Rin"})
OUT = ("publish-statement", {"publish_number": 1})


def test_nothing_is_published_before_somebody_is_named_to_speak() -> None:
    assert codes(told(statement()), OUT) == ["no-spokesperson"]
    assert codes(told(statement(), SPEAKER), OUT) == []
    assert codes(told(statement(), SPEAKER, OUT), OUT) == ["published-already"]
    assert codes(told(SPEAKER), OUT) == ["unknown-number"]


def test_the_first_statement_comes_first_and_a_correction_names_one_that_is_out() -> None:
    assert codes(told(), statement("addition")) == ["first-statement"]
    assert codes(told(statement()), statement()) == ["first-statement"]
    assert codes(told(statement()), statement("correction", of=1)) == ["unknown-number"]
    assert codes(told(statement(), SPEAKER, OUT), statement("correction", of=1)) == []
    assert codes(told(statement()), statement("addition")) == []


def test_no_words_that_go_out_name_our_people_but_who_speaks() -> None:
    blamed = statement(words="It was Suzuki Aoi’s mistake; Takahashi Rin speaks for us.")
    assert codes(told(), blamed) == ["names-our-people", "names-our-people"]
    assert [x.name for x in refused(told(SPEAKER), *blamed, AROUND)] == ["Suzuki Aoi"]


@pytest.mark.parametrize("written", ["見本 通子", "見本通子", "見本　通子"])
def test_a_protected_reporter_is_named_nowhere_and_the_refusal_does_not_name_them_either(written: str) -> None:
    here = told(("protect-reporter", {"protected_as": "A", "protected_name": "見本 通子"}), ASKED)
    found = refused(here, *statement(words=f"{written}さんから知らせがあった。"), AROUND)
    assert [(x.code, x.name) for x in found] == [("names-a-reporter", "1")]
    assert codes(here, answer("1", answer_public=True, answer_text=f"{written}に聞いた")) == ["names-a-reporter"]
    assert codes(here, answer("1", answer_text=f"{written}に聞いた")) == [], "what is not public may say it"


# Post, amends, people


def test_letters_go_by_post_only_through_a_row_of_the_register() -> None:
    for move in ("tell-people", "tell-person"):
        assert codes(told(), (move, {"told_how": "post", "printer": "entrustment-2"})) == ["printer-not-in-force"]
        assert codes(told(), (move, {"told_how": "post", "printer": "entrustment-1"})) == []
    assert codes(told(), ("tell-people", {"told_how": "mail"})) == []


def test_amends_that_profit_whom_the_leak_came_from_need_a_reason() -> None:
    cost: dict[str, Value] = {"cost_to": "見本アプリの店", "cost_pieces": 1200, "cost_each": 500}
    assert codes(told(), ("add-cost", cost)) == ["amends-profit-leaker"]
    assert codes(told(), ("add-cost", {**cost, "cost_despite": "people may choose"})) == []
    assert codes(told(), ("add-cost", {**cost, "cost_to": "郵便局"})) == []
    assert incident.spent(told(("add-cost", cost), ("add-cost", {**cost, "cost_each": 110}))) == 732_000


def test_whom_it_touched_is_said_by_a_row_of_the_register() -> None:
    assert codes(told(), ("add-touched", {"touched_row": "entrustment-9"})) == ["unknown-row"]
    assert codes(told(), ("add-touched", {"touched_row": "entrustment-2"})) == []


@pytest.mark.parametrize("when", ["yesterday", "2026-11-19T22:00", "", "2026/11/19"])
def test_a_fact_and_a_warning_have_a_moment(when: str) -> None:
    assert codes(told(), ("add-fact", {"fact_when": when})) == ["no-such-moment"]
    assert codes(told(), ("add-warning", {"warning_when": when})) == ["no-such-moment"]
    assert codes(told(), ("add-fact", {"fact_when": "2026-11-19 22:05"})) == []


# Closing


DONE = (cause(), measure())


def test_nothing_open_closes_it() -> None:
    assert left(told(*DONE)) == []


def test_a_clock_that_runs_keeps_it_open() -> None:
    running = Running("people", TODAY, TODAY)
    standing = Standing("open", {}, {}, {"people": running})
    assert left(told(*DONE), standing) == [("clock-open", "people")]
    assert left(told(*DONE), Standing("open", {}, {}, {"people": replace(running, stopped=TODAY)})) == []


def test_without_any_cause_it_does_not_close() -> None:
    assert left(told()) == [("no-cause", "")]


def test_where_there_is_a_ladder_somebody_has_acknowledged() -> None:
    around = replace(AROUND, ladder=True)
    assert left(told(*DONE), around=around) == [("nobody-acknowledged", "")]
    assert left(told(*DONE, ("acknowledge", {"heard_words": "on it"})), around=around) == []


Recorded = tuple[str, Mapping[str, Value]]
LATER = ("answer-later", {"later_to": "1", "later_by": "2026-12-01", "later_why": "being read"})
BLOCKERS = [ASKED, ABOUT_US, order(ALL), cause("person", root=False), cause()]


@given(st.permutations([*DONE, ASKED, order(ALL), LATER]), st.sampled_from(BLOCKERS))
def test_no_order_of_recording_hides_what_is_open(said: list[Recorded], more: Recorded) -> None:
    assert left(told(*said, more)), "a question, an order or a cause without its end stays open however it came"


# Ladder


RUNGS = (Rung(30, Role.OFFICER), Rung(15, Role.DESK))
ROLES = {"person-1": frozenset({Role.DESK}), "person-2": frozenset({Role.OFFICER})}


def test_each_rung_is_reached_by_somebody_in_its_role_and_late_after_its_minutes() -> None:
    here = room([Said("acknowledge", {}, NOW + timedelta(minutes=10), "person-1")])
    first, second = incident.ladder(here, RUNGS, NOW, ROLES)
    assert (first.rung.minutes, first.by, first.late(NOW + timedelta(hours=9))) == (15, "person-1", False)
    assert (second.by, second.late(NOW + timedelta(minutes=30)), second.late(NOW + timedelta(minutes=31))) == ("", False, True)


def test_who_had_it_too_late_stays_late() -> None:
    here = room([Said("acknowledge", {}, NOW + timedelta(minutes=16), "person-1")])
    assert incident.ladder(here, RUNGS, NOW, ROLES)[0].late(NOW)


def test_every_kind_is_recorded_by_exactly_one_move() -> None:
    assert sorted(MOVES.values()) == sorted(Kind)
    assert room([Said("record", {}, NOW, "person-1")]) == {kind: [] for kind in Kind}
