"""Somebody asks "may we?". The plan is written down, what our own probes measure is laid in, and the gate answers.

A person's proposal is signed; a plan that a finding asks for comes from the `work` process and names it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import update

from sekisho.desk import plans, probes, records
from sekisho.desk.signing import verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical, digest, plain
from sekisho.law.codec import PlanError, plan_from_json
from sekisho.law.words import Plan
from sekisho.ledger.entry import EntryType
from sekisho.measures.registry import EVERY


@dataclass(frozen=True)
class Propose:
    """`plan` without evidence; `signature` by the proposer, unless a process proposes."""

    plan: Plan
    signature: Signature | None = None


@dataclass(frozen=True)
class Proposed:
    """The plan's id, and whether permits were minted at once."""

    plan: str
    permits: tuple[str, ...]


def carry_out(world: World, request: Propose) -> Proposed:
    plan = replace(request.plan, evidence=())
    try:
        plan_from_json(plain(plan))
    except PlanError as why:
        raise No("not-a-plan", where=why.path, why=why.code) from why
    now = world.clock.now()
    _declared(plan)
    if plan.day != world.book.day(now):
        raise No("not-todays-plan", day=plan.day.isoformat())
    probes.as_declared(plan)
    _proposer(world, request)
    identity = digest(plan)[:16]
    if records.one(world.db, records.PLANS, id=identity):
        raise No("known-plan", plan=identity)
    body = canonical(plan)
    records.add(world.db, records.PLANS, body, now, id=identity, measure=plan.measure, proposer=plan.proposer)
    world.write(EntryType.PLAN, body, ids={"plan": identity}, at=now, table=records.PLANS, key={"id": identity})
    _take(world, identity, plan)
    for evidence in (*probes.measured(world, plan, now), *probes.carried(world, plan)):
        plans.lay_in(world, identity, evidence, now)
    return Proposed(identity, plans.mint_what_may_be(world, identity))


def _take(world: World, identity: str, plan: Plan) -> None:
    """A finding belongs to one plan: nobody asks for the same person twice at once. Raises No."""
    tokens = plan.scope.get("tokens", ())
    for token in tokens if isinstance(tokens, tuple) else ():
        key = {"token": str(token), "measure": plan.measure}
        row = records.one(world.db, records.FINDINGS, **key)
        if row is None or row["plan"]:
            raise No("nobody-found-this" if row is None else "already-asked", token=str(token))
        table = records.FINDINGS
        world.db.execute(update(table).where(*(table.c[k] == v for k, v in key.items())).values(plan=identity))


def _declared(plan: Plan) -> None:
    """Only what a measure declares can be asked for: nobody widens a step, or avoids an axis, by wording."""
    measure = EVERY.get(plan.measure)
    if measure is None:
        raise No("unknown-measure", measure=plan.measure)
    declared = {s.name: s for s in measure.steps}
    if not plan.steps:
        raise No("no-steps")
    for step in plan.steps:
        if declared.get(step.name) != step:
            raise No("not-as-declared", step=step.name, measure=plan.measure)


def _proposer(world: World, request: Propose) -> None:
    if request.signature is None:
        if world.caller.role != "work" or request.plan.proposer != "process:work":
            raise No("unsigned-proposal", proposer=request.plan.proposer)
        return
    if request.signature.person != request.plan.proposer:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, replace(request.plan, evidence=()))
