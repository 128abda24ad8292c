"""Somebody of the desk enters counts by day: complaints, help-desk contacts, blacklist entries, reports, load.

Signed by a named person, entered in the ledger. A later count of the same day and kind takes the place of the earlier one, which stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from secrets import token_hex

from sekisho.desk import records
from sekisho.desk.signed_words import LARGEST_COUNT, EffectCounts
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY = (Role.HELP_DESK, Role.DESK)
MOST = 1000
"""So many counts in one signed statement: it stays within one message."""
JAPAN = timezone(timedelta(hours=9))


@dataclass(frozen=True)
class EnterCounts:
    """Signed by who counted, or who read the list."""

    counts: EffectCounts
    signature: Signature


def carry_out(world: World, request: EnterCounts) -> Mapping[str, object]:
    """{"id", "counts": how many}. Raises No: nothing-counted, too-many-counts, count-out-of-range, day-ahead, and what
    `signed_now` raises."""
    said, now = request.counts, world.clock.now()
    signed_now(world, request.signature, said, *MAY)
    if not said.counts:
        raise No("nothing-counted")
    if len(said.counts) > MOST:
        raise No("too-many-counts", counts=len(said.counts), most=MOST)
    today = now.astimezone(JAPAN).date()
    for one in said.counts:
        if not 0 <= one.count <= LARGEST_COUNT:
            raise No("count-out-of-range", day=one.day.isoformat(), kind=one.kind.value)
        if one.day > today:
            raise No("day-ahead", day=one.day.isoformat())
    name = f"count-{token_hex(8)}"
    body = canonical({"counts": said, "signature": request.signature})
    records.add(world.db, records.EFFECT_COUNTS, body, now, id=name)
    ids, key = {"count": name}, {"id": name}
    world.write(EntryType.EFFECT_COUNTED, body, ids=ids, at=now, table=records.EFFECT_COUNTS, key=key)
    return {"id": name, "counts": len(said.counts)}
