"""Replay: the decision behind a permit, made again from what was written down before it, with the book of that day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from sekisho.desk import books, permits, plans, records
from sekisho.desk.world import No, World
from sekisho.gate.answers import Decision
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.gate.permit import Permit
from sekisho.gate.render import decision_json
from sekisho.law.canonical import digest, plain
from sekisho.law.casebook import Casebook
from sekisho.law.reading import read
from sekisho.law.words import Evidence, Plan
from sekisho.ledger.entry import Entry, opens


@dataclass(frozen=True)
class Explain:
    """A ledger index."""

    entry: int


def carry_out(world: World, request: Explain) -> dict[str, Any]:
    """The entry, whether our record still opens its commitment, and for a permit the decision as it was made."""
    if not 0 <= request.entry < world.log.size:
        raise No("no-such-entry", entry=request.entry)
    entry = Entry.decode(next(iter(world.log.entries(request.entry, request.entry + 1))))
    said: dict[str, Any] = {"entry": {"index": request.entry, "type": entry.type, "at": entry.at, "ids": dict(entry.ids)}, "decisions": []}
    row = _row(world, request.entry)
    if row is None:
        return said
    said["opens"] = row["salt"] is not None and opens(entry.commitments.get("body", ""), row["salt"], row["body"])
    permit_row = row if "signature" in row else records.one(world.db, records.PERMITS, id=entry.ids.get("permit"))
    if permit_row:
        permit = permits.of(permit_row)
        said["comments"] = plans.comments(world, permit.plan)
        said["permit"] = plain(permit)
        book = books.of_digest(world, permit.book)
        # A confirmation counts where the case is the very one it was given to; a changed case asks the officer anew.
        said["book"] = {"digest": book.digest, "version": book.version, "in_force": book.digest == world.book.digest}
        said["decisions"] = [decision_json(d, book) for d in _again(world, permit, permit_row, book)]
    return said


def _again(world: World, permit: Permit, made: dict[str, Any], book: Casebook) -> list[Decision]:
    """Only what stood in the ledger before the permit counts: no paper's own date, which its giver chose.

    A permit that was carried on is explained as of the moment it was, and its earlier words as of theirs.
    """
    minted, at = made["entry"], datetime.fromisoformat(made["at"])
    row = records.one(world.db, records.PLANS, id=permit.plan)
    if row is None:
        raise No("unknown-plan", plan=permit.plan)
    papers = (records.body(r)["evidence"] for r in _before(world, records.EVIDENCE, minted, plan=permit.plan))
    evidence = sorted((read(Evidence, p) for p in papers), key=digest)
    plan = replace(read(Plan, records.body(row)), evidence=tuple(evidence), day=book.day(at))
    back = {r["confirmation"] for r in _before(world, records.UNCONFIRMED, minted)}
    given = [r for r in _before(world, records.CONFIRMATIONS, minted) if r["id"] not in back]
    confirmations = [read(Confirmation, records.body(r)["confirmation"]) for r in given]
    return [d for d in decide(plan, book, at, confirmations) if d.step.name == permit.step.name]


def _before(world: World, table: Table, index: int, **where: Any) -> list[dict[str, Any]]:
    return [r for r in records.rows(world.db, table, **where) if r["entry"] is not None and r["entry"] < index]


def _row(world: World, index: int) -> dict[str, Any] | None:
    for table in records.METADATA.tables.values():
        if "entry" in table.c:
            row = records.one(world.db, table, entry=index)
            if row is not None:
                return row
    return None
