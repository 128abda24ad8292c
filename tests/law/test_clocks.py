"""How long the law gives: days that are not counted, months that are too short, holidays nobody entered."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays as reference
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sekisho.law.casebook import CasebookError, load
from sekisho.law.clocks import LONGEST, Calendar, Clock, ClockError, Term, Unit, months_from
from sekisho.law.holidays import clock, holidays
from sekisho.law.tables import Table

BOOK = load(Path(__file__).parents[2] / "casebook" / "jp")
JAPAN = BOOK.calendar
DAYS = st.dates(date(2000, 1, 1), date(2026, 6, 30))
LENGTHS = st.integers(1, 200)
UNITS = st.sampled_from([u for u in Unit if u.counted and u is not Unit.HOURS])


def last(start: date, unit: Unit, length: int = 0, *, moves: bool = False, counts_first: bool = False) -> date:
    return Clock("received", unit, length, counts_first, moves).run(start, JAPAN).last


# --- days


def test_the_day_it_begins_is_not_counted() -> None:
    """民法140: received on the 1st, seven days are over when the 8th ends."""
    term = Clock("received", Unit.DAYS, 7).run(date(2026, 6, 1), JAPAN)
    assert term.last == date(2026, 6, 8)
    assert term.ends == datetime(2026, 6, 8, 15, tzinfo=UTC)
    assert not term.over(term.ends - timedelta(microseconds=1))
    assert term.over(term.ends)


def test_the_day_it_begins_is_counted_where_the_rule_says_so() -> None:
    assert last(date(2026, 6, 1), Unit.DAYS, 7, counts_first=True) == date(2026, 6, 7)


def test_a_term_over_the_end_of_a_year_and_of_february() -> None:
    assert last(date(2025, 12, 25), Unit.DAYS, 30) == date(2026, 1, 24)
    assert last(date(2024, 2, 1), Unit.DAYS, 30) == date(2024, 3, 2)
    assert last(date(2023, 2, 1), Unit.DAYS, 30) == date(2023, 3, 3)


def test_a_last_day_off_moves_only_where_the_rule_says_so() -> None:
    """民法142: 2026-05-03 is a Sunday and a holiday, and so are the three days after it."""
    assert last(date(2026, 4, 26), Unit.DAYS, 7) == date(2026, 5, 3)
    assert last(date(2026, 4, 26), Unit.DAYS, 7, moves=True) == date(2026, 5, 7)


def test_the_yearly_closing_moves_a_last_day() -> None:
    assert last(date(2025, 12, 23), Unit.DAYS, 7, moves=True) == date(2026, 1, 5)


# --- months and years


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
        (date(2026, 1, 30), 1, date(2026, 2, 28)),  # counted from the 31st, and February has none
        (date(2026, 1, 31), 1, date(2026, 2, 28)),  # counted from 1 February, the whole month
        (date(2024, 1, 30), 1, date(2024, 2, 29)),
        (date(2026, 2, 28), 1, date(2026, 3, 31)),  # counted from 1 March, the whole month
        (date(2024, 2, 28), 1, date(2024, 3, 28)),  # counted from the 29th
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 31)),
    ],
)
def test_months_go_by_the_calendar(start: date, months: int, end: date) -> None:
    """民法143: to the day before the one that corresponds; where the last month has none, to its end."""
    assert last(start, Unit.MONTHS, months) == end


def test_a_year_from_a_leap_day() -> None:
    assert last(date(2024, 2, 29), Unit.YEARS, 1) == date(2025, 2, 28)
    assert last(date(2024, 2, 28), Unit.YEARS, 1) == date(2025, 2, 28)
    assert last(date(2024, 2, 28), Unit.YEARS, 4) == date(2028, 2, 28)


@given(DAYS, st.integers(1, 60))
def test_a_month_is_never_shorter_than_february_nor_longer_than_two_ends(first: date, months: int) -> None:
    days = (months_from(first, months) - first).days + 1
    assert 28 * months <= days <= 31 * months


# --- business days


def test_business_days_pass_over_weekends_and_holidays() -> None:
    """From Friday 2026-05-01: the week after it has one working Thursday and a Friday."""
    assert last(date(2026, 5, 1), Unit.BUSINESS_DAYS, 1) == date(2026, 5, 7)
    assert last(date(2026, 5, 1), Unit.BUSINESS_DAYS, 2) == date(2026, 5, 8)
    assert last(date(2026, 5, 1), Unit.BUSINESS_DAYS, 3) == date(2026, 5, 11)


def test_ten_days_of_rest_in_2019() -> None:
    """From the abdication to Children's Day nobody worked."""
    assert last(date(2019, 4, 26), Unit.BUSINESS_DAYS, 1) == date(2019, 5, 7)


