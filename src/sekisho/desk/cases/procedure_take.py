"""Take a case over: it belongs to whoever signed for it. A case from a public door is nobody's until somebody does."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update

from sekisho.desk import matters, records
from sekisho.desk.case_words import TakeOver
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class TakeCase:
    """The words and the signature of whoever takes it: anybody in a role that has to do with its procedure."""

    taking: TakeOver
    signature: Signature


def carry_out(world: World, request: TakeCase) -> str:
    """The case's number. Raises No: case-closed, owner-changed-meanwhile, yours-already, and whatever a signature may lack."""
    said, now = request.taking, world.clock.now()
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    matter = matters.load(world, said.matter)
    verified(world, request.signature, said, *matter.workers)
    once(world, said)
    if matter.final:
        raise No("case-closed", matter=matter.id)
    if matter.row["owner"] != said.owner:
        raise No("owner-changed-meanwhile", matter=matter.number, owner=matters.named(world, matter.row["owner"]))
    if said.owner == said.by:
        raise No("yours-already", matter=matter.number)
    identity = fresh_id("owner")
    body = canonical({"taking": said, "signature": request.signature})
    records.add(world.db, records.OWNERS, body, now, id=identity, matter=matter.id)
    world.db.execute(update(records.MATTERS).where(records.MATTERS.c.id == matter.id).values(owner=said.by))
    ids = {"owner": identity, "matter": matter.id}
    world.write(EntryType.OWNER, body, ids=ids, at=now, table=records.OWNERS, key={"id": identity})
    return matter.number
