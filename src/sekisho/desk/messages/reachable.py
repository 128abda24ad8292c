"""An address counts as gone because a mail came back, and is good after all: somebody signs it with a reason, and it is mailed again.

What came back stays written down. Mail that comes back later counts anew; who was left out of a campaign meanwhile stays out of that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import campaigns, records
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.campaign import LONGEST_REASON, MAY_LOSE, Reachable
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class EndReturn:
    """The words and the signature over them."""

    reachable: Reachable
    signature: Signature


def carry_out(world: World, request: EndReturn) -> Mapping[str, Any]:
    """{"return": id}. Raises No: reason-missing, not-marked (no mail to it came back for good within half a year)."""
    said, now = request.reachable, world.clock.now()
    signed_now(world, request.signature, said, *MAY_LOSE)
    if not said.reason.strip() or len(said.reason) > LONGEST_REASON:
        raise No("reason-missing", most=LONGEST_REASON)
    if said.recipient not in campaigns.bounced(world, now):
        raise No("not-marked")
    name = fresh_id("return")
    body = canonical({"reachable": said, "signature": request.signature})
    records.add(world.db, records.RETURNS_ENDED, body, now, id=name, pseudonym=said.recipient)
    ids = {"return": name}
    world.write(EntryType.RETURN_ENDED, body, ids=ids, at=now, table=records.RETURNS_ENDED, key={"id": name})
    return {"return": name}