@given(DAYS, LENGTHS)
def test_a_business_term_ends_on_a_working_day_and_counts_as_many(start: date, length: int) -> None:
    end = last(start, Unit.BUSINESS_DAYS, length)
    between = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    assert JAPAN.works(end)
    assert sum(JAPAN.works(d) for d in between) == length


@pytest.mark.parametrize("year", range(2000, 2028))
def test_the_holidays_are_those_another_list_has(year: int) -> None:
    """Beside an independent package; it does not move 2007's rules or the Olympic years by our hand."""
    ours = {day for day in JAPAN.holidays if day.year == year}
    assert ours == set(reference.country_holidays("JP", years=year, categories=("public",)))


def test_every_holiday_has_words_in_both_languages() -> None:
    said = BOOK.holidays.names
    assert set(JAPAN.holidays.values()) == set(said)
    assert all(words["ja"] and words["en"] for words in said.values())
    assert JAPAN.holidays[date(2019, 4, 30)] == "between"
    assert JAPAN.holidays[date(2021, 7, 23)] == "sports"


# --- years nobody entered


def test_a_term_into_a_year_nobody_entered_is_early_and_says_so() -> None:
    """New Year's Day 2028 is no holiday anybody entered, but the offices' yearly closing is known."""
    term = Clock("received", Unit.BUSINESS_DAYS, 30).run(date(2027, 12, 20), JAPAN)
    assert term.unentered == (2028,)
    assert term.last < Clock("received", Unit.BUSINESS_DAYS, 33).run(date(2027, 12, 20), JAPAN).last
    assert term.over(term.ends)
    assert not term.surely_over(term.ends)


def test_days_and_months_that_do_not_move_need_no_calendar() -> None:
    nobody = Calendar()
    assert Clock("received", Unit.DAYS, 7).run(date(2050, 1, 1), nobody).unentered == ()
    assert Clock("received", Unit.DAYS, 7, moves=True).run(date(2050, 1, 1), nobody).unentered == (2050,)


@given(DAYS, LENGTHS)
def test_unknown_holidays_never_make_a_term_later(start: date, length: int) -> None:
    ignorant = Calendar(closed=JAPAN.closed)
    for unit, moves in ((Unit.BUSINESS_DAYS, False), (Unit.DAYS, True)):
        rule = Clock("received", unit, length, moves=moves)
        assert rule.run(start, ignorant).last <= rule.run(start, JAPAN).last


# --- hours and what is due at once


def test_hours_run_from_the_moment() -> None:
    """民法139: at once, without leaving out a day."""
    term = Clock("received", Unit.HOURS, 24).run(datetime(2026, 3, 1, 3, 30, tzinfo=UTC), JAPAN)
    assert term.ends == datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
    assert term.last == date(2026, 3, 2)


def test_hours_from_a_day_without_a_moment_run_from_its_midnight() -> None:
    assert Clock("received", Unit.HOURS, 24).run(date(2026, 3, 1), JAPAN).ends == datetime(2026, 3, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize("unit", [Unit.AT_ONCE, Unit.PROMPTLY, Unit.WITHOUT_DELAY])
def test_what_has_no_number_is_due_the_same_day_with_the_guidelines_days_beside_it(unit: Unit) -> None:
    term = Clock("known", unit, practice=(3, 5)).run(date(2026, 6, 1), JAPAN)
    assert term.last == date(2026, 6, 1)
    assert term.aim == date(2026, 6, 6)


def test_a_practice_may_count_the_first_day_where_the_law_does_not() -> None:
    term = Clock("known", Unit.DAYS, 30, practice=(30, 30), practice_counts_first=True).run(date(2026, 6, 1), JAPAN)
    assert (term.aim, term.last) == (date(2026, 6, 30), date(2026, 7, 1))


# --- machines, zones, restarts


def test_a_moment_late_in_london_is_the_next_day_in_japan() -> None:
    assert Clock("received", Unit.DAYS, 1).run(datetime(2026, 3, 28, 23, tzinfo=UTC), JAPAN).start == date(2026, 3, 29)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Tokyo"])
@given(seconds=st.integers(0, 6 * 366 * 86400))
def test_daylight_saving_of_any_zone_changes_nothing(zone: str, seconds: int) -> None:
    here = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    rule = Clock("received", Unit.DAYS, 30)
    assert rule.run(here, JAPAN) == rule.run(here.astimezone(ZoneInfo(zone)), JAPAN)


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 6, 30, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ClockError, match="zone"):
        Clock("received", Unit.DAYS, 7).run(naive, JAPAN)
    term = Clock("received", Unit.DAYS, 7).run(date(2026, 6, 1), JAPAN)
    with pytest.raises(ClockError, match="zone"):
        term.over(naive)


