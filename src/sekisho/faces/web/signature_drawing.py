"""What signatures took wrongly when they were tried, as numbers of a plot: a line for each class, from bound to bound, and a dot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk.access.wilson import MILLION, wilson
from sekisho.faces.web.drawing import LEFT, RIGHT, ROW, WIDTH, Tick, nice

FOOT = 24
LANGUAGES = {"ja", "en"}
COUNTS = ("wrong", "others")
PARTS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Signature:
    """One class as its plan says it: `rule` what it looks at, `low` and `high` in parts per million, and where they lie on the plot."""

    number: int
    name: str
    title: Mapping[str, str]
    rule: Mapping[str, str]
    others: int
    wrong: int
    low: int
    high: int
    y: float
    x: tuple[float, float, float]


@dataclass(frozen=True)
class Signatures:
    """All of them; `across`: the scale in percent."""

    width: int
    height: int
    base: int
    rows: tuple[Signature, ...]
    across: tuple[Tick, ...]


def signatures(scope: object) -> Signatures | None:
    """Lay out the classes that a plan's scope names with what was measured of them; None where there is none."""
    classes = scope.get("classes") if isinstance(scope, Mapping) else None
    known = list(_known(classes)) if isinstance(classes, Mapping) else []
    if not known:
        return None
    bounds = [wilson(words["wrong"], words["others"]) for _, words in known]
    top = min(nice(max(high for _, high in bounds) / MILLION * 100), 100.0)
    per = (WIDTH - LEFT - RIGHT) / top

    def row(place: int) -> Signature:
        (name, words), (low, high) = known[place], bounds[place]
        shares = (low / MILLION, words["wrong"] / words["others"], high / MILLION)
        x = tuple(round(LEFT + 100 * share * per, 1) for share in shares)
        rule = {w: str(words[w]) for w in ("protocol", "ports", "lengths", "pattern") if words.get(w)}
        title = words.get("title")
        its = title if isinstance(title, Mapping) and set(title) >= LANGUAGES else dict.fromkeys(LANGUAGES, name)
        return Signature(place + 1, name, its, rule, words["others"], words["wrong"], low, high, (place + 0.5) * ROW, (x[0], x[1], x[2]))

    rows = tuple(map(row, range(len(known))))
    across = tuple(Tick(round(LEFT + part * top * per, 1), f"{part * top:.3g} %") for part in PARTS)
    return Signatures(WIDTH, len(rows) * ROW + FOOT, len(rows) * ROW, rows, across)


def _known(classes: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Those that say how many were tried and how many of them it took. A plan is somebody's words until the gate has read it."""
    for name, words in sorted(classes.items()):
        if isinstance(words, Mapping) and all(type(words.get(c)) is int for c in COUNTS) and 0 <= words["wrong"] <= words["others"] > 0:
            yield name, words
