"""What `act` found at the submission port: the newest word stands, and is evidence for as long as the book says it is fresh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from sekisho.desk import records
from sekisho.desk.world import World
from sekisho.law.canonical import canonical

ROW = "port-test"
"""Its row among the figures, beside those of measures."""


@dataclass(frozen=True)
class PortTried:
    """Told by `act`."""

    port: str
    works: bool
    authenticated: bool


def carry_out(world: World, request: PortTried) -> None:
    world.db.execute(delete(records.FIGURES).where(records.FIGURES.c.measure == ROW))
    records.add(world.db, records.FIGURES, canonical(request), world.clock.now(), measure=ROW)


def newest(world: World) -> Iterator[tuple[dict[str, str | bool], datetime]]:
    """The newest word and its time; nothing where nobody tried."""
    row = records.one(world.db, records.FIGURES, measure=ROW)
    if row is not None:
        yield records.body(row), datetime.fromisoformat(row["at"])
