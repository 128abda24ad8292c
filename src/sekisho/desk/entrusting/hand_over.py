"""A list is handed over under its permit: laid in sealed by a person of the desk, cut and sealed to the party by `act`, once.

Before: the party tells its key. Without it nothing is sealed, and with another one every permit that names the old one ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sekisho.desk import entrustments, permits, records
from sekisho.desk.entrusting import handed
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.law.entrustment import DIGEST, NOTHING_LEAVES, Giving, PartyKey
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType
from sekisho.store.errors import StoreError

MAY_TELL = (Role.DESK, Role.OFFICER)
MAY_GIVE = (Role.DESK, Role.OFFICER, Role.ENGINEER)
LIES = timedelta(days=1)
"""So long a list may wait, sealed; then its key is destroyed."""
LARGEST_BOX = (3 << 20) + 4096
"""A box goes over the channel as hex, in one message of 8 MiB at most."""


@dataclass(frozen=True)
class TellKey:
    """The key of a party, and the signature of who took it down."""

    told: PartyKey
    signature: Signature


@dataclass(frozen=True)
class ListHalf:
    """Asked by who seals a list for this permit."""

    permit: str


@dataclass(frozen=True)
class Half:
    """What to seal to."""

    key_id: str
    half: bytes


@dataclass(frozen=True)
class Give:
    """The statement, its signature, and the list with those who objected, sealed to `key_id`."""

    giving: Giving
    signature: Signature
    key_id: str
    box: bytes


def tell_key(world: World, request: TellKey) -> Mapping[str, Any]:
    """{"entrustment", "key", "permits": those that ended with the old one}. Raises No: not-a-key, no-proof, key-told-already."""
    from sekisho.desk.root import is_recipient  # noqa: PLC0415 - age is loaded by who needs it, not by every `keep`

    said, now = request.told, world.clock.now()
    signed_now(world, request.signature, said, *MAY_TELL)
    one = entrustments.get(world, said.entrustment, now)
    if not is_recipient(said.key):
        raise No("not-a-key")
    if not DIGEST.fullmatch(said.proof):
        raise No("no-proof", move="party-key")
    if handed.key_of(world, one.id) == said.key:
        raise No("key-told-already", entrustment=one.id)
    identity = fresh_id("partykey")
    body = canonical({"told": said, "signature": request.signature})
    records.add(world.db, records.PARTY_KEYS, body, now, id=identity, entrustment=one.id)
    ids = {"partykey": identity, "entrustment": one.id}
    world.write(EntryType.PARTY_KEY, body, ids=ids, at=now, table=records.PARTY_KEYS, key={"id": identity})
    return {"entrustment": one.id, "key": said.key, "permits": _ended(world, said)}


def half(world: World, request: ListHalf) -> Half:
    """Raises No: key-refused, and what `permit_of` and `standing` raise."""
    now = world.clock.now()
    permit = handed.permit_of(world, request.permit, now)
    handed.standing(world, permit, now)
    key_id = f"{permit.id}/party/{now.date().isoformat()}"
    try:
        return Half(key_id, world.vault.public_half(key_id, min(permit.until, now + LIES)))
    except StoreError as why:
        raise No("key-refused", key=key_id, why=why.code) from why


def carry_out(world: World, request: Give) -> Mapping[str, str]:
    """{"hand_over": id}: it waits for `act`. Raises No: not-a-hand-over, row-not-in-force, another-key, another-file, nothing-leaves,
    handed-over-already, file-too-large."""
    said, now = request.giving, world.clock.now()
    signed_now(world, request.signature, said, *MAY_GIVE)
    permit = handed.permit_of(world, said.permit, now)
    one = handed.standing(world, permit, now)
    if permit.scope["file"] != said.file:
        raise No("another-file", permit=permit.id)
    if permit.scope.get("rung") in {r.value for r in NOTHING_LEAVES}:
        raise No("nothing-leaves", rung=permit.scope["rung"])
    for row in records.rows(world.db, records.HAND_OVERS, permit=permit.id):
        if row["state"] not in handed.NOTHING_LEFT:
            raise No("handed-over-already", permit=permit.id, hand_over=row["id"], state=row["state"])
    if not request.key_id.startswith(f"{permit.id}/party/") or not 0 < len(request.box) <= LARGEST_BOX:
        raise No("file-too-large", most=LARGEST_BOX)
    identity = fresh_id("handover")
    body = canonical({"handover": identity, "giving": said, "entrustment": one.id, "signature": request.signature})
    more = {"entrustment": one.id, "permit": permit.id, "state": handed.WAITING, "box_key": request.key_id, "box": request.box}
    records.add(world.db, records.HAND_OVERS, body, now, id=identity, **more)
    ids = {"handover": identity, "entrustment": one.id, "permit": permit.id}
    world.write(EntryType.HAND_OVER, body, ids=ids, at=now, table=records.HAND_OVERS, key={"id": identity})
    return {"hand_over": identity}


def _ended(world: World, said: PartyKey) -> list[str]:
    """Permits of this row that name another key were approved for somebody else's eyes: they end."""
    now, ended = world.clock.now(), []
    for permit, _ in permits.living(world, now):
        if permit.scope.get("entrustment") == said.entrustment and permit.scope.get("key", said.key) != said.key:
            body = canonical({"permit": permit.id, "why": "evidence-stale"})
            world.write(EntryType.EXPIRY, body, ids={"permit": permit.id}, at=now)
            permits.mark_ended(world, permit.id, "ended")
            ended.append(permit.id)
    return ended
