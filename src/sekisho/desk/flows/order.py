"""An order to `act`: written to the ledger before anybody may carry it out, and closed with what became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from sekisho.desk import asked, campaigns, consents, permits, records, talks
from sekisho.desk.messages import reply_answer, tell
from sekisho.desk.world import No, World
from sekisho.gate.permit import Lease, Permit, SignedPermit
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.ledger.entry import EntryType

DIGEST = re.compile(r"[0-9a-f]{64}")
OUTCOMES = frozenset({"accepted", "refused", "unknown", "stopped", "unsendable", "deferred"})


@dataclass(frozen=True)
class Waiting:
    """One order as `act` sees it, with the permit it must check. `box`: the contact, still shut.

    `recipient`: the box is of somebody on a campaign's list, not of a line; answers then go to `reply_to`. `words`: the box
    holds an answer's words beside the person. `held`: it tells the owner of a mail account that its limit was reached; its code is one that
    is read out to the help desk.
    """

    id: str
    permit: SignedPermit
    text: str
    params: Mapping[str, str]
    box: str
    until: datetime
    recipient: bool = False
    reply_to: str = ""
    held: bool = False
    words: bool = False


@dataclass(frozen=True)
class Orders:
    """Asked by `act`: what waits?"""


@dataclass(frozen=True)
class Renew:
    """Asked by `act` right before an effect: does the permit still hold?"""

    permit: str


@dataclass(frozen=True)
class Begin:
    """Told by `act` right before a hand-over: from now on, silence means that nobody knows what became of it.

    `letter`: the digest of the withdrawal code that stands in the letter.
    """

    order: str
    letter: str


@dataclass(frozen=True)
class ActStarts:
    """`act` starts: it remembers nothing of an earlier one."""


@dataclass(frozen=True)
class Done:
    """What became of an order: a code, and the server's own reply code where there was one."""

    order: str
    outcome: str
    reply: int = 0


def waiting(world: World, _request: Orders) -> list[Waiting]:
    """Orders not yet carried out, whose entry is in the ledger."""
    now, found = world.clock.now(), []
    for row in records.rows(world.db, records.ORDERS, state="waiting"):
        permit_row = records.one(world.db, records.PERMITS, id=row["permit"]) or {}
        if permits.state(permit_row, now) != "in-force" or not _agreed(world, row, permits.of(permit_row), now):
            _close(world, row["id"], "stopped", 0, now)
            continue
        if row["entry"] is None or not permit_row.get("proof"):
            continue
        found.append(_as_seen(world, row, permits.signed(permit_row)))
    return found


def _as_seen(world: World, row: Mapping[str, Any], permit: SignedPermit) -> Waiting:
    body = records.body(row)
    said = row["id"], permit, body["text"], body["params"], body["box"], read(datetime, body["until"])
    if "asked" in body:
        params = body["params"] | asked.own(world, body)
        return replace(Waiting(*said), params=params, recipient=True, reply_to=tell.reply_desk(world, body))
    if "reply" in body:
        params = body["params"] | reply_answer.own(world, body)
        return replace(Waiting(*said), params=params, recipient=True, reply_to=tell.reply_desk(world, body), words=True)
    if "stop" not in body:
        return replace(Waiting(*said), held="pause" in body)
    return replace(Waiting(*said), params=body["params"] | tell.own(world, body), recipient=True, reply_to=tell.reply_desk(world, body))


def _agreed(world: World, row: Mapping[str, Any], permit: Permit, now: datetime) -> bool:
    """Asked right before anything goes out: a consent withdrawn since the order was placed stops it."""
    if not consents.per_line(world, permit):
        return True
    return consents.covers(world, permit.step, str(records.body(row).get("principal", "")), now)


def renew(world: World, request: Renew) -> Lease:
    """`keep`'s word, good for a few seconds, never beyond the permit's end."""
    now = world.clock.now()
    permit = permits.must_live(world, request.permit, now)
    return permits.lease(world, permit, now)


def begin(world: World, request: Begin) -> Lease:
    """Mark the order begun, and say that its permit still holds. A begun order is never handed out again: no mail goes twice."""
    row = records.one(world.db, records.ORDERS, id=request.order)
    if row is None or row["state"] not in ("waiting", "begun"):
        raise No("no-such-order", order=request.order)
    if not DIGEST.fullmatch(request.letter) or row["letter"] not in ("", request.letter):
        raise No("another-letter", order=request.order)
    lease = renew(world, Renew(row["permit"]))
    now = world.clock.now()
    if not _agreed(world, row, permits.must_live(world, row["permit"], now), now):
        raise No("no-consent", order=request.order)
    table = records.ORDERS
    world.db.execute(update(table).where(table.c.id == request.order).values(state="begun", letter=request.letter))
    return lease


def done(world: World, request: Done) -> None:
    if request.outcome not in OUTCOMES:
        raise No("unknown-outcome", outcome=request.outcome)
    row = records.one(world.db, records.ORDERS, id=request.order)
    if row is None or row["state"] not in ("waiting", "begun"):
        raise No("no-such-order", order=request.order)
    if request.outcome == "deferred":
        _set(world, request.order, "waiting", request.reply)
        table = records.ORDERS
        world.db.execute(update(table).where(table.c.id == request.order).values(letter=""))
        return
    _close(world, request.order, request.outcome, request.reply, world.clock.now())


def act_starts(world: World, _request: ActStarts) -> None:
    """What an earlier `act` began and never answered for is listed as unknown, and not sent again; a campaign's mails are asked about."""
    campaigns.begun_is_unsure(world)
    talks.begun_is_unsure(world)
    for row in records.rows(world.db, records.ORDERS, state="begun"):
        _close(world, row["id"], "unknown", 0, world.clock.now())


def _close(world: World, order: str, outcome: str, reply: int, now: datetime) -> None:
    _set(world, order, outcome, reply)
    body = canonical({"order": order, "outcome": outcome, "reply": reply})
    world.write(EntryType.DONE, body, ids={"order": order}, at=now)


def _set(world: World, order: str, state: str, reply: int) -> None:
    table = records.ORDERS
    world.db.execute(update(table).where(table.c.id == order).values(state=state, code=str(reply)))
