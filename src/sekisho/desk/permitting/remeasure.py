"""A permit lives as long as what our probes measured still holds: measured again every few seconds, decided again, ended when it fails."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.desk import permits, plans, records
from sekisho.desk.world import Measured, No, World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical, digest
from sekisho.law.words import VouchedBy
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class Remeasure:
    """Asked by `keep` itself. After `seconds` the rest waits for the next time, so that nobody else waits for it."""

    seconds: float = math.inf


def carry_out(world: World, request: Remeasure) -> Mapping[str, int]:
    """{"measured": plans, "ended": permits}; nothing with a clock that jumped, since every paper's freshness hangs on it."""
    if world.clock.now() and world.clock.jump is not None:
        return {"measured": 0, "ended": 0}
    by_plan: dict[str, list[Permit]] = {}
    for permit, _ in permits.living(world, world.clock.now()):
        by_plan.setdefault(permit.plan, []).append(permit)
    began, measured, ended = time.monotonic(), 0, 0
    waiting = sorted(by_plan, key=lambda plan: (plan <= world.measured_last, plan))
    for identity in waiting:
        ended += _plan(world, identity, by_plan[identity])
        measured, world.measured_last = measured + 1, identity
        if time.monotonic() - began > request.seconds:
            break
    return {"measured": measured, "ended": ended}


def _plan(world: World, identity: str, living: list[Permit]) -> int:
    now = world.clock.now()
    try:
        holds = _holds(world, identity, now)
    except No:
        holds = frozenset()  # what it rests on is not there any more
    over = [p for p in living if p.step.name not in holds]
    for permit in over:
        body = canonical({"permit": permit.id, "why": "evidence-stale"})
        world.write(EntryType.EXPIRY, body, ids={"permit": permit.id}, at=now)
        permits.mark_ended(world, permit.id, "ended")
    return len(over)


def _holds(world: World, identity: str, now: datetime) -> frozenset[str]:
    """The steps that pass today. Decided again only when a probe says something else, a paper or word changed, or time ran out."""
    papers = records.count(world.db, records.EVIDENCE, plan=identity)
    known = world.measured.get(identity)
    plan = known.plan if known and known.papers == papers else plans.load(world, identity)
    today = plans.today(world, plan, now)
    probed = [e for e in today.evidence if e.voucher.by is VouchedBy.PROBE]
    said = digest([[e.kind, e.value, e.purpose] for e in probed])
    spoken = sorted(digest(c) for c in plans.confirmations(world))
    ends = sorted(e.until for e in today.evidence if e.until)
    told = digest([said, spoken, ends, world.book.digest, world.book.day(now)])
    if known and known.papers == papers and known.told == told and now < known.until:
        return known.holds
    passing = [d for d in plans.decisions(world, today, now) if d.outcome in plans.PASSES]
    holds = frozenset(d.step.name for d in passing)
    world.measured[identity] = Measured(plan, papers, told, min((d.ends for d in passing), default=now), holds)
    return holds
