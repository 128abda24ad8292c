"""The public halves a service seals its sender records with: one for each kind of record and each day of the book's country.

They are made ahead, and only for days that a permit to keep them covers. The private half is destroyed when the days of that permit
are over (`desk/permitting/retire.py`); without a key for its day a record cannot be sealed, and the service refuses the post.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.desk import permits, reveals
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical, digest
from sekisho.ledger.entry import EntryType
from sekisho.store.errors import StoreError

SCHEMA = "sekisho.sender-keys/1"
AHEAD = 14
MOST_AHEAD = 62


@dataclass(frozen=True)
class SenderKeys:
    """The key file of one service, for today and the days after it: `days` in all, 62 at most."""

    service: str
    days: int = AHEAD


def carry_out(world: World, request: SenderKeys) -> dict[str, Any]:
    """The file, signed with the key that signs permits: {schema, service, keys: [{kind, day, public, until}], signature}.

    `until` is the day on which the private half is destroyed. Raises No: unknown-service, bad-number, no-keeping-permit.
    """
    if world.settings.service_of(request.service) is None:
        raise No("unknown-service", service=request.service)
    if not 1 <= request.days <= MOST_AHEAD:
        raise No("bad-number", days=request.days)
    now = world.clock.now()
    keys = [key for kind in reveals.KINDS for key in _of_kind(world, request, kind, now)]
    if not keys:
        raise No("no-keeping-permit", service=request.service)
    file: dict[str, Any] = {"schema": SCHEMA, "service": request.service, "keys": keys}
    world.write(EntryType.KEY_MADE, canonical(file), ids={"key": digest(file)}, at=now)
    return file | {"signature": world.signer.sign(canonical(file)).hex()}


def _of_kind(world: World, request: SenderKeys, kind: str, now: datetime) -> Iterator[dict[str, str]]:
    permit = _keeping(world, request.service, kind, now)
    if permit is None:
        return
    kept = timedelta(days=int(str(permit.scope["days"])))
    for number in range(request.days):
        day = world.book.day(now) + timedelta(days=number)
        if world.book.begins(day) >= permit.until:
            return
        until = day + timedelta(days=1) + kept
        try:
            public = world.vault.public_half(f"{permit.id}/{kind}/{day}", world.book.begins(until))
        except StoreError as why:
            raise No("key-refused", key=f"{permit.id}/{kind}/{day}", why=why.code) from why
        yield {"kind": kind, "day": day.isoformat(), "public": public.hex(), "until": until.isoformat()}


def _keeping(world: World, service: str, kind: str, now: datetime) -> Permit | None:
    """The permit under which this kind is kept; of several, the one that keeps least long."""
    fit = [p for p, signed in permits.living(world, now) if signed.proof and _names(p, service, kind)]
    return min(fit, key=lambda p: (p.scope["days"], p.id), default=None)


def _names(permit: Permit, service: str, kind: str) -> bool:
    days, kinds = permit.scope.get("days"), reveals.texts(permit, "kinds")
    return (
        permit.measure == reveals.KEEPING
        and permit.step.name == reveals.KEPT_BY[kind]
        and permit.scope.get("service") == service
        and isinstance(days, int)
        and not isinstance(days, bool)
        and ("kinds" not in permit.scope or kind in kinds)
    )
