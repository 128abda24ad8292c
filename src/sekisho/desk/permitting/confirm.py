"""The legal officer makes a referred case usable: with reasons, for one measure, for a year at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sekisho.desk import consulted, plans, records
from sekisho.desk.signing import verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Confirmation, Signature
from sekisho.law.canonical import canonical, digest
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Confirm:
    """The confirmation and the officer's signature over it."""

    confirmation: Confirmation
    signature: Signature


@dataclass(frozen=True)
class Confirmed:
    """The confirmation's id, and permits it made possible."""

    confirmation: str
    permits: tuple[str, ...]


def carry_out(world: World, request: Confirm) -> Confirmed:
    said, now = request.confirmation, world.clock.now()
    if request.signature.person != said.person:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, Role.OFFICER)
    if said.case not in {c.id for c in world.book.cases}:
        raise No("unknown-case", case=said.case)
    if said.book != world.book.digest or said.rule not in ("", world.book.rules[said.case]):
        raise No("another-book", book=said.book)
    if not said.reasons.strip():
        raise No("no-reasons")
    consulted.must_carry(world, said)
    if not now < said.until <= now + LONGEST:
        raise No("longer-than-a-year", until=said.until.isoformat())
    body = canonical({"confirmation": said, "signature": request.signature})
    identity = digest(said)[:16]
    if records.one(world.db, records.CONFIRMATIONS, id=identity):
        raise No("known-confirmation")
    records.add(world.db, records.CONFIRMATIONS, body, now, id=identity, case=said.case)
    world.write(
        EntryType.CONFIRMATION,
        body,
        ids={"confirmation": identity, "case": said.case},
        at=now,
        table=records.CONFIRMATIONS,
        key={"id": identity},
    )
    minted = [permit for plan in plans.waiting(world) for permit in plans.mint_what_may_be(world, plan)]
    return Confirmed(identity, tuple(minted))
