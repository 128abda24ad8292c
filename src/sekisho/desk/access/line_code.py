"""For whoever sits behind a line: whether its port 25 is refused and why; a one-time code to read out to the help desk; the way back.

The console tells the address a request came from. A console that lies can make codes for any line; a code alone opens nothing, since
a named person of the help desk signs each opening. A code is kept in memory alone, with its address, and is gone when it was used.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sekisho.desk import books, records
from sekisho.desk.access import opened_lines
from sekisho.desk.access.opened_lines import CODE, CODE_LASTS, MOST_CODES, blocking, line_of
from sekisho.desk.kernel_words import LineCode
from sekisho.desk.world import No, World
from sekisho.law.canonical import canonical, plain
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class MyPort:
    """The address that somebody's request came from."""

    address: str


@dataclass(frozen=True)
class GiveCode:
    """The same; a code is asked for."""

    address: str


@dataclass(frozen=True)
class CloseMine:
    """The same; what was opened for it is to be refused again."""

    address: str


def carry_out(world: World, request: MyPort) -> Mapping[str, Any]:
    """{"address", "submission": "host:port", "refused": {"permit", "since", "until", "cases": [{"id", "title", "ground", "source"}]} or
    None, "opened": {"id", "until"} or None, "most_days"}. `refused` is told of an opened line as well: the permit stands."""
    now, line = world.clock.now(), line_of(request.address)
    permit = blocking(world, line, now) if line else None
    row = opened_lines.of_line(world, line, now) if line and permit else None
    cases = {c.id: c for c in books.of_digest(world, permit.book).cases} if permit else {}
    return dict(plain({
        "address": str(line.network_address) if line and line.prefixlen == line.max_prefixlen else str(line or ""),
        "submission": world.settings.access.submission,
        "refused": {
            "permit": permit.id,
            "since": permit.since,
            "until": permit.until,
            "cases": [{k: getattr(cases[c], k) for k in ("id", "title", "ground", "source")} for c in permit.cases if c in cases],
        } if permit else None,
        "opened": {"id": row["id"], "until": row["until"]} if row else None,
        "most_days": opened_lines.MOST_DAYS,
    }))  # fmt: skip


def give(world: World, request: GiveCode) -> Mapping[str, Any]:
    """{"code", "until"}; a line has one code, the newest. Raises No("not-refused-here")."""
    now, line = world.clock.now(), line_of(request.address)
    if line is None or blocking(world, line, now) is None:
        raise No("not-refused-here")
    kept = {k: c for k, c in world.line_codes.items() if c.until > now and c.prefix != str(line)}
    for oldest in list(kept)[: max(0, len(kept) + 1 - MOST_CODES)]:
        del kept[oldest]
    code = f"{secrets.randbelow(10**CODE):0{CODE}d}"
    until = now + CODE_LASTS
    world.line_codes = {**kept, sha256(code.encode()).hexdigest(): LineCode(str(line), until)}
    return {"code": f"{code[:5]} {code[5:]}", "until": until}


def close(world: World, request: CloseMine) -> Mapping[str, str]:
    """{"exception": id}: it ends now. Raises No("unknown-exception")."""
    now, line = world.clock.now(), line_of(request.address)
    row = opened_lines.of_line(world, line, now) if line else None
    if row is None:
        raise No("unknown-exception")
    body = canonical({"exception": row["id"], "by": "line"})
    records.add(world.db, records.CLOSED_LINES, body, now, id=row["id"])
    key = {"id": row["id"]}
    world.write(EntryType.LINE_CLOSED, body, ids={"exception": row["id"]}, at=now, table=records.CLOSED_LINES, key=key)
    opened_lines.end(world, row["id"], "by-line")
    return {"exception": row["id"]}
