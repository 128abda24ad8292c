"""A person of the operator says something about a plan, signed: a question, a doubt, or that they have an interest in it themselves.

A comment changes no answer. A declared conflict of interest takes its author out of the signatures that are needed, and ends
the permits that rest on their signature already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import books, permits, plans, records
from sekisho.desk.signed_words import Comment
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature, alone
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical, digest
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

LONGEST = 4000


@dataclass(frozen=True)
class AddComment:
    """The words and the signature over them."""

    comment: Comment
    signature: Signature


def carry_out(world: World, request: AddComment) -> Mapping[str, Any]:
    """{"comment": id, "ended": permits}. Raises No: no-reasons for an empty or overlong text, unknown-plan, another-plan, done-already."""
    said, now = request.comment, world.clock.now()
    if request.signature.person != said.person:
        raise No("signed-by-another", person=request.signature.person)
    person = verified(world, request.signature, said, *(r for r in Role if r is not Role.AUDITOR))
    once(world, said)
    if person.only_plan not in ("", said.plan):
        raise No("another-plan", plan=said.plan)
    if not said.text.strip() or len(said.text) > LONGEST:
        raise No("no-reasons")
    plans.load(world, said.plan)
    identity = digest(said)[:16]
    body = canonical({"comment": said, "signature": request.signature})
    records.add(world.db, records.COMMENTS, body, now, id=identity, plan=said.plan, person=said.person)
    ids, key = {"plan": said.plan, "person": said.person}, {"id": identity}
    world.write(EntryType.COMMENT, body, ids=ids, at=now, table=records.COMMENTS, key=key)
    return {"comment": identity, "ended": _end(world, said, now) if said.conflict else []}


def _end(world: World, said: Comment, now: datetime) -> list[str]:
    """Permits of the plan that rest on what this person signed end now. Who is the operator's only person answers for it as before."""
    if alone(world.people()):
        return []
    confirmed = {(c.measure, c.case) for c in plans.confirmations(world) if c.person == said.person}
    ended = []
    for permit, _ in permits.living(world, now):
        if permit.plan == said.plan and (said.person in permit.signed_by or confirmed & _referred(world, permit)):
            body = canonical({"permit": permit.id, "why": "conflict-declared"})
            world.write(EntryType.EXPIRY, body, ids={"permit": permit.id}, at=now)
            permits.mark_ended(world, permit.id, "ended")
            ended.append(permit.id)
    return ended


def _referred(world: World, permit: Permit) -> set[tuple[str, str]]:
    """The cases this permit stands on that only an officer's confirmation made usable."""
    cases = {c.id: c for c in books.of_digest(world, permit.book).cases}
    day = world.book.day(permit.since)
    return {(permit.measure, c) for c in permit.cases if c in cases and not cases[c].certainty_on(day).decides_alone}
