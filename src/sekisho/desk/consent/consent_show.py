"""Which consents there are, and one of them as its giver or another register may take it away: ISO/IEC TS 27560 in JSON-LD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from sekisho.desk import campaigns, consent_receipts, consents, records
from sekisho.desk.campaigns import R
from sekisho.desk.world import No, World
from sekisho.law import dpv
from sekisho.law.consent import ConsentRecord, Happened

PAGE = 500
Json = dict[str, Any]


@dataclass(frozen=True)
class Consents:
    """Every consent, newest first; of one purpose where it is named. `before`: older than this ledger index."""

    purpose: str = ""
    before: int | None = None


@dataclass(frozen=True)
class ConsentReceipt:
    """One consent's receipt, for whom the operator's people hand it to."""

    consent: str


@dataclass(frozen=True)
class MyConsent:
    """The same by the code of the receipt: the giver's own."""

    code: str


@dataclass(frozen=True)
class ConsentExport:
    """The records of one purpose, a page at a time."""

    purpose: str
    before: int | None = None


def listed(world: World, request: Consents) -> list[Json]:
    """[{"id", "purpose", "state", "until", "at", "entry", "notice": {...} | null}]; nobody's name, nobody's line."""
    where = {"purpose": request.purpose} if request.purpose else {}
    found = []
    for row in records.rows(world.db, records.CONSENTS, newest=PAGE, before=request.before, **where):
        shown = records.one(world.db, records.NOTICES, id=row["notice"])
        notice = records.body(shown).get("notice") if shown else None
        found.append({**{k: row[k] for k in ("id", "purpose", "state", "until", "at", "entry")}, "notice": notice})
    return found


def receipt(world: World, request: ConsentReceipt) -> Json:
    """{"receipt": JSON-LD, "proofs": [tlog-proof text]}: the consent, and each entry about it in the ledger."""
    return consent_receipts.receipt(world, consents.get(world, request.consent))


def mine(world: World, request: MyConsent) -> Json:
    """The receipt, whether the consent still lives, and "stops": what stopped mails to the address it was given from, and when that was
    taken back (`campaigns.stops_of`), as long as the invitation is known. Raises No("unknown-code").
    """
    row = consents.by_code(world, request.code)
    live = row["state"] == Happened.GIVEN.value and consents.of(world, row).live(world.clock.now())
    return {**consent_receipts.receipt(world, row), "state": row["state"], "live": live, "stops": _stops(world, consents.of(world, row))}


def _stops(world: World, said: ConsentRecord) -> list[Json]:
    """For the giver alone: the record itself names no address, and its invitation is forgotten a month after its window."""
    invited = (R.c.campaign == said.asked, R.c.invited_by == said.code)
    who = world.db.execute(select(R.c.pseudonym).where(*invited)).scalar() if said.code else None
    return campaigns.stops_of(world, who) if who else []


def export(world: World, request: ConsentExport) -> Json:
    """{"records": one JSON-LD document, "next": the ledger index to go on before, or null}."""
    rows = records.rows(world.db, records.CONSENTS, newest=PAGE, before=request.before, purpose=request.purpose)
    now = world.clock.now()
    found = [
        dpv.record(said, consent_receipts.shown(world, row), consent_receipts.setting(world), now)
        for row in rows
        for said in _readable(world, row)
    ]
    last = rows[-1]["entry"] if len(rows) == PAGE else None
    return {"records": dpv.several(found), "next": last}


def _readable(world: World, row: consents.Row) -> list[ConsentRecord]:
    """None where the record was sealed to an event that is over."""
    try:
        return [consents.of(world, row)]
    except No as no:
        if no.code != "event-over":
            raise
        return []
