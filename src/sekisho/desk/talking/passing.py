"""Mails of masked talks, as `keep` orders them: sealed as they come, written in the ledger before any of them may leave, closed after.

A mail that came twice is one mail. Whose process died is `unsure`: the mail server is asked by Message-ID before anything goes again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, update

from sekisho.desk import permits, records, talks
from sekisho.desk.world import No, World, fresh_id
from sekisho.effects.order import message_id
from sekisho.gate.permit import Lease, SignedPermit
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.law.talk import MOST, MOST_WAITING, Reason, State
from sekisho.ledger.entry import EntryType
from sekisho.store.errors import StoreError
from sekisho.store.seal import WRAPPED, seal_note

T = records.TALK_MAILS
AT_ONCE = 20
MOST_UNSURE = 500
CONTROLS = 20
STILL = (State.WAITING.value, State.BEGUN.value, State.UNSURE.value, State.HELD.value)
"""States in which a mail's words are still here."""
AFTER: Mapping[str, State] = {
    "accepted": State.PASSED,
    "refused": State.REFUSED,
    "held": State.HELD,
    "deferred": State.WAITING,
    "stopped": State.WAITING,
    "unknown": State.UNSURE,
}
SETTLED: Mapping[str, State] = {"accepted": State.PASSED, "absent": State.WAITING, "unknown": State.UNKNOWN}


@dataclass(frozen=True)
class MailCame:
    """A mail to an alias. `alias`: the local part it was delivered to; `named`: its Message-ID, or empty."""

    raw: bytes
    alias: str
    named: str


@dataclass(frozen=True)
class Waiting:
    """Asked by `act`: which mails may go on now?"""


@dataclass(frozen=True)
class TakePassing:
    """Asked for one of them: from now on, silence means that nobody knows what became of it."""

    passing: str


@dataclass(frozen=True)
class ToPass:
    """One mail with both people, each box with its own key. `writer`: which side wrote it.

    `without`: lines left out by the person who released it, None if nobody did; `back`: why its writer is told that it was not passed
    on, else empty. `stop`: of whoever reads what goes out, the code by which they end the talk.
    """

    passing: str
    talk: str
    permit: SignedPermit
    lease: Lease
    key: str
    writer: int
    aliases: tuple[str, ...]
    sides: bytes
    sides_key: bytes
    mail: bytes
    mail_key: bytes
    without: tuple[int, ...] | None
    back: tuple[Reason, ...]
    stop: str


@dataclass(frozen=True)
class RenewTalk:
    """Asked for once more, when all that is left is to send it."""

    passing: str


@dataclass(frozen=True)
class Passed:
    """What became of one mail: a code of `AFTER`, the server's reply code (0: none), and why it was held."""

    passing: str
    outcome: str
    reply: int = 0
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class UnsurePassed:
    """Asked by `act`, before anything is sent: about which mails must the server be asked?"""


@dataclass(frozen=True)
class InDoubt:
    """One mail of which nobody knows whether it left. `begun`: not before then."""

    passing: str
    message_id: str
    begun: datetime


@dataclass(frozen=True)
class Doubts:
    """What to ask about, and ids of mails that the server is known to have: a log that does not name those is not to be believed."""

    mails: tuple[InDoubt, ...]
    known: tuple[str, ...]


@dataclass(frozen=True)
class SettlePassed:
    """What the server said: passing to accepted, absent or unknown."""

    said: Mapping[str, str]


def came(world: World, request: MailCame) -> Mapping[str, str]:
    """{"passing": id, or empty, "why": foreign (nobody is known by this name), again, too-large, too-many, closed (no permit carries the
    talk now)}. Only with an empty `why` or with "again" is it sealed here."""
    found, now = talks.met_at(world, request.alias), world.clock.now()
    if found is None:
        return {"passing": "", "why": "foreign"}
    one, reader = found
    known = sha256(canonical({"alias": request.alias, "mail": request.named or sha256(request.raw).hexdigest()})).hexdigest()
    if old := records.one(world.db, T, talk=one.id, known=known):
        return {"passing": old["id"], "why": "again"}
    try:
        talks.permitted(world, one, now)
    except No:
        return {"passing": "", "why": "closed"}
    writer = 1 - reader
    lying = select(func.count()).select_from(T).where(T.c.talk == one.id, T.c.side == writer, T.c.state.in_(STILL))
    if len(request.raw) > MOST or world.db.execute(lying).scalar_one() >= MOST_WAITING:
        return {"passing": "", "why": "too-large" if len(request.raw) > MOST else "too-many"}
    name = fresh_id("passing")
    box = seal_note(world.vault.public_half(one.key, one.kept), one.key, request.raw)
    body = canonical({"passing": name, "talk": one.id})
    own = {"side": writer, "known": known, "state": State.WAITING.value, "why": "", "without": "", "back": 0, "box": box}
    records.add(world.db, T, body, now, id=name, talk=one.id, **own)
    world.write(EntryType.TALK_MAIL, body, ids={"passing": name, "talk": one.id}, at=now, table=T, key={"id": name})
    return {"passing": name, "why": ""}


