"""An order to `act`: written to the ledger before anybody may carry it out, and closed with what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from sekisho.desk import looks, permits, plans, probes, records
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.check import sign_lease
from sekisho.gate.permit import Lease, Permit, SignedPermit
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.law.words import Kind
from sekisho.ledger.entry import EntryType

LEASE = timedelta(seconds=5)
ADOPTED = "text-adopted"
OUTCOMES = frozenset({"accepted", "refused", "unknown", "stopped", "unsendable", "deferred"})


@dataclass(frozen=True)
class Ordered:
    """What `work` asks `act` to do. `recipient` is sealed to `act`; `code` is the digest of the recipient's own withdrawal code."""

    look: str
    text: str
    text_digest: str
    language: str
    params: Mapping[str, str]
    recipient: bytes
    pseudonym: str
    code: str


@dataclass(frozen=True)
class Waiting:
    """One order as `act` sees it, with the permit it must check."""

    id: str
    permit: SignedPermit
    text: str
    text_digest: str
    language: str
    params: Mapping[str, str]
    recipient: bytes
    until: datetime


@dataclass(frozen=True)
class Orders:
    """Asked by `act`: what waits?"""


@dataclass(frozen=True)
class Renew:
    """Asked by `act` right before an effect: does the permit still hold?"""

    permit: str


@dataclass(frozen=True)
class Begin:
    """Told by `act` right before a hand-over: from now on, silence means that nobody knows what became of it."""

    order: str


@dataclass(frozen=True)
class Done:
    """What became of an order: a code, and the server's own reply code where there was one."""

    order: str
    outcome: str
    reply: int = 0


def carry_out(world: World, request: Ordered) -> str:
    """Write an order. Raises No("opted-out") for a line whose holder withdrew earlier."""
    look, now = looks.must_run(world, request.look), world.clock.now()
    permit = permits.must_live(world, look.permit, now)
    if probes.opted_out(world, request.pseudonym):
        raise No("opted-out")
    if records.one(world.db, records.ORDERS, permit=permit.id) is not None:
        raise No("already-ordered", permit=permit.id)
    if permit.step.kind is not Kind.SEND:
        raise No("sends-nothing", permit=permit.id)
    if request.text != permit.scope.get("text") or request.text_digest not in _adopted(world, permit):
        raise No("another-text", text=request.text)
    identity = fresh_id("order")
    token = permit.scope["tokens"][0]  # type: ignore[index] # minted for one token
    fields = {k: getattr(request, k) for k in ("text", "text_digest", "language", "params", "recipient", "pseudonym", "code")}
    body = canonical({**fields, "token": token, "until": permit.until})
    records.add(world.db, records.ORDERS, body, now, id=identity, permit=permit.id, state="waiting", code="")
    ids = {"order": identity, "permit": permit.id}
    world.write(EntryType.ORDER, body, ids=ids, at=now, table=records.ORDERS, key={"id": identity})
    return identity


def _adopted(world: World, permit: Permit) -> set[object]:
    """Digests of the permit's text as somebody adopted it, signed, before the permit was made: one changed byte is another text."""
    papers = plans.load(world, permit.plan).evidence
    said = [e.value for e in papers if e.kind == ADOPTED and e.at <= permit.since]
    return {v["digest"] for v in said if v.get("text") == permit.scope.get("text") and v.get("adopted") is True}


def waiting(world: World, _request: Orders) -> list[Waiting]:
    """Orders not yet carried out, whose entry is in the ledger."""
    now, found = world.clock.now(), []
    for row in records.rows(world.db, records.ORDERS, state="waiting"):
        permit_row = records.one(world.db, records.PERMITS, id=row["permit"]) or {}
        if permits.state(permit_row, now) != "in-force":
            _close(world, row["id"], "stopped", 0, now)
            continue
        if row["entry"] is None or not permit_row.get("proof"):
            continue
        body = records.body(row)
        found.append(
            Waiting(
                row["id"],
                permits.signed(permit_row),
                body["text"],
                body["text_digest"],
                body["language"],
                body["params"],
                bytes.fromhex(body["recipient"]),
                read(datetime, body["until"]),
            )
        )
    return found


def renew(world: World, request: Renew) -> Lease:
    """`keep`'s word, good for a few seconds, never beyond the permit's end."""
    now = world.clock.now()
    permit = permits.must_live(world, request.permit, now)
    return sign_lease(permit.id, min(now + LEASE, permit.until), world.signer)


def begin(world: World, request: Begin) -> Lease:
    """Mark the order begun, and say that its permit still holds. A begun order is never handed out again: no mail goes twice."""
    row = records.one(world.db, records.ORDERS, id=request.order)
    if row is None or row["state"] not in ("waiting", "begun"):
        raise No("no-such-order", order=request.order)
    lease = renew(world, Renew(row["permit"]))
    _set(world, request.order, "begun", 0)
    return lease


def done(world: World, request: Done) -> None:
    if request.outcome not in OUTCOMES:
        raise No("unknown-outcome", outcome=request.outcome)
    row = records.one(world.db, records.ORDERS, id=request.order)
    if row is None or row["state"] not in ("waiting", "begun"):
        raise No("no-such-order", order=request.order)
    if request.outcome == "deferred":
        _set(world, request.order, "waiting", request.reply)
        return
    _close(world, request.order, request.outcome, request.reply, world.clock.now())


def close_begun(world: World) -> None:
    """`act` starts: what an earlier one began and never answered for is listed as unknown, and not sent again."""
    for row in records.rows(world.db, records.ORDERS, state="begun"):
        _close(world, row["id"], "unknown", 0, world.clock.now())


def _close(world: World, order: str, outcome: str, reply: int, now: datetime) -> None:
    _set(world, order, outcome, reply)
    body = canonical({"order": order, "outcome": outcome, "reply": reply})
    world.write(EntryType.DONE, body, ids={"order": order}, at=now)


def _set(world: World, order: str, state: str, reply: int) -> None:
    table = records.ORDERS
    world.db.execute(update(table).where(table.c.id == order).values(state=state, code=str(reply)))
