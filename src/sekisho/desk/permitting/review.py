"""A reviewer approves a plan exactly as shown. The last signature needed mints the permits."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.desk import plans
from sekisho.desk.signing import verified
from sekisho.desk.world import No, World
from sekisho.gate.decide import shown
from sekisho.gate.people import Approval, Signature
from sekisho.law.words import Role

MAY_APPROVE = (Role.REVIEWER, Role.OFFICER, Role.OUTSIDE_REVIEWER)


@dataclass(frozen=True)
class Review:
    """The approval and the approver's signature over it."""

    approval: Approval
    signature: Signature


@dataclass(frozen=True)
class Reviewed:
    """Permits minted by this approval; empty while more is missing."""

    plan: str
    permits: tuple[str, ...]


def carry_out(world: World, request: Review) -> Reviewed:
    approval, now = request.approval, world.clock.now()
    if request.signature.person != approval.person:
        raise No("signed-by-another", person=request.signature.person)
    person = verified(world, request.signature, approval, *MAY_APPROVE)
    if person.only_plan not in ("", approval.plan):
        raise No("another-plan", plan=approval.plan)
    plan = plans.as_approved(world, approval.plan)
    if plan.proposer == approval.person:
        raise No("proposer-never-approves", person=approval.person)
    if shown(plan, world.book) != approval.shown:
        raise No("plan-changed-since-shown", plan=approval.plan)
    return Reviewed(approval.plan, plans.approve(world, approval, {"signature": request.signature}, now))
