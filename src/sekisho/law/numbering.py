"""Articles move. A citation keeps the number of the day it was written; here is what the same rule is called on another day.

A citation is a law's short name, a space and an article: "PLAT 4(1)". Changes are kept law by law, in order; a map of a span of years is
the changes of that span applied one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sekisho.law.tables import Table
from sekisho.law.words import Certainty, Words

CITATION = re.compile(r"([A-Z][A-Z0-9-]*) (\d+(?:-\d+)*)((?:\([0-9a-z]+\))*)")
ARTICLE = re.compile(r"(\d+(?:-\d+)*)((?:\([0-9a-z]+\))*)")
PART = re.compile(r"\([0-9a-z]+\)")


@dataclass(frozen=True)
class Change:
    """From `day` on, what was `moves`' key is its values; `new` articles exist only from then. Everything else stayed where it was."""

    day: date
    moves: Mapping[str, tuple[str, ...]]
    new: frozenset[str]
    source: str
    certainty: Certainty
    words: Words


@dataclass(frozen=True)
class Law:
    """A law by its short name: its names by first day, and the changes of its numbers in order."""

    short: str
    names: tuple[tuple[date, Words], ...]
    changes: tuple[Change, ...]


def on(laws: Mapping[str, Law], cite: str, *, written: date, asked: date) -> tuple[str, ...]:
    """What `cite`, written on one day, is called on another. Empty: there was no such article on one of the two days.

    A law the book has no changes of, and text that is no citation, come back as they are.
    """
    found = CITATION.fullmatch(cite)
    law = laws.get(found[1]) if found else None
    if found is None or law is None:
        return (cite,)
    articles = [found[2] + found[3]]
    between = [c for c in law.changes if min(written, asked) < c.day <= max(written, asked)]
    for change in between if written <= asked else reversed(between):
        move = _forward if written <= asked else _back
        articles = list(dict.fromkeys(new for old in articles for new in move(change, old)))
    return tuple(f"{law.short} {a}" for a in articles)


def today(laws: Mapping[str, Law], cite: str, written: date) -> tuple[str, ...]:
    """What the citation is called by the newest numbering the book knows."""
    return on(laws, cite, written=written, asked=date.max)


def name_on(laws: Mapping[str, Law], short: str, day: date) -> Words | None:
    """What the law itself was called on that day, or None if the book does not say."""
    law = laws.get(short)
    names = [words for since, words in law.names if since <= day] if law else []
    return names[-1] if names else None


def _prefixes(article: str) -> Iterable[tuple[str, str]]:
    """The article and each wider one around it, with what was cut off: 4(1)(i), 4(1), 4."""
    for cut in [len(article), *(m.start() for m in reversed(list(PART.finditer(article))))]:
        yield article[:cut], article[cut:]


def _forward(change: Change, article: str) -> tuple[str, ...]:
    for wide, rest in _prefixes(article):
        if (to := change.moves.get(wide)) is not None:
            return tuple(t + rest for t in to) if len(to) == 1 else to
        if wide in change.new:
            return ()
    return (article,)


def _back(change: Change, article: str) -> tuple[str, ...]:
    for wide, rest in _prefixes(article):
        sources = [old for old, to in change.moves.items() if wide in to]
        if sources:
            nearest = max(sources, key=len)
            return (nearest + rest,) if len(change.moves[nearest]) == 1 else (nearest,)
        if wide in change.new or wide in change.moves:
            return ()
    return (article,)


def read_renumbering(table: Table) -> Mapping[str, Law]:
    """`renumbering.toml`. Raises CasebookError naming file, place and what to change."""
    found: dict[str, Law] = {}
    for entry in table.tables("law"):
        law = _law(entry)
        if law.short in found:
            raise entry.error("id", f"{law.short} stands there twice")
        found[law.short] = law
    table.done()
    return MappingProxyType(found)


def _law(table: Table) -> Law:
    names = []
    for entry in table.tables("name"):
        names.append((entry.day("since"), entry.words("words")))
        entry.done()
    changes = tuple(_change(t) for t in table.tables("change"))
    found = Law(table.text("id"), tuple(names), changes)
    table.done()
    if not names:
        raise table.error("name", "is missing: say what the law is called, and since when")
    for days, what in (([d for d, _ in names], "name"), ([c.day for c in changes], "change")):
        if days != sorted(set(days)):
            raise table.error(what, "must be in order of their days, each day once")
    return found


def _change(table: Table) -> Change:
    moves = table.table("moves") if "moves" in table else None
    moved = {old: moves.texts(old) for old in moves.data} if moves else {}
    found = Change(
        day=table.day("from"),
        moves=MappingProxyType(moved),
        new=table.maybe("new", lambda k: frozenset(table.texts(k)), frozenset()),
        source=table.text("source"),
        certainty=table.word("certainty", Certainty),
        words=table.words("words"),
    )
    table.done()
    for article in [*moved, *(t for to in moved.values() for t in to), *found.new]:
        if not ARTICLE.fullmatch(article):
            raise table.error("moves", f"{article!r} is no article; write 4(1) or 3-2")
    if both := found.new & moved.keys():
        raise table.error("new", f"{min(both)} cannot be new and have moved from there")
    return found
