"""Objections to panels: cases of the procedure `board-objection`. One that nobody decided keeps its panel off the board.

Whoever objects needs no account, and one objection is enough; a decision by a named person brings the panel back, or keeps it off
until it was reviewed anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from sekisho.desk import matters, records
from sekisho.desk.event.named_panels import NAMED
from sekisho.desk.event.panels import PANELS
from sekisho.desk.world import No, World
from sekisho.store.errors import StoreError

PROCEDURE = "board-objection"
OBJECTED, KEPT_OFF = "objected", "kept-off"
EVERY = "every-panel"


@dataclass(frozen=True)
class Objected:
    """A panel somebody objected to: since when, by when a named person decides, and whether they kept it off."""

    at: datetime
    due: datetime
    kept_off: bool

    def late(self, now: datetime) -> bool:
        return not self.kept_off and now >= self.due

    def minutes(self, now: datetime) -> int:
        """Minutes left to decide, begun ones whole."""
        return max(0, -((now - self.due) // timedelta(minutes=1)))

    def freezes(self, permitted: datetime) -> bool:
        """An open objection freezes; a decision against the panel ends with a permit given after it."""
        return not self.kept_off or permitted <= self.at


def standing(world: World) -> Mapping[str, Objected]:
    """By panel. An open objection comes before an old decision."""
    table, found = records.MATTERS, dict[str, Objected]()
    query = select(table.c.id, table.c.state, table.c.at).where(table.c.procedure == PROCEDURE, table.c.state.in_((OBJECTED, KEPT_OFF)))
    for identity, state, at in world.db.execute(query.order_by(table.c.at)).all():
        one, panel = _one(world, identity, state, datetime.fromisoformat(at))
        if panel not in found or found[panel].kept_off:
            found[panel] = one
    if EVERY in found:
        found |= {p: found[EVERY] for p in (*PANELS, *NAMED) if p not in found or found[p].kept_off}
    return found


def _one(world: World, identity: str, state: str, opened: datetime) -> tuple[Objected, str]:
    """What one case says; a case that cannot be read any more keeps every panel off, until somebody sees to it."""
    due = opened + timedelta(minutes=world.settings.event.decide_minutes)
    try:
        matter = matters.load(world, identity)
        panel = str(matter.standing.facts.get("panel", EVERY))
        at = matter.made[-1].at if matter.made else opened
    except (No, StoreError):
        panel, at = EVERY, opened
    return Objected(at if state == KEPT_OFF else opened, due, state == KEPT_OFF), panel
