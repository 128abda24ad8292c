"""A rehearsal shows on people who do not exist what the event would show, and what a knowing onlooker could infer."""

from __future__ import annotations

from typing import Any

import pytest

from sekisho.desk.event.panels import PANELS
from sekisho.desk.event.rehearse import FEW, TRIES, Rehearsal, carry_out
from sekisho.store.release import Loss, OverBudget


@pytest.fixture(scope="module")
def large() -> dict[str, Any]:
    """A busy day: 1,500 devices, of which 1,000 consent."""
    return carry_out(Rehearsal(1500, 1000, days=1))


def test_names_appear_each_hour_where_a_thousand_consent(large: dict[str, Any]) -> None:
    assert len(large["windows"]) == 9
    assert all(one["shown"] and one["right_of_ten"] >= 5 for one in large["windows"])


def test_with_two_hundred_names_appear_about_once_a_day() -> None:
    """Honest: little each hour, some at the end of the day."""
    hourly = carry_out(Rehearsal(1000, 200, days=1))
    (daily,) = carry_out(Rehearsal(1000, 200, days=1, daily=True))["windows"]
    assert max(len(one["shown"]) for one in hourly["windows"]) < len(daily["shown"])


def test_who_knows_everybody_else_is_sure_of_exact_counts_and_guesses_at_the_board(large: dict[str, Any]) -> None:
    attacker = large["attacker"]
    assert attacker["exact_all"] == TRIES
    assert attacker["noisy_all"] < 0.7 * TRIES


def test_no_day_costs_more_than_its_budget_however_many_days(large: dict[str, Any]) -> None:
    assert large["loss"]["epsilon"] <= large["loss"]["budget"] <= 2.52
    three = carry_out(Rehearsal(50, 30, days=3))
    assert three["loss"] == large["loss"], "each day has a budget of its own"


def test_a_budget_too_small_for_a_release_is_refused() -> None:
    with pytest.raises((OverBudget, ValueError)):
        carry_out(Rehearsal(100, 50, budget=Loss(8, 8)))


def test_while_few_are_there_the_whole_board_is_dark_and_at_midday_it_is_not(large: dict[str, Any]) -> None:
    assert set(large["panels"]) == {"opening", "midday"}
    assert set(large["panels"]["opening"].values()) == {None}
    assert all(large["panels"]["midday"].values())
    assert set(large["panels"]["midday"]) == set(PANELS)
    assert carry_out(Rehearsal(FEW, 0, days=1))["panels"]["midday"] == dict.fromkeys(PANELS)


def test_where_nobody_consents_there_are_no_names_and_nothing_to_infer() -> None:
    found = carry_out(Rehearsal(1000, 0, days=1))
    assert all(one["shown"] == {} and one["error"] is None for one in found["windows"])
    assert found["attacker"] == {"tries": 0}


@pytest.mark.parametrize(("devices", "consenting", "days"), [(10, 11, 1), (0, 0, 1), (10, -1, 1), (10, 5, 0)])
def test_more_consent_than_are_there_is_no_rehearsal(devices: int, consenting: int, days: int) -> None:
    with pytest.raises(ValueError, match="consenting"):
        carry_out(Rehearsal(devices, consenting, days))
