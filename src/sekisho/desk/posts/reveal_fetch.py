"""`act` fetches what is to be opened from the service's own database, still sealed, and says there how often it was opened.

Both may be done twice without harm: a record is read again, and a count is only ever brought up to what `keep` says. A record whose
count could not be written is not opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import looks, permits, records, reveals
from sekisho.desk.reveals import Sealed
from sekisho.desk.world import No, World
from sekisho.law.canonical import canonical
from sekisho.store.sks1 import HEAD

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST = 1 << 18
CODE = re.compile(r"[a-z][a-z-]{2,40}")


@dataclass(frozen=True)
class Fetches:
    """Asked by `act`: which records, and which counts?"""


@dataclass(frozen=True)
class Fetch:
    """A record to fetch: its own id or its post's, of one of these kinds, and `among`, the others its permit names. With a `count`, the
    record is known by its id, and the service is to be told that it was opened so often."""

    reveal: str
    service: str
    record: str
    kinds: tuple[str, ...]
    among: tuple[str, ...]
    count: int | None = None


@dataclass(frozen=True)
class Fetched:
    """The row."""

    reveal: str
    row: Sealed


@dataclass(frozen=True)
class NotFetched:
    """There is none, or the service would not answer: `code` says which."""

    reveal: str
    code: str


@dataclass(frozen=True)
class Counted:
    """The service was told."""

    reveal: str
    count: int


def carry_out(world: World, _request: Fetches) -> list[Fetch]:
    """What has its entry in the ledger and a permit that holds; what has lost it is refused."""
    now, found = world.clock.now(), []
    for row in records.rows(world.db, records.REVEALS, state=reveals.FETCHING):
        permit_row = records.one(world.db, records.PERMITS, id=row["permit"]) or {}
        if permits.state(permit_row, now) != "in-force":
            _refuse(world, row["id"], "permit-over")
        elif row["entry"] is not None:
            permit = permits.of(permit_row)
            among = tuple(r for r in reveals.texts(permit, "records") if r != row["record"])
            found.append(Fetch(row["id"], records.body(row)["service"], row["record"], reveals.allowed(permit).kinds, among))
    for row in records.rows(world.db, records.REVEALS, counted=None):
        if row["state"] in (reveals.COUNTING, reveals.SHOWN, reveals.READY) and not reveals.withheld(world, row, now):
            count = len(reveals.openings(world, row["about"], now))
            found.append(Fetch(row["id"], records.body(row)["service"], row["record"], (), (), count))
    return found


def fetched(world: World, request: Fetched) -> None:
    """The row waits, sealed, for its child: until the service knows, or at once where a law withholds it."""
    row, given, now = _waiting(world, request.reveal, reveals.FETCHING), request.row, world.clock.now()
    permit = permits.must_live(world, row["permit"], now)
    if given.kind not in reveals.allowed(permit).kinds or not DAY.fullmatch(given.day) or len(given.sealed) > LONGEST:
        _refuse(world, request.reveal, "not-a-record")
        return
    permitted = reveals.texts(permit, "records")
    others = [o for o in given.others if o.id not in permitted and o.subject not in permitted]
    if row["record"] not in (given.id, given.subject) or others:
        _refuse(world, request.reveal, "another-record")
        return
    if any(len(o.head) > HEAD for o in given.others):
        _refuse(world, request.reveal, "not-a-record")
        return
    named = reveals.about(world, records.body(row)["service"], given.id)
    held_back = reveals.withheld(world, row, now)
    reveals.change(
        world,
        request.reveal,
        about=named,
        record=given.id,
        fetched=canonical(given).decode(),
        state=reveals.READY if held_back else reveals.COUNTING,
    )
    if held_back:
        looks.set_state(world, request.reveal, "planned")


def not_fetched(world: World, request: NotFetched) -> None:
    _waiting(world, request.reveal, reveals.FETCHING, reveals.COUNTING)
    _refuse(world, request.reveal, request.code if CODE.fullmatch(request.code) else "database-refused")


def counted(world: World, request: Counted) -> None:
    """The service knows: now the record may be opened, if it was not before."""
    row = _waiting(world, request.reveal, reveals.COUNTING, reveals.READY, reveals.SHOWN)
    reveals.change(world, request.reveal, counted=request.count)
    if row["state"] == reveals.COUNTING:
        reveals.change(world, request.reveal, state=reveals.READY)
        looks.set_state(world, request.reveal, "planned")


def _waiting(world: World, reveal: str, *states: str) -> Mapping[str, Any]:
    row = reveals.of(world, reveal)
    if row["state"] not in states:
        raise No("not-waiting", reveal=reveal, state=row["state"])
    return row


def _refuse(world: World, reveal: str, code: str) -> None:
    reveals.change(world, reveal, state=reveals.REFUSED, code=code, fetched=None)
    looks.set_state(world, reveal, "failed")
