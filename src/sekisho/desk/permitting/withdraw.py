"""A permit ends now. The next read and the next effect under it find it gone; nothing needs to be told twice.

A named person signs; a subscriber shows the code from their letter, which reaches the permits about their line and no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sekisho.desk import consents, permits, records
from sekisho.desk.signing import verified
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature, Withdrawal
from sekisho.law.canonical import canonical
from sekisho.law.consent import Event, Happened
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY_WITHDRAW = (Role.REVIEWER, Role.OFFICER, Role.WINDOW, Role.ENGINEER)
REASONS = frozenset({"consent-withdrawn", "over", "objection", "mistake", "evidence-stale", "other"})


@dataclass(frozen=True)
class Withdraw:
    """Signed by a person of the operator."""

    withdrawal: Withdrawal
    signature: Signature


@dataclass(frozen=True)
class WithdrawMine:
    """A subscriber's own withdrawal, by the code in their letter."""

    code: str


@dataclass(frozen=True)
class Withdrawn:
    """The permits that ended."""

    permits: tuple[str, ...]


def carry_out(world: World, request: Withdraw | WithdrawMine) -> Withdrawn:
    if isinstance(request, WithdrawMine):
        return _mine(world, request)
    said = request.withdrawal
    if request.signature.person != said.person:
        raise No("signed-by-another", person=request.signature.person)
    verified(world, request.signature, said, *MAY_WITHDRAW)
    if said.reason not in REASONS:
        raise No("unknown-reason", reason=said.reason, known=sorted(REASONS))
    return Withdrawn((permits.withdraw(world, said.permit, canonical({"withdrawal": said, "signature": request.signature})),))


def _mine(world: World, request: WithdrawMine) -> Withdrawn:
    code = sha256(request.code.encode()).hexdigest()
    row = records.one(world.db, records.ORDERS, letter=code)
    if row is None:
        raise No("unknown-code")
    order, now, ended = records.body(row), world.clock.now(), []
    for permit in permits.about(world, order["token"]) if "token" in order else ():
        said = Withdrawal(permit, "subscriber", "consent-withdrawn", now)
        ended.append(permits.withdraw(world, permit, canonical({"withdrawal": said, "order": row["id"]})))
    if "principal" in order:
        purpose = permits.of(records.one(world.db, records.PERMITS, id=row["permit"]) or {}).step.purpose
        consents.end_all(world, purpose, order["principal"], Event(Happened.WITHDRAWN, now, "subscriber"))
    if records.one(world.db, records.OPT_OUTS, pseudonym=order["pseudonym"]) is None:
        _opt_out(world, row["id"], order["pseudonym"], now)
    return Withdrawn(tuple(ended))


def _opt_out(world: World, order: str, pseudonym: str, now: datetime) -> None:
    """No letter goes to this line for this purpose any more. The pseudonym is `keep`'s keyed hash: it says nothing to anybody else."""
    body = canonical({"order": order})
    records.add(world.db, records.OPT_OUTS, body, now, pseudonym=pseudonym)
    ids, key = {"optout": pseudonym, "order": order}, {"pseudonym": pseudonym}
    world.write(EntryType.OPT_OUT, body, ids=ids, at=now, table=records.OPT_OUTS, key=key)
