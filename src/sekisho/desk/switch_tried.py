"""What `hold` found when it threw a switch, in the kernel or at the resolver: the newest word of each stands, and is evidence for as
long as the book says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from sekisho.desk import records
from sekisho.desk.world import World
from sekisho.law.canonical import canonical

ROW = "switch-test"
AT_RESOLVER = "switch-test-names"
"""Their rows among the figures, beside those of measures."""


@dataclass(frozen=True)
class SwitchTried:
    """Told by `hold`: whether the kernel let a line go when it was switched off, and took it up again when switched on."""

    works: bool


@dataclass(frozen=True)
class NamesTried:
    """The same of the resolver, by real questions; and which list is loaded there (its digest), with how many names by category."""

    works: bool
    list: str = ""
    names: Mapping[str, int] = field(default_factory=dict)


def carry_out(world: World, request: SwitchTried) -> None:
    _keep(world, ROW, request)


def names_tried(world: World, request: NamesTried) -> None:
    _keep(world, AT_RESOLVER, request)


def _keep(world: World, row: str, request: SwitchTried | NamesTried) -> None:
    world.db.execute(delete(records.FIGURES).where(records.FIGURES.c.measure == row))
    records.add(world.db, records.FIGURES, canonical(request), world.clock.now(), measure=row)


def newest(world: World, where: str = ROW) -> Iterator[tuple[bool, datetime]]:
    """The newest word and its time; nothing where nobody tried."""
    row = records.one(world.db, records.FIGURES, measure=where)
    if row is not None:
        yield bool(records.body(row)["works"]), datetime.fromisoformat(row["at"])


def loaded(world: World) -> tuple[str, Mapping[str, int]]:
    """The list that `hold` told of last, and its names by category; no list where nobody told."""
    row = records.one(world.db, records.FIGURES, measure=AT_RESOLVER)
    said: Mapping[str, Any] = records.body(row) if row is not None else {"list": "", "names": {}}
    return str(said["list"]), dict(said["names"])
