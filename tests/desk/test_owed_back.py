"""What of the register somebody must see to now: found by itself, told to more people as it gets later, gone when it was seen to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.owed_back import Call, told
from sekisho.law.entrustment import What
from sekisho.law.words import Role
from tests.desk.office import Office
from tests.desk.test_entrust import PROOF, entrusted, move

DESK, OFFICER, WINDOW = Role.DESK, Role.OFFICER, Role.WINDOW


@pytest.fixture
def office(_founded: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_founded).copied_closed(tmp_path / "office").open()
    yield office
    office.close()


def due(office: Office) -> list[tuple[str, int, list[str]]]:
    found: list[dict[str, Any]] = office.terminal.call("entrustments")["due"]
    return [(d["call"], d["days"], list(d["told"])) for d in found]


def noticed(office: Office) -> list[tuple[str, list[str]]]:
    """What the console's first page says of the register."""
    return [(n["code"], n["names"]) for n in office.terminal.call("overview")["notices"] if "names" in n]


def test_a_row_about_to_end_and_then_what_is_owed_back_come_by_themselves_until_the_proof_is_there(office: Office) -> None:
    day = office.world.book.day(office.watch.at)
    row = entrusted(office, until=day + timedelta(days=40), return_days=10)
    assert due(office) == []
    office.watch.wind(days=10)
    assert due(office) == [("row-ends", 30, [])]
    office.watch.wind(days=23)
    assert due(office) == [("row-ends", 7, ["desk"])]
    office.watch.wind(days=8)
    assert due(office) == [("back-due", 9, [])]
    office.watch.wind(days=10)
    assert due(office) == [("back-late", -1, ["desk", "legal-officer"])]
    assert noticed(office) == [("back-late", ["Sakura Agency"])]
    office.watch.wind(days=7)
    assert due(office) == [("back-late", -8, ["desk", "legal-officer", "responsible-window"])]
    move(office, row, What.RETURNED, "officer", proof=PROOF)
    assert (due(office), noticed(office)) == ([], [])


def test_whoever_answers_for_it_is_named_and_the_worst_stands_first(office: Office) -> None:
    day = office.world.book.day(office.watch.at)
    entrusted(office, party="Ends Later", until=day + timedelta(days=20))
    entrusted(office, party="Ends Sooner", until=day + timedelta(days=3))
    move(office, entrusted(office, party="Late", return_days=0), What.ENDED, "desk", "over")
    office.watch.wind(days=1)
    found = office.terminal.call("entrustments")["due"]
    assert [(d["party"], d["name"]) for d in found] == [("Late", "desk"), ("Ends Sooner", "desk"), ("Ends Later", "desk")]


def test_a_draft_and_a_row_that_was_given_back_are_nobodys_concern(office: Office) -> None:
    row = entrusted(office)
    move(office, row, What.ENDED, "desk", "over")
    move(office, row, What.RETURNED, "officer", proof=PROOF)
    office.watch.wind(days=400)
    assert due(office) == []


@given(call=st.sampled_from(Call), days=st.integers(-400, 400), later=st.integers(0, 400))
def test_the_later_it_gets_the_more_are_told(call: Call, days: int, later: int) -> None:
    """Nobody is ever taken off as the day comes nearer and passes."""
    assert set(told(call, days)) <= set(told(call, days - later))


@pytest.mark.parametrize(
    ("days", "who"),
    [(8, ()), (7, (DESK,)), (2, (DESK,)), (1, (DESK, OFFICER)), (-7, (DESK, OFFICER)), (-8, (DESK, OFFICER, WINDOW))],
)
def test_the_desk_a_week_before_the_officer_the_day_before_the_window_a_week_after(days: int, who: tuple[Role, ...]) -> None:
    assert told(Call.BACK, days) == who


def test_of_a_leak_all_three_are_told_at_once() -> None:
    assert told(Call.LEAKED, 0) == (DESK, OFFICER, WINDOW)
