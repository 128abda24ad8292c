"""Move a case: signed by a person in the role, permitted by the gate where the table asks for it, entered before it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sekisho.desk import case_grounds, case_moves, matters, permits
from sekisho.desk.case_words import CaseMove
from sekisho.desk.matters import Matter
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.procedures import Asks, Event
from sekisho.law.walking import Told, lacks


@dataclass(frozen=True)
class MoveCase:
    """The words and the signature over them."""

    move: CaseMove
    signature: Signature


@dataclass(frozen=True)
class Moved:
    """Where the case stands now."""

    matter: str
    number: str
    state: str
    final: bool


def carry_out(world: World, request: MoveCase) -> Moved:
    """Raises No: unknown-move, wrong-state, case-moved-meanwhile, move-lacks, permit-of-another-case, no-ground, and more."""
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
    if move.second and said.by in {m.by for m in matter.made if m.event.move == move.second}:
        raise No("same-person", move=move.id, second=move.second)
    if move.asks is not None:
        _permitted(world, matter, move.asks, said.permit, now)
    if move.grounds is not None:
        case_grounds.must_stand(world, matter, move.grounds, said, now)
    told = {"by": said.by, "permit": said.permit, "statement": said, "signature": request.signature}
    after = case_moves.make(world, matter.id, len(matter.made), Event(move.id, today, said.facts), told, now)
    return Moved(matter.id, after.number, after.standing.state, after.final)


def _permitted(world: World, matter: Matter, asks: Asks, permit: str, now: datetime) -> None:
    """The gate has permitted the step the table asks for, in this very case, and the permit lives."""
    needed = {"measure": asks.measure, "step": asks.step, "case": matter.number}
    if not permit:
        raise No("permit-missing", **needed)
    living = permits.must_live(world, permit, now)
    if (living.measure, living.step.name) != (asks.measure, asks.step):
        raise No("another-step", permit=permit, **needed)
    if living.scope.get(matters.CASE) not in (matter.id, matter.number):
        raise No("permit-of-another-case", permit=permit, **needed)