def waiting(world: World, _request: Waiting) -> list[str]:
    """Of talks that a permit carries now, oldest first; none of a talk of which one mail is unsure."""
    rows = world.db.execute(select(T.c.id, T.c.talk).where(T.c.state == State.WAITING.value).order_by(T.c.at)).all()
    unsure_of = {talk for (talk,) in world.db.execute(select(T.c.talk).where(T.c.state == State.UNSURE.value))}
    going = {talk for talk in {t for _, t in rows} - unsure_of if _goes(world, talk)}
    return [name for name, talk in rows if talk in going][:AT_ONCE]


def _goes(world: World, talk: str) -> bool:
    try:
        talks.permitted(world, talks.get(world, talk), world.clock.now())
    except No:
        return False
    return True


def take(world: World, request: TakePassing) -> ToPass:
    """Raises No: unknown-passing, talk-over, consent-gone, no-permit, key-refused."""
    now, row = world.clock.now(), records.one(world.db, T, id=request.passing)
    if row is None or row["state"] != State.WAITING.value or row["box"] is None:
        raise No("unknown-passing", passing=request.passing[:100])
    one = talks.get(world, row["talk"])
    permit, signed = talks.permitted(world, one, now)
    boxes = (one.box, bytes(row["box"]))
    try:
        keys = world.vault.unwrap_all(one.key, (box[4 : 4 + WRAPPED] for box in boxes))
    except StoreError as why:
        raise No("key-refused", talk=one.id, why=why.code) from why
    body = canonical({"passing": row["id"], "permit": permit.id, "back": bool(row["back"])})
    world.write(EntryType.PASSED_ON, body, ids={"passing": row["id"], "talk": one.id, "permit": permit.id}, at=now)
    world.db.execute(
        update(T).where(T.c.id == row["id"]).values(state=State.BEGUN.value, begun=records.stamp(now))
    )
    return ToPass(
        passing=row["id"],
        talk=one.id,
        permit=signed,
        lease=permits.lease(world, permit, now),
        key=one.key,
        writer=row["side"],
        aliases=one.aliases,
        sides=one.box,
        sides_key=keys[0],
        mail=boxes[1],
        mail_key=keys[1],
        without=tuple(json.loads(row["without"])) if row["without"] else None,
        back=reasons(row) if row["back"] else (),
        stop=talks.receipt(world, one, row["side"] if row["back"] else 1 - row["side"], now),
    )


def renew(world: World, request: RenewTalk) -> Lease:
    """Right before its first octet. Raises No: unknown-passing, talk-over, consent-gone, no-permit."""
    row, now = _begun(world, request.passing, State.BEGUN), world.clock.now()
    permit, _ = talks.permitted(world, talks.get(world, row["talk"]), now)
    return permits.lease(world, permit, now)


def reasons(row: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Why a mail was held."""
    return tuple(read(Reason, said) for said in json.loads(row["why"] or "[]"))


def done(world: World, request: Passed) -> None:
    """Raises No: unknown-passing, unknown-outcome. Said twice is said once. What went, or never will, has no words here any more."""
    row = _begun(world, request.passing, State.BEGUN)
    if request.outcome not in AFTER:
        raise No("unknown-outcome")
    why = canonical(request.why).decode() if request.why else row["why"]
    _close(world, row, AFTER[request.outcome], {"reply": request.reply, "why": why})


def _begun(world: World, name: str, state: State) -> Mapping[str, Any]:
    row = records.one(world.db, T, id=name)
    if row is None or row["state"] != state.value:
        raise No("unknown-passing", passing=name[:100])
    return row


def _close(world: World, row: Mapping[str, Any], state: State, values: Mapping[str, Any]) -> None:
    state = State.RETURNED if state is State.PASSED and row["back"] else state
    kept = {} if state.value in STILL else {"box": None}
    world.db.execute(update(T).where(T.c.id == row["id"]).values(state=state.value, **values, **kept))
    body = canonical({"passing": row["id"], "state": state.value})
    world.write(EntryType.TALK_MAIL_ANSWERED, body, ids={"passing": row["id"], "talk": row["talk"]}, at=world.clock.now())


def unsure(world: World, _request: UnsurePassed) -> Doubts:
    """The first so many; more are asked about when these are settled."""
    rows = records.rows(world.db, T, state=State.UNSURE.value)[:MOST_UNSURE]
    if not rows:
        return Doubts((), ())
    mails = tuple(InDoubt(r["id"], known_as(world, r["id"], bool(r["back"])), read(datetime, r["begun"])) for r in rows)
    sure = (T.c.state.in_((State.PASSED.value, State.RETURNED.value)), T.c.begun > min(r["begun"] for r in rows)[:16])
    have = world.db.execute(select(T.c.id, T.c.back).where(*sure).order_by(T.c.begun.desc()).limit(CONTROLS)).all()
    return Doubts(mails, tuple(known_as(world, name, bool(back)) for name, back in have))


def known_as(world: World, passing: str, back: bool) -> str:
    """The Message-ID of the mail that goes out for it."""
    return message_id(order_of(passing, back), world.settings.mail.talk_domain)


def order_of(passing: str, back: bool) -> str:
    """What that Message-ID is made of."""
    return f"{passing}/back" if back else passing


def settle(world: World, request: SettlePassed) -> None:
    """Only what is unsure is settled. Raises No: unknown-passing, unknown-outcome."""
    if not set(request.said.values()) <= set(SETTLED):
        raise No("unknown-outcome")
    for name, said in request.said.items():
        _close(world, _begun(world, name, State.UNSURE), SETTLED[said], {})
