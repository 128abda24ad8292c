"""Numbers of the law that changed or are disputed: the day picks the value, and the tree says who sees it otherwise."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.faces.words.say import dated
from sekisho.gate.answers import Met
from sekisho.gate.decide import decide
from sekisho.gate.render import decision_json
from sekisho.law.casebook import CasebookError, load
from sekisho.law.parameters import filled, read_parameters
from sekisho.law.tables import Table
from sekisho.law.words import Condition
from tests.gate.books import permitted_world

JP = Path(__file__).resolve().parents[2] / "casebook" / "jp"
BOOK = load(JP)
SIDES = BOOK.parameters["sides-required"]
TWO_DAYS = [(date(2011, 6, 1), 2), (date(2012, 9, 18), 2), (date(2012, 9, 19), 1), (date(2026, 11, 21), 1)]


@pytest.mark.parametrize(("day", "needed"), TWO_DAYS)
def test_the_day_picks_how_many_sides_must_consent(day: date, needed: int) -> None:
    """Both by the older view; one since the ministry's view of 2012-09-19."""
    value = SIDES.on(day)
    assert value is not None
    assert value.value == needed
    assert value.dissent


def test_before_the_first_value_the_book_says_nothing() -> None:
    """And nothing means no: the check is told no number."""
    condition = Condition("c", "sides", {"ja": "-", "en": "-"}, {"kind": "consent", "parameter": "sides-required"})
    assert SIDES.on(date(1985, 3, 31)) is None
    assert filled(condition, BOOK.parameters, date(1985, 3, 31)).params == {"kind": "consent", "sides": None}
    assert filled(condition, {}, date(2026, 1, 1)).params["sides"] is None


@given(st.dates(date(1980, 1, 1), date(2040, 1, 1)))
def test_at_most_one_value_is_in_force_on_any_day(day: date) -> None:
    """Values of a parameter never overlap."""
    for parameter in BOOK.parameters.values():
        assert sum(v.in_force(day) for v in parameter.values) <= 1


def test_a_condition_without_a_parameter_is_left_alone() -> None:
    """What a case says in numbers stays."""
    condition = Condition("c", "sides", {"ja": "-", "en": "-"}, {"kind": "consent", "sides": 2})
    assert filled(condition, BOOK.parameters, date(2026, 1, 1)) is condition


def consented(day: date, *sides: str) -> tuple[object, dict[str, object]]:
    """What the gate says of one condition told the parameter, and how the tree shows it."""
    world = permitted_world()
    asked = Condition("both", "sides", {"ja": "当事者", "en": "sides"}, {"kind": "terms", "parameter": "sides-required"})
    case = replace(world.book.cases[0], conditions=(asked,), since=date(2000, 1, 1))
    kind = replace(world.book.kinds["terms"], fields={"sides": "list"}, fresh=None)
    book = replace(world.book, cases=(case,), kinds={"terms": kind}, parameters=BOOK.parameters)
    paper = replace(world.plan.evidence[0], value=MappingProxyType({"sides": sides}), at=datetime(2001, 1, 1, tzinfo=UTC))
    plan = replace(world.plan, day=day, evidence=(paper,))
    now = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=3)
    decision = decide(plan, book, now)[0]
    shown = decision_json(decision, book)["axes"][0]["tried"][0]["checked"][0]
    return decision.axes[0].tried[0].checked[0].answer, shown


@pytest.mark.parametrize(("day", "needed"), TWO_DAYS)
def test_one_side_alone_was_not_enough_then_and_is_now(day: date, needed: int) -> None:
    """The same consent, on other days; and the tree shows value, first day and dissent."""
    one, shown = consented(day, "recipient")
    both, _ = consented(day, "recipient", "sender")
    assert isinstance(one, Met) is (needed == 1)
    assert isinstance(both, Met)
    line = dated(shown)
    assert f"sides-required = {needed}" in line
    assert SIDES.on(day).since.isoformat() in line  # type: ignore[union-attr] # there is a value on these days
    assert "A4" in line or "A5" in line


def test_other_conditions_carry_no_number() -> None:
    """The line is empty where no parameter is asked for."""
    assert dated({"answer": "met"}) == ""
    assert dated({"parameter": {"name": "sides-required", "value": None}}) == ""


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("parameters.toml", "until = 2012-09-19", "until = 2012-09-20", "at once"),
        ("parameters.toml", "until = 2012-09-19\n", "", "at once"),
        ("parameters.toml", "value = 2", "value = -2", "at least"),
        ("parameters.toml", "until = 2012-09-19", "until = 1985-04-01", "ends before"),
        ("fairness.toml", 'check = "applied-alike"', 'check = "sides"\nparams = { kind = "consent" }', "parameter"),
        ("fairness.toml", 'check = "applied-alike"', 'check = "sides"\nparams = { kind = "consent", parameter = "moods" }', "moods"),
        (
            "fairness.toml",
            'check = "applied-alike"',
            'check = "sides"\nparams = { kind = "consent", parameter = "sides-required", sides = 2 }',
            "not both",
        ),
    ],
)
def test_a_parameter_that_is_not_as_it_must_be_is_refused(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    """Overlapping values, unknown names, a number beside the name of one."""
    copy = Path(shutil.copytree(JP, tmp_path / "jp"))
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CasebookError, match=says):
        load(copy)


VALUE = {"value": 1, "words": {"ja": "一", "en": "one"}, "source": "s", "authority": "A1", "certainty": "LAW"}
VALUE |= {"since": date(2020, 1, 1), "seen": date(2026, 1, 1)}
ONE = {"name": "days", "title": {"ja": "日数", "en": "days"}, "value": [VALUE]}


@pytest.mark.parametrize(
    ("data", "where", "what"),
    [
        ({"parameter": [ONE, ONE]}, "parameter[2].name", "days stands there twice"),
        ({"parameter": [{**ONE, "value": []}]}, "parameter[1].value", "is missing"),
        ({"parameter": [ONE], "x": 1}, "x", "nobody knows this key"),
        ({"parameter": [{**ONE, "x": 1}]}, "parameter[1].x", "nobody knows this key"),
        ({"parameter": [{**ONE, "value": [{**VALUE, "x": 1}]}]}, "parameter[1].value[1].x", "nobody knows this key"),
    ],
)
def test_a_parameter_stands_once_with_a_value_and_nothing_nobody_knows(data: dict[str, Any], where: str, what: str) -> None:
    with pytest.raises(CasebookError) as why:
        read_parameters(Table("parameters.toml", "", data))
    assert why.value.where == where
    assert what in why.value.what
    assert read_parameters(Table("parameters.toml", "", {"parameter": [ONE]}))["days"].on(date(2020, 1, 1)) is not None
