"""The list of mail services that customers use and that offer no submission port: who was asked, what came of it, what is left to do.

Refusing port 25 cuts such a service off, so the list is worked off before the start. Read at the operator's terminal; what it counts is
laid in as evidence of the plan, with the list's digest. Of the list itself nothing is kept.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from sekisho.desk.staff import statements
from sekisho.law.words import Evidence, Role, Value
from sekisho.measures.op25b import PURPOSE

KIND = "mail-services"
COLUMNS = ("service", "contact", "state", "day", "note")
STATES: Mapping[str, bool] = MappingProxyType({
    "found": False,
    "asked": False,
    "promised": False,
    "refuses": False,
    "offers": True,
    "relayed": True,
    "closed": True,
})  # fmt: skip
"""Each state, and whether nothing is left to do: it offers a port now, its customers hand mail to our server, or the service is over."""
LONGEST = 500
MOST = 10_000


@dataclass(frozen=True)
class MailServices:
    """A CSV file with a header of COLUMNS, UTF-8."""

    path: Path


@dataclass(frozen=True)
class Service:
    """One service; `day` is when that state was reached."""

    service: str
    contact: str
    state: str
    day: date
    note: str


@dataclass(frozen=True)
class BadService:
    """A row that does not count: its line in the file, the column, and why."""

    row: int
    column: str
    why: str


@dataclass(frozen=True)
class WorkedOff:
    """`left`: still to be dealt with, oldest first. `done`: nothing is left, every row could be read, and there is one."""

    listed: int
    states: Mapping[str, int]
    left: tuple[Service, ...]
    refused: tuple[BadService, ...]
    digest: str
    done: bool


class NotAList(ValueError):
    """The file is no CSV of our columns; `absent` names those it lacks."""

    def __init__(self, absent: tuple[str, ...]) -> None:
        super().__init__(absent)
        self.absent = absent


def carry_out(request: MailServices) -> WorkedOff:
    """What is left to do. A row that cannot be read is never done. Raises NotAList, OSError."""
    raw = request.path.read_bytes()
    reader = csv.DictReader(io.StringIO(raw.decode("utf-8-sig", "replace"), newline=""))
    absent = tuple(c for c in COLUMNS if c not in (reader.fieldnames or ()))
    if absent:
        raise NotAList(absent)
    found: dict[str, Service] = {}
    refused: list[BadService] = []
    for row in _rows(reader, refused):
        name = (row.get("service") or "").strip().casefold()
        bad = next(_faults(row), None) or (("service", "twice") if name in found else None)
        if bad:
            refused.append(BadService(reader.line_num, *bad))
        else:
            said = {c: (row[c] or "").strip() for c in COLUMNS}
            found[name] = Service(**{**said, "day": date.fromisoformat(said["day"])})  # type: ignore[arg-type] # the day alone is no text
    left = tuple(sorted((s for s in found.values() if not STATES[s.state]), key=lambda s: (s.day, s.service)))
    states = dict(sorted(Counter(s.state for s in found.values()).items()))
    return WorkedOff(len(found), states, left, tuple(refused), sha256(raw).hexdigest(), bool(found) and not left and not refused)


def evidence(found: WorkedOff, person: str, role: Role, day: date, now: datetime) -> Evidence:
    """What somebody lays in about this list: what was counted in it, whatever they would rather say. A row that cannot be read is left."""
    value: Mapping[str, Value] = {
        "day": day.isoformat(),
        "listed": found.listed + len(found.refused),
        "left": len(found.left) + len(found.refused),
    }
    return statements.evidence(KIND, value, PURPOSE, person, role, found.digest, None, now)


def _rows(reader: csv.DictReader[str], refused: list[BadService]) -> Iterator[dict[str, str | None]]:
    try:
        for number, row in enumerate(reader):
            if number == MOST:
                refused.append(BadService(reader.line_num, "service", "too-many-rows"))
                return
            yield row
    except csv.Error:
        refused.append(BadService(reader.line_num, "service", "not-csv-from-here"))


def _faults(row: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        value = row.get(column)
        if value is None or len(value) > LONGEST or "\ufffd" in value or "\0" in value:
            yield column, "absent-or-unreadable"
            return
    for column in ("service", "contact"):
        if not (row[column] or "").strip():
            yield column, "empty"
    if (row["state"] or "").strip() not in STATES:
        yield "state", "unknown-state"
    try:
        date.fromisoformat((row["day"] or "").strip())
    except ValueError:
        yield "day", "not-a-day"
