"""Envelopes: proposed and approved by day, used by night, reviewed the next day, revoked at any time. There is no override.

An envelope is about one plan, laid in with its papers as any other. A use names parts of that plan's scope, tries the narrowest
first, and gets what the gate permits at that second. A use nobody reviewed within a day blocks the next. Each act is signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import permits, plans, records
from sekisho.desk.clock import ClockJumped
from sekisho.desk.permitting import envelopes
from sekisho.desk.signed_words import Revocation, Use, UseReview
from sekisho.desk.signing import once, signed_now, verified
from sekisho.desk.world import No, World
from sekisho.gate.envelope import Envelope, ill_made, size
from sekisho.gate.people import Approval, Signature, Withdrawal
from sekisho.law.canonical import canonical, digest
from sekisho.law.words import Role, Value
from sekisho.ledger.entry import EntryType

MOST_SCOPES = 16
MAY_PROPOSE = (Role.ENGINEER, Role.DESK, Role.OFFICER)
MAY_APPROVE = (Role.REVIEWER, Role.OFFICER)
MAY_REVOKE = (Role.REVIEWER, Role.OFFICER, Role.WINDOW, Role.ENGINEER)


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
class UseEnvelope:
    """The words and the signature over them."""

    use: Use
    signature: Signature


@dataclass(frozen=True)
class ReviewUse:
    """The words and the signature over them."""

    review: UseReview
    signature: Signature


@dataclass(frozen=True)
class RevokeEnvelope:
    """The words and the signature over them."""

    revocation: Revocation
    signature: Signature


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
    envelope = envelopes.living(world, said.plan)
    if said.person == envelope.proposer:
        raise No("proposer-never-approves", person=said.person)
    if said.shown != envelopes.as_shown(world, envelope):
        raise No("plan-changed-since-shown", plan=said.plan)
    key = {"envelope": said.plan, "person": said.person}
    plans.make_room(world, records.ENVELOPE_APPROVALS, key, said.shown)
    body = canonical({"approval": said, "signature": request.signature})
    records.add(world.db, records.ENVELOPE_APPROVALS, body, now, **key, shown=said.shown)
    world.write(EntryType.ENVELOPE_APPROVED, body, ids=key, at=now, table=records.ENVELOPE_APPROVALS, key=key)
    return {"envelope": said.plan, "approvals": len(envelopes.approvals(world, said.plan, said.shown))}


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
    once(world, said)
    envelope = envelopes.living(world, said.envelope)
    _may_be_used(world, said, envelope, now)
    given = tuple(envelopes.approvals(world, said.envelope, envelopes.as_shown(world, envelope)))
    for scope in sorted(said.scopes, key=lambda s: size({**plans.load(world, envelope.plan).scope, **s})):
        minted = plans.mint_inside(world, plans.Inside(said.envelope, envelope, given, scope))
        if minted:
            return Used(_write_use(world, request, scope, minted, now), tuple(minted))
    raise No("not-inside", envelope=said.envelope, approvals=len(given))


def review(world: World, request: ReviewUse) -> Mapping[str, str]:
    """{"use": id}. Somebody else than who used it; without it, a day later nothing more is made in that envelope."""
    said, now = request.review, world.clock.now()
    signed_now(world, request.signature, said, *MAY_APPROVE)
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


def revoke(world: World, request: RevokeEnvelope) -> Mapping[str, Any]:
    """{"envelope", "permits": those made in it that end with it}. Nothing is made in it any more; another can be proposed."""
    said, now = request.revocation, world.clock.now()
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, *MAY_REVOKE)
    if not said.reason.strip():
        raise No("no-reasons")
    envelopes.living(world, said.envelope)
    body, key = canonical({"revocation": said, "signature": request.signature}), {"envelope": said.envelope}
    records.add(world.db, records.REVOCATIONS, body, now, **key)
    world.write(EntryType.ENVELOPE_REVOKED, body, ids=key, at=now, table=records.REVOCATIONS, key=key)
    ended = [p.id for p, _ in permits.living(world, now) if p.envelope == said.envelope]
    for permit in ended:
        words = canonical({"withdrawal": Withdrawal(permit, said.by, "envelope-revoked", now), "envelope": said.envelope})
        permits.withdraw(world, permit, words)
    return {"envelope": said.envelope, "permits": ended}


def _may_be_used(world: World, said: Use, envelope: Envelope, now: datetime) -> None:
    if not said.reason.strip():
        raise No("no-reasons")
    if not 0 < len(said.scopes) <= MOST_SCOPES:
        raise No("no-scope")
    if not envelope.since <= now < envelope.until:
        raise No("envelope-lapsed", until=envelope.until.isoformat())
    if records.one(world.db, records.ENVELOPE_USES, id=_use_id(said)) is not None:
        raise No("used-already", use=_use_id(said))
    if late := envelopes.unreviewed(world, said.envelope, now):
        raise No("use-not-reviewed", use=late[0])


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
