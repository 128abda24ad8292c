"""Somebody of an approved set is not sent to after all. The set only shrinks; each loss is signed and says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from sekisho.desk import campaigns, records
from sekisho.desk.campaigns import R
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.campaign import MAY_LOSE, Loss, State
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class Lose:
    """The words and the signature over them."""

    loss: Loss
    signature: Signature


@dataclass(frozen=True)
class WhoIs:
    """Under which pseudonym does this address stand? For whoever has the address already, to take it off a list."""

    mail: str


def carry_out(world: World, request: Lose) -> Mapping[str, Any]:
    """{"campaign", "waiting": how many still wait}. Raises No: not-on-the-list, too-late (the mail has left, or may have)."""
    said, now = request.loss, world.clock.now()
    signed_now(world, request.signature, said, *MAY_LOSE)
    one = campaigns.get(world, said.campaign)
    mine = (R.c.campaign == one.id, R.c.pseudonym == said.recipient)
    state = world.db.execute(select(R.c.state).where(*mine)).scalar()
    if state is None:
        raise No("not-on-the-list", campaign=one.id)
    if not campaigns.leave_out(world, one.id, [said.recipient], said.why):
        raise No("too-late", campaign=one.id, state=state)
    loss = fresh_id("loss")
    body = canonical({"loss": said, "signature": request.signature})
    records.add(world.db, records.LOSSES, body, now, id=loss, campaign=one.id)
    ids = {"loss": loss, "campaign": one.id}
    world.write(EntryType.RECIPIENT_LOST, body, ids=ids, at=now, table=records.LOSSES, key={"id": loss})
    return {"campaign": one.id, "waiting": campaigns.counts(world, one.id).get(State.WAITING.value, 0)}


def who_is(world: World, request: WhoIs) -> Mapping[str, str]:
    """{"recipient": pseudonym}: the same for every address that is asked, on a list or not."""
    return {"recipient": campaigns.pseudonym(world, request.mail)}
