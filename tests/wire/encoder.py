"""A small exporter: writes the datagrams the property tests read back. It shares no code with the decoder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import pack
from typing import TypeAlias

FieldSpec: TypeAlias = tuple[int, int] | tuple[int, int, int]
"""Element, length, and an enterprise number if it has one. Length 65535: each value says its own."""

VARIABLE = 65535


def specifier(field: FieldSpec) -> bytes:
    if len(field) == 3:
        return pack("!HHI", field[0] | 0x8000, field[1], field[2])
    return pack("!HH", *field)


def template(number: int, fields: Sequence[FieldSpec]) -> bytes:
    return pack("!HH", number, len(fields)) + b"".join(map(specifier, fields))


def options9(number: int, scope: Sequence[FieldSpec], fields: Sequence[FieldSpec]) -> bytes:
    return pack("!HHH", number, 4 * len(scope), 4 * len(fields)) + b"".join(map(specifier, [*scope, *fields]))


def options10(number: int, scope: Sequence[FieldSpec], fields: Sequence[FieldSpec]) -> bytes:
    return pack("!HHH", number, len(scope) + len(fields), len(scope)) + b"".join(map(specifier, [*scope, *fields]))


def one_set(number: int, *bodies: bytes, pad: bool = True) -> bytes:
    body = b"".join(bodies)
    body += b"\0" * (-len(body) % 4 if pad else 0)
    return pack("!HH", number, len(body) + 4) + body


def message9(*sets: bytes, sequence: int = 0, domain: int = 0, uptime: int = 1_000_000, seconds: int = 1_700_000_000) -> bytes:
    return pack("!HHIIII", 9, len(sets), uptime, seconds, sequence, domain) + b"".join(sets)


def message10(*sets: bytes, sequence: int = 0, domain: int = 0, seconds: int = 1_700_000_000) -> bytes:
    body = b"".join(sets)
    return pack("!HHIII", 10, len(body) + 16, seconds, sequence, domain) + body


def row(fields: Sequence[FieldSpec], values: Iterable[bytes]) -> bytes:
    """One row; a varying value gets its short length, or the long form from 255 bytes on (RFC 7011 §7)."""
    parts = []
    for field, value in zip(fields, values, strict=True):
        if field[1] == VARIABLE:
            parts.append(bytes([len(value)]) if len(value) < 255 else b"\xff" + pack("!H", len(value)))
        else:
            assert len(value) == field[1]
        parts.append(value)
    return b"".join(parts)


def message5(rows: Sequence[bytes], sequence: int = 0, uptime: int = 1_000_000, seconds: int = 1_700_000_000, sampling: int = 0) -> bytes:
    return pack("!HHIIIIBBH", 5, len(rows), uptime, seconds, 0, sequence, 1, 2, sampling) + b"".join(rows)


def row5(
    src: bytes, dst: bytes, src_port: int, dst_port: int, protocol: int, first: int, last: int, *, packets: int = 1, octets: int = 64
) -> bytes:
    head = src + dst + b"\0" * 4 + pack("!HHIIIIHH", 1, 2, packets, octets, first, last, src_port, dst_port)
    return head + pack("!BBBBHHBBH", 0, 2, protocol, 0, 64500, 64501, 24, 16, 0)
