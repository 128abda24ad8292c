"""Sending, as `keep` orders it: a batch is written in the ledger before any of it may leave, and closed with what became of each mail.

A recipient is handed out once. Whose process died, or whose server never answered, is `unsure`: until the mail server has been asked by
Message-ID, nothing of that campaign is handed out; what it cannot tell either stays `unknown`, listed and never sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update

from sekisho.desk import campaigns, commitment, invitations, permits, records
from sekisho.desk.campaigns import R, Standing
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.permit import Lease, Permit, SignedPermit
from sekisho.law.campaign import Campaign, Lost, State, identity
from sekisho.law.canonical import canonical
from sekisho.law.reading import read
from sekisho.ledger.entry import EntryType
from sekisho.measures.campaign import Campaign as Measure
from sekisho.store.errors import StoreError
from sekisho.store.seal import WRAPPED

BATCH = 50
"""Two are under way at most: one on its way, one taken ahead of it."""
MOST_UNSURE = 500
CONTROLS = 20
MINUTE = timedelta(minutes=1)
AFTER: Mapping[str, State] = {
    "accepted": State.ACCEPTED,
    "refused": State.REFUSED,
    "unsendable": State.UNSENDABLE,
    "deferred": State.WAITING,
    "stopped": State.WAITING,
    "unknown": State.UNSURE,
}
"""What an outcome makes of a recipient. After `unknown` the server is asked."""
SETTLED: Mapping[str, State] = {"accepted": State.ACCEPTED, "absent": State.WAITING, "unknown": State.UNKNOWN}


@dataclass(frozen=True)
class Mailings:
    """Asked by `act`: which campaigns may be sent now, and is somebody's mail unsure?"""


@dataclass(frozen=True)
class Mailing:
    """A campaign that may be sent now, with the permit that must be checked."""

    campaign: str
    permit: SignedPermit


@dataclass(frozen=True)
class Content:
    """Asked once for each mailing: the words, as they were approved."""

    campaign: str


@dataclass(frozen=True)
class Words:
    """The campaign, of how many people its set is, and the name of the key they are sealed to."""

    said: Campaign
    size: int
    key: str


@dataclass(frozen=True)
class TakeBatch:
    """Asked for the next recipients: from now on, silence means that nobody knows what became of theirs."""

    campaign: str


@dataclass(frozen=True)
class ToSend:
    """One recipient, sealed, with the key to this one box, the codes of their mail, and the way up to the approved root."""

    number: int
    box: bytes
    key: bytes
    check: str
    stop: str
    path: tuple[str, ...]
    invited: str = ""
    back: str = ""


@dataclass(frozen=True)
class Batch:
    """`id` is empty, and nothing is to be sent, where nobody waits or so many went in the last minute."""

    id: str
    lease: Lease
    people: tuple[ToSend, ...] = ()


@dataclass(frozen=True)
class Sent:
    """What became of one recipient's mail: a code of `AFTER`, and the server's reply code (0: none)."""

    number: int
    outcome: str
    reply: int = 0


@dataclass(frozen=True)
class BatchDone:
    """What became of each mail of a batch."""

    campaign: str
    batch: str
    sent: tuple[Sent, ...]


@dataclass(frozen=True)
class Unsure:
    """Asked by `act`, before anything is sent: about whose mails must the server be asked?"""


@dataclass(frozen=True)
class InDoubt:
    """One mail of which nobody knows whether it left. `begun`: not before then."""

    campaign: str
    number: int
    message_id: str
    begun: datetime


