"""Somebody asks "may we?". The plan is written down, what our own probes measure is laid in, and the gate answers.

Proposals are signed. What a finding asks for, `keep` drafts itself (`follow_up`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sekisho.desk import matters, plans, probes
from sekisho.desk.draft import CASE
from sekisho.desk.signing import verified
from sekisho.desk.world import No, World
from sekisho.effects.texts import TextError, load
from sekisho.gate.people import Signature
from sekisho.law.canonical import plain
from sekisho.law.codec import PlanError, plan_from_json
from sekisho.law.words import Plan, Role, Value
from sekisho.measures.registry import EVERY

DRAFTERS = (Role.ENGINEER, Role.DESK, Role.OFFICER)
LONGEST = timedelta(days=366)
KEEPS_OWN = ("tokens", "periods", "views", "text_digest", "campaign", "recipients", matters.AFTER)
"""Words of a scope that only `keep` writes, from findings and permits it knows."""


@dataclass(frozen=True)
class Propose:
    """`plan` without evidence; `signature` by the proposer."""

    plan: Plan
    signature: Signature


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
    _ours(world, plan, now)
    probes.as_declared(plan)
    _signed(world, request)
    plan = replace(plan, scope={**plan.scope, **_bound(world, plan)})
    identity = plans.enter(world, plan, probes.measured(world, plan, now), now)
    return Proposed(identity, plans.mint_what_may_be(world, identity))


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


def _bound(world: World, plan: Plan) -> Mapping[str, Value]:
    """What a measure binds each of its plans to, and the digest of the text it sends. Raises No where that text is not there."""
    measure = EVERY.get(plan.measure)
    text = str(getattr(measure, "text", ""))
    if not text:
        return {}
    try:
        digest = load(world.settings.texts).digest(text)
    except TextError as why:
        raise No("no-such-text", text=text) from why
    return {"text": text, "text_digest": digest, **getattr(measure, "binds", {})}


def _ours(world: World, plan: Plan, now: datetime) -> None:
    """Actor, regime and day are facts of this installation; a plan for ever, or about somebody's tokens, nobody may draft by hand."""
    operator = world.settings.operator
    if plan.actor != operator.name or plan.regime is not operator.regime:
        raise No("another-operator", actor=plan.actor, regime=plan.regime.value)
    if plan.day != world.book.day(now):
        raise No("not-todays-plan", day=plan.day.isoformat())
    if not now < plan.until <= now + LONGEST:
        raise No("longer-than-a-year", until=plan.until.isoformat())
    if CASE in plan.scope:
        matters.must_be_open(world, plan.scope[CASE])
    for word in KEEPS_OWN:
        if word in plan.scope:
            raise No("keeps-own-word", word=word)


def _signed(world: World, request: Propose) -> None:
    if request.signature.person != request.plan.proposer:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, replace(request.plan, evidence=()), *DRAFTERS)
