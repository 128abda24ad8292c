"""A refusal as a to-do list: which lines stand there, of which cases, and who is asked for each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sekisho.gate.answers import Answer, Ask, AxisAnswer, Checked, Met, Missing, Outcome, Tried, Unmet
from sekisho.gate.todo import NEEDS_EVIDENCE, OFFICER, say, to_do
from sekisho.law.words import Authority, Axis, Certainty, Ground, Role, Words
from tests.gate.books import WORDS, permitted_world

BOOK = permitted_world().book
CASE = BOOK.cases[0]
NEVER = {"ja": "どの根拠でもできません", "en": "no ground carries it"}
BOOK = replace(
    BOOK,
    cases=(
        CASE,
        replace(CASE, id="never", ground=Ground.NONE, conditions=(), notes={"ja": "代わりに集計", "en": "count instead"}),
        replace(CASE, id="bare", ground=Ground.NONE, conditions=()),
        replace(CASE, id="half", ground=Ground.NONE, conditions=(), notes={"ja": "日本語だけ"}),
    ),
    says={"never": NEVER, "confirmation": {"ja": "確認を", "en": "confirm it"}},
)
DESK = frozenset({Role.DESK})


def tried(case: str = CASE.id, *answers: Answer, outcome: Outcome = Outcome.REFUSED, **more: Any) -> Tried:
    """A case tried, with a condition for each answer: c0, c1, ..."""
    checked = tuple(Checked(f"c{n}", WORDS, a) for n, a in enumerate(answers))
    given = {"ground": Ground.TERMS, "certainty": Certainty.LAW, "checked": checked, "outcome": outcome, **more}
    day = date(2020, 1, 1)
    return Tried(case=case, title=WORDS, authority=Authority.MINISTRY, source="somewhere", since=day, until=None, seen=day, **given)


def axis(*cases: Tried, outcome: Outcome = Outcome.REFUSED) -> AxisAnswer:
    return AxisAnswer(Axis.SECRECY, WORDS, outcome, cases)


def lines(*axes: AxisAnswer, outcome: Outcome = Outcome.REFUSED) -> list[tuple[str, str | None, str | None, str]]:
    return [(m.what, m.case, m.condition, m.why) for m in to_do(axes, BOOK, outcome)]


NO = Unmet("missing", DESK, "terms")


@pytest.mark.parametrize("outcome", [Outcome.PERMITTED, Outcome.OUT])
def test_where_nothing_stands_in_the_way_there_is_nothing_to_do(outcome: Outcome) -> None:
    assert lines(axis(tried(CASE.id, NO)), outcome=outcome) == []
    assert lines(outcome=outcome) == []


def test_an_axis_that_passed_asks_for_nothing() -> None:
    """Its cases that failed are beside the point: another carried it."""
    passed = axis(tried(CASE.id, NO, outcome=Outcome.PERMITTED), outcome=Outcome.PERMITTED)
    assert lines(passed, axis(tried(CASE.id, NO))) == [("evidence", CASE.id, "c0", "missing")]


def test_a_refusal_no_axis_accounts_for_is_said_to_be_one() -> None:
    found = to_do((), BOOK, Outcome.REFUSED)
    assert found == (Missing("case", None, None, None, {"ja": "no-axis", "en": "no-axis"}, OFFICER, why="no-axis"),)
    assert lines(axis(tried(CASE.id, NO))) == [("evidence", CASE.id, "c0", "missing")], "and is not added to other lines"


def test_an_axis_no_case_speaks_about_asks_the_officer_for_one() -> None:
    assert lines(axis()) == [("case", None, None, "no-case")]
    assert to_do((axis(),), BOOK, Outcome.REFUSED)[0].who == OFFICER


def test_what_no_ground_carries_is_named_with_what_the_case_says_of_it() -> None:
    """Only where nothing else could help; each language has its own note, or none."""
    found = to_do((axis(*(tried(n, ground=Ground.NONE) for n in ("never", "bare", "half"))),), BOOK, Outcome.REFUSED)
    assert [(m.case, m.why) for m in found] == [("never", "never"), ("bare", "never"), ("half", "never")]
    assert dict(found[0].words) == {"ja": "どの根拠でもできません — 代わりに集計", "en": "no ground carries it — count instead"}
    assert dict(found[1].words) == NEVER
    assert dict(found[2].words) == {"ja": "どの根拠でもできません — 日本語だけ", "en": "no ground carries it"}
    assert lines(axis(tried("never", ground=Ground.NONE), tried(CASE.id, NO))) == [("evidence", CASE.id, "c0", "missing")]


def test_only_cases_that_came_as_far_as_the_axis_are_worth_working_on() -> None:
    """Where one waits for a person's answer only, those that are refused outright are left out."""
    asks = tried("bare", Ask(OFFICER, WORDS), outcome=Outcome.REFERRED)
    refused = tried(CASE.id, NO)
    assert lines(axis(refused, asks, outcome=Outcome.REFERRED)) == [("condition", "bare", "c0", "ask")]
    assert lines(axis(replace(refused, outcome=Outcome.REFERRED), asks)) == [
        ("case", CASE.id, None, "never"),
        ("case", "bare", None, "never"),
    ], "none of them came to what the axis came to"


