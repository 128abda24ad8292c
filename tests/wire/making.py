"""Captures made by code: packets of IPv4 and IPv6, and the files they stand in."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import ip_address

LINE, SERVER, LINE6, SERVER6 = "198.51.100.20", "192.0.2.2", "2001:db8:100::20", "2001:db8:7::2"


def tcp(data: bytes = b"", ports: tuple[int, int] = (40000, 80), options: int = 0) -> bytes:
    """A TCP segment; `options` in words of four octets."""
    return struct.pack("!HHIIBBHHH", *ports, 1, 1, (5 + options) << 4, 0x18, 1000, 0, 0) + bytes([1]) * 4 * options + data


def udp(data: bytes = b"", ports: tuple[int, int] = (40000, 53)) -> bytes:
    return struct.pack("!HHHH", *ports, 8 + len(data), 0) + data


def v4(upper: bytes, number: int = 17, *, offset: int = 0, more: bool = False, options: int = 0) -> bytes:
    """An IPv4 packet of that protocol; `offset` of a fragment in octets, `options` in words of four."""
    size = 20 + 4 * options
    where = offset // 8 | 0x2000 * more
    head = struct.pack("!BBHHHBBH", 0x40 | size // 4, 0, size + len(upper), 7, where, 9, number, 0)
    head += ip_address(LINE).packed + ip_address(SERVER).packed + bytes([1]) * 4 * options
    words = sum(struct.unpack(f"!{size // 2}H", head))
    words = (words & 0xFFFF) + (words >> 16)
    check = ~((words & 0xFFFF) + (words >> 16)) & 0xFFFF
    return head[:10] + check.to_bytes(2) + head[12:] + upper


def v6(upper: bytes, number: int = 17, extensions: Iterable[tuple[int, bytes]] = ()) -> bytes:
    """An IPv6 packet; each extension header by its number, the octets after its first."""
    chain = [*extensions]
    following = [*(n for n, _ in chain[1:]), number][: len(chain)]
    body = b"".join(bytes([after]) + rest for after, (_, rest) in zip(following, chain, strict=True)) + upper
    first = chain[0][0] if chain else number
    return struct.pack("!IHBB", 0x60000000, len(body), first, 9) + ip_address(LINE6).packed + ip_address(SERVER6).packed + body


def pcap(frames: Iterable[bytes], link: int = 101, order: str = "<", magic: int = 0xA1B2C3D4, keep: int = 65535) -> bytes:
    """A classic capture that keeps so much of each frame."""
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, keep, link)
    return head + b"".join(struct.pack(order + "IIII", 1, 0, len(f[:keep]), len(f)) + f[:keep] for f in frames)


def pcapng(frames: Iterable[bytes], link: int = 101, order: str = "<", *, simple: bool = False) -> bytes:
    """A capture in blocks: a section, an interface, a block nobody asked for, and the packets."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)

    def packet(frame: bytes) -> bytes:
        if simple:
            return block(3, struct.pack(order + "I", len(frame)) + frame)
        return block(6, struct.pack(order + "IIIII", 0, 0, 0, len(frame), len(frame)) + frame)

    section = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    return section + block(1, struct.pack(order + "HHI", link, 0, 0)) + block(5, bytes(20)) + b"".join(map(packet, frames))
