"""Between `keep` and whoever answers the mail server: which permits are in force, and what was answered under them.

What is not named here is not done: the mail server then hears DUNNO. No account's name comes to `keep`, only counts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from sekisho.desk import held_accounts, permits, records
from sekisho.desk.policy_words import Answered, HourCounted, Let, PolicyAsTold, PolicyLeased, PolicyLeases, PolicyTold
from sekisho.desk.world import World
from sekisho.effects import sender_limit
from sekisho.gate.permit import Permit, SignedPermit
from sekisho.law.canonical import canonical, digest
from sekisho.ledger.entry import EntryType

STAGES = frozenset({(sender_limit.MEASURE, sender_limit.COUNT), (sender_limit.MEASURE, sender_limit.LIMIT)})
"""Measure and step of everything that answers the mail server."""
HOURS = 14 * 24
"""So many hours of figures are kept, as long as the counts of the case may be."""


def leased(world: World, request: PolicyLeases) -> PolicyLeased:
    now = world.clock.now()
    living = in_force(world, now)
    let = tuple(Let(s, token_key(world, p).hex(), held_accounts.let_go(world, p), *held_accounts.box_of(world, p)) for p, s in living)
    known = digest(let)
    leases = tuple(permits.lease(world, p, now) for p, _ in living)
    return PolicyLeased(known, leases, None if known == request.seen else let)


def in_force(world: World, now: datetime) -> list[tuple[Permit, SignedPermit]]:
    """Living permits for stages whose entries are in the ledger."""
    return [(p, s) for p, s in permits.living(world, now) if (p.measure, p.step.name) in STAGES and s.proof]


def token_key(world: World, permit: Permit) -> bytes:
    """Accounts become tokens with it: those of two permits cannot be joined."""
    return hmac.new(world.pseudonyms, canonical({"mail-accounts": permit.id}), hashlib.sha256).digest()


def told(world: World, request: PolicyTold) -> None:
    """Keep the figures, and write down what began, ended or failed: once each, with the permit it is about."""
    now, before = world.clock.now(), world.policy
    since = dict(before.since) if before else {}
    stands = {s.permit: s for s in request.stages}
    for identity in sorted(set(stands) - set(since)):
        since[identity] = now
        _write(world, identity, "begun", 0, now)
    for identity in sorted(set(since) - set(stands)):
        del since[identity]
        _write(world, identity, "ended", 0, now)
    earlier = {s.permit: s for s in before.told.stages} if before else {}
    for identity, stage in sorted(stands.items()):
        if stage.failed > earlier.get(identity, Answered(identity)).failed:
            _write(world, identity, "failed", stage.failed, now)
    for one in request.hours:
        _counted(world, one, now)
    held_accounts.keep_held(world, request.held, now)
    world.policy = PolicyAsTold(now, replace(request, held=()), since)


def _counted(world: World, one: HourCounted, now: datetime) -> None:
    """The hour's row among the figures of its measure. Only a permit that counts has figures."""
    row = records.one(world.db, records.PERMITS, id=one.permit)
    if row is None or (row["measure"], row["step"]) not in STAGES or row["ended"]:
        return
    hour = one.hour.isoformat()
    fresh = {"hour": hour, "accounts": one.accounts, "messages": one.messages, "most": one.most, "bulk": one.bulk, "refused": one.refused}
    rows = [r for r in figures(world, str(row["measure"])) if r["hour"] != hour] + [fresh]
    body = canonical({"permit": one.permit, "rows": sorted(rows, key=lambda r: str(r["hour"]))[-HOURS:]})
    world.db.execute(delete(records.FIGURES).where(records.FIGURES.c.measure == row["measure"]))
    records.add(world.db, records.FIGURES, body, now, measure=row["measure"])


def figures(world: World, measure: str) -> list[Mapping[str, Any]]:
    """Hour by hour, oldest first."""
    row = records.one(world.db, records.FIGURES, measure=measure)
    return list(records.body(row)["rows"]) if row else []


def _write(world: World, permit: str, what: str, count: int, now: datetime) -> None:
    body = canonical({"permit": permit, "what": what, "count": count})
    world.write(EntryType.EFFECT, body, ids={"permit": permit}, at=now)
