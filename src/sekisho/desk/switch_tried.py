"""What `hold` found when it threw a switch in the kernel: the newest word stands, and is evidence for as long as the book says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from sekisho.desk import records
from sekisho.desk.world import World
from sekisho.law.canonical import canonical

ROW = "switch-test"
"""Its row among the figures, beside those of measures."""


@dataclass(frozen=True)
class SwitchTried:
    """Told by `hold`: whether the kernel let a line go when it was switched off, and took it up again when switched on."""

    works: bool


def carry_out(world: World, request: SwitchTried) -> None:
    world.db.execute(delete(records.FIGURES).where(records.FIGURES.c.measure == ROW))
    records.add(world.db, records.FIGURES, canonical(request), world.clock.now(), measure=ROW)


def newest(world: World) -> Iterator[tuple[bool, datetime]]:
    """The newest word and its time; nothing where nobody tried."""
    row = records.one(world.db, records.FIGURES, measure=ROW)
    if row is not None:
        yield bool(records.body(row)["works"]), datetime.fromisoformat(row["at"])