def test_what_is_left_is_counted_in_the_countrys_days() -> None:
    term = Clock("received", Unit.DAYS, 7).run(date(2026, 6, 1), JAPAN)
    assert term.left(datetime(2026, 6, 8, 14, 59, tzinfo=UTC), JAPAN) == 0
    assert term.left(datetime(2026, 6, 8, 15, 0, tzinfo=UTC), JAPAN) == -1


# --- properties of every clock


@given(one=DAYS, other=DAYS, unit=UNITS, length=LENGTHS, moves=st.booleans())
def test_what_starts_later_never_ends_earlier(one: date, other: date, unit: Unit, length: int, *, moves: bool) -> None:
    length = min(length, 5) if unit is Unit.YEARS else length
    first, second = sorted((one, other))
    assert last(first, unit, length, moves=moves) <= last(second, unit, length, moves=moves)


@given(DAYS, UNITS, st.integers(1, 50))
def test_a_longer_term_never_ends_earlier_and_none_ends_on_its_first_day(start: date, unit: Unit, length: int) -> None:
    assert start < last(start, unit, length) < last(start, unit, length + 1)


@given(DAYS, LENGTHS, LENGTHS, st.sampled_from([Unit.DAYS, Unit.BUSINESS_DAYS]))
def test_two_terms_one_after_the_other_are_one_of_both_lengths(start: date, one: int, two: int, unit: Unit) -> None:
    assert last(last(start, unit, one), unit, two) == last(start, unit, one + two)


@given(DAYS, UNITS, LENGTHS)
def test_moving_never_shortens_and_ends_on_an_open_day(start: date, unit: Unit, length: int) -> None:
    length = min(length, 5) if unit is Unit.YEARS else length
    assume(start.year + length < 2400)
    moved = last(start, unit, length, moves=True)
    assert moved >= last(start, unit, length)
    assert JAPAN.works(moved)


@given(DAYS, UNITS, st.integers(1, 5))
def test_a_term_is_over_exactly_when_its_last_day_is(start: date, unit: Unit, length: int) -> None:
    term = Clock("sent", unit, length).run(start, JAPAN)
    assert not term.over(JAPAN.begins(term.last))
    assert term.over(JAPAN.begins(term.last + timedelta(days=1)))
    assert isinstance(term, Term)


# --- what is refused


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: Clock("", Unit.DAYS, 7), "starts"),
        (lambda: Clock("received", Unit.DAYS), "length"),
        (lambda: Clock("received", Unit.DAYS, LONGEST + 1), "length"),
        (lambda: Clock("received", Unit.YEARS, 101), "length"),
        (lambda: Clock("received", Unit.PROMPTLY, 3), "no-length"),
        (lambda: Clock("received", Unit.PROMPTLY, moves=True), "no-length"),
        (lambda: Clock("received", Unit.HOURS, 24, moves=True), "moves"),
        (lambda: Clock("received", Unit.DAYS, 7, practice=(5, 3)), "practice"),
        (lambda: Clock("received", Unit.DAYS, 7).run(date(1, 1, 1), JAPAN), "day"),
        (lambda: Clock("received", Unit.YEARS, 100).run(date(9999, 12, 31), JAPAN), "day"),
        (lambda: Calendar(MappingProxyType({date(2026, 1, 1): "new-year"})), "day"),
        (lambda: Calendar(weekend=frozenset(range(7))), "day"),
        (lambda: Calendar(weekend=frozenset({7})), "day"),
        (lambda: Calendar(closed=frozenset((m, d) for m in range(1, 13) for d in range(1, 29))), "day"),
    ],
)
def test_a_clock_nobody_can_run_never_comes_to_exist(made: Callable[[], object], code: str) -> None:
    with pytest.raises(ClockError) as why:
        made()
    assert why.value.code == code


def table(**data: object) -> Table:
    return Table("some.toml", "duty[jp/A-10/1].clock", data)


def test_a_clock_is_read_from_a_rule() -> None:
    found = clock(table(starts="known", unit="promptly", practice_days=[3, 5]))
    assert found == Clock("known", Unit.PROMPTLY, practice=(3, 5))
    assert clock(table(starts="received", unit="days", length=7, moves=True)) == Clock("received", Unit.DAYS, 7, moves=True)


