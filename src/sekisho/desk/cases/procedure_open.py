"""Open a case: a request, claim or report has arrived. It gets a number, an owner, and the day it was received."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.desk import matters
from sekisho.desk.case_words import Opening
from sekisho.desk.cases import case_moves
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.procedures import OPENING, Event, Standing
from sekisho.law.walking import Told, lacks
from sekisho.law.words import nothing


@dataclass(frozen=True)
class OpenCase:
    """The words and the opener's signature over them. An empty owner is the opener."""

    opening: Opening
    signature: Signature


@dataclass(frozen=True)
class Opened:
    """`number` is what people call the case."""

    matter: str
    number: str
    state: str


def carry_out(world: World, request: OpenCase) -> Opened:
    """Raises No: unknown-procedure, not-in-force, move-lacks, and whatever a signature may lack."""
    said, now = request.opening, case_moves.sure(world)
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    procedure = world.book.procedures.get(said.procedure)
    if procedure is None:
        raise No("unknown-procedure", procedure=said.procedure, known=sorted(world.book.procedures))
    today = world.book.day(now)
    if not procedure.in_force(today):
        raise No("not-in-force", procedure=said.procedure, since=procedure.since.isoformat())
    verified(world, request.signature, said, *procedure.opening.roles)
    once(world, said)
    if said.owner not in {"", *world.people()}:
        raise No("unknown-person", person=said.owner)
    nowhere = Standing("", nothing(), {}, {})
    if found := lacks(procedure, nowhere, procedure.opening, Told(said.facts, (), today)):
        raise No("move-lacks", move=OPENING, lacks=matters.lacking(found))
    identity = matters.add(world, procedure, said.owner or said.by, now)
    told = {"by": said.by, "statement": said, "signature": request.signature}
    matter = case_moves.make(world, identity, 0, Event(OPENING, today, said.facts), told, now)
    return Opened(identity, matter.number, matter.standing.state)
