"""Which cases were in force on a day, and of every other one why not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.book.why_book import Why, carry_out
from sekisho.desk.draft import DraftError
from sekisho.gate.decide import decide
from sekisho.law.examples import plan_of
from tests.desk.asking import TODAY, book, steps

FIRST = date(1985, 1, 1)


def why(name: str, on: date = TODAY) -> dict[str, Any]:
    return carry_out(Why(name, book(), on))


def test_a_day_before_a_rule_it_is_not_yet_and_after_it_is_over() -> None:
    (step,) = why("cc-search/search", date(2019, 6, 1))["steps"]
    then = {c["id"]: c["why"] for c in step["cases"]}
    assert (then["jp/B-15/1"], then["jp/B-15/2"]) == ("", "not-yet")
    (step,) = why("cc-search/search")["steps"]
    now = {c["id"]: c["why"] for c in step["cases"]}
    assert (now["jp/B-15/1"], now["jp/B-15/2"]) == ("over", "")


def test_a_measure_is_asked_about_step_by_step_and_a_case_by_its_steps() -> None:
    assert [s["step"] for s in why("name-board")["steps"]] == [s.name for s in book().steps["name-board"]]
    assert {s["step"] for s in why("jp/B-13/1")["steps"]} == set(book().case("jp/B-13/1").steps)


def test_a_general_case_is_shown_with_its_history() -> None:
    (found,) = why("jp/E-17/2")["steps"]
    assert found["measure"] == "*"
    assert {"jp/E-17/2"} <= {c["id"] for c in found["cases"]}


@pytest.mark.parametrize(
    ("name", "near"), [("jp/B-15/11", "jp/B-15/1"), ("cc-serch", "cc-search"), ("cc-search/serch", "search"), ("", "")]
)
def test_a_name_nobody_knows_is_a_mistake_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(DraftError) as no:
        why(name)
    assert no.value.near == near


@given(st.sampled_from(steps()), st.integers(0, 20_000))
def test_each_case_is_in_force_or_has_its_reason(step: tuple[str, str], days: int) -> None:
    on = FIRST + timedelta(days=days)
    (found,) = why("/".join(step), on)["steps"]
    for shown in found["cases"]:
        case = book().case(shown["id"])
        in_force = case.since <= on and (case.until is None or on < case.until)
        assert shown["holds"] is (shown["why"] == "")
        assert not shown["holds"] or in_force
        assert shown["why"] in ("", "not-yet", "over", "axis-not-touched")


def test_what_holds_is_what_the_gate_tries() -> None:
    """The same cases, whatever the day: the page and the gate never disagree."""
    for example in [e for e in book().examples if not e.case][::7]:
        plan, now = plan_of(example, book())
        tried = {t.case for a in decide(plan, book(), now)[0].axes for t in a.tried}
        if example.measure != "*" and not example.given.get("elements"):
            (found,) = why(f"{example.measure}/{example.step}", plan.day)["steps"]
            assert tried <= {c["id"] for c in found["cases"] if c["holds"]}, example.because["en"]
