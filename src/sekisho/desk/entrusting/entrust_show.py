"""The register of entrustments as people read it: the tree, what each row allows, what happened to it, and what is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import entrustments, owed_back, records
from sekisho.desk.entrusting import handed
from sekisho.desk.entrustments import Standing
from sekisho.desk.world import World
from sekisho.law.entrustment import Move, Status

Json = dict[str, Any]


@dataclass(frozen=True)
class Entrustments:
    """The whole register."""


def listed(world: World, _request: Entrustments) -> Json:
    """{"operator", "contact", "day", "due": what somebody must see to now (`owed_back.Due`), "entrustments": each after the
    one above it, with its "depth" (0: our own contractor)}.

    Each: {"id", "depth", "entrustment": its words, "status", "chain": in-force or what the first above it is that is not, "name": who
    answers, "agreed", "special": [fields that need their own consent], "ends_soon": bool, "return_due": day or null, "late": bool,
    "permits": [living permits that rest on it], "key": the party's, or empty, "handed": how many hand-overs,
    "leaked": from how many of them a mail came to one of our own, "entry",
    "moves": [{"what", "by", "name", "reason", "proof", "at"}]}.
    """
    now, names = world.clock.now(), {k: p.name for k, p in world.everybody().items()}
    everyone = entrustments.every(world, now)
    found = [_one(world, one, depth, now, names) for one, depth in _in_order(everyone)]
    operator = world.settings.operator
    told = {"operator": operator.name, "contact": operator.window, "day": world.book.day(now)}
    return {**told, "due": owed_back.due(world, now), "entrustments": found}


def _in_order(everyone: list[Standing] | Any, parent: str = "", depth: int = 0) -> list[tuple[Standing, int]]:
    found: list[tuple[Standing, int]] = []
    for one in everyone:
        if one.said.parent == parent and depth <= entrustments.DEEPEST:
            found += [(one, depth), *_in_order(everyone, one.id, depth + 1)]
    return found


def _one(world: World, one: Standing, depth: int, now: datetime, names: Mapping[str, str]) -> Json:
    said, day = one.said, world.book.day(now)
    line = entrustments.above(world, one, now)
    due = owed_back.return_due(world, one)
    return {
        "id": one.id,
        "depth": depth,
        "entrustment": said,
        "status": one.status,
        "chain": next((s.status for s in line if s.status is not Status.IN_FORCE), Status.IN_FORCE),
        "name": names.get(said.by, said.by),
        "agreed": entrustments.may_be_handed_on(one, next(iter(line), None)),
        "special": sorted(f for f, c in said.fields.items() if c.special),
        "ends_soon": owed_back.ends_soon(one, day),
        "return_due": due,
        "late": due is not None and one.status in owed_back.BACK and due < day,
        "permits": _resting(world, one.id, now),
        "key": handed.key_of(world, one.id),
        "handed": records.count(world.db, records.HAND_OVERS, entrustment=one.id),
        "leaked": sum(
            records.count(world.db, records.CANARY_MAILS, handover=r["id"]) > 0
            for r in records.rows(world.db, records.HAND_OVERS, entrustment=one.id)
        ),
        "entry": one.entry,
        "moves": [_move(m, names) for m in one.moves],
    }


def _resting(world: World, identity: str, now: datetime) -> list[str]:
    rows = records.rows(world.db, records.PERMITS, measure="entrustment", ended=None)
    living = [r for r in rows if r["until"] > records.stamp(now)]
    return [r["id"] for r in living if records.body(r)["scope"].get("entrustment") == identity]


def _move(move: Move | None, names: Mapping[str, str]) -> Json:
    if move is None:
        return {"what": "lost", "by": "", "name": "", "reason": "", "proof": "", "at": None}
    return {
        "what": move.what,
        "by": move.by,
        "name": names.get(move.by, move.by),
        "reason": move.reason,
        "proof": move.proof,
        "at": move.at,
    }
