"""The terms of every lane, on any day of two centuries: leap days, ends of months, New Year, holidays, whatever day of the week."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sekisho.law.clocks import FIRST, LAST
from sekisho.law.procedures import OPENING, Event, Lack, Move, Procedure, Standing
from sekisho.law.walking import Told, lacks, stand
from tests.conftest import ROOT
from tests.desk.caseload import ways
from tests.law.test_procedures import BOOK

DAYS = st.dates(max(FIRST, date(2004, 1, 1)), min(LAST - timedelta(days=800), date(2199, 1, 1)))
LEAP = date(2028, 2, 29)
DAY = timedelta(days=1)
LANES = {
    # procedure: (clock, the move that starts it, its day fact, days)
    "deletion-inquiry": ("inquiry", "received-by-sender", "sender_received_on", 7),
    "deletion-inquiry-election": ("inquiry", "received-by-sender", "sender_received_on", 2),
    "deletion-inquiry-intimate": ("inquiry", "received-by-sender", "sender_received_on", 2),
    "disclosure-request": ("hearing", "received-by-sender", "sender_received_on", 14),
    "deletion-own": ("knowledge", OPENING, "known_on", 7),
    "deletion-appeal": ("answer", OPENING, "received_on", 14),
}
MONTHS = {
    "disclosure-order": ("objection", OPENING, "received_on", 1),
    "disclosure-provision": ("filing", "name-received", "name_received_on", 2),
}


def started(procedure: Procedure, clock: str, move: str, fact: str, on: date) -> Standing:
    """A case in which the clock began to run on this day, by the shortest way there."""
    events: list[Event] = []
    for step in way(procedure, move):
        told = {n: on.isoformat() if procedure.fact(n).type == "day" else procedure.fact(n).sample_in("ja") for n in step.facts}
        events.append(Event(step.id, on, {**told, **({fact: on.isoformat()} if fact in told else {})}))
    found = stand(procedure, events, BOOK.calendar)
    assert clock in found.clocks
    return found


def way(procedure: Procedure, move: str) -> list[Move]:
    if move == OPENING:
        return [procedure.opening]
    last = procedure.move(move)
    found = [moves for state in last.leaves for moves in ways(procedure, state)]
    return [procedure.opening, *min(found, key=len), last]


@pytest.mark.parametrize("lane", LANES)
@given(on=DAYS)
@example(on=LEAP)
@example(on=LEAP - DAY)
@example(on=date(2026, 12, 31))
@example(on=date(2027, 4, 29))
def test_days_are_counted_from_the_day_after_receipt_and_the_last_one_must_be_over(lane: str, on: date) -> None:
    clock, move, fact, days = LANES[lane]
    procedure = BOOK.procedures[lane].binding(large_platform=False)
    standing = started(procedure, clock, move, fact, on)
    due = standing.clocks[clock].due
    assert due == on + timedelta(days=days)
    for waits in (m for m in procedure.out_of(standing.state) if clock in m.over):
        assert Lack("clock-not-over", clock) in lacks(procedure, standing, waits, Told({}, (), due))
        assert Lack("clock-not-over", clock) not in lacks(procedure, standing, waits, Told({}, (), due + DAY))


@pytest.mark.parametrize("lane", MONTHS)
@given(on=DAYS)
@example(on=date(2028, 1, 31))
@example(on=date(2027, 12, 31))
@example(on=LEAP)
def test_a_month_ends_on_the_day_of_that_number_or_on_its_last(lane: str, on: date) -> None:
    """Civil Code 143: from the day after, to the eve of the day that answers to it; where there is none, the last day of the month."""
    clock, move, fact, months = MONTHS[lane]
    due = started(BOOK.procedures[lane], clock, move, fact, on).clocks[clock].due
    first = on + DAY
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    assert due == (date(year, month + 1, first.day) - DAY if first.day <= length else date(year, month + 1, length))


def test_every_lane_that_waits_is_in_the_table() -> None:
    """A procedure about posts whose clock is not tried here is a gap."""
    waiting = {p.id for p in BOOK.procedures.values() if p.about and any(not c.large_platform for c in p.clocks)}
    assert waiting - {"disclosure-erasure-ban"} == set(LANES) | set(MONTHS)
    assert (ROOT / "casebook" / "jp" / "procedures" / "disclosure-erasure-ban.toml").exists()
