"""How a device stands today: what it answered to each question, and what was done under the permits its answer carries."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from sekisho.desk import consents, permits, records
from sekisho.desk.portal import devices
from sekisho.desk.portal.offers import BY_PURPOSE, LANGUAGES, OFFERS, Offer, notice, text
from sekisho.desk.world import No, World
from sekisho.effects import portal_redirect
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical
from sekisho.law.consent import Happened

Json = dict[str, Any]
C = records.CONSENTS


def code(world: World, consent: str) -> str:
    """The code of a consent's receipt: the same device is told it again, nobody can guess it, and it is written nowhere."""
    return hmac.new(world.pseudonyms, canonical({"portal-receipt": consent}), hashlib.sha256).hexdigest()[:32]


def given(world: World, purpose: str, who: str, now: datetime) -> list[dict[str, Any]]:
    """Every answer of one giver that still belongs to today, oldest first."""
    query = select(C).where(C.c.purpose == purpose, C.c.principal == who, C.c.until > records.stamp(now)).order_by(C.c.at, C.c.entry)
    return [dict(r) for r in world.db.execute(query).mappings()]


def everybody(world: World, now: datetime, *states: str) -> dict[str, tuple[str, ...]]:
    """Givers by purpose, of today; in these states where any are named, else of whoever answered."""
    found: dict[str, tuple[str, ...]] = {}
    for offer in OFFERS:
        query = select(C.c.principal).distinct().where(C.c.purpose == offer.purpose, C.c.until > records.stamp(now))
        if states:
            query = query.where(C.c.state.in_(states))
        found[offer.purpose] = tuple(sorted(row[0] for row in world.db.execute(query)))
    return found


def leading(world: World, now: datetime) -> list[Permit]:
    """Permits to lead devices to the page that hold now."""
    step = (portal_redirect.MEASURE, portal_redirect.STEP)
    return [p for p, s in permits.living(world, now) if (p.measure, p.step.name) == step and s.proof]


def how(world: World, hardware: str, now: datetime) -> Json:
    """{"known", "answered", "answers": [{"purpose", "state", "at", "until", "consent", "code"}]}.

    `known` is false for one the network cannot tell apart from others, and for everybody once the event is over.
    """
    nobody: Json = {"known": False, "answered": False, "answers": []}
    if not devices.HARDWARE.fullmatch(hardware):
        return nobody
    try:
        answers = [a for o in OFFERS if (a := _answer(world, o, hardware, now)) is not None]
    except No as over:
        if over.code != "event-over":
            raise
        return nobody
    return {"known": True, "answered": bool(answers), "answers": answers}


def _answer(world: World, offer: Offer, hardware: str, now: datetime) -> Json | None:
    rows = given(world, offer.purpose, devices.of(world, hardware, offer.purpose, now), now)
    if not rows:
        return None
    row = rows[-1]
    events = consents.of(world, row).events
    return {
        "purpose": offer.purpose,
        "state": row["state"],
        "agrees": row["state"] == Happened.GIVEN.value,
        "at": events[-1].at,
        "until": datetime.fromisoformat(row["until"]),
        "consent": row["id"],
        "code": code(world, row["id"]),
    }


def offered(world: World, offer: Offer) -> Json:
    """One question as it is shown: {"purpose", "title", "elements", "audience", "text", "digest"}; the last two by language."""
    texts = {lang: text(offer, world.settings, lang) for lang in LANGUAGES}
    return {
        "purpose": offer.purpose,
        "title": offer.title,
        "elements": sorted(offer.elements),
        "text": texts,
        "digest": {lang: notice(offer, shown, lang).digest for lang, shown in texts.items()},
    }


def deeds(world: World, purposes: Sequence[str]) -> list[Json]:
    """Every permit for these purposes, newest first: what it lets do, since when, until when, how often it was looked, its ledger entry.

    Nobody is named, neither who looked nor whom it was about.
    """
    table, found = records.PERMITS, []
    for row in world.db.execute(select(table).order_by(table.c.at.desc())).mappings():
        permit = permits.of(dict(row))
        if permit.step.purpose not in purposes or permit.step.purpose not in BY_PURPOSE:
            continue
        looks = records.count(world.db, records.LOOKS, permit=permit.id)
        ended = row["ended_at"] or (row["until"] if permits.state(dict(row), world.clock.now()) == "ended" else None)
        found.append(
            {"permit": permit.id, "step": permit.step.name, "since": permit.since, "until": permit.until, "ended": ended, "looks": looks}
            | {"entry": row["entry"], "purpose": permit.step.purpose}
        )
    return found
