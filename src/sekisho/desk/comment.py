"""A person of the operator says something about a plan, signed: a question, a doubt, or that they have an interest in it themselves.

A comment changes no answer. A declared conflict of interest takes its author out of the signatures that are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import plans, records
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical, digest
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

LONGEST = 4000


@dataclass(frozen=True)
class Comment:
    """`text` about a plan; `conflict`: the author declares a conflict of interest in it."""

    plan: str
    text: str
    conflict: bool
    person: str
    at: datetime


@dataclass(frozen=True)
class AddComment:
    """The words and the signature over them."""

    comment: Comment
    signature: Signature


def carry_out(world: World, request: AddComment) -> Mapping[str, Any]:
    """{"comment": id}. Raises No: no-reasons for an empty or overlong text, unknown-plan, another-plan, done-already."""
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
    return {"comment": identity}
