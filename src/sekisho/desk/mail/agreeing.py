"""Recipients who agreed to a stage of the mail server, each for themselves: as keyed hashes of that purpose, never as addresses.

`policy` asks once under which hashes an address would be known, and remembers that; who agreed it hears with its permits. So nothing is
kept here of an address that was asked about, and a consent that is taken back is gone with the next word, half a second later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.desk import campaigns, consents, permits, records
from sekisho.desk.mail_stages import STAGES, mailbox
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit

SHORT = 32
"""Hex digits of a hash that are told: among a million recipients two have the same once in 10^26."""
MOST, LONGEST = 500, 320
"""Addresses asked about at a time, and characters of one (RFC 5321: 64 and 255, and the sign between them)."""


@dataclass(frozen=True)
class KnownAs:
    """Asked by `policy`: under what these recipients would be known if they agreed to what this permit does."""

    permit: str
    recipients: tuple[str, ...]

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return "KnownAs(...)"


def carry_out(world: World, request: KnownAs) -> Mapping[str, Sequence[Sequence[str]]]:
    """{"known": for each of them, in their order, its hashes}. Raises No: not-of-recipients, too-many-recipients, or why it ended."""
    permits.must_live(world, request.permit, world.clock.now())
    row = records.one(world.db, records.PERMITS, id=request.permit)
    form = STAGES.get((row["measure"], row["step"])) if row else None
    if row is None or form is None or not form.of_recipients:
        raise No("not-of-recipients", permit=request.permit)
    if len(request.recipients) > MOST or any(len(r) > LONGEST for r in request.recipients):
        raise No("too-many-recipients", most=MOST)
    key = consents.purpose_key(world, permits.of(row).step.purpose)
    return {"known": [_hashes(world, key, one) for one in request.recipients]}


def _hashes(world: World, key: bytes, mail: str) -> tuple[str, ...]:
    """As whoever takes answers wrote it down: an address, or the pseudonym of one that answered with its code."""
    lines = (mailbox(mail), f"mail {campaigns.pseudonym(world, mail)}")
    return tuple(consents.principal(key, line)[:SHORT] for line in lines)


def agreed(world: World, permit: Permit, now: datetime) -> tuple[str, ...] | None:
    """Hashes of everybody whose consent covers the step of this permit at `now`; None where the stage is not about recipients."""
    form = STAGES.get((permit.measure, permit.step.name))
    if form is None or not form.of_recipients:
        return None
    found = {str(row["principal"])[:SHORT] for row in consents.rows_of(world, permit.step.purpose, now) if _covers(world, row, permit, now)}
    return tuple(sorted(found))


def _covers(world: World, row: consents.Row, permit: Permit, now: datetime) -> bool:
    """What a record covers never changes while it is in force, so a sealed record is opened once."""
    key = (str(row["id"]), permit.step.name)
    if key not in world.covering:
        try:
            world.covering[key] = consents.of(world, row).covers(permit.step, now)
        except No:
            world.covering[key] = False
    return world.covering[key]
