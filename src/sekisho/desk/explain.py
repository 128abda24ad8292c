"""Replay: the decision behind a permit, made again from what was written down, with the book of that day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sekisho.desk import permits, plans, records
from sekisho.desk.world import No, World
from sekisho.gate.decide import decide
from sekisho.gate.render import decision_json
from sekisho.law.canonical import plain
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
    if "permit" in entry.ids and (permit_row := records.one(world.db, records.PERMITS, id=entry.ids["permit"])):
        permit = permits.of(permit_row)
        said["permit"] = plain(permit)
        if permit.book != world.book.digest:
            raise No("another-book", book=permit.book)
        said["decisions"] = [decision_json(d, world.book) for d in _again(world, permit.plan, permit.step.name, permit.since)]
    return said


def _again(world: World, plan_id: str, step: str, at: datetime) -> list[Any]:
    """Only what had been laid in by then counts."""
    plan = plans.load(world, plan_id)
    then = replace(plan, evidence=tuple(e for e in plan.evidence if e.at <= at), day=world.book.day(at))
    return [d for d in decide(then, world.book, at, plans.confirmations(world)) if d.step.name == step]


def _row(world: World, index: int) -> dict[str, Any] | None:
    for table in records.METADATA.tables.values():
        if "entry" in table.c:
            row = records.one(world.db, table, entry=index)
            if row is not None:
                return row
    return None
