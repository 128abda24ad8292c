"""From strict tables to a calendar of working days, and to clocks: `calendar.toml`, and `clock = {...}` wherever a rule has one.

A year nobody entered is unknown, not without holidays; what that does to a term is said in `clocks`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from sekisho.law.clocks import Calendar, Clock, ClockError, Unit
from sekisho.law.tables import Table
from sekisho.law.words import Words

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
YEAR = re.compile(r"(?:19|20|21)\d\d")
MONTH_DAY = re.compile(r"(\d\d)-(\d\d)")
LEAP = 2000


@dataclass(frozen=True)
class Holidays:
    """A country's `calendar.toml`: the days, the words for each holiday, and where they are from."""

    calendar: Calendar = field(default_factory=Calendar)
    names: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    source: str = ""
    seen: date | None = None


def holidays(table: Table, utc_offset_hours: int) -> Holidays:
    """Read `calendar.toml`. Raises CasebookError naming the place."""
    source, seen = table.text("source"), table.day("seen")
    weekend = frozenset(_weekday(table, name) for name in table.texts("weekend"))
    closed = frozenset(_month_day(table, "closed", text) for text in table.maybe("closed", table.texts, ()))
    names = table.table("names")
    said = {name: names.words(name) for name in names.data}
    years = table.table("year")
    days: dict[date, str] = {}
    for year in years.data:
        days |= _year(years, year, said)
    table.done()
    try:
        found = Calendar(MappingProxyType(days), frozenset(map(int, years.data)), weekend, closed, utc_offset_hours)
    except ClockError as why:
        raise table.error("weekend", str(why)) from why
    return Holidays(found, MappingProxyType(said), source, seen)


def clock(table: Table) -> Clock:
    """A rule's clock: `{ starts = "received", unit = "days", length = 7 }`, with `counts_first`, `moves`, `practice_days`."""
    try:
        found = Clock(
            starts=table.text("starts"),
            unit=table.word("unit", Unit),
            length=table.maybe("length", lambda k: table.number(k, least=1), 0),
            counts_first=table.maybe("counts_first", table.flag, default=False),
            moves=table.maybe("moves", table.flag, default=False),
            practice=table.maybe("practice_days", lambda k: _pair(table, k)),
            practice_counts_first=table.maybe("practice_counts_first", table.flag, default=False),
        )
    except ClockError as why:
        raise table.error(why.code.replace("-", "_"), str(why)) from why
    table.done()
    return found


def _year(years: Table, year: str, names: Mapping[str, Words]) -> dict[date, str]:
    if not YEAR.fullmatch(year):
        raise years.error(year, "must be a year of four digits")
    table = years.table(year)
    found: dict[date, str] = {}
    for text in table.data:
        name = table.text(text)
        if name not in names:
            raise table.error(text, f"{name!r} has no words in [names]")
        month, day = _month_day(table, text, text)
        try:
            found[date(int(year), month, day)] = name
        except ValueError:
            raise table.error(text, f"{year} has no such day") from None
    table.done()
    return found


def _month_day(table: Table, key: str, text: str) -> tuple[int, int]:
    """`12-29`, a month and day that some year has."""
    if match := MONTH_DAY.fullmatch(text):
        try:
            day = date(LEAP, int(match[1]), int(match[2]))
        except ValueError:
            pass
        else:
            return day.month, day.day
    raise table.error(key, f"{text!r} must be a month and a day, written 12-29")


def _weekday(table: Table, name: str) -> int:
    if name not in WEEK:
        raise table.error("weekend", f"{name!r} is not one of {', '.join(WEEK)}")
    return WEEK.index(name)


def _pair(table: Table, key: str) -> tuple[int, int]:
    value = table.value(key)
    good = isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, int) and not isinstance(v, bool) for v in value)
    if not good or not isinstance(value, tuple):
        raise table.error(key, "must be a shortest and a longest number of days, written [3, 5]")
    return int(str(value[0])), int(str(value[1]))
