"""A consent's receipt: the record in JSON-LD, its proofs from the ledger, and the same in plain values for a page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from sekisho.desk import consents, records
from sekisho.desk.consents import KEPT_AFTER_END_DAYS
from sekisho.desk.prove import proof_text
from sekisho.desk.world import World
from sekisho.law import dpv
from sekisho.law.consent import ConsentRecord

Json = dict[str, Any]


def receipt(world: World, row: consents.Row) -> Json:
    """{"receipt": JSON-LD, "proofs": [tlog-proof text], "consent": plain values, "shown": the text}."""
    said = consents.of(world, row)
    entries = _entries(world, row)
    ledger = {"sekisho:origin": _origin(world), "sekisho:entries": [i for i, _, _ in entries]}
    text = shown(world, row)
    document = dpv.receipt(said, text, setting(world), world.clock.now(), ledger)
    proofs = [proof_text(world.log.receipt(i), raw, salt) for i, raw, salt in entries]
    return {"receipt": document, "proofs": proofs, "consent": _plainly(said), "shown": text}


def shown(world: World, row: consents.Row) -> str:
    """The text its giver was shown."""
    found = records.one(world.db, records.NOTICES, id=row["notice"])
    return str(records.body(found).get("shown", "")) if found else ""


def setting(world: World) -> dpv.Setting:
    """Who is behind a record: the controller, where it lies, whom to turn to."""
    operator, console = world.settings.operator, world.settings.console
    return dpv.Setting(
        controller=operator.name,
        contact=operator.window_phone or operator.window,
        jurisdiction=world.book.country.upper(),
        storage=world.book.country.upper(),
        rights=operator.help_url or f"{console.url}/line",
        withdraw=f"{console.url}/consent",
        ended_kept_days=KEPT_AFTER_END_DAYS,
    )


def _plainly(said: ConsentRecord) -> Json:
    """What a page shows: no pseudonym, no digest."""
    return {
        "id": said.id,
        "purpose": min(said.purposes),
        "elements": sorted(e.value for e in said.elements),
        "audience": sorted(said.audience),
        "days": said.days,
        "until": said.until,
        "notice": said.notice,
        "events": said.events,
    }


def _entries(world: World, row: consents.Row) -> list[tuple[int, bytes, bytes]]:
    """Ledger index, entry and salt of the answer and of everything that happened to it."""
    table = records.CONSENT_EVENTS
    later = world.db.execute(select(table).where(table.c.consent == row["id"]).order_by(table.c.entry)).mappings()
    told = [r for r in (row, *map(dict, later)) if r["entry"] is not None and r["salt"] is not None]
    return [(r["entry"], next(iter(world.log.entries(r["entry"], r["entry"] + 1))), r["salt"]) for r in told]


def _origin(world: World) -> str:
    return world.log.checkpoint.split("\n", 1)[0]
