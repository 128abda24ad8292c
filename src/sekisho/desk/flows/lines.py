"""Import the subscriber register from CSV: sealed to the register permit's public halves, contacts in a class of their own.

Runs at the operator's terminal. Nothing is imported without a living permit for the step `register`.
"""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from sekisho.desk.flows.standing import StandingPermit
from sekisho.desk.outside import Outside
from sekisho.desk.prove import in_ledger
from sekisho.gate.check import check
from sekisho.gate.check import read as words
from sekisho.gate.permit import Permit
from sekisho.law.reading import read
from sekisho.store.register import write_register
from sekisho.store.schema import CONTACTS, LINE_KEYS
from sekisho.store.spec import period_of

COLUMNS = (
    "line", "radius_name", "delegated_prefix", "valid_from", "valid_until", "mail", "name", "language",
    "contract_from", "contract_until", "terms_version",
)  # fmt: skip
LONGEST_FIELD = 500
MOST_ROWS = 5_000_000
LANGUAGES = frozenset({"ja", "en"})


@dataclass(frozen=True)
class ImportLines:
    """A CSV file with a header of COLUMNS, UTF-8."""

    path: Path


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken: its line number in the file, the column, and why."""

    row: int
    column: str
    why: str


@dataclass(frozen=True)
class Imported:
    """How many lines went in, and which rows did not."""

    lines: int
    refused: tuple[BadRow, ...]
    permit: str


class NoRegisterPermit(Exception):
    """No living permit keeps a register: propose and approve one first."""


class NotACsv(ValueError):
    """The file is not CSV of our columns; `absent` names the columns it lacks."""

    def __init__(self, absent: tuple[str, ...]) -> None:
        super().__init__(absent)
        self.absent = absent


def carry_out(world: Outside, request: ImportLines) -> Imported:
    """Good rows are kept, bad ones named. Raises NoRegisterPermit, NotACsv, OSError."""
    permit = _permit(world)
    good, refused = _read(request.path)
    if good:
        keys = pa.Table.from_pylist([k for row in good for k in _keys(row)], schema=LINE_KEYS)
        contacts = pa.Table.from_pylist([_contact(row) for row in good], schema=CONTACTS)
        period = period_of(world.clock())
        write_register(
            world.settings.folder / "streams", permit.id, period, keys, contacts, lambda k: bytes.fromhex(world.keep.call("half", key_id=k))
        )
    return Imported(len({r["line"] for r in good}), tuple(refused), permit.id)


def _permit(world: Outside) -> Permit:
    for said in world.keep.call("standing"):
        one = read(StandingPermit, said)
        if {"line-keys", "contacts"} <= _streams(one):
            prove = in_ledger(world.public.ledger)
            return check(one.permit, world.public.key, world.clock(), step="register", scope=lambda _: True, lease=one.lease, prove=prove)
    raise NoRegisterPermit


def _streams(one: StandingPermit) -> set[str]:
    streams = words(one.permit).scope.get("streams")
    return set(streams) if isinstance(streams, Mapping) else set()


def _read(path: Path) -> tuple[list[dict[str, str]], list[BadRow]]:
    good: list[dict[str, str]] = []
    refused: list[BadRow] = []
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        reader = csv.DictReader(file)
        absent = tuple(c for c in COLUMNS if c not in (reader.fieldnames or ()))
        if absent:
            raise NotACsv(absent)
        for row in _until_broken(reader, refused):
            if len(good) >= MOST_ROWS:
                refused.append(BadRow(reader.line_num, "line", "too-many-rows"))
                break
            bad = next(_faults(row), None)
            if bad:
                refused.append(BadRow(reader.line_num, *bad))
            else:
                good.append({c: (row[c] or "").strip() for c in COLUMNS})
    return good, refused


def _until_broken(reader: csv.DictReader[str], refused: list[BadRow]) -> Iterator[dict[str, str | None]]:
    """The rows up to where the file stops being CSV: a quote that is never closed takes the rest of the file with it."""
    try:
        yield from reader
    except csv.Error:
        refused.append(BadRow(reader.line_num, "line", "not-csv-from-here"))


def _faults(row: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        value = row.get(column)
        if value is None or len(value) > LONGEST_FIELD or "\ufffd" in value or "\0" in value:
            yield column, "absent-or-unreadable"
            return
    if not (row["line"] or "").strip():
        yield "line", "empty"
    if (row["language"] or "").strip() not in LANGUAGES:
        yield "language", "not-ja-or-en"
    if row["mail"] and ("@" not in row["mail"] or any(c in row["mail"] for c in "\r\n<>, ")):
        yield "mail", "not-an-address"
    for column in ("valid_from", "valid_until", "contract_from", "contract_until"):
        if row[column] and _instant(row[column] or "") is None:
            yield column, "not-a-time-with-zone"
    try:
        if row["delegated_prefix"]:
            ipaddress.ip_network(row["delegated_prefix"])
    except ValueError:
        yield "delegated_prefix", "not-a-prefix"


def _keys(row: Mapping[str, str]) -> Iterator[dict[str, object]]:
    span = {"valid_from": _instant(row["valid_from"]), "valid_until": _instant(row["valid_until"])}
    for kind, column in (("radius-name", "radius_name"), ("delegated-prefix", "delegated_prefix")):
        if row[column]:
            yield {"line": row["line"], "kind": kind, "value": row[column], **span}
    contract = {"valid_from": _instant(row["contract_from"]), "valid_until": _instant(row["contract_until"])}
    yield {"line": row["line"], "kind": "contract", "value": row["line"], **contract}
    yield {"line": row["line"], "kind": "terms", "value": row["terms_version"], **contract}


def _contact(row: Mapping[str, str]) -> dict[str, str]:
    return {c: row[c] for c in ("line", "mail", "name", "language")}


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
