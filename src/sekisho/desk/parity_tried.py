"""What `hold` found when it compared on and off: of each measure the newest word on its texts, and the newest on the path.

Evidence for as long as the book says that it is fresh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from sekisho.desk import records
from sekisho.desk.world import No, World
from sekisho.effects import class_filter, name_filter
from sekisho.law.canonical import canonical

TEXTS, PATH = "tariff-test", "path-test"
"""The kinds of evidence and the names of the probes; with a measure behind it, their rows among the figures."""


@dataclass(frozen=True)
class TariffsCompared:
    """Told by `hold`: of the texts published for both positions of this measure's switch. No digests where a text is not there."""

    measure: str
    same_price: bool
    same_service: bool
    on: str
    off: str


@dataclass(frozen=True)
class PathCompared:
    """Told by `hold`: whether a line gets the same with the filters of packets on and off, but for what they refuse."""

    same: bool


def texts(world: World, request: TariffsCompared) -> None:
    """Raises No: unknown-measure."""
    if request.measure not in (class_filter.MEASURE, name_filter.MEASURE):
        raise No("unknown-measure", measure=request.measure[:32])
    said = {"same_price": request.same_price, "same_service": request.same_service, "on": request.on, "off": request.off}
    _keep(world, f"{TEXTS}-{request.measure}", said)


def path(world: World, request: PathCompared) -> None:
    _keep(world, f"{PATH}-{class_filter.MEASURE}", {"same": request.same})


def _keep(world: World, row: str, said: Mapping[str, Any]) -> None:
    world.db.execute(delete(records.FIGURES).where(records.FIGURES.c.measure == row))
    records.add(world.db, records.FIGURES, canonical(said), world.clock.now(), measure=row)


def newest(world: World, measure: str) -> Iterator[tuple[str, dict[str, Any], datetime]]:
    """What was told of this measure last: the kind, what it says and when; nothing where nobody told."""
    for kind in (TEXTS, PATH):
        row = records.one(world.db, records.FIGURES, measure=f"{kind}-{measure}")
        if row is not None:
            yield kind, records.body(row), datetime.fromisoformat(row["at"])
