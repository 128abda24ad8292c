"""A stranger's list of counts, `day,kind,count` a line: what can be read, and each line that cannot, named."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date

from sekisho.desk.signed_words import LARGEST_COUNT, EffectCount, EffectKind

LARGEST = 1 << 20
FIELDS = 3
HEADER = ("day", "kind", "count")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
NUMBER = re.compile(r"[0-9]{1,9}\Z")


@dataclass(frozen=True)
class BadLine:
    """`line` counts from 1. `why`: not-text, too-few-fields, bad-day, day-ahead, unknown-kind, bad-count, twice."""

    line: int
    why: str


def read(raw: bytes, today: date) -> tuple[tuple[EffectCount, ...], tuple[BadLine, ...]]:
    """In the order of the file. An empty line and the heading are neither. Of a day and kind told twice the first counts."""
    found: dict[tuple[date, EffectKind], EffectCount] = {}
    bad: list[BadLine] = []
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        one = _read(line.rstrip(b"\r"), today, first=number == 1)
        if isinstance(one, EffectCount) and (one.day, one.kind) in found:
            one = "twice"
        if isinstance(one, EffectCount):
            found[one.day, one.kind] = one
        elif one is not None:
            bad.append(BadLine(number, one))
    return tuple(found.values()), tuple(bad)


def _read(line: bytes, today: date, *, first: bool) -> EffectCount | str | None:
    """A count, why there is none, or None for a line that tells nothing."""
    try:
        fields = tuple(f.strip() for f in next(csv.reader([line.decode()]), []))
    except (UnicodeDecodeError, csv.Error):
        return "not-text"
    if not any(fields) or (first and fields == HEADER):
        return None
    if len(fields) != FIELDS:
        return "too-few-fields"
    return _count(fields[0], fields[1], fields[2], today)


def _count(day: str, kind: str, number: str, today: date) -> EffectCount | str:
    at = day_of(day)
    if at is None:
        return "bad-day"
    if at > today:
        return "day-ahead"
    if kind not in set(EffectKind):
        return "unknown-kind"
    if not NUMBER.match(number) or int(number) > LARGEST_COUNT:
        return "bad-count"
    return EffectCount(at, EffectKind(kind), int(number))


def day_of(text: str) -> date | None:
    """A day as YYYY-MM-DD; None for anything else."""
    try:
        return date.fromisoformat(text) if DAY.match(text) else None
    except ValueError:
        return None
