"""What the kernel says about its neighbours (rtnetlink): which hardware address answers for which address, on which interface.

One datagram holds several messages, each 16 bytes of header and then `ndmsg` with attributes (rtnetlink(7), linux/neighbour.h).
Numbers are in the machine's own order, as netlink has them.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.wire.cursor import FormError

WHO = "neighbour-table"
NEW, GONE, ASK = 28, 29, 30
ERROR, DONE = 2, 3
REQUEST, DUMP = 1, 0x300
GROUP = 1 << 2
"""The multicast group that tells of each change (RTNLGRP_NEIGH)."""
REACHABLE, STALE, DELAY, PROBE, PERMANENT = 0x02, 0x04, 0x08, 0x10, 0x80
ALIVE = REACHABLE | STALE | DELAY | PROBE | PERMANENT
DESTINATION, HARDWARE = 1, 2
BYTES = {2: 4, 10: 16}
"""Bytes of an address by family (AF_INET, AF_INET6)."""
ETHERNET = 6
MOST_BYTES = 1 << 20
_HEAD, _WORDS, _PART = struct.Struct("=IHHII"), struct.Struct("=BBHiHBB"), struct.Struct("=HH")


@dataclass(frozen=True)
class Neighbour:
    """`hardware` is "02:00:00:00:00:01", or empty where none is known; `there`: whether it counts now."""

    address: str
    hardware: str
    interface: int
    there: bool


def question(serial: int) -> bytes:
    """Asks for the whole table."""
    body = _WORDS.pack(0, 0, 0, 0, 0, 0, 0)
    return _HEAD.pack(_HEAD.size + len(body), ASK, REQUEST | DUMP, serial, 0) + body


def read(data: bytes) -> tuple[list[Neighbour], bool]:
    """The neighbours one datagram tells of, and whether the table ends with it.

    Raises FormError (neighbour-table): too-long, truncated, bad-length, refused.
    """
    if len(data) > MOST_BYTES:
        raise FormError(WHO, "too-long", f"{len(data)} bytes")
    found: list[Neighbour] = []
    for kind, body in _messages(data):
        if kind == DONE:
            return found, True
        if kind == ERROR:
            raise FormError(WHO, "refused")
        if kind in (NEW, GONE) and (one := _neighbour(body, there=kind == NEW)) is not None:
            found.append(one)
    return found, False


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            raise FormError(WHO, "truncated")
        length, kind, *_ = _HEAD.unpack_from(data, at)
        if not _HEAD.size <= length <= len(data) - at:
            raise FormError(WHO, "bad-length")
        yield kind, data[at + _HEAD.size : at + length]
        at += _aligned(length)


def _neighbour(body: bytes, *, there: bool) -> Neighbour | None:
    """None for another family, or one that has no address of its own."""
    if len(body) < _WORDS.size:
        raise FormError(WHO, "truncated")
    family, _, _, interface, state, _, _ = _WORDS.unpack_from(body)
    parts = dict(_parts(body[_WORDS.size :]))
    raw, hardware = parts.get(DESTINATION, b""), parts.get(HARDWARE, b"")
    if len(raw) != BYTES.get(family, 0) or not raw:
        return None
    known = hardware.hex(":") if len(hardware) == ETHERNET and any(hardware) else ""
    return Neighbour(str(ipaddress.ip_address(raw)), known, interface, there and bool(state & ALIVE) and bool(known))


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        if len(data) - at < _PART.size:
            raise FormError(WHO, "truncated")
        length, kind = _PART.unpack_from(data, at)
        if not _PART.size <= length <= len(data) - at:
            raise FormError(WHO, "bad-length")
        yield kind, data[at + _PART.size : at + length]
        at += _aligned(length)


def _aligned(length: int) -> int:
    return (length + 3) & ~3
