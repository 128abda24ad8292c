"""What the legal officer remarked on a case, and when to look again: each confirmation that was not taken back, the newest of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import records
from sekisho.desk.world import World

SOON = timedelta(days=14)


@dataclass(frozen=True)
class Remark:
    """On `case`, for one measure. `until`: from then on it counts no more, and permits that rest on it have ended."""

    case: str
    measure: str
    words: str
    at: datetime
    until: datetime

    def state(self, now: datetime) -> str:
        """good, soon (within two weeks it is looked at again), or late."""
        return "late" if self.until <= now else "soon" if self.until <= now + SOON else "good"


def newest(listed: Iterable[Mapping[str, Any]]) -> tuple[Remark, ...]:
    """Of confirmations as `keep` lists them, newest first: for each case and measure the last that stands."""
    found: dict[tuple[str, str], Remark] = {}
    for one in listed:
        if not one["taken_back"]:
            at, until = (datetime.fromisoformat(str(one[k])) for k in ("at", "until"))
            found.setdefault((one["case"], one["measure"]), Remark(one["case"], one["measure"], one["reasons"], at, until))
    return tuple(found.values())


def listed(world: World) -> list[Mapping[str, Any]]:
    """Newest first: {"id", "case", "measure", "book", "reasons", "person", "at", "until", "taken_back"}."""
    gone = {r["confirmation"] for r in records.rows(world.db, records.UNCONFIRMED)}
    found: list[Mapping[str, Any]] = []
    for row in records.rows(world.db, records.CONFIRMATIONS, newest=500):
        said = records.body(row)["confirmation"]
        shown = {k: said[k] for k in ("case", "measure", "book", "reasons", "person", "at", "until")}
        found.append({"id": row["id"], **shown, "taken_back": row["id"] in gone})
    return found


def due(world: World, now: datetime) -> tuple[Remark, ...]:
    """Those whose next look is over or near."""
    return tuple(r for r in newest(listed(world)) if r.state(now) != "good")
