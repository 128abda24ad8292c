"""A named person of the desk answers one reply: an order like any other, in one envelope, to whoever wrote it and to nobody else.

The words lie sealed with the address until they leave, under the campaign's own key. A reply has one order that answers it, and another
only where the one before ended and nothing was delivered.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import campaigns, permits, records
from sekisho.desk.messages import replies, tell
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World
from sekisho.effects.order import DIRECTIONS, UNSEEN
from sekisho.gate.people import Signature
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical, digest
from sekisho.law.reply import MAY_READ, MOST_ANSWER, Answer, AnswerReply
from sekisho.ledger.entry import EntryType
from sekisho.measures.reply_answer import ReplyAnswer
from sekisho.store.errors import StoreError
from sekisho.store.seal import seal_note

NOTHING_LEFT = ("stopped", "unsendable", "refused")
"""Ends of an order after which its reply may be answered again: nothing was delivered."""


@dataclass(frozen=True)
class GiveAnswer:
    """The statement, and who signed it."""

    answer: AnswerReply
    signature: Signature


def carry_out(world: World, request: GiveAnswer) -> Mapping[str, str]:
    """{"reply", "order"}. Raises No: unknown-reply, reply-not-read, reply-gone, answered-already, not-an-answer (with why), no-permit."""
    said, now = request.answer, world.clock.now()
    signed_now(world, request.signature, said, *MAY_READ)
    if why := unfit(said.words):
        raise No("not-an-answer", why=why)
    row = replies.readable(world, said.reply)
    tried = replies.orders(world, row["id"])
    if tried and tried[-1]["state"] not in NOTHING_LEFT:
        raise No("answered-already", reply=row["id"])
    permit = permits.carrying(world, ReplyAnswer.name, now)
    if permit is None:
        raise No("no-permit", measure=ReplyAnswer.name)
    who = {"campaign": row["campaign"], "number": row["number"], "reply": row["id"]}
    box = _sealed(world, row, said.words, permit)
    words = {"text": permit.scope["text"], "params": tell.ours(world), "box": box, "until": permit.until}
    order = replies.order_of(row["id"], len(tried))
    answered = {"by": said.by, "at": said.at, "digest": digest(said)}
    body = canonical({**words, **who, "answered": answered, "signature": request.signature})
    records.add(world.db, records.ORDERS, body, now, id=order, permit=permit.id, state="waiting", code="", letter="")
    ids = {"order": order, "permit": permit.id, "reply": row["id"]}
    world.write(EntryType.ORDER, body, ids=ids, at=now, table=records.ORDERS, key={"id": order})
    return {"reply": row["id"], "order": order}


def unfit(words: str) -> str:
    """Why this may not be sent as an answer: empty, too-long, unseen, quotes or address; empty where it may."""
    lines = words.split("\n")
    if not words.strip():
        return "empty"
    if len(words) > MOST_ANSWER:
        return "too-long"
    if any(unicodedata.category(c) in UNSEEN or unicodedata.bidirectional(c) in DIRECTIONS for line in lines for c in line):
        return "unseen"
    if any(unicodedata.normalize("NFKC", line).lstrip().startswith(">") for line in lines):
        return "quotes"
    return "address" if "@" in unicodedata.normalize("NFKC", words) else ""


def _sealed(world: World, row: Mapping[str, Any], words: str, permit: Permit) -> str:
    """Person and words in one box, for `act`. Raises No("reply-gone")."""
    person, _ = replies.opened(world, row)
    key = campaigns.sealed_to(world, row["campaign"])
    try:
        box = seal_note(world.vault.public_half(key, permit.until), key, canonical(Answer(person, words)))
    except StoreError as why:
        raise No("reply-gone", reply=row["id"], why=why.code) from why
    return f"{key} {box.hex()}"


def own(world: World, said: Mapping[str, Any]) -> Mapping[str, str]:
    """The check code of the mail that was replied to, made anew each time: another reply is tied to that mail by it."""
    leaf = campaigns.leaves(world, said["campaign"])[said["number"]]
    return {"check_code": campaigns.check_code(world, said["campaign"], leaf)}
