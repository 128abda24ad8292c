"""An order goes to each contractor as a letter of its own, with a code by which that firm alone answers it.

`keep` knows the digest of the code; the letter lies sealed with the case. Whoever is asked again gets a new code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.desk import entrustments, incident_room
from sekisho.desk.cases import case_codes
from sekisho.desk.matters import Matter
from sekisho.desk.world import World
from sekisho.law.incident import MOVES, Item, Kind, asked_of, numbered, silent
from sekisho.law.words import Value

PAGE = "/order"
SIDE = "order"
ASKS = frozenset({Kind.ORDER, Kind.AGAIN})


@dataclass(frozen=True)
class Addressed:
    """One firm an order goes to: what the letter has places for, and the facts of that very order."""

    values: Mapping[str, str]
    facts: Mapping[str, Value]


def side(order: int, row: str) -> str:
    """By which a code is bound to one order and one row of the register."""
    return f"{SIDE}/{order}/{row}"


def of_side(told: str) -> tuple[int, str] | None:
    """The order and the row of a code, if it is one for an order."""
    kind, _, rest = told.partition("/")
    number, _, row = rest.partition("/")
    return (int(number), row) if kind == SIDE and number.isdigit() and row else None


def addressed(world: World, matter: Matter, now: datetime) -> Iterator[Addressed]:
    """Everybody the order just given, or asked about again, goes to: each with a fresh code."""
    order, rows = _asked(matter)
    for row in rows:
        one = entrustments.get(world, row, now)
        code = case_codes.issue(world, matter.id, side(order.number, row), now)
        values = {"party": one.said.party, "answer_code": code, "answer_url": f"{world.settings.console.url}{PAGE}"}
        yield Addressed(values, order.said)


def _asked(matter: Matter) -> tuple[Item, tuple[str, ...]]:
    """The order of the case's last move, and whom it asks: all, or those who are silent."""
    here, last = incident_room.here(matter), matter.made[-1].event
    if MOVES.get(last.move) is Kind.AGAIN:
        order = numbered(here, Kind.ORDER, int(str(last.facts["again_order"])))
        assert order is not None  # noqa: S101 - said to the type checker; the rules of the room looked
        return order, tuple(silent(here, order))
    order = here[Kind.ORDER][-1]
    return order, asked_of(order.said)
