"""What `act` asks of `keep` on the way of a hand-over: what waits, the key of one list, may I begin, and how it ended.

 waiting -> begun -> given | unknown;  waiting | begun -> refused | stopped

`begun` is written before the sealed file can be seen by anybody, with its digest: a killed `act` that comes back finds the file by it,
or lists the hand-over as unknown. Nothing is handed over twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert

from sekisho.desk import entrustments, naming, permits, records
from sekisho.desk.entrusting import handed
from sekisho.desk.entrusting.handed import BEGUN, GIVEN, REFUSED, STOPPED, UNKNOWN, WAITING
from sekisho.desk.world import No, World
from sekisho.gate.check import sign_lease
from sekisho.gate.permit import Lease, SignedPermit
from sekisho.law.entrustment import DIGEST, FieldClass
from sekisho.store.errors import StoreError

LEASE = timedelta(seconds=5)
OUTCOMES = frozenset({GIVEN, REFUSED, STOPPED, UNKNOWN})
WORD = re.compile(r"[a-z][a-z0-9-]{0,40}")
MOST_PEOPLE = 100_200


@dataclass(frozen=True)
class HandOvers:
    """Asked by `act`: what waits, or had begun?"""


@dataclass(frozen=True)
class Waiting:
    """One of them. `key`: what the register says now; `sealed`: once begun, the digest of the file; `names`, `aliases`: keys to people's
    names; `used`: the names of our own people that stand in another hand-over already."""

    id: str
    permit: SignedPermit
    entrustment: str
    key: str
    classes: Mapping[str, FieldClass]
    file: str
    without: str
    key_id: str
    box: bytes
    sealed: str
    names: bytes
    aliases: bytes
    used: tuple[str, ...]


@dataclass(frozen=True)
class ReleaseList:
    """`act` asks for the one key that opens this list."""

    hand_over: str
    wrapped: bytes


@dataclass(frozen=True)
class Released:
    """The key."""

    key: bytes


@dataclass(frozen=True)
class Result:
    """What lies sealed: digests, the columns, how many people, why others are not in it, and everybody's name here with that reason."""

    sealed: str
    plain: str
    columns: tuple[str, ...]
    given: int
    withheld: Mapping[str, int]
    canaries: int
    people: Mapping[str, str]


@dataclass(frozen=True)
class BeginHandOver:
    """Told by `act` before the sealed file can be seen by anybody."""

    hand_over: str
    result: Result


@dataclass(frozen=True)
class HandOverDone:
    """How it ended; `code`, and the line where it was the list's fault."""

    hand_over: str
    outcome: str
    code: str = ""
    line: int = 0


@dataclass(frozen=True)
class HandOversOver:
    """Asked by `act`: of these files that still lie there, whose permit is over?"""

    hand_overs: tuple[str, ...]


def over(world: World, request: HandOversOver) -> list[str]:
    """Those whose permit ended, however it did, and those nobody knows."""
    now, found = world.clock.now(), []
    for identity in request.hand_overs:
        row = records.one(world.db, records.HAND_OVERS, id=identity) or {}
        permit = records.one(world.db, records.PERMITS, id=row.get("permit", ""))
        if permit is None or permits.state(permit, now) != "in-force":
            found.append(identity)
    return found


def waiting(world: World, _request: HandOvers) -> list[Waiting]:
    """One of those that have their entry in the ledger: a message carries one box. What waits and lost permit, row or key is stopped."""
    now = world.clock.now()
    rows = [r for s in (WAITING, BEGUN) for r in records.rows(world.db, records.HAND_OVERS, state=s)]
    for row in rows:
        permit_row = records.one(world.db, records.PERMITS, id=row["permit"]) or {}
        if row["state"] == WAITING:
            try:
                handed.standing(world, permits.must_live(world, row["permit"], now), now)
            except No as why:
                handed.close(world, row, STOPPED, {"code": why.code}, now)
                continue
        if row["entry"] is None or not permit_row.get("proof"):
            continue
        return [_waiting(world, row, permits.signed(permit_row), now)]
    return []


