"""One signature takes every panel off the board: all permits to publish end now. Bringing them back is a review, not a button."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.desk import permits
from sekisho.desk.event import named_panels
from sekisho.desk.event.panels import MEASURE
from sekisho.desk.signed_words import StopBoard
from sekisho.desk.signing import once, verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature, Withdrawal
from sekisho.law.canonical import canonical
from sekisho.law.words import Kind, Role

MAY_STOP = (Role.ENGINEER, Role.DESK, Role.HELP_DESK, Role.REVIEWER, Role.OFFICER, Role.WINDOW)


@dataclass(frozen=True)
class Stop:
    """Signed by anybody of the staff."""

    stop: StopBoard
    signature: Signature


@dataclass(frozen=True)
class Stopped:
    """The permits that ended."""

    permits: tuple[str, ...]


def carry_out(world: World, request: Stop) -> Stopped:
    """Raises No: signed-by-another, and what a signature that does not count raises. A board that shows nothing is no error."""
    said, now = request.stop, world.clock.now()
    if request.signature.person != said.person:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, *MAY_STOP)
    once(world, said)
    shown = [p.id for p, _ in permits.living(world, now) if p.measure in (MEASURE, named_panels.MEASURE) and p.step.kind is Kind.PUBLISH]
    signed = {"stop": said, "signature": request.signature}
    words = {p: Withdrawal(p, said.person, "board-stopped", now) for p in shown}
    return Stopped(tuple(permits.withdraw(world, p, canonical({"withdrawal": words[p], **signed})) for p in shown))
