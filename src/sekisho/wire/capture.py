"""Packets out of a capture file (pcap or pcapng): what a router's rules see of TCP and UDP, and not an octet more.

From a stream that somebody else may have written: every length is bounded and checked, and bytes that break the form are a FormError
of `capture`. Nothing of a packet is kept beyond its first sixteen octets after the TCP or UDP header.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from gzip import BadGzipFile, GzipFile
from struct import Struct
from typing import BinaryIO, NamedTuple

from sekisho.wire.cursor import FormError

WHO = "capture"
LARGEST_PACKET = 1 << 18
MOST_OCTETS = 1 << 31
"""Of one file, unpacked."""
FIRST = 16
NAMES = {6: "tcp", 17: "udp"}
EXTENSIONS = (0, 43, 60, 51)
FRAGMENT = 44
LINK_HEADS = {0: 4, 108: 4, 12: 0, 14: 0, 101: 0, 228: 0, 229: 0, 113: 16, 276: 20, 1: 14}
"""Link types of tcpdump's list, and how long the header is that stands before the packet. Tags of VLANs come on top."""
ETHERNET = 1
TAGS = (b"\x81\x00", b"\x88\xa8")
MOST_EXTENSIONS = 16
GZIP = b"\x1f\x8b"
CLASSIC = {
    b"\xa1\xb2\xc3\xd4": ">", b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">", b"\x4d\x3c\xb2\xa1": "<",
}  # fmt: skip
SECTION = b"\x0a\x0d\x0d\x0a"
ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
INTERFACE, OLD_PACKET, SIMPLE, ENHANCED = 1, 2, 3, 6
PORTS = Struct("!HH")
UDP_HEAD, TCP_HEAD = 8, 20


class Packet(NamedTuple):
    """A TCP or UDP packet. `length`: of the whole in octets, by its own header. `ports` None: a later fragment, which carries none.

    `first`: up to sixteen octets after the header. `carries`: whether anything follows the header at all. `cut`: the capture ends
    before the sixteenth, and the packet goes on.
    """

    protocol: str
    ends: tuple[bytes, bytes]
    ports: tuple[int, int] | None
    length: int
    first: bytes
    carries: bool
    cut: bool


def packets(stream: BinaryIO) -> Iterator[Packet | None]:
    """Each captured frame in order: its packet, or None for what is no TCP and no UDP over IP. Unpacks gzip. Raises FormError."""
    start = stream.read(2)
    stream.seek(0)
    source = _Bounded(GzipFile(fileobj=stream) if start == GZIP else stream)
    magic = source.take(4)
    if magic in CLASSIC:
        yield from _classic(source, CLASSIC[magic])
    elif magic == SECTION:
        yield from _blocks(source)
    else:
        raise FormError(WHO, "not-a-capture")


class _Bounded:
    """Reads so many octets or none, and never more than a file may have."""

    def __init__(self, stream: BinaryIO | GzipFile) -> None:
        self.stream, self.left = stream, MOST_OCTETS

    def take(self, size: int, *, may_end: bool = False) -> bytes:
        """Just so many; with `may_end` nothing at all where the file ends here."""
        self.left -= size
        if self.left < 0:
            raise FormError(WHO, "too-large", f"more than {MOST_OCTETS} octets")
        try:
            found = self.stream.read(size)
        except (BadGzipFile, EOFError, zlib.error) as why:
            raise FormError(WHO, "not-gzip") from why
        if len(found) < size and not (may_end and not found):
            raise FormError(WHO, "truncated", f"{size} bytes wanted, {len(found)} left")
        return found


def _classic(source: _Bounded, order: str) -> Iterator[Packet | None]:
    head, record = Struct(order + "HHiIII"), Struct(order + "IIII")
    *_, link = head.unpack(source.take(head.size))
    while said := source.take(record.size, may_end=True):
        _, _, size, _ = record.unpack(said)
        yield _frame(source.take(_sized(size)), link & 0xFFFF)


