"""Grounds change with the years: the same facts on four days get the answers of those days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest

from sekisho.gate.answers import Outcome
from sekisho.gate.decide import decide
from sekisho.law.casebook import load
from sekisho.law.examples import build
from sekisho.law.words import Axis, Certainty, Plan, Regime

BOOK = load(Path(__file__).resolve().parents[2] / "casebook" / "jp")


def on(day: str, given: dict[str, object]) -> tuple[Outcome, str | None]:
    """The secrecy axis of `identify` on that day: its outcome and the case it stands on."""
    step = BOOK.step("infected-notice", "identify")
    assert step is not None
    plan, now = build(BOOK, BOOK.complete["infected-notice"], "infected-notice", step, given, day)  # type: ignore[arg-type] # values by construction
    axis = decide(plan, BOOK, now)[0].axes[0]
    return axis.outcome, axis.stands_on


@pytest.mark.parametrize(
    ("day", "seized_log", "own_finding"),
    [
        ("2014-04-03", None, None),
        ("2014-06-01", "jp/B-11/1", None),
        ("2018-09-25", "jp/B-11/1", None),
        ("2019-06-01", "jp/B-11/1", "jp/B-12/1"),
        ("2020-06-01", "jp/B-11/1", "jp/B-12/1"),
        ("2026-11-21", "jp/B-11/1", "jp/B-12/1"),
    ],
)
def test_the_same_facts_get_the_answer_of_their_day(day: str, seized_log: str | None, own_finding: str | None) -> None:
    """A seized server's log carries a notice from 2014 as necessity; an own finding only since the third report of 2018."""
    necessity = {"without": ("evidence.terms",)}
    own = {"evidence": MappingProxyType({"finding": MappingProxyType({"source": "own-inquiry"})})}
    assert on(day, necessity)[1] == seized_log
    assert on(day, own)[1] == own_finding
    assert (on(day, own)[0] is Outcome.PERMITTED) == (own_finding is not None)


def test_where_only_a_remembered_date_carries_the_day_it_is_shown_and_referred() -> None:
    """A source attests the term of keeping from 2015-06-24; that it held before is remembered: the tree says MEM and asks the officer."""
    step = BOOK.step("infected-notice", "match")
    assert step is not None
    shown = {}
    for day in ("2015-06-23", "2015-06-24"):
        plan, now = build(BOOK, BOOK.complete["infected-notice"], "infected-notice", step, {}, day)
        tried = next(t for a in decide(plan, BOOK, now)[0].axes for t in a.tried if t.case == "jp/E-17/2")
        shown[day] = (tried.certainty, tried.outcome)
    assert shown == {"2015-06-23": (Certainty.MEM, Outcome.REFERRED), "2015-06-24": (Certainty.SRC, Outcome.PERMITTED)}


def test_a_case_holds_from_its_first_day_and_no_more_on_its_until() -> None:
    """The day `until` names is the first day without it."""
    case = BOOK.case("jp/D-07/3")
    assert case.until == date(2022, 10, 1) == BOOK.case("jp/D-07/1").since
    step = BOOK.step("disclosure-request", "disclose-post")
    assert step is not None
    complete = BOOK.complete["disclosure-request"]
    stood = {}
    for day in ("2022-09-30", "2022-10-01"):
        plan, now = build(BOOK, complete, "disclosure-request", step, {}, day)
        stood[day] = decide(plan, BOOK, now)[0].axes[0].stands_on
    assert stood == {"2022-09-30": "jp/D-07/3", "2022-10-01": "jp/D-07/1"}


def test_the_day_is_the_countrys_and_the_permit_ends_with_the_case() -> None:
    """Midnight in Tokyo, not in Greenwich."""
    step = BOOK.step("disclosure-request", "disclose-post")
    assert step is not None
    plan, now = build(BOOK, BOOK.complete["disclosure-request"], "disclosure-request", step, {}, "2022-09-30")
    long: Plan = replace(plan, until=now.replace(year=2023))
    assert decide(long, BOOK, now)[0].ends.isoformat() == "2022-09-30T15:00:00+00:00"


def test_a_law_that_does_not_bind_the_operator_is_no_axis_for_them() -> None:
    """TBA 164(3) leaves articles 3 and 4 to bind exempt operators, not article 6; secrecy binds whoever handles the traffic."""
    step = BOOK.step("default-on-filter", "filter")
    assert step is not None
    plan, now = build(BOOK, BOOK.complete["default-on-filter"], "default-on-filter", step, {}, "2026-11-20")
    asked = {r: {a.axis for a in decide(replace(plan, regime=r), BOOK, now)[0].axes} for r in Regime}
    assert {r for r, axes in asked.items() if Axis.FAIRNESS in axes} == {Regime.TBA}
    assert {r for r, axes in asked.items() if Axis.CENSORSHIP in axes} == {Regime.TBA, Regime.TBA_EXEMPT}
    assert all(Axis.SECRECY in axes for axes in asked.values())
