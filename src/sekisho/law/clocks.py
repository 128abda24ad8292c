"""How long the law gives, counted in the country's days: when a term runs out, and whether it has.

Rule 1: the day something starts a term is not counted (民法140条本文), unless it began at midnight or the rule counts it.
Rule 2: a term in days, business days, months or years ends with the end of its last day (141条); a term in hours at its
hour (139条). Rule 3: months and years by the calendar; where the last month has no such day, at the month's end (143条).
Rule 4: a last day on which offices are closed moves to the next open day, only where the rule says so (142条).
Rule 5: nothing is counted by adding up what a machine's clock said. Dates go in, dates come out: a restart, a jumped clock
and the daylight saving of another country change nothing.
Rule 6: where nobody entered a year's public holidays its weekdays count as working days, so that what is due is due early,
and the term says which years those were: a wait that ends in such a year is not known to be over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType

LONGEST, MOST_YEARS = 10_000, 100
"""No term of the law is longer, in any unit; nor in years."""

FIRST, LAST = date(1900, 1, 1), date(2400, 12, 31)
"""Days a term can start on: no end falls off the calendar."""

SATURDAY, SUNDAY = 5, 6
MOST_CLOSED = 31


class ClockError(ValueError):
    """A clock nobody can run. `code` says why: length, no-length, practice, moves, naive, day."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code


class Unit(StrEnum):
    """What a term is counted in. The three without a number are due at once; how fast that is, practice says."""

    HOURS = "hours"  # 時間
    DAYS = "days"  # 日
    BUSINESS_DAYS = "business-days"  # 営業日
    MONTHS = "months"  # 月
    YEARS = "years"  # 年
    AT_ONCE = "at-once"  # 直ちに
    PROMPTLY = "promptly"  # 速やかに
    WITHOUT_DELAY = "without-delay"  # 遅滞なく

    @property
    def counted(self) -> bool:
        """Whether the law gives a number."""
        return self not in (Unit.AT_ONCE, Unit.PROMPTLY, Unit.WITHOUT_DELAY)


@dataclass(frozen=True)
class Calendar:
    """Which days of a country are worked: its public holidays by name, year by year, and the days its offices close.

    `years` are those somebody entered. `closed` are month and day of the yearly closing (12-29 to 01-03), which is no
    public holiday but moves a term all the same. `utc_offset_hours` is where the country's days begin and end.
    """

    holidays: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    years: frozenset[int] = frozenset()
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    closed: frozenset[tuple[int, int]] = frozenset()
    utc_offset_hours: int = 9

    def __post_init__(self) -> None:
        if stray := {d.year for d in self.holidays} - self.years:
            raise ClockError("day", f"holidays of {min(stray)} stand in a calendar that does not know the year")
        if not self.weekend <= frozenset(range(7)) or len(self.weekend) == 7:
            raise ClockError("day", "a week has days 0 (Monday) to 6, and at least one is worked")
        if len(self.closed) > MOST_CLOSED:
            raise ClockError("day", f"offices close on more than {MOST_CLOSED} days of every year")

    @property
    def zone(self) -> timezone:
        return timezone(timedelta(hours=self.utc_offset_hours))

    def knows(self, day: date) -> bool:
        """Whether somebody entered the holidays of that year."""
        return day.year in self.years

    def works(self, day: date) -> bool:
        """Whether offices are open: neither weekend nor holiday nor the yearly closing."""
        return day.weekday() not in self.weekend and day not in self.holidays and (day.month, day.day) not in self.closed

    def day(self, moment: datetime) -> date:
        """The country's day at a moment. Raises ClockError for a moment without a zone."""
        return _zoned(moment).astimezone(self.zone).date()

    def begins(self, day: date) -> datetime:
        """The first instant of a day, in UTC."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)


@dataclass(frozen=True)
class Term:
    """One run of a clock. `last` is the last day it can still be done on, `ends` the first instant after it, in UTC.

    `unentered` are the years it was counted through whose holidays nobody entered: `ends` is then the earliest possible.
    `aim` is the last day by the practice or guideline that goes with the rule; missing it breaks no rule.
    """

    start: date
    last: date
    ends: datetime
    unentered: tuple[int, ...] = ()
    aim: date | None = None

    def over(self, now: datetime) -> bool:
        """Whether nothing of the term is left. For a duty: it is late."""
        return _zoned(now) >= self.ends

    def surely_over(self, now: datetime) -> bool:
        """Whether it is over however the holidays nobody entered fall. For a wait: one may act."""
        return self.over(now) and not self.unentered

    def left(self, now: datetime, calendar: Calendar) -> int:
        """Whole days from the country's today to the last day: 0 on the last day, negative after it."""
        return (self.last - calendar.day(now)).days


