"""An invitation's term is over: of whoever was invited nothing is left here but the answer they gave, if they gave one.

The leaf of the commitment stays: it is salted, and its salt was sealed with the address, to a key that is destroyed the same day.
So it is with whoever asked for a code on the page, after one day.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from sekisho.desk import campaigns, records
from sekisho.desk.campaigns import KEPT, R
from sekisho.desk.world import World


@dataclass(frozen=True)
class Lapse:
    """Asked by `keep` itself, every minute."""


def carry_out(world: World, _request: Lapse) -> int:
    """How many people were forgotten. None with a jumped clock."""
    now, count = world.clock.now(), 0
    if world.clock.jump is not None:
        return 0
    for (name,) in world.db.execute(select(R.c.campaign).where(R.c.invited_by.isnot(None)).distinct()).all():
        if now >= campaigns.get(world, name).said.until + KEPT:
            empty = {"pseudonym": None, "box": b"", "checked_by": None, "stopped_by": None, "known_as": None, "invited_by": None}
            count += int(world.db.execute(update(R).where(R.c.campaign == name).values(**empty)).rowcount)
    table = records.ASKED_CODES
    return count + int(world.db.execute(delete(table).where(table.c.until <= records.stamp(now))).rowcount)
