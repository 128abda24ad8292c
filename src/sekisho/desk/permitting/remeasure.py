"""A permit lives as long as what our probes measured still holds: measured again every few seconds, decided again, ended when it fails.

A plan that everybody signed before its last probe spoke, or before its day came, is asked about in the same round, and permitted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from sekisho.desk import permits, plans, records
from sekisho.desk.world import Measured, No, World
from sekisho.gate.answers import Outcome
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical, digest
from sekisho.law.words import Evidence, VouchedBy
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class Remeasure:
    """Asked by `keep` itself. After `seconds` the rest waits for the next time, so that nobody else waits for it."""

    seconds: float = math.inf


def carry_out(world: World, request: Remeasure) -> Mapping[str, int]:
    """{"measured": plans, "ended": and "minted": permits}; nothing with a clock that jumped: every paper's freshness hangs on it."""
    if world.clock.now() and world.clock.jump is not None:
        return {"measured": 0, "ended": 0, "minted": 0}
    by_plan: dict[str, list[Permit]] = {}
    for permit, _ in permits.living(world, world.clock.now()):
        by_plan.setdefault(permit.plan, []).append(permit)
    asked = _signed_and_refused(world)
    began, measured, ended, minted = time.monotonic(), 0, 0, 0
    for identity in sorted(by_plan.keys() | asked, key=lambda plan: (plan <= world.measured_last, plan)):
        ended += _plan(world, identity, by_plan.get(identity, []))
        minted += _ask_again(world, identity) if identity in asked else 0
        measured, world.measured_last = measured + 1, identity
        if time.monotonic() - began > request.seconds:
            break
    return {"measured": measured, "ended": ended, "minted": minted}


def _signed_and_refused(world: World) -> frozenset[str]:
    """Plans that somebody approved and the gate refused, or referred to a person, when it was asked last: it may say yes now."""
    plans_, given = records.PLANS.c, records.APPROVALS.c
    no = (Outcome.REFUSED.value, Outcome.REFERRED.value)
    return frozenset(world.db.execute(select(plans_.id).where(plans_.outcome.in_(no), plans_.id.in_(select(given.plan)))).scalars())


def _ask_again(world: World, identity: str) -> int:
    """Permits for steps that were refused and hold now; the gate is only asked where one does."""
    now = world.clock.now()
    try:
        made = plans.minted(records.rows(world.db, records.PERMITS, plan=identity))
        if _holds(world, identity, now) <= made or world.measured[identity].plan.until <= now:
            return 0
        return len(plans.mint_what_may_be(world, identity))
    except No:
        return 0  # what it is about is not there any more


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
    said = digest([[e.kind, e.value, e.purpose, _old(world, e, now)] for e in probed])
    spoken = sorted(digest(c) for c in plans.confirmations(world))
    ends = sorted(e.until for e in today.evidence if e.until)
    told = digest([said, spoken, ends, world.book.digest, world.book.day(now)])
    if known and known.papers == papers and known.told == told and now < known.until:
        return known.holds
    passing = [d for d in plans.decisions(world, today, now) if d.outcome in plans.PASSES]
    holds = frozenset(d.step.name for d in passing)
    world.measured[identity] = Measured(plan, papers, told, min((d.ends for d in passing), default=now), holds)
    return holds


def _old(world: World, evidence: Evidence, now: datetime) -> bool:
    """Whether a probe's word went stale since, for nobody repeated it."""
    fresh = world.book.kinds[evidence.kind].fresh
    return fresh is not None and evidence.at + fresh <= now