@dataclass(frozen=True)
class Clock:
    """A term as a rule states it, not yet started.

    `starts` names the fact that starts it (received, known, published, sent, or any other). `counts_first`: the first day
    counts. `moves`: a last day on which offices are closed moves to the next open day. `practice` is the number of days a
    guideline gives, shortest and longest, shown and never the limit; with `practice_counts_first` it counts the first day.
    Raises ClockError.
    """

    starts: str
    unit: Unit
    length: int = 0
    counts_first: bool = False
    moves: bool = False
    practice: tuple[int, int] | None = None
    practice_counts_first: bool = False

    def __post_init__(self) -> None:
        if not self.starts:
            raise ClockError("starts", "names no fact that starts it")
        most = MOST_YEARS if self.unit is Unit.YEARS else LONGEST
        if self.unit.counted and not 1 <= self.length <= most:
            raise ClockError("length", f"must be 1 to {most} {self.unit.value}")
        if not self.unit.counted and (self.length or self.moves or self.counts_first):
            raise ClockError("no-length", f"{self.unit.value} has no number, so nothing of it is counted or moves")
        if self.unit is Unit.HOURS and (self.moves or self.counts_first):
            raise ClockError("moves", "hours run from the moment itself; they neither count days nor move")
        if self.practice is not None and not 1 <= self.practice[0] <= self.practice[1] <= LONGEST:
            raise ClockError("practice", "is a shortest and a longest number of days")

    def run(self, start: date | datetime, calendar: Calendar) -> Term:
        """The term this clock gives from `start`: a day of the country, or a moment with its zone.

        A day without a moment starts an hour clock at its midnight, the earliest it can have been. Raises ClockError.
        """
        moment = _zoned(start) if isinstance(start, datetime) else None
        first = calendar.day(moment) if moment is not None else start
        assert not isinstance(first, datetime)  # noqa: S101 - said to the type checker
        if not FIRST <= first <= LAST:
            raise ClockError("day", f"{first} is no day a term starts on; known are {FIRST} to {LAST}")
        aim = self._aim(first)
        if self.unit is Unit.HOURS:
            ends = (moment or calendar.begins(first)).astimezone(UTC) + timedelta(hours=self.length)
            return Term(first, calendar.day(ends), ends, aim=aim)
        last, through = self._last(first, calendar)
        unentered = tuple(sorted({d.year for d in through if not calendar.knows(d)}))
        return Term(first, last, calendar.begins(last + timedelta(days=1)), unentered, aim)

    def _aim(self, first: date) -> date | None:
        if self.practice is None:
            return None
        return first + timedelta(days=self.practice[1] - int(self.practice_counts_first))

    def _last(self, first: date, calendar: Calendar) -> tuple[date, list[date]]:
        """The last day, and the days whose calendar was asked for it."""
        counted_from = first if self.counts_first else first + timedelta(days=1)
        if not self.unit.counted:
            return first, []
        if self.unit is Unit.BUSINESS_DAYS:
            return _working(counted_from, self.length, calendar)
        if self.unit is Unit.DAYS:
            last = counted_from + timedelta(days=self.length - 1)
        else:
            last = months_from(counted_from, self.length * (12 if self.unit is Unit.YEARS else 1))
        return _working(last, 1, calendar) if self.moves else (last, [])


def months_from(first: date, months: int) -> date:
    """The last day of so many months of which `first` is the first day (民法143条2項)."""
    count = first.year * 12 + first.month - 1 + months
    year, month = divmod(count, 12)
    month_ends = date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return month_ends if first.day > month_ends.day else date(year, month + 1, first.day) - timedelta(days=1)


def _working(first: date, length: int, calendar: Calendar) -> tuple[date, list[date]]:
    """The so-many-eth open day from `first` on, and every day asked about."""
    asked, day = [first], first
    while True:
        length -= calendar.works(day)
        if length == 0:
            return day, asked
        day += timedelta(days=1)
        asked.append(day)


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ClockError("naive", "a moment without a time zone; say which moment is meant")
    return moment