def test_a_step_that_goes_beyond_one_case_is_led_to_the_others_first() -> None:
    wide = tried("bare", Unmet("surplus", DESK), NO)
    wide = replace(wide, checked=(Checked("@surplus-elements", WORDS, Unmet("surplus", DESK)), *wide.checked))
    assert lines(axis(wide, tried(CASE.id, NO))) == [("evidence", CASE.id, "c0", "missing")]
    assert [c for _, _, c, _ in lines(axis(wide))] == ["@surplus-elements", "c0", "c1"], "with no other, it is shown all the same"


def test_what_is_met_is_no_line_and_each_other_answer_says_whom_to_ask() -> None:
    question: Words = {"ja": "誰が", "en": "who"}
    answers = (Met(("d",)), NO, Unmet("not-alike", DESK), Ask(OFFICER, question))
    found = to_do((axis(tried(CASE.id, *answers)),), BOOK, Outcome.REFUSED)
    assert [(m.what, m.condition, m.why, m.kind, m.who) for m in found] == [
        ("evidence", "c1", "missing", "terms", DESK),
        ("condition", "c2", "not-alike", None, DESK),
        ("condition", "c3", "ask", None, OFFICER),
    ]
    assert found[2].words == question


@pytest.mark.parametrize("why", sorted(NEEDS_EVIDENCE))
def test_a_paper_is_asked_for_where_a_paper_would_help(why: str) -> None:
    assert lines(axis(tried(CASE.id, Unmet(why, DESK)))) == [("evidence", CASE.id, "c0", why)]


@pytest.mark.parametrize("certainty", [Certainty.MEM, Certainty.INF])
def test_a_case_that_is_not_sure_asks_for_a_confirmation_until_it_has_one(certainty: Certainty) -> None:
    asked = tried(CASE.id, certainty=certainty, outcome=Outcome.REFERRED)
    found = to_do((axis(asked, outcome=Outcome.REFERRED),), BOOK, Outcome.REFERRED)
    assert [(m.what, m.case, m.why, m.words, m.who) for m in found] == [
        ("confirmation", CASE.id, certainty.value, {"ja": "確認を", "en": "confirm it"}, OFFICER)
    ]
    own: Words = {"ja": "総務省に", "en": "ask the ministry"}
    assert to_do((axis(replace(asked, ask=own), outcome=Outcome.REFERRED),), BOOK, Outcome.REFERRED)[0].words == own
    confirmed = replace(asked, confirmed_by="rin", checked=(Checked("c0", WORDS, NO),))
    assert lines(axis(confirmed, outcome=Outcome.REFERRED), outcome=Outcome.REFERRED) == [("evidence", CASE.id, "c0", "missing")]


@pytest.mark.parametrize("certainty", [Certainty.LAW, Certainty.SRC, Certainty.SEED])
def test_a_case_that_is_sure_needs_none(certainty: Certainty) -> None:
    assert lines(axis(tried(CASE.id, NO, certainty=certainty))) == [("evidence", CASE.id, "c0", "missing")]


def test_a_code_the_book_has_no_words_for_is_said_bare() -> None:
    assert dict(say(BOOK, "never")) == NEVER
    assert dict(say(BOOK, "nothing-like-it")) == {"ja": "nothing-like-it", "en": "nothing-like-it"}
