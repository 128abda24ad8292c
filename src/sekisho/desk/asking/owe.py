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
from sekisho.gate.render import cited
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook
from sekisho.law.duties import Rule
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


def brief(rule: Rule) -> dict[str, Any]:
    """A rule in one line."""
    shown = ("id", "title", "authority", "certainty", "since", "until", "events")
    kind = type(rule).__name__.removesuffix("Rule").lower()
    return {**{k: plain(getattr(rule, k)) for k in shown}, "kind": kind, "decides_alone": rule.certainty.decides_alone}


def rule(book: Casebook, name: str) -> dict[str, Any] | None:
    """One rule of what is owed as plain data, with its kind (duty, shield or hold); None if the book has none of that id."""
    found = next((r for r in book.owed.rules if r.id == name), None)
    return {**plain(found), **brief(found)} if found else None


def rule_page(book: Casebook, name: str, day: date) -> dict[str, Any] | None:
    """A rule with all that stands around it: "rule", "cites", the "events" it is about, the words of their "fields", its "examples"."""
    found = next((r for r in book.owed.rules if r.id == name), None)
    if found is None:
        return None
    kinds = [book.owed.kinds[e] for e in found.events]
    examples = [
        {"because": plain(w.because), "on": plain(w.on), "given": plain(w.given), "expect": w.expect, "lacks": list(w.lacks)}
        for w in book.worked
        if w.rule == name
    ]
    return {
        "rule": rule(book, name),
        "cites": cited(found.cites, found.since, day, book),
        "events": [{"kind": k.name, "title": plain(k.title)} for k in kinds],
        "fields": {f.name: plain(f.words) for k in kinds for f in k.fields.values()},
        "examples": examples,
    }


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
