"""Envelopes: proposed and approved by day, used by night, reviewed the next day. Each is signed; there is no override.

An envelope is about one plan, laid in with its papers as any other. A use names parts of that plan's scope, tries the narrowest
first, and gets what the gate permits at that second. A use nobody reviewed within a day blocks the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import plans, records
from sekisho.desk.clock import ClockJumped
from sekisho.desk.signing import fresh, verified
from sekisho.desk.world import No, World
from sekisho.gate.decide import shown
from sekisho.gate.envelope import Envelope, ill_made, shown_envelope, size
from sekisho.gate.people import Approval, Signature
from sekisho.law.canonical import canonical, digest
from sekisho.law.reading import read
from sekisho.law.words import Role, Value
from sekisho.ledger.entry import EntryType

REVIEW_WITHIN = timedelta(hours=24)
MOST_SCOPES = 16
MAY_PROPOSE = (Role.ENGINEER, Role.DESK, Role.OFFICER)
MAY_APPROVE = (Role.REVIEWER, Role.OFFICER)


@dataclass(frozen=True)
class ProposeEnvelope:
    """The words and their proposer's signature."""

    envelope: Envelope
    signature: Signature


@dataclass(frozen=True)
class ApproveEnvelope:
    """An approval of exactly what is shown (`Approval.plan` is the envelope's id), and the signature over it."""

    approval: Approval
    signature: Signature


@dataclass(frozen=True)
class Use:
    """Somebody on duty asks for one of these parts of the plan's scope, and says why. Each part: the words that are narrowed."""

    envelope: str
    scopes: tuple[Mapping[str, Value], ...]
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class UseEnvelope:
    """The words and the signature over them."""

    use: Use
    signature: Signature


@dataclass(frozen=True)
class UseReview:
    """What a reviewer found about one use, the day after."""

    use: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True)
class ReviewUse:
    """The words and the signature over them."""

    review: UseReview
    signature: Signature


@dataclass(frozen=True)
class Envelopes:
    """All of them, with their uses."""


@dataclass(frozen=True)
class Used:
    """The use's id and the permits made."""

    use: str
    permits: tuple[str, ...]


def propose(world: World, request: ProposeEnvelope) -> Mapping[str, str]:
    """{"envelope": id}. Raises No: envelope-empty, envelope-too-long, envelope-lapsed, unknown-plan, unknown-evidence-kind."""
    said, now = request.envelope, world.clock.now()
    if request.signature.person != said.proposer:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, *MAY_PROPOSE)
    if why := ill_made(said):
        raise No(why)
    if said.until <= now:
        raise No("envelope-lapsed")
    if "tokens" in plans.load(world, said.plan).scope:
        raise No("about-one-line", plan=said.plan)
    for kind in sorted(said.triggers):
        if kind not in world.book.kinds or not world.book.kinds[kind].probes:
            raise No("no-probe-measures-this", kind=kind)
    identity = f"envelope-{digest(said)[:16]}"
    if records.one(world.db, records.ENVELOPES, id=identity) is not None:
        raise No("known-plan", plan=identity)
    body = canonical({"envelope": said, "signature": request.signature})
    records.add(world.db, records.ENVELOPES, body, now, id=identity, plan=said.plan)
    ids = {"envelope": identity, "plan": said.plan}
    world.write(EntryType.ENVELOPE, body, ids=ids, at=now, table=records.ENVELOPES, key={"id": identity})
    return {"envelope": identity}


def approve(world: World, request: ApproveEnvelope) -> Mapping[str, Any]:
    """{"envelope", "approvals"}: how many approve it now as it is shown. Raises No."""
    said, now = request.approval, world.clock.now()
    if request.signature.person != said.person:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, *MAY_APPROVE)
    envelope = _get(world, said.plan)
    if said.person == envelope.proposer:
        raise No("proposer-never-approves", person=said.person)
    if said.shown != _shown(world, envelope):
        raise No("plan-changed-since-shown", plan=said.plan)
    key = {"envelope": said.plan, "person": said.person}
    plans.make_room(world, records.ENVELOPE_APPROVALS, key, said.shown)
    body = canonical({"approval": said, "signature": request.signature})
    records.add(world.db, records.ENVELOPE_APPROVALS, body, now, **key, shown=said.shown)
    world.write(EntryType.ENVELOPE_APPROVED, body, ids=key, at=now, table=records.ENVELOPE_APPROVALS, key=key)
    return {"envelope": said.plan, "approvals": len(_approvals(world, said.plan, said.shown))}


def carry_out(world: World, request: UseEnvelope) -> Used:
    """Permits for the narrowest part that the gate permits this second. Raises No("not-inside") when it permits none."""
    said = request.use
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, *MAY_PROPOSE)
    try:
        now = world.clock.sure()
    except ClockJumped as why:
        raise No("clock-jumped", seconds=int(why.by.total_seconds())) from why
    fresh(world, said.at)
    envelope = _get(world, said.envelope)
    _may_be_used(world, said, envelope, now)
    given = tuple(_approvals(world, said.envelope, _shown(world, envelope)))
    for scope in sorted(said.scopes, key=lambda s: size({**plans.load(world, envelope.plan).scope, **s})):
        minted = plans.mint_inside(world, plans.Inside(said.envelope, envelope, given, scope))
        if minted:
            return Used(_write_use(world, request, scope, minted, now), tuple(minted))
    raise No("not-inside", envelope=said.envelope, approvals=len(given))


