"""Lay in a piece of evidence that a plan lacks. A person signs what they state or the document they lay in; a proposer never vouches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.desk import consulted, permits, plans
from sekisho.desk.signing import verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.gate.renewal import renews
from sekisho.law.canonical import digest
from sekisho.law.words import Evidence, Plan, VouchedBy

SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Supply:
    """`signature` covers the evidence; probes do not come this way."""

    plan: str
    evidence: Evidence
    signature: Signature


@dataclass(frozen=True)
class Supplied:
    """The evidence's digest, permits minted because it was the last thing missing, and permits it carried on to a later end."""

    evidence: str
    permits: tuple[str, ...]
    carried_on: tuple[str, ...] = ()


def carry_out(world: World, request: Supply) -> Supplied:
    evidence, now = request.evidence, world.clock.now()
    plan = plans.load(world, request.plan)
    if evidence.voucher.by is VouchedBy.PROBE:
        raise No("probes-do-not-sign")
    kind = world.book.kinds.get(evidence.kind)
    if kind is None:
        raise No("unknown-evidence-kind", kind=evidence.kind)
    if evidence.voucher.by not in kind.vouchers or evidence.voucher.role not in kind.roles:
        raise No("not-who-vouches-for-this", kind=evidence.kind, needs=sorted(r.value for r in kind.roles))
    old = _renewed(world, request.plan, plan, evidence, now)
    if old is None and request.plan not in plans.waiting(world):
        raise No("nothing-waits", plan=request.plan)
    person = verified(world, request.signature, evidence)
    if evidence.voucher.answers != person.id or evidence.voucher.role not in person.roles:
        raise No("vouched-for-another", person=person.id)
    if person.id == plan.proposer:
        raise No("proposer-never-vouches", person=person.id)
    if abs(evidence.at - now) > SKEW:
        raise No("evidence-not-of-now", at=evidence.at.isoformat())
    if evidence.kind == consulted.KIND:
        consulted.read_answer(evidence)
    if old is not None:
        return _renew(world, request, old, now)
    identity = plans.lay_in(world, request.plan, evidence, now)
    return Supplied(identity, plans.mint_what_may_be(world, request.plan))


def _renewed(world: World, identity: str, plan: Plan, evidence: Evidence, now: datetime) -> Evidence | None:
    """The newest paper whose place this one takes in a plan with living permits, if it only renews one."""
    if not any(p.plan == identity and not p.envelope for p, _ in permits.living(world, now)):
        return None
    older = [e for e in plan.evidence if renews(evidence, e)]
    return max(older, key=lambda e: e.at, default=None)


def _renew(world: World, request: Supply, old: Evidence, now: datetime) -> Supplied:
    """A newer paper of the same kind carries the permits on that rest on it: no new plan, no new signatures, a later end.

    Steps that still wait are shown with it from now on: who approves them approves the newer paper.
    """
    identity = plans.lay_in(world, request.plan, request.evidence, now, renews=digest(old))
    carried = plans.carry_on(world, request.plan)
    return Supplied(identity, plans.mint_what_may_be(world, request.plan), carried)
