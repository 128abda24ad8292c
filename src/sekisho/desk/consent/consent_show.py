"""Which consents there are, and one of them as its giver or another register may take it away: ISO/IEC TS 27560 in JSON-LD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from sekisho.desk import consents, records
from sekisho.desk.consents import KEPT_AFTER_END_DAYS
from sekisho.desk.prove import proof_text
from sekisho.desk.world import World
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
    return _receipt(world, consents.get(world, request.consent))


def mine(world: World, request: MyConsent) -> Json:
    """The receipt, and whether the consent still lives. Raises No("unknown-code")."""
    row = consents.by_code(world, request.code)
    live = row["state"] == Happened.GIVEN.value and consents.of(world, row).live(world.clock.now())
    return {**_receipt(world, row), "state": row["state"], "live": live}


def export(world: World, request: ConsentExport) -> Json:
    """{"records": one JSON-LD document, "next": the ledger index to go on before, or null}."""
    rows = records.rows(world.db, records.CONSENTS, newest=PAGE, before=request.before, purpose=request.purpose)
    now = world.clock.now()
    found = [dpv.record(said, _shown(world, row), _setting(world), now) for row in rows for said in [consents.of(world, row)]]
    last = rows[-1]["entry"] if len(rows) == PAGE else None
    return {"records": dpv.several(found), "next": last}


def _receipt(world: World, row: consents.Row) -> Json:
    said = consents.of(world, row)
    entries = _entries(world, row)
    ledger = {"sekisho:origin": _origin(world), "sekisho:entries": [i for i, _, _ in entries]}
    shown = dpv.receipt(said, _shown(world, row), _setting(world), world.clock.now(), ledger)
    proofs = [proof_text(world.log.receipt(i), raw, salt) for i, raw, salt in entries]
    return {"receipt": shown, "proofs": proofs, "consent": _plainly(said), "shown": _shown(world, row)}


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


def _shown(world: World, row: consents.Row) -> str:
    found = records.one(world.db, records.NOTICES, id=row["notice"])
    return str(records.body(found).get("shown", "")) if found else ""


def _setting(world: World) -> dpv.Setting:
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


def _origin(world: World) -> str:
    return world.log.checkpoint.split("\n", 1)[0]
