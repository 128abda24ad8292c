"""Lines that may send to port 25 all the same: which address, until when. It stays here only while that lasts; the ledger never has it.

An address counts only while it is the one the help desk's signed words were entered for: a row that somebody else wrote opens nothing.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update

from sekisho.desk import permits, records
from sekisho.desk.world import World
from sekisho.effects import port_block
from sekisho.effects.port_block import Opened
from sekisho.effects.prefix_sets import BadScope, Prefix
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical

L = records.OPENED_LINES
MOST_DAYS = 30
"""A dynamic address goes to somebody else one day, so no exception is for good. Ours: no source gives a number."""
CODE_LASTS = timedelta(minutes=30)
MOST_CODES = 10_000
CODE = 10
"""Digits of a code: they are read out on the telephone."""
LENGTHS = {4: 32, 6: 64}


def line_of(address: str) -> Prefix | None:
    """What is opened for whoever comes from this address: it alone, or of IPv6 its /64. None for no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id:
            return None
        found = found.ipv4_mapped or found
    return ipaddress.ip_network((found, LENGTHS[found.version]), strict=False)


def blocking(world: World, line: Prefix, now: datetime) -> Permit | None:
    """The permit in force under which this line's port 25 is refused: within its ranges and not given for good."""
    for permit, signed in permits.living(world, now):
        if permit.step.name == port_block.STEP and signed.proof and _of(permit, line):
            return permit
    return None


def _of(permit: Permit, line: Prefix) -> bool:
    try:
        ranges, _, static = port_block.read_scope(permit.scope)
    except BadScope:
        return False
    return any(within(line, r) for r in ranges) and not any(within(line, s) for s in static)


def within(line: Prefix, other: Prefix) -> bool:
    return line.version == other.version and line.subnet_of(other)  # type: ignore[arg-type] # versions are equal


def place(world: World, identity: str, prefix: str, until: str) -> str:
    """What the entered words say of the address and of its end, as they stand in the row: nothing to anybody without our key."""
    return hmac.new(world.pseudonyms, canonical({"opened": identity, "prefix": prefix, "until": until}), sha256).hexdigest()


def living(world: World, now: datetime) -> Iterator[Mapping[str, Any]]:
    """Rows of exceptions that last at `now`, each with the address and the end its words were entered for, and not closed since."""
    query = select(L).where(L.c.ended.is_(None), L.c.until > records.stamp(now), L.c.entry.is_not(None)).order_by(L.c.id)
    for row in map(dict, world.db.execute(query).mappings()):
        entered = place(world, row["id"], row["prefix"], row["until"])
        closed = records.one(world.db, records.CLOSED_LINES, id=row["id"]) is not None
        if hmac.compare_digest(str(records.body(row).get("place", "")), entered) and not closed:
            yield row


def of_permit(world: World, permit: Permit, now: datetime) -> tuple[Opened, ...]:
    """The exceptions that concern this permit's ranges."""
    try:
        ranges, _, _ = port_block.read_scope(permit.scope)
    except BadScope:
        return ()
    found = ((row, ipaddress.ip_network(row["prefix"])) for row in living(world, now))
    mine = ((row, line) for row, line in found if any(within(line, r) for r in ranges))
    return tuple(Opened(row["id"], str(line), datetime.fromisoformat(row["until"])) for row, line in mine)


def of_line(world: World, line: Prefix, now: datetime) -> Mapping[str, Any] | None:
    return next((row for row in living(world, now) if row["prefix"] == str(line)), None)


def forget_over(world: World, now: datetime) -> None:
    """What has ended by itself is marked so, and its address is gone. Writes nothing where nothing ended."""
    over = (L.c.ended.is_(None), L.c.until <= records.stamp(now))
    if world.db.execute(select(L.c.id).where(*over).limit(1)).first() is not None:
        world.db.execute(update(L).where(*over).values(ended="over", prefix=""))


def end(world: World, identity: str, how: str) -> None:
    world.db.execute(update(L).where(L.c.id == identity).values(ended=how, prefix=""))