def _blocks(source: _Bounded) -> Iterator[Packet | None]:
    """The blocks of pcapng, the first section's type already read."""
    order, links = _section(source), list[int]()
    while kind := source.take(4, may_end=True):
        if kind == SECTION:
            order, links = _section(source), []
            continue
        u32 = Struct(order + "I")
        body = source.take(_body(source, u32))
        source.take(4)
        which = u32.unpack(kind)[0]
        if which == INTERFACE and len(body) >= 2:
            links.append(Struct(order + "H").unpack_from(body)[0])
        elif which in (SIMPLE, ENHANCED):
            yield _frame(*_captured(body, order, links, which))
        elif which in (INTERFACE, OLD_PACKET):
            raise FormError(WHO, "old-block")


def _section(source: _Bounded) -> str:
    """The byte order of a section that begins here; its options are passed over."""
    length, magic = source.take(4), source.take(4)
    order = ORDERS.get(magic)
    if order is None:
        raise FormError(WHO, "not-a-capture")
    size = Struct(order + "I").unpack(length)[0]
    source.take(_sized(size - 12) if size >= 28 else _sized(-1))
    return order


def _body(source: _Bounded, u32: Struct) -> int:
    """How long the body of the block is whose length comes next."""
    return _sized(u32.unpack(source.take(4))[0] - 12)


def _captured(body: bytes, order: str, links: list[int], which: int) -> tuple[bytes, int]:
    """The frame of a packet's block, and its link type."""
    head = Struct(order + ("IIIII" if which == ENHANCED else "I"))
    if len(body) < head.size:
        raise FormError(WHO, "truncated")
    said = head.unpack_from(body)
    interface, size = (said[0], said[3]) if which == ENHANCED else (0, min(said[0], len(body) - head.size))
    if interface >= len(links) or size > len(body) - head.size:
        raise FormError(WHO, "bad-block")
    return body[head.size : head.size + size], links[interface]


def _sized(size: int) -> int:
    if not 0 <= size <= LARGEST_PACKET:
        raise FormError(WHO, "bad-length")
    return size


def _frame(frame: bytes, link: int) -> Packet | None:
    if link not in LINK_HEADS:
        raise FormError(WHO, "unknown-link", str(link))
    at = LINK_HEADS[link]
    if link == ETHERNET:
        while frame[at - 2 : at] in TAGS:
            at += 4
    packet = memoryview(frame)[at:]
    version = packet[0] >> 4 if packet else 0
    return _v4(packet) if version == 4 else _v6(packet) if version == 6 else None


def _v4(packet: memoryview) -> Packet | None:
    if len(packet) < 20:
        return None
    head, length = (packet[0] & 15) * 4, int.from_bytes(packet[2:4])
    later = int.from_bytes(packet[6:8]) & 0x1FFF != 0
    if head < 20 or length < head:
        return None
    return _transport(packet[:length], packet[9], head, later, length, (bytes(packet[12:16]), bytes(packet[16:20])))


def _v6(packet: memoryview) -> Packet | None:
    """Past the extension headers, as a router's rules look past them."""
    if len(packet) < 40:
        return None
    length, upper, at, later = 40 + int.from_bytes(packet[4:6]), packet[6], 40, False
    for _ in range(MOST_EXTENSIONS):
        if upper not in (*EXTENSIONS, FRAGMENT) or later:
            break
        if at + 8 > len(packet):
            return None
        if upper == FRAGMENT:
            later, size = int.from_bytes(packet[at + 2 : at + 4]) & 0xFFF8 != 0, 8
        else:
            size = (packet[at + 1] + 2) * 4 if upper == 51 else (packet[at + 1] + 1) * 8
        upper, at = packet[at], at + size
    return _transport(packet[:length], upper, at, later, length, (bytes(packet[8:24]), bytes(packet[24:40])))


def _transport(packet: memoryview, upper: int, at: int, later: bool, length: int, ends: tuple[bytes, bytes]) -> Packet | None:
    name = NAMES.get(upper)
    if name is None:
        return None
    if later:
        return Packet(name, ends, None, length, b"", carries=True, cut=False)
    udp = name == "udp"
    if len(packet) < at + (UDP_HEAD if udp else TCP_HEAD):
        return None
    ports = PORTS.unpack_from(packet, at)
    after = at + (UDP_HEAD if udp else (packet[at + 12] >> 4) * 4)
    first = bytes(packet[after : after + FIRST])
    goes_on = length - after
    return Packet(name, ends, (ports[0], ports[1]), length, first, goes_on > 0, len(first) < min(FIRST, goes_on))