def review(world: World, request: ReviewUse) -> Mapping[str, str]:
    """{"use": id}. Somebody else than who used it; without it, a day later nothing more is made in that envelope."""
    said, now = request.review, world.clock.now()
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, *MAY_APPROVE)
    fresh(world, said.at)
    row = records.one(world.db, records.ENVELOPE_USES, id=said.use)
    if row is None:
        raise No("unknown-use", use=said.use)
    if records.body(row).get("use", {}).get("by") == said.by:
        raise No("user-never-reviews", person=said.by)
    if not said.words.strip():
        raise No("no-reasons")
    if records.one(world.db, records.ENVELOPE_REVIEWS, use=said.use) is not None:
        raise No("reviewed-already", use=said.use)
    body, key = canonical({"review": said, "signature": request.signature}), {"use": said.use}
    records.add(world.db, records.ENVELOPE_REVIEWS, body, now, **key)
    world.write(EntryType.ENVELOPE_REVIEWED, body, ids=key, at=now, table=records.ENVELOPE_REVIEWS, key=key)
    return {"use": said.use}


def listed(world: World, _request: Envelopes) -> list[Mapping[str, Any]]:
    """Newest first: {"id", "envelope", "shown", "state": waiting | in-force | lapsed, "approvals", "uses": [...], "blocked": bool}."""
    now = world.clock.now()
    found: list[Mapping[str, Any]] = []
    for row in records.rows(world.db, records.ENVELOPES, newest=500):
        envelope = read(Envelope, records.body(row)["envelope"])
        digest_shown = _shown(world, envelope)
        given = _approvals(world, row["id"], digest_shown)
        state = "lapsed" if now >= envelope.until else "in-force" if len(given) > 1 else "waiting"
        uses = [_use(world, u) for u in records.rows(world.db, records.ENVELOPE_USES, envelope=row["id"])]
        blocked = bool(_unreviewed(world, row["id"], now))
        said = {"id": row["id"], "envelope": envelope, "shown": digest_shown, "state": state, "blocked": blocked}
        found.append({**said, "approvals": [a.person for a in given], "uses": uses})
    return found


def _get(world: World, identity: str) -> Envelope:
    row = records.one(world.db, records.ENVELOPES, id=identity)
    if row is None:
        raise No("unknown-envelope", envelope=identity)
    return read(Envelope, records.body(row)["envelope"])


def _shown(world: World, envelope: Envelope) -> str:
    return shown_envelope(envelope, shown(plans.as_approved(world, envelope.plan), world.book))


def _approvals(world: World, identity: str, as_shown: str) -> list[Approval]:
    """Those of exactly what is shown today: another book or paper, and the people of the day are asked again."""
    given = (read(Approval, records.body(r)["approval"]) for r in records.rows(world.db, records.ENVELOPE_APPROVALS, envelope=identity))
    return [a for a in given if a.shown == as_shown]


def _may_be_used(world: World, said: Use, envelope: Envelope, now: datetime) -> None:
    if not said.reason.strip():
        raise No("no-reasons")
    if not 0 < len(said.scopes) <= MOST_SCOPES:
        raise No("no-scope")
    if not envelope.since <= now < envelope.until:
        raise No("envelope-lapsed", until=envelope.until.isoformat())
    if records.one(world.db, records.ENVELOPE_USES, id=_use_id(said)) is not None:
        raise No("used-already", use=_use_id(said))
    if late := _unreviewed(world, said.envelope, now):
        raise No("use-not-reviewed", use=late[0])


def _unreviewed(world: World, identity: str, now: datetime) -> list[str]:
    """Uses older than a day that nobody reviewed."""
    over = (r for r in records.rows(world.db, records.ENVELOPE_USES, envelope=identity) if r["at"] <= records.stamp(now - REVIEW_WITHIN))
    return [r["id"] for r in over if records.one(world.db, records.ENVELOPE_REVIEWS, use=r["id"]) is None]


def _use_id(said: Use) -> str:
    """The same words are one use: what was withdrawn since does not come back by playing them again."""
    return f"use-{digest(said)[:16]}"


def _write_use(world: World, request: UseEnvelope, scope: Mapping[str, Value], minted: list[str], now: datetime) -> str:
    identity = _use_id(request.use)
    body = canonical({"use": request.use, "signature": request.signature, "scope": scope, "permits": minted})
    records.add(world.db, records.ENVELOPE_USES, body, now, id=identity, envelope=request.use.envelope)
    ids = {"use": identity, "envelope": request.use.envelope}
    world.write(EntryType.ENVELOPE_USED, body, ids=ids, at=now, table=records.ENVELOPE_USES, key={"id": identity})
    return identity


def _use(world: World, row: Mapping[str, Any]) -> Mapping[str, Any]:
    reviewed = records.one(world.db, records.ENVELOPE_REVIEWS, use=row["id"])
    said = records.body(row)
    words = records.body(reviewed).get("review") if reviewed else None
    shown_use = {k: said.get("use", {}).get(k) for k in ("by", "reason")}
    return {"id": row["id"], "at": row["at"], **shown_use, "permits": said.get("permits", []), "review": words}
