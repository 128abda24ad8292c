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
from sekisho.law.words import Words

COLUMNS = ("group", "customers", "asked", "answered", "in_favour", "wording", "sample", "since", "day")
NUMBERS = COLUMNS[1:5]
TEXTS = ("group", "wording", "sample")
COUNT = re.compile(r"[0-9]{1,9}")
LARGEST, MOST, LONGEST = 1 << 20, 1000, 2000
FLOOR = 500
"""Permille in favour that the case asks for at least."""
LEAST_ANSWERED = 500
"""Under this share of answers, in permille, whoever was silent may be of another mind."""
LOPSIDED = 100
"""By so much, in permille, the share of a group among the answers may differ from its share among the customers."""


@dataclass(frozen=True)
class ReadSurvey:
    """A CSV file with a header of COLUMNS, UTF-8. What the operator declares: `needed`, the share in favour, permille; how many at least
    had to be asked and had to answer, and why so many. `titles`: what the filter's classes are called, in each language.
    """

    path: Path
    needed: int = FLOOR
    least_asked: int = 0
    least_answered: int = 0
    reasons: str = ""
    titles: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Survey:
    """`low` and `high`: how far the share among all customers may lie, parts per million, were the answers drawn by lot.

    `about`: the titles that the question names. `said`: what the sample cannot carry: no-least, few-asked, too-few-answers, other-scope,
    under-floor, too-few-in-favour, too-small, few-answered, lopsided, other-wordings, other-samples, other-days.
    """

    groups: int
    asked: int
    answered: int
    in_favour: int
    needed: int
    least_asked: int
    least_answered: int
    reasons: str
    low: int
    high: int
    wording: str
    about: tuple[str, ...]
    sample: str
    since: date
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
    since: date
    day: date


class NotASurvey(ValueError):
    """`line` of the file, the column and why: absent, too-large, too-many, no-column, unreadable, not-a-count, not-a-day,
    not-a-period, more-than."""

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
    last, about = groups[-1], tuple(_about(groups[-1].wording, request.titles))
    own = _own(request, asked, answered, scoped=bool(about) or not request.titles)
    said = (*own, *_cannot(groups, request.needed, low))
    return Survey(
        groups=len(groups),
        asked=asked,
        answered=answered,
        in_favour=favour,
        needed=request.needed,
        least_asked=request.least_asked,
        least_answered=request.least_answered,
        reasons=request.reasons,
        low=low,
        high=high,
        wording=last.wording,
        about=about,
        sample=last.sample,
        since=min(g.since for g in groups),
        day=max(g.day for g in groups),
        digest=sha256(raw).hexdigest(),
        said=said,
    )


def _about(wording: str, titles: tuple[Words, ...]) -> list[str]:
    """What the question names, in the language in which it names every class; nothing where it names them in none."""
    tongues = sorted({language for title in titles for language in title})
    named = ([title.get(language, "") for title in titles] for language in tongues)
    return next((sorted(said) for said in named if all(one and one in wording for one in said)), [])


def _own(request: ReadSurvey, asked: int, answered: int, *, scoped: bool) -> Iterator[str]:
    """What falls short of the operator's own numbers, and of what customers are told."""
    if not (request.least_asked and request.least_answered and request.reasons.strip()):
        yield "no-least"
    if asked < request.least_asked:
        yield "few-asked"
    if answered < request.least_answered:
        yield "too-few-answers"
    if not scoped:
        yield "other-scope"


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
    since, day = (_day(said[column], line, column) for column in ("since", "day"))
    if since > day:
        raise NotASurvey("not-a-period", line, "since")
    customers, asked, answered, favour = counts
    return Group(customers, asked, answered, favour, said["wording"], said["sample"], since, day)


def _day(said: str, line: int, column: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError as why:
        raise NotASurvey("not-a-day", line, column) from why


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
