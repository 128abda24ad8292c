"""The event is over: its permits end, its consents end, its keys are destroyed, and what was collected, shown and deleted is written down.

Run again after anything came in between, it goes on with what is left. A key that a legal hold names stays until the hold is over;
nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import consents, ended_keys, holds, permits, records
from sekisho.desk.clock import ClockJumped
from sekisho.desk.event import belongs, report
from sekisho.desk.signed_words import CopiesSearched, EndEvent
from sekisho.desk.signing import signed_now
from sekisho.desk.told_names import ToldNames
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature, Withdrawal
from sekisho.law.canonical import canonical
from sekisho.law.consent import Event, Happened
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY_END = (Role.OFFICER, Role.WINDOW)
Json = dict[str, Any]


@dataclass(frozen=True)
class End:
    """Signed by the responsible window or the legal officer, with the event's name in their words: nobody ends another one."""

    ending: EndEvent
    signature: Signature


@dataclass(frozen=True)
class Searched:
    """What whoever searched the copies found, signed by them."""

    search: CopiesSearched
    signature: Signature


@dataclass(frozen=True)
class Ended:
    """`held`: keys that stay for a legal hold."""

    id: str
    permits: tuple[str, ...]
    consents: int
    keys: int
    held: int


def carry_out(world: World, request: End) -> Ended:
    """Raises No: another-event, clock-jumped, and what a signature that does not count raises."""
    said, now = request.ending, _sure(world)
    signed_now(world, request.signature, said, *MAY_END)
    if said.event != belongs.called(world):
        raise No("another-event", event=belongs.called(world))
    signed: Mapping[str, object] = {"words": said, "signature": request.signature}
    over = [r["id"] for r in belongs.permits_of(world) if permits.state(r, now) == "in-force"]
    for identity in over:
        words = Withdrawal(identity, said.by, "event-over", now)
        permits.withdraw(world, identity, canonical({"withdrawal": words, **signed}))
    ended = _consents(world, now)
    world.counted.forget()
    world.names = ToldNames()
    world.vault.held = holds.keys(world, holds.data(holds.living(world, now)))
    keys = belongs.keys(world)
    going = [k for k in keys if k not in world.vault.held]
    body = {**report.made(world, now, going), "event": said.event, "signed": signed, "keys": going}
    for key in going:
        ended_keys.end(world, key, now)
    identity = _enter(world, "ended", body, now)
    return Ended(identity, tuple(over), ended, len(going), len(keys) - len(going))


def searched(world: World, request: Searched) -> str:
    """Enter what a search of all copies found; its id. Raises No: unknown-event, and what a signature that does not count raises."""
    said = request.search
    signed_now(world, request.signature, said, *MAY_END)
    if records.one(world.db, records.EVENT_ENDS, id=said.ended, what="ended") is None:
        raise No("unknown-event", event=said.ended[:100])
    body = {"words": said, "signature": request.signature}
    return _enter(world, "searched", body, world.clock.now())


def _sure(world: World) -> datetime:
    """What is destroyed cannot be taken back, so nothing is by a clock that jumped."""
    try:
        return world.clock.sure()
    except ClockJumped as why:
        raise No("clock-jumped", by=why.by) from why


def _consents(world: World, now: datetime) -> int:
    """Every yes at the portal that still lives ends with the event."""
    found = [r for r in belongs.answers(world) if r["state"] == Happened.GIVEN.value]
    for row in found:
        consents.end(world, row, Event(Happened.EXPIRED, now, "keep"))
    return len(found)


def _enter(world: World, what: str, body: Mapping[str, object], now: datetime) -> str:
    identity = fresh_id("event")
    whole = canonical(body)
    records.add(world.db, records.EVENT_ENDS, whole, now, id=identity, what=what)
    world.write(EntryType.EVENT_ENDED, whole, ids={"event": identity}, at=now, table=records.EVENT_ENDS, key={"id": identity})
    return identity
