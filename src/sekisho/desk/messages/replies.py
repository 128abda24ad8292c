"""Replies to mails of campaigns: sealed as they come, opened one by one by a named person of the desk, and sent on to nobody.

There is no use case that sends a reply anywhere, nor one that takes words out of it; an answer (`reply_answer`) goes to whoever wrote. Each
opening is an entry. The box is sealed to the campaign's own key: it is gone with it, a month after the window.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import or_, select, update

from sekisho.desk import campaigns, records
from sekisho.desk.campaigns import KEPT, R
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.campaign import Recipient
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.law.reply import MAY_READ, MOST, MOST_OF_ONE, CloseReply, OpenReply
from sekisho.ledger.entry import EntryType
from sekisho.store.errors import StoreError
from sekisho.store.seal import WRAPPED, open_note, seal_note

T = records.REPLIES
NEW, READ, CLOSED = "new", "read", "closed"


@dataclass(frozen=True)
class ReplyCame:
    """A mail that arrived at the desk of replies, with what it says it answers: Message-IDs, and a check code."""

    raw: bytes
    ids: tuple[str, ...]
    code: str


@dataclass(frozen=True)
class Replies:
    """All of them, without a word of any."""


@dataclass(frozen=True)
class ReadReply:
    """The statement, and who signed it."""

    opening: OpenReply
    signature: Signature


@dataclass(frozen=True)
class EndReply:
    """The statement, and who signed it."""

    closing: CloseReply
    signature: Signature


def came(world: World, request: ReplyCame) -> Mapping[str, str]:
    """{"reply": id, or empty, "why": foreign (it answers no mail of ours), too-many, too-large, late (its campaign's key is gone)}."""
    found = _of(world, request)
    if found is None:
        return {"reply": "", "why": "foreign"}
    if len(request.raw) > MOST:
        return {"reply": "", "why": "too-large"}
    if records.count(world.db, T, campaign=found["campaign"], number=found["number"]) >= MOST_OF_ONE:
        return {"reply": "", "why": "too-many"}
    one, now = campaigns.get(world, found["campaign"]), world.clock.now()
    key = campaigns.sealed_to(world, one.id)
    try:
        box = seal_note(world.vault.public_half(key, one.said.until + KEPT), key, request.raw)
    except StoreError:
        return {"reply": "", "why": "late"}
    name = fresh_id("reply")
    body = canonical({"reply": name, "campaign": one.id})
    records.add(world.db, T, body, now, id=name, campaign=one.id, number=found["number"], state=NEW, box=box)
    ids = {"reply": name, "campaign": one.id}
    world.write(EntryType.REPLY, body, ids=ids, at=now, table=T, key={"id": name})
    return {"reply": name, "why": ""}


def _of(world: World, request: ReplyCame) -> Mapping[str, Any] | None:
    """The one mail it answers."""
    named = [i.lower() for i in request.ids]
    codes = [campaigns.digest_of(campaigns.check_code_typed(request.code))] if request.code else []
    mine = or_(R.c.known_as.in_(named), R.c.checked_by.in_(codes))
    row = world.db.execute(select(R.c.campaign, R.c.number).where(mine).limit(1)).mappings().first()
    return dict(row) if row else None


def listed(world: World, _request: Replies) -> Sequence[Mapping[str, Any]]:
    """Newest first, each: id, campaign, name (of the campaign), at, state (new, read, closed), "ending", "answer" (what became of the mail
    that answers it: waiting, begun, accepted, refused, unknown, stopped, unsendable; empty where none does). Of nobody and of no word."""
    found = []
    for row in reversed(records.rows(world.db, T)):
        name = campaigns.get(world, row["campaign"]).said.name
        own = {"id": row["id"], "campaign": row["campaign"], "name": name, "at": read(datetime, row["at"])}
        tried = orders(world, row["id"])
        answer = tried[-1]["state"] if tried else ""
        found.append({**own, "state": row["state"] or CLOSED, "ending": row["ending"] or "", "answer": answer})
    return found


def carry_out(world: World, request: ReadReply) -> Mapping[str, Any]:
    """{"reply", "campaign", "name", "mail": who got the mail that it answers, "raw": octets}. Raises No: unknown-reply, reply-gone."""
    said, now = request.opening, world.clock.now()
    signed_now(world, request.signature, said, *MAY_READ)
    row = _get(world, said.reply)
    person, raw = opened(world, row)
    body = canonical({"reply": row["id"], "opened": said, "signature": request.signature})
    world.write(EntryType.REPLY_READ, body, ids={"reply": row["id"], "campaign": row["campaign"]}, at=now)
    if row["state"] == NEW:
        world.db.execute(update(T).where(T.c.id == row["id"]).values(state=READ))
    return {"reply": row["id"], "campaign": row["campaign"], "name": person.name, "mail": person.mail, "raw": raw}


def close(world: World, request: EndReply) -> Mapping[str, str]:
    """{"reply", "ending"}: its words are gone from here. Raises No: unknown-reply, reply-gone, reply-not-read."""
    said, now = request.closing, world.clock.now()
    signed_now(world, request.signature, said, *MAY_READ)
    row = readable(world, said.reply)
    body = canonical({"reply": row["id"], "closed": said, "signature": request.signature})
    world.write(EntryType.REPLY_CLOSED, body, ids={"reply": row["id"], "campaign": row["campaign"]}, at=now)
    world.db.execute(update(T).where(T.c.id == row["id"]).values(state=CLOSED, ending=said.ending.value, box=None))
    return {"reply": row["id"], "ending": said.ending.value}


def order_of(reply: str, nth: int) -> str:
    """What the order is called that answers this reply, the first or after one of which nothing was delivered."""
    return f"order-{sha256(f'{reply} {nth}'.encode()).hexdigest()[:16]}"


def orders(world: World, reply: str) -> Sequence[Mapping[str, Any]]:
    """The orders that answer it, oldest first: one is the rule."""
    found: list[Mapping[str, Any]] = []
    while row := records.one(world.db, records.ORDERS, id=order_of(reply, len(found))):
        found.append(row)
    return found


def readable(world: World, name: str) -> Mapping[str, Any]:
    """One that somebody has read, and nobody has closed. Raises No: unknown-reply, reply-not-read, reply-gone."""
    row = _get(world, name)
    if row["state"] != READ:
        raise No("reply-not-read" if row["state"] == NEW else "reply-gone", reply=row["id"])
    return row


def _get(world: World, name: str) -> Mapping[str, Any]:
    row = records.one(world.db, T, id=name)
    if row is None:
        raise No("unknown-reply", reply=name[:100])
    return row


def opened(world: World, row: Mapping[str, Any]) -> tuple[Recipient, bytes]:
    """Who got the mail that it answers, and its bytes: both under the campaign's key."""
    mine = (R.c.campaign == row["campaign"], R.c.number == row["number"])
    person = world.db.execute(select(R.c.box).where(*mine)).scalar()
    if row["box"] is None or person is None:
        raise No("reply-gone", reply=row["id"])
    key = campaigns.sealed_to(world, row["campaign"])
    try:
        boxes = [_unsealed(world, key, bytes(box)) for box in (person, row["box"])]
    except StoreError as why:
        raise No("reply-gone", reply=row["id"], why=why.code) from why
    return read(Recipient, json.loads(boxes[0])), boxes[1]


def _unsealed(world: World, key: str, box: bytes) -> bytes:
    released = world.vault.unwrap(key, box[4 : 4 + WRAPPED])
    return open_note(lambda _key, _wrapped: released, key, box)
