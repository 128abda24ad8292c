"""What is owed? A facts file, a book, a day. Nothing is written, and nothing here is legal advice."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.desk.draft import DraftError
from sekisho.gate.owed import owed
from sekisho.gate.owed_render import owed_json
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.facts import FactsError, read_facts

NOON = timedelta(hours=12)
LARGEST = 1 << 20


@dataclass(frozen=True)
class WhatIsOwed:
    """A facts file, the book asked, and the day (today if None)."""

    facts: Path
    book: Casebook
    on: date | None
    now: datetime


def carry_out(request: WhatIsOwed) -> dict[str, Any]:
    """Duties, shields and holds on that day, as `gate.owed_render` says them, with country and version of the book. Raises DraftError."""
    book = request.book
    try:
        facts = read_facts(_parsed(request.facts), book.owed)
    except FactsError as why:
        raise DraftError(why.where, why.code, why.said, why.known) from why
    now = book.begins(request.on) + NOON if request.on else request.now
    return {**owed_json(owed(facts, book, now), book), "country": book.country, "version": book.version}


def rule(book: Casebook, name: str) -> dict[str, Any] | None:
    """One rule of what is owed as plain data, with its kind (duty, shield or hold); None if the book has none of that id."""
    found = next((r for r in book.owed.rules if r.id == name), None)
    return {"kind": type(found).__name__.removesuffix("Rule").lower(), **plain(found)} if found else None


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as source:
            raw = source.read(LARGEST + 1)
    except OSError as why:
        raise DraftError(str(path), "absent") from why
    if len(raw) > LARGEST:
        raise DraftError(str(path), "too-large")
    try:
        return tomllib.loads(raw.decode())
    except ValueError as why:
        raise DraftError(f"{path}: {why}", "not-toml") from why
