"""Campaigns as people read them: what would go out, word for word, to how many, and where every mail of the approved set stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from sekisho.desk import campaigns, contractors, plans, records
from sekisho.desk.campaign_look import arrives, look_over
from sekisho.desk.campaigns import R, Standing
from sekisho.desk.world import World
from sekisho.law.campaign import State, identity

MOST_LISTED = 200
Json = dict[str, Any]


@dataclass(frozen=True)
class Campaigns:
    """All of them."""


@dataclass(frozen=True)
class OneCampaign:
    """One, with every text in full."""

    campaign: str


def listed(world: World, _request: Campaigns) -> list[Json]:
    """Newest first, each: id, name, plan, status, training, persons, since, until, by, counts (state to number), losses (why to number)."""
    now, names = world.clock.now(), {k: p.name for k, p in world.everybody().items()} | contractors.names(world)
    return [_short(world, one, now, names) for one in campaigns.every(world)]


def one(world: World, request: OneCampaign) -> Json:
    """The same, and: "campaign" (its words), "arrives" (the texts as they arrive), "digest", "faults" (by today's linter), "permit",
    "approvals" and "lost" (who and when; why), "entry", "signed" (by DKIM), "unknown": Message-IDs of mails nobody knows about.

    Raises No("unknown-campaign").
    """
    now, names = world.clock.now(), {k: p.name for k, p in world.everybody().items()} | contractors.names(world)
    found = campaigns.get(world, request.campaign)
    permit = campaigns.living(world, found, now)
    return _short(world, found, now, names) | {
        "campaign": found.said,
        "arrives": arrives(found.said, world.settings.console.url),
        "approvals": [{"name": names.get(a.person, a.person), "at": a.at} for a in plans.approvals(world, found.plan)],
        "lost": _lost(world, found, names),
        "digest": identity(found.said),
        "faults": look_over(found.said, world.settings.console.url),
        "permit": permit.id if permit else None,
        "entry": found.entry,
        "unknown": _unknown(world, found),
        "signed": bool(world.settings.mail.dkim_key),
    }


def _lost(world: World, one: Standing, names: dict[str, str]) -> list[Json]:
    """Who took somebody off, when and why; whom is nobody's to read."""
    said = [records.body(r)["loss"] for r in records.rows(world.db, records.LOSSES, campaign=one.id)]
    return [{"at": s["at"], "name": names.get(s["by"], s["by"]), "why": s["why"]} for s in said]


def _unknown(world: World, one: Standing) -> list[str]:
    rows = select(R).where(R.c.campaign == one.id, R.c.state == State.UNKNOWN.value).order_by(R.c.number).limit(MOST_LISTED)
    return [campaigns.known_as(one, bytes(r["leaf"])) for r in world.db.execute(rows).mappings()]


def _short(world: World, one: Standing, now: datetime, names: dict[str, str]) -> Json:
    said, counts = one.said, campaigns.counts(world, one.id)
    return {
        "id": one.id,
        "name": said.name,
        "plan": one.plan,
        "status": campaigns.status(world, one, now, counts.get(State.WAITING.value, 0)),
        "training": said.training,
        "persons": said.persons,
        "since": said.since,
        "until": said.until,
        "by": said.by,
        "submitter": names.get(said.by, said.by),
        "entrustment": said.entrustment,
        "counts": counts,
        "losses": campaigns.losses(world, one.id),
    }
