"""NetFlow version 5: a 24-byte header and 1 to 30 records of 48 bytes (Cisco "NetFlow Export Datagram Format")."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from sekisho.wire.cursor import Cursor, FormError
from sekisho.wire.templates import Field, Layout, Template

_HEADER = Struct("!HHIIIIBBH")
_MOST = 30

LAYOUT = Layout(
    5,
    Template(
        0,
        tuple(
            Field(element, length)
            for element, length in (
                (8, 4), (12, 4), (15, 4), (10, 2), (14, 2), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2),
                (210, 1), (6, 1), (4, 1), (5, 1), (16, 2), (17, 2), (9, 1), (13, 1), (210, 2),
            )
        ),
    ).fields,
    0,
)  # fmt: skip
"""The one layout all version 5 records have, in IANA's elements."""


class Header(NamedTuple):
    """`records` follow; `uptime_ms` wraps after 49.7 days; `exported_ms` is UTC; `sequence` counts flows."""

    records: int
    uptime_ms: int
    exported_ms: int
    sequence: int
    domain: int
    sampling: int


def header(cursor: Cursor) -> Header:
    """Read the header. Raises FormError `truncated`, `wrong-version`, or `count-mismatch` for a count no version 5 packet can have."""
    version, count, uptime, seconds, nanoseconds, sequence, kind, engine, sampling = cursor.unpack(_HEADER)
    if version != 5:
        raise FormError("exporter", "wrong-version", f"version {version} where 5 was expected")
    if not 1 <= count <= _MOST:
        raise FormError("exporter", "count-mismatch", f"{count} records announced, a packet holds 1 to {_MOST}")
    return Header(count, uptime, seconds * 1000 + nanoseconds // 1_000_000, sequence, kind << 8 | engine, sampling & 0x3FFF)


def records(cursor: Cursor, count: int) -> tuple[bytes, str | None]:
    """The whole records that are there, and what is wrong with the rest: `truncated`, `count-mismatch` or None."""
    there = min(count, cursor.left // LAYOUT.size)
    rows = cursor.take(there * LAYOUT.size)
    if there < count:
        return rows, "truncated"
    return rows, "count-mismatch" if cursor.left else None
