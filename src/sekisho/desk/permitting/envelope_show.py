"""Every envelope as people need to see it: what it allows, until when, who signed, each use, and the review that is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import permits, plans, records
from sekisho.desk.permitting import envelopes
from sekisho.desk.world import World
from sekisho.gate.envelope import Envelope
from sekisho.law.canonical import plain
from sekisho.measures.registry import EVERY

NEWEST = 500


@dataclass(frozen=True)
class Envelopes:
    """All of them, with their uses."""


def listed(world: World, _request: Envelopes) -> list[Mapping[str, Any]]:
    """Newest first: {"id", "envelope", "minutes": one use at most, "triggers": {kind: title}, "proposer", "measure", "title", "scope",
    "shown", "state": waiting | in-force | lapsed | revoked, "approvals": [person], "signed": [{"person", "name", "at"}], "blocked": bool,
    "revoked": {"by", "name", "reason", "at"} | null,
    "uses": [{"id", "at", "by", "name", "reason", "scope", "permits": [{"id", "state", "until"}], "due", "overdue", "review"}]}.
    """
    now, names = world.clock.now(), {k: p.name for k, p in world.everybody().items()}
    return [_one(world, row, now, names) for row in records.rows(world.db, records.ENVELOPES, newest=NEWEST)]


def _one(world: World, row: Mapping[str, Any], now: datetime, names: Mapping[str, str]) -> Mapping[str, Any]:
    envelope = envelopes.words(row)
    plan, shown = plans.load(world, envelope.plan), envelopes.as_shown(world, envelope)
    given = envelopes.approvals(world, row["id"], shown)
    revoked = _revoked(world, row["id"], names)
    return {
        "id": row["id"],
        "envelope": envelope,
        "minutes": envelope.longest // timedelta(minutes=1),
        "triggers": {k: world.book.kinds[k].title for k in sorted(envelope.triggers) if k in world.book.kinds},
        "proposer": names.get(envelope.proposer, envelope.proposer),
        "measure": plan.measure,
        "title": EVERY[plan.measure].title,
        "scope": plain(plan.scope),
        "shown": shown,
        "state": "revoked" if revoked else _state(envelope, len(given), now),
        "approvals": [a.person for a in given],
        "signed": [{"person": a.person, "name": names.get(a.person, a.person), "at": a.at} for a in given],
        "blocked": bool(envelopes.unreviewed(world, row["id"], now)),
        "revoked": revoked,
        "uses": [_use(world, u, now, names) for u in records.rows(world.db, records.ENVELOPE_USES, envelope=row["id"])],
    }


def _state(envelope: Envelope, given: int, now: datetime) -> str:
    if now >= envelope.until:
        return "lapsed"
    return "in-force" if given > 1 else "waiting"


def _revoked(world: World, identity: str, names: Mapping[str, str]) -> Mapping[str, Any] | None:
    row = records.one(world.db, records.REVOCATIONS, envelope=identity)
    if row is None:
        return None
    said = records.body(row).get("revocation", {})
    return {"by": said.get("by"), "name": names.get(said.get("by"), said.get("by")), "reason": said.get("reason"), "at": row["at"]}


def _use(world: World, row: Mapping[str, Any], now: datetime, names: Mapping[str, str]) -> Mapping[str, Any]:
    reviewed, said = records.one(world.db, records.ENVELOPE_REVIEWS, use=row["id"]), records.body(row)
    words, due = said.get("use", {}), datetime.fromisoformat(row["at"]) + envelopes.REVIEW_WITHIN
    review = records.body(reviewed).get("review", {}) if reviewed else None
    return {
        "id": row["id"],
        "at": row["at"],
        "by": words.get("by"),
        "name": names.get(words.get("by"), words.get("by")),
        "reason": words.get("reason"),
        "scope": said.get("scope", {}),
        "permits": [_permit(world, p, now) for p in said.get("permits", [])],
        "due": plain(due),
        "overdue": reviewed is None and due <= now,
        "review": None if review is None else {**review, "name": names.get(review.get("by"), review.get("by"))},
    }


def _permit(world: World, identity: str, now: datetime) -> Mapping[str, Any]:
    row = records.one(world.db, records.PERMITS, id=identity)
    return {"id": identity, "state": permits.state(row, now) if row else "unknown", "until": row["until"] if row else None}