def _waiting(world: World, row: handed.Row, permit: SignedPermit, now: datetime) -> Waiting:
    one, said = entrustments.get(world, row["entrustment"], now), records.body(row)["giving"]
    sealed = json.loads(row["result"])["sealed"] if row["result"] else ""
    ours = records.HANDED_PEOPLE
    used = tuple(r["person"] for r in records.rows(world.db, ours, why="canary") if r["handover"] != row["id"])
    names, aliases = naming.name_key(world), naming.alias_key(world, one.id)
    key, box = handed.key_of(world, one.id), row["box"] or b""
    rest = (row["box_key"], box, sealed, names, aliases, used)
    return Waiting(row["id"], permit, one.id, key, one.said.fields, said["file"], said["without"], *rest)


def release(world: World, request: ReleaseList) -> Released:
    """Raises No: not-waiting, key-refused, and what `permit_of` and `standing` raise."""
    row, now = handed.get(world, request.hand_over, WAITING), world.clock.now()
    handed.standing(world, handed.permit_of(world, row["permit"], now), now)
    try:
        return Released(world.vault.unwrap(row["box_key"], request.wrapped))
    except StoreError as why:
        raise No("key-refused", key=row["box_key"], why=why.code) from why


def begin(world: World, request: BeginHandOver) -> Lease:
    """`keep`'s word that the permit still holds. Said again with the same file, it is given again. Raises No: another-sealed-file."""
    row, now, told = handed.get(world, request.hand_over, WAITING, BEGUN), world.clock.now(), request.result
    permit = handed.permit_of(world, row["permit"], now)
    handed.standing(world, permit, now)
    if row["state"] == BEGUN and json.loads(row["result"])["sealed"] != told.sealed:
        raise No("another-sealed-file", hand_over=row["id"])
    if row["state"] == WAITING:
        _sound(told, permit.scope.get("persons"))
        words = {
            "sealed": told.sealed,
            "plain": told.plain,
            "columns": list(told.columns),
            "given": told.given,
            "withheld": dict(told.withheld),
            "canaries": told.canaries,
        }
        handed.change(world, row["id"], state=BEGUN, result=json.dumps(words))
        people = [{"handover": row["id"], "person": p, "why": why} for p, why in told.people.items()]
        if people:
            world.db.execute(insert(records.HANDED_PEOPLE), people)
    return sign_lease(permit.id, min(now + LEASE, permit.until), world.signer)


def _sound(told: Result, persons: object) -> None:
    """`act` says how many: never more than the permit, whatever became of `act`."""
    if not isinstance(persons, int) or not 0 <= told.given <= persons or len(told.people) > MOST_PEOPLE:
        raise No("more-people-than-permitted", persons=persons, found=told.given)
    words = (*told.withheld, *(w for w in set(told.people.values()) if w))
    if not all(DIGEST.fullmatch(d) for d in (told.sealed, told.plain)) or not all(WORD.fullmatch(w) for w in words):
        raise No("not-a-result")


def done(world: World, request: HandOverDone) -> None:
    """Raises No: unknown-outcome, not-waiting."""
    if request.outcome not in OUTCOMES or not (request.code == "" or WORD.fullmatch(request.code)):
        raise No("unknown-outcome", outcome=request.outcome[:40])
    states = (BEGUN,) if request.outcome in (GIVEN, UNKNOWN) else (WAITING, BEGUN)
    row = handed.get(world, request.hand_over, *states)
    result = json.loads(row["result"]) if row["result"] and request.outcome in (GIVEN, UNKNOWN) else {}
    why = {"code": request.code} if request.code else {}
    where = {"line": request.line} if request.line else {}
    handed.close(world, row, request.outcome, {**result, **why, **where}, world.clock.now())
