"""Lay in a piece of evidence that a plan lacks. A person signs what they state or the document they lay in; a proposer never vouches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sekisho.desk import consulted, plans
from sekisho.desk.signing import verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.words import Evidence, VouchedBy

SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Supply:
    """`signature` covers the evidence; probes do not come this way."""

    plan: str
    evidence: Evidence
    signature: Signature


@dataclass(frozen=True)
class Supplied:
    """The evidence's digest, and permits minted because it was the last thing missing."""

    evidence: str
    permits: tuple[str, ...]


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
    if request.plan not in plans.waiting(world):
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
    identity = plans.lay_in(world, request.plan, evidence, now)
    return Supplied(identity, plans.mint_what_may_be(world, request.plan))
