"""Envelopes as `keep` knows them: their words, who approves them as they are shown, which uses nobody reviewed, which were revoked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import plans, records
from sekisho.desk.world import No, World
from sekisho.gate.decide import shown
from sekisho.gate.envelope import Envelope, shown_envelope
from sekisho.gate.people import Approval
from sekisho.law.reading import read

REVIEW_WITHIN = timedelta(hours=24)


def living(world: World, identity: str) -> Envelope:
    """Its words. Raises No: unknown-envelope, envelope-revoked."""
    row = records.one(world.db, records.ENVELOPES, id=identity)
    if row is None:
        raise No("unknown-envelope", envelope=identity)
    if records.one(world.db, records.REVOCATIONS, envelope=identity) is not None:
        raise No("envelope-revoked", envelope=identity)
    return words(row)


def words(row: Mapping[str, Any]) -> Envelope:
    return read(Envelope, records.body(row)["envelope"])


def as_shown(world: World, envelope: Envelope) -> str:
    """The digest that approvals of it name today."""
    return shown_envelope(envelope, shown(plans.as_approved(world, envelope.plan), world.book))


def approvals(world: World, identity: str, digest: str) -> list[Approval]:
    """Those of exactly what is shown today: another book or paper, and the people of the day are asked again."""
    given = (read(Approval, records.body(r)["approval"]) for r in records.rows(world.db, records.ENVELOPE_APPROVALS, envelope=identity))
    return [a for a in given if a.shown == digest]


def unreviewed(world: World, identity: str, now: datetime) -> list[str]:
    """Uses a day old that nobody reviewed: they block the next."""
    over = (r for r in records.rows(world.db, records.ENVELOPE_USES, envelope=identity) if r["at"] <= records.stamp(now - REVIEW_WITHIN))
    return [r["id"] for r in over if records.one(world.db, records.ENVELOPE_REVIEWS, use=r["id"]) is None]