@pytest.mark.parametrize(
    ("data", "where", "what"),
    [
        ({"starts": "known", "unit": "weeks", "length": 2}, "unit", "'weeks' is not one of"),
        ({"starts": "known", "unit": "days"}, "length", "1 to 10000 days"),
        ({"starts": "known", "unit": "days", "length": -1}, "length", "at least 1"),
        ({"starts": "known", "unit": "promptly", "practice_days": [3]}, "practice_days", "[3, 5]"),
        ({"starts": "known", "unit": "promptly", "practice_days": [True, 5]}, "practice_days", "[3, 5]"),
        ({"starts": "known", "unit": "days", "length": 7, "calender": True}, "calender", "nobody knows"),
        ({"unit": "days", "length": 7}, "starts", "missing"),
    ],
)
def test_a_malformed_clock_names_file_field_and_what_was_expected(data: dict[str, object], where: str, what: str) -> None:
    with pytest.raises(CasebookError) as why:
        clock(table(**data))
    assert why.value.file == "some.toml"
    assert why.value.where.endswith(where)
    assert what in why.value.what


GOOD: dict[str, object] = {
    "source": "somewhere",
    "seen": date(2026, 11, 21),
    "weekend": ["saturday", "sunday"],
    "names": {"new-year": {"ja": "元日", "en": "New Year's Day"}},
    "year": {"2026": {"01-01": "new-year"}},
}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"weekend": ["caturday"]}, "weekend"),
        ({"closed": ["13-01"]}, "closed"),
        ({"year": {"26": {}}}, "year.26"),
        ({"year": {"2026": {"02-29": "new-year"}}}, "year.2026.02-29"),
        ({"year": {"2026": {"1-1": "new-year"}}}, "year.2026.1-1"),
        ({"year": {"2026": {"01-02": "party"}}}, "year.2026.01-02"),
        ({"names": {"new-year": {"ja": "元日"}}}, "names.new-year"),
        ({"seen": "yesterday"}, "seen"),
        ({"weekend": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]}, "weekend"),
        ({"hollidays": 1}, "hollidays"),
    ],
)
def test_a_malformed_calendar_names_the_place(change: dict[str, object], where: str) -> None:
    assert holidays(Table("calendar.toml", "", {**GOOD}), 9).calendar.works(date(2026, 1, 2))
    with pytest.raises(CasebookError) as why:
        holidays(Table("calendar.toml", "", {**GOOD, **change}), 9)
    assert why.value.where == where


def test_a_book_without_a_calendar_knows_no_year(tmp_path: Path) -> None:
    """The second country's small book: its clocks run, and say what nobody entered."""
    for file in (Path(__file__).parents[2] / "casebook" / "jp").glob("*.toml"):
        if file.name != "calendar.toml":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    assert load(tmp_path).calendar.years == frozenset()
    assert load(tmp_path).digest != BOOK.digest


def test_what_the_bounds_name_is_inside_them() -> None:
    """The first and the last day a term starts on, a guideline of one day and of the longest term, 31 days of closing."""
    week = Clock("received", Unit.DAYS, 7)
    for inside, outside in ((date(1900, 1, 1), date(1899, 12, 31)), (date(2400, 12, 31), date(2401, 1, 1))):
        assert week.run(inside, JAPAN).start == inside
        with pytest.raises(ClockError):
            week.run(outside, JAPAN)
    for practice in ((1, 1), (1, LONGEST)):
        assert Clock("known", Unit.PROMPTLY, practice=practice).practice == practice
    for practice in ((0, 1), (1, LONGEST + 1)):
        with pytest.raises(ClockError):
            Clock("known", Unit.PROMPTLY, practice=practice)
    month = frozenset((1, d) for d in range(1, 32))
    assert not Calendar(closed=month).works(date(2026, 1, 15))
    with pytest.raises(ClockError):
        Calendar(closed=month | {(2, 1)})


def test_unless_it_is_said_weeks_end_on_saturday_and_days_are_japans() -> None:
    plain = Calendar()
    assert [plain.works(date(2026, 6, d)) for d in range(1, 8)] == [True] * 5 + [False] * 2
    assert plain.begins(date(2026, 6, 1)) == datetime(2026, 5, 31, 15, tzinfo=UTC)


def test_a_stray_holiday_names_the_first_year_nobody_entered() -> None:
    with pytest.raises(ClockError, match="2019"):
        Calendar(MappingProxyType({date(2020, 1, 1): "new-year", date(2019, 1, 1): "new-year"}))


def test_a_leap_day_is_a_day_some_year_has() -> None:
    leap = {**GOOD, "closed": ["02-29"], "year": {"2024": {"02-29": "new-year"}}}
    assert not holidays(Table("calendar.toml", "", leap), 9).calendar.works(date(2024, 2, 29))
