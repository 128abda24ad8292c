"""A legal hold by an officer's order, beside what a procedure sets itself, and its end. It keeps; it opens nothing to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sekisho.desk import holds, matters, records
from sekisho.desk.case_words import HoldOrder, LiftOrder
from sekisho.desk.signing import ordered, signed_now
from sekisho.desk.world import No, World
from sekisho.gate.owed import owed
from sekisho.gate.people import Signature
from sekisho.law.words import Role

LONGEST = timedelta(days=366)
MAY_HOLD = (Role.OFFICER, Role.WINDOW)


@dataclass(frozen=True)
class Hold:
    """The order and its signature: the legal officer's or the responsible window's."""

    order: HoldOrder
    signature: Signature


@dataclass(frozen=True)
class Lift:
    """The order and the legal officer's signature: after it data past their term are destroyed."""

    order: LiftOrder
    signature: Signature


def carry_out(world: World, request: Hold) -> str:
    """The hold's id. Raises No: not-data, longer-than-a-year, no-reasons, case-closed, not-facts, nothing-to-keep, and more."""
    said, now = request.order, world.clock.now()
    signed_now(world, request.signature, said, *MAY_HOLD)
    if not said.reason.strip():
        raise No("no-reasons")
    if not now < said.until <= now + LONGEST:
        raise No("longer-than-a-year", until=said.until.isoformat())
    matter = matters.load(world, said.matter)
    if matter.final:
        raise No("case-closed", matter=matter.id)
    data = holds.named(world, said.data)
    if said.owed and not owed(holds.facts(said.owed, world.book), world.book, now).blocks_deletion:
        raise No("nothing-to-keep", on=world.book.day(now).isoformat())
    words = {"reason": said.reason, "signature": request.signature, "at": said.at, "owed": said.owed}
    told = {"by": said.by, "sealed": matters.seal(world, matter.id, words)} | ({"owed": True} if said.owed else {})
    return holds.add(world, matter.id, data, said.until, told, now)


def lift(world: World, request: Lift) -> str:
    """The hold's id. Raises No: unknown-hold, hold-ended, no-reasons, and whatever a signature may lack."""
    said, now = request.order, world.clock.now()
    ordered(world, request.signature, said)
    if not said.reason.strip():
        raise No("no-reasons")
    row = records.one(world.db, records.HOLDS, id=said.hold)
    if row is None:
        raise No("unknown-hold", hold=said.hold)
    if not holds.lives(world, row, now):
        raise No("hold-ended", hold=said.hold)
    sealed = matters.seal(world, row["matter"], {"reason": said.reason, "signature": request.signature, "at": said.at})
    holds.end(world, row, "lifted", now, {"by": said.by, "sealed": sealed})
    return said.hold
