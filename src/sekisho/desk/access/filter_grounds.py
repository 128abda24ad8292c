"""What the filter of a line stands on, as it was asked, tried and compared last; and of one that ended, which condition failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sekisho.desk import permits, plans, records
from sekisho.desk.access import switches
from sekisho.desk.world import World
from sekisho.effects.prefix_sets import BadScope, Prefix
from sekisho.gate.permit import Permit
from sekisho.gate.todo import say
from sekisho.law.words import VouchedBy

KINDS = ("survey", "optout", "tariff-test", "path-test")
STATIC = frozenset({"survey"})


def live(world: World, permit: Permit, now: datetime) -> dict[str, dict[str, Any]]:
    """By kind of evidence: what it says, "at", and "until", when it would go stale if nobody repeated it."""
    found: dict[str, dict[str, Any]] = {}
    today = plans.today(world, plans.load(world, permit.plan), now)
    for piece in sorted(today.evidence, key=lambda e: e.at):
        if piece.kind in KINDS and piece.purpose == permit.step.purpose:
            fresh = world.book.kinds[piece.kind].fresh
            until = piece.at + fresh if fresh and piece.voucher.by is VouchedBy.PROBE else None
            found[piece.kind] = {**piece.value, "at": piece.at, "until": until}
    return found


def ended(world: World, address: str, standing: set[str], now: datetime) -> Iterator[dict[str, Any]]:
    """Filters of this line whose time is not over and that ended because a condition failed: the last of each measure that stands no
    more, with the words of what fails now."""
    seen = set(standing)
    for row in records.rows(world.db, records.PERMITS, newest=1000, ended="ended"):
        read = switches.READ.get((row["measure"], row["step"]))
        permit = permits.of(row)
        if read is None or row["measure"] in seen or permit.until <= now or (line := _line(read, permit, address)) is None:
            continue
        seen.add(row["measure"])
        alone = line.prefixlen == line.max_prefixlen
        told = {"permit": permit.id, "line": str(line.network_address if alone else line), "at": row["ended_at"]}
        yield {**told, "why": list(_fails(world, permit, now))}


def _line(read: Any, permit: Permit, address: str) -> Prefix | None:
    try:
        found: Prefix | None = read(permit).line(address)
    except BadScope:
        return None
    return found


def _fails(world: World, permit: Permit, now: datetime) -> Iterator[Mapping[str, Any]]:
    today = plans.today(world, plans.load(world, permit.plan), now)
    for decision in plans.decisions(world, today, now):
        if decision.step.name == permit.step.name:
            yield from ({"words": m.words, "why": say(world.book, m.why)} for m in decision.missing)
