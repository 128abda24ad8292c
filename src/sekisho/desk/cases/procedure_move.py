"""Move a case: signed by a person in the role, permitted by the gate where the table asks for it, entered before it counts.

What needs a ground is made with the last signature its permit needs; until then each signature is an approval and the case stays. What
lets something out is made only while the permit the case got lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sekisho.desk import incident_room, matters
from sekisho.desk.case_words import CaseMove
from sekisho.desk.cases import case_grounds, case_moves
from sekisho.desk.matters import Matter
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature, alone
from sekisho.law.procedures import Event, Move
from sekisho.law.walking import Told, lacks


@dataclass(frozen=True)
class MoveCase:
    """The words and the signature over them."""

    move: CaseMove
    signature: Signature


@dataclass(frozen=True)
class Moved:
    """Where the case stands now. `missing`: so many people must still sign before the move is made; `permit`: what it was made under."""

    matter: str
    number: str
    state: str
    final: bool
    permit: str = ""
    missing: int = 0


def carry_out(world: World, request: MoveCase) -> Moved:
    """Raises No: unknown-move, wrong-state, case-moved-meanwhile, move-lacks, permit-of-another-case, no-ground, withdrawn, and more."""
    said, now = request.move, case_moves.sure(world)
    if request.signature.person != said.by:
        raise No("signed-by-another", person=request.signature.person)
    matter = matters.load(world, said.matter)
    move = next((m for m in matter.procedure.moves if m.id == said.move and not m.at_end_of), None)
    if move is None:
        raise No("unknown-move", move=said.move, known=sorted(m.id for m in matter.procedure.moves if not m.at_end_of))
    verified(world, request.signature, said, *move.roles)
    once(world, said)
    if matter.standing.state not in move.leaves:
        raise No("wrong-state", state=matter.standing.state, move=move.id)
    if said.after != len(matter.made):
        raise No("case-moved-meanwhile", matter=matter.id, events=len(matter.made))
    today = world.book.day(now)
    attached = {p["paper"] for p in matters.papers(world, matter.id)}
    if found := lacks(matter.procedure, matter.standing, move, Told(said.facts, attached, today)):
        raise No("move-lacks", move=move.id, lacks=matters.lacking(found))
    if found := incident_room.refused(world, matter, move.id, said.facts, now):
        raise No("move-lacks", move=move.id, lacks=matters.lacking(found))
    if said.by in case_grounds.others_than(world, matter, move) and not alone(world.people()):
        raise No("same-person", move=move.id, second=move.second or ", ".join(move.apart))
    return _made(world, matter, move, request, now)


def _made(world: World, matter: Matter, move: Move, request: MoveCase, now: datetime) -> Moved:
    """Under its permit, where the table asks for one: the move, or the signature that it still waits for others with."""
    said, signed = request.move, (request.move, request.signature)
    permit = said.permit
    if move.asks is not None:
        case_grounds.asked(world, matter, move.asks, said.permit, now)
    if move.grounds is not None:
        granted = case_grounds.grant(world, matter, move, signed, now)
        if not granted.permit:
            return Moved(matter.id, matter.number, matter.standing.state, matter.final, missing=granted.missing)
        permit = granted.permit
    if move.under:
        permit = case_grounds.still_permitted(world, matter, move, said.facts, now)
    if move.withdraws:
        case_grounds.withdraw_all(world, matter, signed, now)
    told = {"by": said.by, "permit": permit, "statement": said, "signature": request.signature}
    event = Event(move.id, world.book.day(now), said.facts)
    after = case_moves.make(world, matter.id, len(matter.made), event, told, now)
    return Moved(matter.id, after.number, after.standing.state, after.final, permit)
