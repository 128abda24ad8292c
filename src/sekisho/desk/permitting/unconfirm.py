"""The legal officer takes back a confirmation: what rests on it is measured again within seconds, and ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import records, remarks
from sekisho.desk.signed_words import Retraction
from sekisho.desk.signing import ordered
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class Unconfirm:
    """The words and the officer's signature over them."""

    retraction: Retraction
    signature: Signature


@dataclass(frozen=True)
class Confirmations:
    """Asked by the faces of people: which there are."""


def carry_out(world: World, request: Unconfirm) -> str:
    """The confirmation's id. Permits that rest on it end when they are next measured, seconds from now."""
    said, now = request.retraction, world.clock.now()
    ordered(world, request.signature, said)
    if not said.reason.strip():
        raise No("no-reasons")
    if records.one(world.db, records.CONFIRMATIONS, id=said.confirmation) is None:
        raise No("unknown-confirmation", confirmation=said.confirmation)
    if records.one(world.db, records.UNCONFIRMED, confirmation=said.confirmation) is not None:
        raise No("taken-back-already", confirmation=said.confirmation)
    body = canonical({"retraction": said, "signature": request.signature})
    key = {"confirmation": said.confirmation}
    records.add(world.db, records.UNCONFIRMED, body, now, **key)
    world.write(EntryType.UNCONFIRMED, body, ids=key, at=now, table=records.UNCONFIRMED, key=key)
    return said.confirmation


def listed(world: World, _request: Confirmations) -> list[Mapping[str, Any]]:
    """As `remarks.listed`."""
    return remarks.listed(world)
