"""Reads the UDP payloads out of classic pcap files: just enough for the captures the tests use."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

ETHERNET, RAW, LINUX_SLL, LOOPBACK = 1, 101, 113, 0
_LINK_HEADER = {ETHERNET: 14, RAW: 0, 12: 0, LINUX_SLL: 16, LOOPBACK: 4, 276: 20}


class Datagram(NamedTuple):
    """A UDP datagram: source, destination port, payload, and when it was captured (UTC milliseconds)."""

    source: tuple[str, int]
    port: int
    payload: bytes
    at_ms: int


def datagrams(path: Path) -> Iterator[Datagram]:
    """The UDP datagrams of a pcap file, in order. Fragments and other protocols are left out."""
    data = path.read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<"}[data[:4]]
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, size, _ = struct.unpack_from(order + "IIII", data, at)
        packet = data[at + 16 : at + 16 + size]
        at += 16 + size
        found = _udp(packet[_LINK_HEADER[link] :] if link != ETHERNET else _past_vlans(packet))
        if found:
            source, port, payload = found
            yield Datagram(source, port, payload, seconds * 1000 + fraction // 1000)


def _past_vlans(frame: bytes) -> bytes:
    at = 12
    while frame[at : at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    return frame[at + 2 :]


def _udp(packet: bytes) -> tuple[tuple[str, int], int, bytes] | None:
    if packet[0] >> 4 == 4 and packet[9] == 17:
        header, source = (packet[0] & 15) * 4, packet[12:16]
    elif packet[0] >> 4 == 6 and packet[6] == 17:
        header, source = 40, packet[8:24]
    else:
        return None
    source_port, port, length, _ = struct.unpack_from("!HHHH", packet, header)
    return (str(ip_address(source)), source_port), port, packet[header + 8 : header + length]
