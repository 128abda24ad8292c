"""A permit lives as long as what our probes measured still holds: measured again every minute, decided again, ended when it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sekisho.desk import permits, plans, probes
from sekisho.desk.world import World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.law.words import Plan, VouchedBy
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class Remeasure:
    """Asked by `keep` itself."""


def carry_out(world: World, _request: Remeasure) -> Mapping[str, int]:
    """{"measured": plans, "ended": permits}; nothing with a clock that jumped, since every paper's freshness hangs on it."""
    if world.clock.now() and world.clock.jump is not None:
        return {"measured": 0, "ended": 0}
    by_plan: dict[str, list[Permit]] = {}
    for permit, _ in permits.living(world, world.clock.now()):
        by_plan.setdefault(permit.plan, []).append(permit)
    ended = sum(_plan(world, identity, living) for identity, living in by_plan.items())
    return {"measured": len(by_plan), "ended": ended}


def _plan(world: World, identity: str, living: list[Permit]) -> int:
    now = world.clock.now()
    again = _measured_again(world, plans.load(world, identity), now)
    holds = {d.step.name for d in plans.decisions(world, again, now) if d.outcome in plans.PASSES}
    over = [p for p in living if p.step.name not in holds]
    for permit in over:
        body = canonical({"permit": permit.id, "why": "evidence-stale"})
        world.write(EntryType.EXPIRY, body, ids={"permit": permit.id}, at=now)
        permits.mark_ended(world, permit.id, "ended")
    return len(over)


def _measured_again(world: World, plan: Plan, now: datetime) -> Plan:
    """The plan of today, with every probe's word replaced by what it says now. What a person vouched for stays."""
    vouched = tuple(e for e in plan.evidence if e.voucher.by is not VouchedBy.PROBE)
    return replace(plan, day=world.book.day(now), evidence=vouched + tuple(probes.measured(world, plan, now)))
