"""A person's signatures count no more, from now on: they left, their key is lost, their role ended. The legal officer signs.

What was minted while they counted stands, as it was lawful then; nothing new rests on them. The last legal officer
cannot be dismissed: nobody would be left who may invite another.
"""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.desk import records
from sekisho.desk.signed_words import Dismissal
from sekisho.desk.signing import ordered
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class Dismiss:
    """The words and the officer's signature over them."""

    dismissal: Dismissal
    signature: Signature


def carry_out(world: World, request: Dismiss) -> str:
    """The dismissed person's id. Raises No("the-last-officer"), and for whoever is unknown or dismissed already."""
    said, now = request.dismissal, world.clock.now()
    ordered(world, request.signature, said)
    if not said.reason.strip():
        raise No("no-reasons")
    person = world.person(said.dismissed)
    if person.id not in world.people():
        raise No("dismissed", person=person.id)
    if not {p.id for p in world.those_in(Role.OFFICER)} - {person.id}:
        raise No("the-last-officer", person=person.id)
    body = canonical({"dismissal": said, "signature": request.signature})
    records.add(world.db, records.DISMISSALS, body, now, person=person.id)
    ids = {"person": person.id}
    world.write(EntryType.DISMISSED, body, ids=ids, at=now, table=records.DISMISSALS, key=ids)
    return person.id
