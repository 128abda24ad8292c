"""What customers answered when they were asked whether they want a filter: counted from a CSV, and what the sample cannot carry.

A line for each group of customers. Read at the operator's terminal; nothing is kept. The numbers that decide what is said are ours.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from sekisho.desk.access.wilson import wilson

COLUMNS = ("group", "customers", "asked", "answered", "in_favour", "wording", "sample", "day")
NUMBERS = COLUMNS[1:5]
TEXTS = ("group", "wording", "sample")
COUNT = re.compile(r"[0-9]{1,9}")
LARGEST, MOST, LONGEST = 1 << 20, 1000, 500
FLOOR = 500
"""Permille in favour that the case asks for at least."""
LEAST_ANSWERED = 500
"""Under this share of answers, in permille, whoever was silent may be of another mind."""
LOPSIDED = 100
"""By so much, in permille, the share of a group among the answers may differ from its share among the customers."""


@dataclass(frozen=True)
class ReadSurvey:
    """A CSV file with a header of COLUMNS, UTF-8; `needed`: the share in favour that the operator declares, permille."""

    path: Path
    needed: int = FLOOR


@dataclass(frozen=True)
class Survey:
    """`low` and `high`: how far the share among all customers may lie, parts per million, were the answers drawn by lot.

    `said`: what the sample cannot carry: under-floor, too-few-in-favour, too-small, few-answered, lopsided, other-wordings,
    other-samples, other-days.
    """

    groups: int
    asked: int
    answered: int
    in_favour: int
    needed: int
    low: int
    high: int
    wording: str
    sample: str
    day: date
    digest: str
    said: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """One line."""

    customers: int
    asked: int
    answered: int
    in_favour: int
    wording: str
    sample: str
    day: date


class NotASurvey(ValueError):
    """`line` of the file, the column and why: absent, too-large, too-many, no-column, unreadable, not-a-count, not-a-day, more-than."""

    def __init__(self, why: str, line: int = 0, column: str = "") -> None:
        super().__init__(why, line, column)
        self.why, self.line, self.column = why, line, column


def carry_out(request: ReadSurvey) -> Survey:
    """Raises NotASurvey: a line that cannot be read would make every figure another."""
    try:
        with request.path.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except OSError as why:
        raise NotASurvey("absent") from why
    if len(raw) > LARGEST:
        raise NotASurvey("too-large")
    groups = list(_groups(raw))
    if not groups or not sum(g.asked for g in groups):
        raise NotASurvey("unreadable", 1)
    asked, answered, favour = (sum(getattr(g, n) for g in groups) for n in NUMBERS[1:])
    low, high = wilson(favour, answered)
    last, said = groups[-1], tuple(_cannot(groups, request.needed, low))
    digest = sha256(raw).hexdigest()
    return Survey(len(groups), asked, answered, favour, request.needed, low, high, last.wording, last.sample, last.day, digest, said)


def _groups(raw: bytes) -> Iterator[Group]:
    try:
        reader = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        for absent in (c for c in COLUMNS if c not in (reader.fieldnames or ())):
            raise NotASurvey("no-column", 1, absent)
        for number, row in enumerate(reader):
            if number == MOST:
                raise NotASurvey("too-many", reader.line_num)
            yield _group(row, reader.line_num)
    except (csv.Error, UnicodeDecodeError) as why:
        raise NotASurvey("unreadable") from why


def _group(row: Mapping[str, str | None], line: int) -> Group:
    said = {c: (row[c] or "").strip() for c in COLUMNS}
    for column in TEXTS:
        if not 0 < len(said[column]) <= LONGEST or not said[column].isprintable():
            raise NotASurvey("unreadable", line, column)
    counts = []
    for column in NUMBERS:
        if not COUNT.fullmatch(said[column]):
            raise NotASurvey("not-a-count", line, column)
        counts.append(int(said[column]))
        if len(counts) > 1 and counts[-1] > counts[-2]:
            raise NotASurvey("more-than", line, column)
    try:
        day = date.fromisoformat(said["day"])
    except ValueError as why:
        raise NotASurvey("not-a-day", line, "day") from why
    customers, asked, answered, favour = counts
    return Group(customers, asked, answered, favour, said["wording"], said["sample"], day)


def _cannot(groups: list[Group], needed: int, low: int) -> Iterator[str]:
    customers, asked, answered, favour = (sum(getattr(g, n) for g in groups) for n in NUMBERS)
    if needed < FLOOR:
        yield "under-floor"
    if favour * 1000 < max(needed, FLOOR) * asked:
        yield "too-few-in-favour"
    if low < max(needed, FLOOR) * 1000:
        yield "too-small"
    if answered * 1000 < LEAST_ANSWERED * asked:
        yield "few-answered"
    if any(abs(g.answered * customers - g.customers * answered) * 1000 > LOPSIDED * answered * customers for g in groups):
        yield "lopsided"
    for name in ("wording", "sample", "day"):
        if len({getattr(g, name) for g in groups}) > 1:
            yield f"other-{name}s"
