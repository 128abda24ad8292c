"""The PROXY protocol, versions 1 and 2 (HAProxy, doc/proxy-protocol.txt): the first bytes of a connection from a trusted proxy.

`parse` gets everything received so far. It never looks further than the header's own length, and never believes a longer one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from sekisho_sender.nodes import Unreadable, read_ip, read_port
from sekisho_sender.record import Address, address

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
LONGEST_V1 = 107
LONGEST_V2 = 4096
"""Address and TLVs together; certificates of the client in TLVs stay below this."""
UNKNOWN_V1 = re.compile(rb"PROXY UNKNOWN(?: [\x20-\x7e]*)?\r\n")
V1 = re.compile(r"PROXY (TCP4|TCP6) (\S+) (\S+) ([0-9]{1,5}) ([0-9]{1,5})\r\n", re.ASCII)
FAMILIES = {1: 4, 2: 16}


@dataclass(frozen=True, slots=True)
class Proxied:
    """What the header says. `local`: the proxy opened the connection for itself, or does not say for whom; then both ends are None.

    length: bytes of the header; what follows is the request. tlvs: (type, value) in their order, never used, kept for whoever asks."""

    source: Address | None
    destination: Address | None
    local: bool
    version: int
    length: int
    tlvs: tuple[tuple[int, bytes], ...] = ()


def parse(data: bytes) -> Proxied | None:
    """The header at the start of `data`; None when more bytes are needed. Raises Unreadable when no header can begin like this."""
    if data[: len(SIGNATURE)] == SIGNATURE[: len(data)]:
        return second(data)
    if data[:6] == b"PROXY "[: len(data)]:
        return first(data)
    raise Unreadable("not-proxy")


def first(data: bytes) -> Proxied | None:
    """Version 1: one line of at most 107 bytes with its end."""
    line, end, _ = data[:LONGEST_V1].partition(b"\r\n")
    if not end:
        if len(data) >= LONGEST_V1:
            raise Unreadable("too-long")
        return None
    if UNKNOWN_V1.fullmatch(line + end):
        return Proxied(None, None, local=True, version=1, length=len(line) + 2)
    said = V1.fullmatch((line + end).decode("latin-1"))
    if said is None:
        raise Unreadable("not-proxy")
    version = 4 if said[1] == "TCP4" else 6
    source, destination = (Address(read_ip(said[n], version), read_port(said[n + 2])[0]) for n in (2, 3))
    return Proxied(source, destination, local=False, version=1, length=len(line) + 2)


def second(data: bytes) -> Proxied | None:
    """Version 2: signature, version and command, family and protocol, length in network order, addresses, TLVs."""
    if len(data) < 16:
        return None
    command, family, size = data[12], data[13], int.from_bytes(data[14:16])
    if command not in (0x20, 0x21):
        raise Unreadable("version-or-command")
    if size > LONGEST_V2:
        raise Unreadable("too-long")
    if len(data) < 16 + size:
        return None
    body = data[16 : 16 + size]
    if command == 0x20 or family == 0x00:  # LOCAL, or UNSPEC: the receiver must ignore the rest
        return Proxied(None, None, local=True, version=2, length=16 + size)
    width = FAMILIES.get(family >> 4)
    if width is None or family & 0x0F != 1:
        raise Unreadable("family")  # neither TCP over IPv4 nor over IPv6
    if size < 2 * width + 4:
        raise Unreadable("too-short")
    ports = (int.from_bytes(body[2 * width + at : 2 * width + at + 2]) or None for at in (0, 2))
    pairs = zip((0, width), ports, strict=True)
    source, destination = (address(str(ip_address(body[at : at + width])), port) for at, port in pairs)
    return Proxied(source, destination, local=False, version=2, length=16 + size, tlvs=read_tlvs(body[2 * width + 4 :]))


def read_tlvs(data: bytes) -> tuple[tuple[int, bytes], ...]:
    """Type, length in two bytes, value; they fill the header exactly."""
    found = []
    while data:
        size = int.from_bytes(data[1:3])
        if len(data) < 3 + size:
            raise Unreadable("tlv")
        found.append((data[0], data[3 : 3 + size]))
        data = data[3 + size :]
    return tuple(found)
