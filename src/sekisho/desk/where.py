"""On which line of a TOML file a named place stands, so that a mistake can be found by whoever wrote it. tomllib forgets lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

Place: TypeAlias = "tuple[str | int, ...]"

HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=\s*(.*)$""")
SEGMENT = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
NAMED_BY = ("id", "name", "axis")
LONG = ('"""', "'''")


def line_of(text: str, where: str, first: int = 0) -> int | None:
    """The line, counted from 1, of a place like `evidence[2].value.day` or `case[jp/B-13/1].condition[own-network].words`.

    A number in brackets counts from `first`; anything else is the `id` or `name` of a table. What stands on no line of its
    own (a key of an inline table, a key that is missing) is found at the nearest thing around it. None if nothing is near.
    """
    lines: dict[Place, int] = {}
    names: dict[Place, dict[str, int]] = {}
    for number, place, value in _written(text):
        lines.setdefault(place, number)
        if len(place) > 2 and place[-1] in NAMED_BY and isinstance(index := place[-2], int):
            names.setdefault(place[:-2], {}).setdefault(value[1:].partition(value[:1])[0], index)
    wanted = _place(where, names, first)
    return next((lines[wanted[:n]] for n in range(len(wanted), 0, -1) if wanted[:n] in lines), None)


def _place(where: str, names: dict[Place, dict[str, int]], first: int) -> Place:
    place: Place = ()
    for bracket, word in SEGMENT.findall(where):
        if word:
            place = (*place, word)
        elif bracket in (known := names.get(place, {})):
            place = (*place, known[bracket])
        elif bracket.isdigit():
            place = (*place, int(bracket) - first)
    return place


def _written(text: str) -> Iterator[tuple[int, Place, str]]:
    """Every header and key: its line, its place, and what stands behind the key."""
    here: Place = ()
    counted: dict[Place, int] = {}
    quoted = ""
    for number, line in enumerate(text.splitlines(), 1):
        if quoted or (quoted := next((q for q in LONG if line.count(q) % 2), "")):
            opened = line.count(quoted) % 2 and KEY.match(line)
            if opened:
                yield number, (*here, *_parts(opened[1])), opened[2]
            quoted = "" if line.count(quoted) % 2 and not opened else quoted
        elif found := HEADER.match(line):
            here = _header(found[2], counted, many=found[1] == "[[")
            yield number, here, ""
        elif found := KEY.match(line):
            yield number, (*here, *_parts(found[1])), found[2]


def _header(name: str, counted: dict[Place, int], *, many: bool) -> Place:
    """The place a header opens; `[[x]]` opens the next of its kind, and a name below one means the last opened."""
    place: Place = ()
    parts = _parts(name)
    for number, part in enumerate(parts, 1):
        place = (*place, part)
        if many and number == len(parts):
            counted[place] = counted.get(place, -1) + 1
        if place in counted:
            place = (*place, counted[place])
    return place


def _parts(name: str) -> tuple[str, ...]:
    return tuple(p.strip().strip("\"'") for p in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", name))
