"""An entrustment is entered in the register by who answers for it, approved by somebody else, stopped by anybody, ended with proof.

Nobody below may hold more than the one above, and nothing is handed on where the one above may not. Each act is signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import entrustments, permits, records
from sekisho.desk.entrustments import Standing
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.law.entrustment import DIGEST, FROM, MAY, PROVED, Again, Entrustment, Move, What, exceeds, faults
from sekisho.law.words import Act, Role
from sekisho.ledger.entry import EntryType

MAY_ENTER = (Role.DESK, Role.OFFICER)
STOPS = frozenset({What.SUSPENDED, What.ENDED, What.RETURNED})
REASONED = frozenset({What.SUSPENDED, What.RESUMED, What.ENDED})


@dataclass(frozen=True)
class Entrust:
    """The row as it is to stand, and the signature of who answers for it."""

    entrustment: Entrustment
    signature: Signature


@dataclass(frozen=True)
class MoveEntrustment:
    """What happens to a row, and the signature of who does it."""

    move: Move
    signature: Signature


def carry_out(world: World, request: Entrust) -> Mapping[str, str]:
    """{"entrustment": id}: a draft, until somebody else approves it. Raises No."""
    said, now = request.entrustment, world.clock.now()
    signed_now(world, request.signature, said, *MAY_ENTER)
    if wrong := faults(said):
        raise No("entrustment-incomplete", fields=list(wrong))
    _ground(world, said, now)
    if said.parent:
        parent = entrustments.get(world, said.parent, now)
        _below(parent, said)
        if len(entrustments.above(world, parent, now)) >= entrustments.DEEPEST - 1:
            raise No("too-many-firms", most=entrustments.DEEPEST)
    identity = fresh_id("entrustment")
    body = canonical({"id": identity, "entrustment": said, "signature": request.signature})
    records.add(world.db, records.ENTRUSTMENTS, body, now, id=identity, parent=said.parent)
    key = {"id": identity}
    world.write(EntryType.ENTRUSTED, body, ids={"entrustment": identity}, at=now, table=records.ENTRUSTMENTS, key=key)
    return {"entrustment": identity}


def move(world: World, request: MoveEntrustment) -> Mapping[str, Any]:
    """{"entrustment", "status", "permits": those that end with it}. Raises No."""
    said, now = request.move, world.clock.now()
    signed_now(world, request.signature, said, *MAY[said.what])
    one = entrustments.get(world, said.entrustment, now)
    _may_happen(world, one, said, now)
    identity = fresh_id("move")
    body = canonical({"move": said, "signature": request.signature})
    records.add(world.db, records.ENTRUSTMENT_MOVES, body, now, id=identity, entrustment=one.id)
    ids, key = {"move": identity, "entrustment": one.id}, {"id": identity}
    world.write(EntryType.ENTRUSTMENT_MOVED, body, ids=ids, at=now, table=records.ENTRUSTMENT_MOVES, key=key)
    ended = _ended_with(world, one.id, now) if said.what in STOPS else []
    return {"entrustment": one.id, "status": entrustments.get(world, one.id, now).status, "permits": ended}


def _ground(world: World, said: Entrustment, now: datetime) -> None:
    """The ground is a case of the book in force that is about entrusting. Raises No("no-such-ground")."""
    day = world.book.day(now)
    found = (c for c in world.book.cases if c.id == said.ground and Act.ENTRUST in c.acts)
    if not any(c.since <= day and (c.until is None or day < c.until) for c in found):
        raise No("no-such-ground", ground=said.ground[:64])


def _below(parent: Standing, said: Entrustment) -> None:
    """Raises No: re-entrustment-forbidden, more-than-above."""
    if parent.said.again is Again.FORBIDDEN:
        raise No("re-entrustment-forbidden", entrustment=parent.id)
    if over := exceeds(said, parent.said):
        raise No("more-than-above", entrustment=parent.id, fields=list(over))


def _may_happen(world: World, one: Standing, said: Move, now: datetime) -> None:
    if one.status not in FROM[said.what]:
        raise No("not-in-this-status", entrustment=one.id, status=one.status, move=said.what)
    if said.what in REASONED and not said.reason.strip():
        raise No("no-reasons")
    if said.what in PROVED and not DIGEST.fullmatch(said.proof):
        raise No("no-proof", move=said.what)
    if said.what is What.APPROVED:
        _may_begin(world, one, said, now)


def _may_begin(world: World, one: Standing, said: Move, now: datetime) -> None:
    """Another person approves; the one above was asked and is in force; and holds no less than this one, whatever changed since."""
    if said.by == one.said.by:
        raise No("proposer-never-approves", person=said.by)
    if not one.said.parent:
        return
    parent = entrustments.get(world, one.said.parent, now)
    if not entrustments.may_be_handed_on(one, parent):
        raise No("not-agreed", entrustment=one.id)
    _below(parent, one.said)


def _ended_with(world: World, identity: str, now: datetime) -> list[str]:
    """Permits that rest on this row, or on one below it, end now: what was given under them is no longer given."""
    mine = {identity}
    for one in entrustments.every(world, now):
        if mine & {s.id for s in entrustments.above(world, one, now)}:
            mine.add(one.id)
    ended = []
    for permit, _ in permits.living(world, now):
        if permit.scope.get("entrustment") in mine:
            body = canonical({"permit": permit.id, "why": "evidence-stale"})
            world.write(EntryType.EXPIRY, body, ids={"permit": permit.id}, at=now)
            permits.mark_ended(world, permit.id, "ended")
            ended.append(permit.id)
    return ended
