"""Constant databases (D. J. Bernstein's cdb): keys and values in one file that is written whole, and read by others as it was written."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from sekisho.wire.cursor import FormError

WHO = "cdb"
TABLES = 256
HEAD = struct.Struct("<" + "I" * (2 * TABLES))
PAIR = struct.Struct("<II")
LARGEST = (1 << 32) - 1


def make(records: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The file that holds these, each in its place: the same records in the same order are the same octets. Raises FormError: too-large."""
    out = bytearray(HEAD.size)
    tables: list[list[tuple[int, int]]] = [[] for _ in range(TABLES)]
    for key, value in records:
        number = _hash(key)
        tables[number % TABLES].append((number, len(out)))
        out += PAIR.pack(len(key), len(value)) + key + value
    head: list[int] = []
    for table in tables:
        slots = _slots(table)
        head += [len(out), len(slots)]
        out += b"".join(PAIR.pack(*slot) for slot in slots)
    if len(out) > LARGEST:
        raise FormError(WHO, "too-large")
    out[: HEAD.size] = HEAD.pack(*head)
    return bytes(out)


def records(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every key and value, as they were written. Raises FormError: too-short."""
    if len(raw) < HEAD.size:
        raise FormError(WHO, "too-short")
    at, end = HEAD.size, min(HEAD.unpack_from(raw)[::2])
    while at < end:
        if at + PAIR.size > len(raw):
            raise FormError(WHO, "too-short")
        key, value = PAIR.unpack_from(raw, at)
        at += PAIR.size
        if at + key + value > len(raw):
            raise FormError(WHO, "too-short")
        yield raw[at : at + key], raw[at + key : at + key + value]
        at += key + value


def _slots(table: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Twice as many slots as records, each record in the first free one from where its hash points."""
    slots = [(0, 0)] * (2 * len(table))
    for number, place in table:
        at = (number >> 8) % len(slots)
        while slots[at][1]:
            at = (at + 1) % len(slots)
        slots[at] = (number, place)
    return slots


def _hash(key: bytes) -> int:
    number = 5381
    for octet in key:
        number = ((number << 5) + number ^ octet) & 0xFFFFFFFF
    return number
