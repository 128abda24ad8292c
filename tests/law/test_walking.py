"""The walk at its edges: a small table of one clock, one total and one final state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sekisho.law.clocks import FIRST, LAST, Calendar, Clock, Unit
from sekisho.law.procedures import LONGEST, MOST_DATA, OPENING, ClockRule, Event, Fact, Lack, Move, Must, Procedure, Standing, State
from sekisho.law.walking import NotInTheTable, Told, as_day, fits, lacks, stand, waiting_for
from sekisho.law.words import Authority, Certainty, Role, Value

WORDS = {"ja": "語", "en": "word"}
DAY = date(2026, 11, 2)
DATUM = "permit-0123456789abcdef/*/2026-11-01"
CALENDAR = Calendar(years=frozenset({2026}))


def move(name: str, leaves: tuple[str, ...], to: str, **more: object) -> Move:
    return Move(name, WORDS, WORDS, "X 1", leaves, to, frozenset({Role.DESK}), **more)  # type: ignore[arg-type] # each test's own


def fact(name: str, type_: str, sample: Value) -> Fact:
    return Fact(name, WORDS, type_, sample)


FACTS = (
    fact("on", "day", "2026-11-02"), fact("days", "int", 3), fact("sent", "day", "2026-11-02"), fact("came", "day", "2026-11-02"),
    fact("sure", "bool", True), fact("clear", "bool", True),
)  # fmt: skip
MOVES = (
    move("run", ("open",), "open", facts=("on",), starts=("term",)),
    move("span", ("open",), "open", may=("days",), starts=("span",)),
    move("halt", ("open",), "open", stops=("term",)),
    move("close", ("open",), "done"),
    move("after", ("open",), "open", at_end_of="term"),
    move("in-time", ("open",), "open", within=("term",)),
    move("add", ("open",), "open", facts=("days",)),
)
TABLE = Procedure(
    "x", WORDS, WORDS, date(2020, 1, 1), date(2020, 1, 1), "X 1", Authority("A1"), Certainty("LAW"), 1, move(OPENING, (), "open"),
    (State("open", WORDS, WORDS), State("done", WORDS, WORDS, final=True)), FACTS, MOVES,
    clocks=(
        ClockRule("term", WORDS, Clock("received", Unit.DAYS, 7), "X 1", "on"),
        ClockRule("span", WORDS, Clock("received", Unit.DAYS, 9), "X 1", of=("days",)),
    ),
)  # fmt: skip


def walked(*events: tuple[str, int, dict[str, Value]]) -> Standing:
    """Each event with its day, counted from the opening."""
    return stand(TABLE, [Event(OPENING, DAY), *(Event(name, DAY + timedelta(days=n), told) for name, n, told in events)], CALENDAR)


RUN = ("run", 0, {"on": "2026-11-02"})


def test_an_event_from_the_wrong_state_is_named_with_the_state() -> None:
    with pytest.raises(NotInTheTable, match="run from nothing"):
        stand(TABLE, [Event("run", DAY, {"on": "2026-11-02"})], CALENDAR)
    with pytest.raises(NotInTheTable, match="open from open"):
        walked((OPENING, 0, {}))
    with pytest.raises(NotInTheTable, match="add from done"):
        walked(("close", 0, {}), ("add", 1, {"days": 1}))


def test_a_final_state_stops_what_runs_and_a_clock_keeps_the_day_it_was_stopped_first() -> None:
    assert walked(RUN).clocks["term"].stopped is None
    assert walked(RUN, ("close", 3, {})).clocks["term"].stopped == DAY + timedelta(days=3)
    assert walked(RUN, ("halt", 1, {}), ("halt", 2, {}), ("close", 3, {})).clocks["term"].stopped == DAY + timedelta(days=1)
    assert "term" not in walked(("halt", 1, {}), ("close", 2, {})).clocks


def test_a_clock_without_a_first_day_or_a_length_is_no_event_of_the_table() -> None:
    for told in ({}, {"on": "soon"}):
        with pytest.raises(NotInTheTable, match="term has no first day"):
            walked(("run", 0, told))
    with pytest.raises(NotInTheTable, match="span has no first day or no length"):
        walked(("span", 0, {}))
    assert walked(("span", 0, {"days": 1})).clocks["span"].due == DAY + timedelta(days=1)
    assert walked(("span", 0, {"days": 30})).clocks["span"].due == DAY + timedelta(days=9)


@pytest.mark.parametrize(("day", "over"), [(7, False), (8, True)])
def test_what_comes_at_the_end_of_a_clock_waits_for_it_and_what_must_be_in_time_does_not(day: int, over: bool) -> None:
    today, told = DAY + timedelta(days=day), Told({}, (), DAY + timedelta(days=day))
    standing = walked(RUN)
    after, in_time = TABLE.move("after"), TABLE.move("in-time")
    assert lacks(TABLE, standing, after, told) == (() if over else (Lack("clock-not-over", "term"),))
    assert lacks(TABLE, standing, in_time, told) == ((Lack("clock-over", "term"),) if over else ())
    assert waiting_for(standing, after, (), today) == (() if over else (Lack("clock-not-over", "term"),))


def test_a_clock_nobody_started_or_somebody_stopped_is_not_running() -> None:
    for standing in (walked(), walked(RUN, ("halt", 1, {}))):
        assert lacks(TABLE, standing, TABLE.move("in-time"), Told({}, (), DAY)) == (Lack("clock-not-running", "term"),)


def judged(must: Must, known: dict[str, Value], told: dict[str, Value] | None = None, totals: dict[str, int] | None = None) -> bool:
    """Whether the must holds, asked of a move that may tell everything."""
    step = move("judge", ("open",), "open", may=tuple(f.id for f in FACTS), must=(must,))
    return lacks(TABLE, Standing("open", known, totals or {}, {}), step, Told(told or {}, (), LAST)) == ()


def test_a_must_about_two_facts_needs_both_of_them() -> None:
    both = Must("m", WORDS, ("sure", "clear"), is_=True)
    assert judged(both, {"sure": True, "clear": True})
    assert not judged(both, {"sure": True, "clear": False})
    assert not judged(both, {"sure": True})
    after = Must("m", WORDS, ("on", "came"), not_before="sent")
    days: dict[str, Value] = {"sent": "2026-11-02", "on": "2026-11-02"}
    assert judged(after, {**days, "came": "2026-11-03"})
    assert not judged(after, {**days, "came": "2026-11-01"})
    assert not judged(after, {"on": "2026-11-02", "came": "2026-11-03"})


@pytest.mark.parametrize(("told", "good"), [(1, False), (2, True), (5, True), (6, False)])
def test_a_total_has_a_least_and_a_most_and_both_are_allowed(told: int, good: bool) -> None:
    assert judged(Must("m", WORDS, ("days",), least=5, most=8), {"days": 3}, {"days": told}, {"days": 3}) is good


def test_who_waits_is_not_told_of_what_the_move_itself_will_be_compared_with() -> None:
    """No item decided may be left out: that can only be judged once the move says what goes out."""
    whole = Must("no-less", WORDS, ("decided",), among=("out",))
    step = move("release", ("open",), "open", facts=("out",), must=(whole,))
    assert waiting_for(Standing("open", {"decided": ("a",)}, {}, {}), step, (), DAY) == ()
    other = replace(step, facts=())
    assert waiting_for(Standing("open", {"decided": ("a",)}, {}, {}), other, (), DAY) == (Lack("must", "no-less"),)


def test_who_waits_is_told_of_papers_and_of_what_this_move_cannot_tell() -> None:
    known, own = Must("known", WORDS, ("sure",), is_=True), Must("own", WORDS, ("clear",), is_=True)
    step = move("judge", ("open",), "open", facts=("clear",), papers=("letter", "seal"), must=(known, own))
    standing = Standing("open", {"sure": False}, {}, {})
    assert waiting_for(standing, step, ("seal",), DAY) == (Lack("paper-missing", "letter"), Lack("must", "known"))
    assert waiting_for(Standing("open", {"sure": True}, {}, {}), step, ("seal", "letter"), DAY) == ()


@pytest.mark.parametrize(
    ("type_", "value", "good"),
    [
        ("str", "x" * LONGEST["str"], True),
        ("str", "x" * (LONGEST["str"] + 1), False),
        ("data", (DATUM,) * MOST_DATA, True),
        ("data", (DATUM,) * (MOST_DATA + 1), False),
        ("data", (DATUM, "all of it"), False),
        ("data", (), False),
        ("day", 20261102, False),
    ],
)
def test_a_fact_fits_up_to_its_bound_and_no_further(type_: str, value: Value, good: bool) -> None:
    assert fits(fact("f", type_, value), value) is good


def test_the_first_and_the_last_day_of_the_clocks_are_days() -> None:
    assert (as_day(FIRST.isoformat()), as_day(LAST.isoformat())) == (FIRST, LAST)
    assert as_day((FIRST - timedelta(days=1)).isoformat()) is None
