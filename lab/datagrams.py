"""Recorded UDP datagrams: a file any program can read in ten lines, and the receiver that writes it.

A file is the line ``SEKISHO-DATAGRAMS 1`` and then, for each datagram, in network byte order: receive time
(u64, milliseconds since 1970 UTC), source address (16 bytes, IPv4 as ::ffff:a.b.c.d), source port (u16), length
(u16), and that many bytes exactly as they came off the wire.
"""

from __future__ import annotations

import argparse
import ipaddress
import signal
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

MAGIC = b"SEKISHO-DATAGRAMS 1\n"
HEAD = struct.Struct("!Q16sHH")


@dataclass(frozen=True)
class Datagram:
    """One datagram as received. `at` in milliseconds since 1970 UTC, `source` 16 bytes."""

    at: int
    source: bytes
    port: int
    data: bytes


def read(path: Path) -> Iterator[Datagram]:
    """The datagrams of a file in the order they came. Raises ValueError, naming the offset, for a file that is not one."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise ValueError(f"{path} is no recording of datagrams: it does not start with {MAGIC!r}")
        while head := file.read(HEAD.size):
            if len(head) < HEAD.size:
                raise ValueError(f"{path} ends inside a header at byte {file.tell()}: record it again")
            at, source, port, length = HEAD.unpack(head)
            data = file.read(length)
            if len(data) < length:
                raise ValueError(f"{path} ends inside a datagram at byte {file.tell()}: record it again")
            yield Datagram(at, source, port, data)


def framed(datagram: Datagram) -> bytes:
    """One datagram as it stands in a file, after the magic line."""
    return HEAD.pack(datagram.at, datagram.source, datagram.port, len(datagram.data)) + datagram.data


def mapped(address: str) -> bytes:
    """An address as 16 bytes."""
    ip = ipaddress.ip_address(address)
    return ip.packed if ip.version == 6 else b"\0" * 10 + b"\xff\xff" + ip.packed


def record(path: Path, address: str, port: int) -> None:
    """Write every datagram that comes to `address`:`port` until SIGTERM. Prints one line once it listens."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inbox, path.open("wb", buffering=0) as file:
        inbox.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        inbox.bind((address, port))
        file.write(MAGIC)
        print(f"listening on {address}:{inbox.getsockname()[1]}", flush=True)
        while True:
            data, (host, source_port) = inbox.recvfrom(65535)
            file.write(framed(Datagram(time.time_ns() // 1_000_000, mapped(host), source_port, data)))


if __name__ == "__main__":
    words = argparse.ArgumentParser(description="Record UDP datagrams into a file until SIGTERM")
    words.add_argument("path", type=Path)
    words.add_argument("port", type=int)
    words.add_argument("--address", default="127.0.0.1")
    asked = words.parse_args()
    record(asked.path, asked.address, asked.port)
