"""Fuzz the reader of captured packets: python tests/fuzz/fuzz_capture.py -runs=20000

Invariant: nothing but FormError is raised, whatever file it is, packed or not; a good packet before the noise is always read; a packet
has two addresses of one family, ports of two octets, at most sixteen octets of what it carries, and is never shorter than these.
"""

from __future__ import annotations

import gzip
import io
import struct
import sys

import atheris

with atheris.instrument_imports(include=["sekisho.wire"]):
    from sekisho.wire.capture import FIRST, NAMES, Packet, packets
    from sekisho.wire.cursor import FormError

SAID = struct.pack("!HHHH", 53, 99, 10, 0) + b"ab"
UDP = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 30, 1, 0, 64, 17, 0, b"\xc0\0\2\7", b"\xc0\0\2\x09") + SAID
UDP6 = struct.pack("!IHBB", 0x60000000, 10, 17, 64) + bytes(15) + b"\1" + bytes(15) + b"\2" + SAID
FRAGMENT = struct.pack("!IHBB", 0x60000000, 18, 44, 64) + bytes(32) + b"\x11\0\0\x08\0\0\0\1" + b"abcdefghij"
GOOD = Packet("udp", (b"\xc0\0\2\7", b"\xc0\0\2\x09"), (53, 99), 30, b"ab", carries=True, cut=False)


def record(frame: bytes) -> bytes:
    return struct.pack("<IIII", 1, 2, len(frame), len(frame)) + frame


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def enhanced(frame: bytes) -> bytes:
    return block(6, struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame)) + frame)


SECTION = block(0x0A0D0D0A, b"\x4d\x3c\x2b\x1a\1\0\0\0" + b"\xff" * 8)
LINK = block(1, b"\x65\0\0\0" + bytes(4))
BEGINS = (
    struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101) + record(UDP),
    SECTION + LINK + enhanced(UDP),
)
WORDS = (record(UDP6), enhanced(UDP6), record(FRAGMENT), enhanced(FRAGMENT), LINK, SECTION, block(3, bytes(4) + UDP), UDP, UDP6, bytes(4))


def read(raw: bytes) -> tuple[list[Packet], str]:
    """The packets, and how it ended."""
    found: list[Packet] = []
    try:
        found.extend(one for one in packets(io.BytesIO(raw)) if one is not None)
    except FormError as why:
        return found, why.code
    return found, ""


def one_input(data: bytes) -> None:
    """Any bytes as a file; and after a good packet, some of the fuzzer's bytes standing for whole packets and blocks, packed and not."""
    read(data)
    read(b"\x1f\x8b" + data)
    noise = b"".join(WORDS[b - 128] if 128 <= b < 128 + len(WORDS) else bytes([b]) for b in data[1:])
    raw = BEGINS[data[0] & 1 if data else 0] + noise
    found, ended = read(raw)
    assert found[0] == GOOD, "a good packet lost"
    if data and data[0] & 14 == 0:
        assert read(gzip.compress(raw, 1)) == (found, ended), "another file when packed"
    for one in found:
        assert one.protocol in NAMES.values(), "a protocol nobody asked for"
        assert len(one.ends[0]) == len(one.ends[1]) in (4, 16), "no addresses"
        assert one.ports is None or max(one.ports) < 1 << 16, "no ports"
        assert len(one.first) <= FIRST, "more than was promised"
        assert one.length >= len(one.first), "a packet shorter than what it carries"
        assert one.carries or not one.first, "carries nothing, and here it is"


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