@dataclass(frozen=True)
class Doubts:
    """Whom to ask about, and ids of mails that the server is known to have: a log that does not name those is not to be believed."""

    people: tuple[InDoubt, ...]
    known: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What the server said of one mail: accepted, absent, unknown."""

    campaign: str
    number: int
    said: str


@dataclass(frozen=True)
class Settle:
    """What the server said of those nobody knew about."""

    verdicts: tuple[Verdict, ...]


def mailings(world: World, _request: Mailings) -> list[Mailing]:
    now, found = world.clock.now(), []
    for permit, signed in permits.living(world, now):
        name = permit.scope.get("campaign")
        if permit.measure == Measure.name and isinstance(name, str) and signed.proof and _waits(world, name):
            said = campaigns.get(world, name).said
            if said.since <= now < said.until:
                found.append(Mailing(name, signed))
    return found


def _waits(world: World, name: str) -> bool:
    return world.db.execute(select(R.c.number).where(R.c.campaign == name, R.c.state == State.WAITING.value).limit(1)).first() is not None


def content(world: World, request: Content) -> Words:
    """Raises No where no permit carries it now."""
    one, _, _ = _permitted(world, request.campaign, world.clock.now())
    return Words(one.said, one.said.persons, campaigns.sealed_to(world, one.id))


def _permitted(world: World, name: str, now: datetime) -> tuple[Standing, Permit, tuple[bytes, ...]]:
    """With the leaves of its set, as approved. Raises No: no-permit, changed-since-approval, outside-its-window."""
    one = campaigns.get(world, name)
    permit = campaigns.living(world, one, now)
    if permit is None:
        raise No("no-permit", campaign=name)
    leaves = campaigns.leaves(world, name)
    here = identity(one.said), commitment.root(leaves)
    if here != (permit.scope.get("text_digest"), permit.scope.get("recipients")):
        raise No("changed-since-approval", campaign=name)
    if not one.said.since <= now < one.said.until:
        raise No("outside-its-window", since=one.said.since.isoformat(), until=one.said.until.isoformat())
    return one, permits.genuine(world, permit.id, now), leaves


def take(world: World, request: TakeBatch) -> Batch:
    """The next recipients, each with the key to its one box. Raises No."""
    now = world.clock.now()
    one, permit, leaves = _permitted(world, request.campaign, now)
    if records_of(world, State.UNSURE, one.id):
        raise No("ask-the-server-first", campaign=one.id)
    lease = permits.lease(world, permit, now)
    campaigns.leave_out(world, one.id, campaigns.stopped(world), Lost.STOPPED)
    campaigns.leave_out(world, one.id, campaigns.bounced(world, now), Lost.BOUNCED)
    rows = _next(world, one, now)
    if not rows:
        return Batch("", lease)
    batch = fresh_id("batch")
    numbers = [r["number"] for r in rows]
    mine = (R.c.campaign == one.id, R.c.number.in_(numbers))
    world.db.execute(update(R).where(*mine).values(state=State.BEGUN.value, batch=batch, begun=records.stamp(now)))
    body = canonical({"batch": batch, "campaign": one.id, "permit": permit.id, "numbers": numbers})
    records.add(world.db, records.BATCHES, body, now, id=batch, campaign=one.id)
    ids = {"batch": batch, "campaign": one.id, "permit": permit.id}
    world.write(EntryType.MAILED, body, ids=ids, at=now, table=records.BATCHES, key={"id": batch})
    keys, ways = _keys(world, one, rows), commitment.paths(leaves, numbers)
    return Batch(batch, lease, tuple(_to_send(world, one, *each) for each in zip(rows, keys, ways, strict=True)))


def _next(world: World, one: Standing, now: datetime) -> Sequence[Mapping[str, Any]]:
    """Whoever waits, in the order of the commitment, but no more than the approved number in any minute."""
    lately = (R.c.campaign == one.id, R.c.begun > records.stamp(now - MINUTE))
    went = int(world.db.execute(select(func.count()).select_from(R).where(*lately)).scalar_one())
    room = min(BATCH, one.said.per_minute - went)
    if room <= 0:
        return []
    waiting = (R.c.campaign == one.id, R.c.state == State.WAITING.value)
    return [dict(r) for r in world.db.execute(select(R).where(*waiting).order_by(R.c.number).limit(room)).mappings()]


def _keys(world: World, one: Standing, rows: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """The key to each box. Raises No("key-refused")."""
    try:
        return world.vault.unwrap_all(campaigns.sealed_to(world, one.id), (bytes(r["box"])[4 : 4 + WRAPPED] for r in rows))
    except StoreError as why:
        raise No("key-refused", campaign=one.id, why=why.code) from why


def _to_send(world: World, one: Standing, row: Mapping[str, Any], key: bytes, way: tuple[str, ...]) -> ToSend:
    name, leaf, box = one.id, bytes(row["leaf"]), bytes(row["box"])
    codes = campaigns.check_code(world, name, leaf), campaigns.stop_code(world, name, leaf)
    invited = invitations.code(world, name, leaf) if one.said.invites else ""
    back = campaigns.return_code(world, name, row["number"])
    return ToSend(row["number"], box, key, codes[0], codes[1], way, invited, back)


def records_of(world: World, state: State, name: str) -> bool:
    """Whether anybody of this campaign stands so."""
    return world.db.execute(select(R.c.number).where(R.c.campaign == name, R.c.state == state.value).limit(1)).first() is not None


def done(world: World, request: BatchDone) -> None:
    """Raises No("unknown-batch"); a number that is not of this batch, or was answered, changes nothing."""
    if records.one(world.db, records.BATCHES, id=request.batch, campaign=request.campaign) is None:
        raise No("unknown-batch", batch=request.batch[:100])
    if any(s.outcome not in AFTER for s in request.sent):
        raise No("unknown-outcome")
    changed = update(R).where(
        R.c.campaign == request.campaign,
        R.c.number == bindparam("of"),
        R.c.batch == request.batch,
        R.c.state == State.BEGUN.value,
    )
    rows = [{"of": s.number, "new": AFTER[s.outcome].value, "code": s.reply} for s in request.sent]
    if rows:
        world.db.execute(changed.values(state=bindparam("new"), reply=bindparam("code")), rows)
    counted = dict(sorted(Counter(s.outcome for s in request.sent).items()))
    body = canonical({"batch": request.batch, "outcomes": counted})
    ids = {"batch": request.batch, "campaign": request.campaign}
    world.write(EntryType.MAIL_ANSWERED, body, ids=ids, at=world.clock.now())


def unsure(world: World, _request: Unsure) -> Doubts:
    """The first so many; more are asked about when these are settled."""
    rows = world.db.execute(select(R).where(R.c.state == State.UNSURE.value).order_by(R.c.campaign, R.c.number).limit(MOST_UNSURE))
    people = [InDoubt(r["campaign"], r["number"], _known_as(world, dict(r)), read(datetime, r["begun"])) for r in rows.mappings().all()]
    if not people:
        return Doubts((), ())
    since = records.stamp(min(p.begun for p in people) - MINUTE)
    have = (R.c.campaign.in_({p.campaign for p in people}), R.c.state == State.ACCEPTED.value, R.c.begun > since)
    known = world.db.execute(select(R).where(*have).order_by(R.c.begun.desc()).limit(CONTROLS)).mappings().all()
    return Doubts(tuple(people), tuple(_known_as(world, dict(r)) for r in known))


def _known_as(world: World, row: Mapping[str, Any]) -> str:
    return campaigns.known_as(campaigns.get(world, row["campaign"]), bytes(row["leaf"]))


def settle(world: World, request: Settle) -> None:
    """Only who is unsure is settled. Raises No("unknown-outcome")."""
    if any(v.said not in SETTLED for v in request.verdicts):
        raise No("unknown-outcome")
    for name in sorted({v.campaign for v in request.verdicts}):
        mine = [v for v in request.verdicts if v.campaign == name]
        changed = update(R).where(R.c.campaign == name, R.c.number == bindparam("of"), R.c.state == State.UNSURE.value)
        world.db.execute(changed.values(state=bindparam("new")), [{"of": v.number, "new": SETTLED[v.said].value} for v in mine])
        body = canonical({"campaign": name, "settled": dict(sorted(Counter(v.said for v in mine).items()))})
        world.write(EntryType.MAIL_ANSWERED, body, ids={"campaign": name}, at=world.clock.now())
