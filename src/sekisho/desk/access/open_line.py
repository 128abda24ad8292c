"""The help desk lets a caller's line send to port 25 all the same, by the code the caller reads out, and takes that back.

Signed by a named person, entered, and ends by itself. Who asks is given what everybody else is given who asks (TBA 6).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sekisho.desk import guesses, records
from sekisho.desk.access import opened_lines
from sekisho.desk.access.opened_lines import MOST_DAYS, blocking, place
from sekisho.desk.signed_words import LineClosing, LineOpening
from sekisho.desk.signing import signed_now
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.people import Signature
from sekisho.law.canonical import canonical, plain
from sekisho.law.words import Role
from sekisho.ledger.entry import EntryType

MAY = (Role.HELP_DESK, Role.DESK)
L = records.OPENED_LINES
NEWEST = 200


@dataclass(frozen=True)
class OpenLine:
    """Signed by who answers the telephone."""

    opening: LineOpening
    signature: Signature


@dataclass(frozen=True)
class CloseLine:
    """Signed by any of them."""

    closing: LineClosing
    signature: Signature


@dataclass(frozen=True)
class Lines:
    """Asked by people."""


def carry_out(world: World, request: OpenLine) -> Mapping[str, Any]:
    """{"exception": id, "permit", "until"}.

    Raises No: unknown-code, too-many-codes, line-days, no-reasons, not-refused-here, line-open-already."""
    said, now = request.opening, world.clock.now()
    signed_now(world, request.signature, said, *MAY)
    if not 1 <= said.days <= MOST_DAYS:
        raise No("line-days", days=said.days, most=MOST_DAYS)
    if not said.reason.strip():
        raise No("no-reasons")
    guesses.may_try(world, said.by, now)
    name = sha256("".join(said.code.split()).encode()).hexdigest()
    known = world.line_codes.get(name)
    if known is None or known.until <= now:
        raise guesses.wrong(world, said.by, now)
    line = ipaddress.ip_network(known.prefix)
    permit = blocking(world, line, now)
    if permit is None:
        raise No("not-refused-here")
    if opened_lines.of_line(world, line, now) is not None:
        raise No("line-open-already")
    identity, until = fresh_id("exception"), now + timedelta(days=said.days)
    ends = records.stamp(until)
    stands = {"id": identity, "permit": permit.id, "until": until, "place": place(world, identity, known.prefix, ends)}
    body = canonical({**stands, "opening": said, "signature": request.signature})
    records.add(world.db, L, body, now, id=identity, permit=permit.id, prefix=known.prefix, until=ends)
    ids = {"exception": identity, "permit": permit.id}
    world.write(EntryType.LINE_OPENED, body, ids=ids, at=now, table=L, key={"id": identity})
    world.line_codes = {k: c for k, c in world.line_codes.items() if k != name}
    return {"exception": identity, "permit": permit.id, "until": until}


def close(world: World, request: CloseLine) -> Mapping[str, str]:
    """{"exception": id}: from now on the line is treated like the others. Raises No: unknown-exception, no-reasons."""
    said, now = request.closing, world.clock.now()
    signed_now(world, request.signature, said, *MAY)
    if not said.reason.strip():
        raise No("no-reasons")
    if said.exception not in {row["id"] for row in opened_lines.living(world, now)}:
        raise No("unknown-exception", exception=said.exception[:64])
    body = canonical({"closing": said, "signature": request.signature})
    records.add(world.db, records.CLOSED_LINES, body, now, id=said.exception)
    ids, key = {"exception": said.exception}, {"id": said.exception}
    world.write(EntryType.LINE_CLOSED, body, ids=ids, at=now, table=records.CLOSED_LINES, key=key)
    opened_lines.end(world, said.exception, "closed")
    return {"exception": said.exception}


def listed(world: World, _request: Lines) -> Mapping[str, Any]:
    """{"lines": [{"id", "permit", "at", "until", "state": open | over | closed | by-line, "reason", "by", "entry"}], newest first,
    "open": how many, "codes": codes that wait, "most_days"}. No address is among it."""
    now = world.clock.now()
    living = {row["id"] for row in opened_lines.living(world, now)}
    rows = [_told(world, row, living) for row in records.rows(world.db, L, newest=NEWEST)]
    codes = sum(c.until > now for c in world.line_codes.values())
    return dict(plain({"lines": rows, "open": len(living), "codes": codes, "most_days": MOST_DAYS}))


def _told(world: World, row: Mapping[str, Any], living: set[str]) -> dict[str, Any]:
    said = records.body(row)["opening"]
    by = records.one(world.db, records.PEOPLE, id=said["by"])
    state = "open" if row["id"] in living else row["ended"] or "over"
    return {
        "id": row["id"], "permit": row["permit"], "at": row["at"], "until": row["until"], "state": state, "reason": said["reason"],
        "by": records.body(by)["name"] if by else said["by"], "entry": row["entry"],
    }  # fmt: skip
