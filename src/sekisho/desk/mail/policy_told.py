"""Between `keep` and whoever answers the mail server: which permits are in force, and what was answered under them.

What is not named here is not done: the mail server then hears DUNNO. No account's name comes to `keep`, only counts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from sekisho.desk import held_accounts, named_accounts, permits, records
from sekisho.desk.mail import agreeing
from sekisho.desk.mail_stages import STAGES
from sekisho.desk.policy_words import Answered, HourCounted, Let, PolicyAsTold, PolicyLeased, PolicyLeases, PolicyTold
from sekisho.desk.world import World
from sekisho.gate.permit import Permit, SignedPermit
from sekisho.law.canonical import canonical, digest
from sekisho.ledger.entry import EntryType

NUMBERS: Mapping[str, Callable[[Iterable[int]], int]] = {
    "accounts": max, "messages": max, "most": max, "bulk": max, "asked": max, "refused": sum,
}  # fmt: skip
"""Of an hour. Two permits of a measure count the same mails, so the larger number is the hour's; what each puts off is added up."""
HOURS = 14 * 24
"""So many hours of figures are kept, as long as the counts of the case may be."""


def leased(world: World, request: PolicyLeases) -> PolicyLeased:
    now = world.clock.now()
    living = in_force(world, now)
    let = tuple(_let(world, p, s, now) for p, s in living)
    known = digest(let)
    leases = tuple(permits.lease(world, p, now) for p, _ in living)
    return PolicyLeased(known, leases, None if known == request.seen else let)


def _let(world: World, permit: Permit, signed: SignedPermit, now: datetime) -> Let:
    box, half = held_accounts.box_of(world, permit)
    restored, agreed = held_accounts.let_go(world, permit), agreeing.agreed(world, permit, now)
    key = token_key(world, permit)
    return Let(signed, key.hex(), restored, box, half, agreed, named_accounts.accounts(world, permit, key))


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
    """The hour's row among the figures of its measure, and in it what each permit counted. Only a permit that counts has figures."""
    row = records.one(world.db, records.PERMITS, id=one.permit)
    if row is None or (row["measure"], row["step"]) not in STAGES or row["ended"]:
        return
    measure, hour = str(row["measure"]), one.hour.isoformat()
    before = figures(world, measure)
    of = {**next((r.get("of", {}) for r in before if r["hour"] == hour), {}), one.permit: _of(one)}
    fresh = {"hour": hour, **{n: add(said[n] for said in of.values()) for n, add in NUMBERS.items()}, "of": of}
    found = [dict(said.get("found", {})) for said in of.values()]
    if words := {word for one in found for word in one}:
        fresh["found"] = {word: max(one.get(word, 0) for one in found) for word in words}
    rows = sorted([r for r in before if r["hour"] != hour] + [fresh], key=lambda r: str(r["hour"]))[-HOURS:]
    body = canonical({"permit": _source(world, measure) or one.permit, "rows": rows})
    world.db.execute(delete(records.FIGURES).where(records.FIGURES.c.measure == measure))
    records.add(world.db, records.FIGURES, body, now, measure=measure)


def _of(one: HourCounted) -> Mapping[str, Any]:
    """What one permit counted; of labels also how many were found what."""
    return {n: getattr(one, n) for n in NUMBERS} | ({"found": dict(one.found)} if one.found else {})


def _source(world: World, measure: str) -> str:
    """The permit that the figures are kept under: it stays so for as long as it lives; empty where none does."""
    row = records.one(world.db, records.FIGURES, measure=measure)
    kept = records.one(world.db, records.PERMITS, id=records.body(row)["permit"]) if row else None
    return str(kept["id"]) if kept and not kept["ended"] else ""


def figures(world: World, measure: str) -> list[Mapping[str, Any]]:
    """Hour by hour, oldest first."""
    row = records.one(world.db, records.FIGURES, measure=measure)
    return list(records.body(row)["rows"]) if row else []


def _write(world: World, permit: str, what: str, count: int, now: datetime) -> None:
    body = canonical({"permit": permit, "what": what, "count": count})
    world.write(EntryType.EFFECT, body, ids={"permit": permit}, at=now)
