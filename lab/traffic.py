"""Real traffic of the lab: servers of the "internet", and a line's terminal working through its errands.

    python -m lab.traffic serve PORT/tcp PORT/udp ...
    python -m lab.traffic visit ERRANDS.json
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

LARGEST = 200_000


@dataclass(frozen=True)
class Errand:
    """One contact: `after` seconds from the start, ask `host`:`port` for `answer` octets, sending `ask` octets."""

    after: float
    host: str
    port: int
    transport: str = "tcp"
    ask: int = 80
    answer: int = 500


async def _serve_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        first = await asyncio.wait_for(reader.readline(), 5)
        wanted = min(int(first.split()[0]), LARGEST) if first.split() else 0
        writer.write(b"x" * wanted)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    except (OSError, ValueError, TimeoutError):
        writer.close()


class _Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        wanted = min(int(data.split()[0]), 1200) if data.split() else 0
        self.transport.sendto(b"x" * wanted, addr)


async def serve(ports: Sequence[str]) -> None:
    """Serve every address of this namespace on the given ports (`443/tcp`, `53/udp`) until killed."""
    loop = asyncio.get_running_loop()
    for name in ports:
        port, transport = name.split("/")
        if transport == "tcp":
            await asyncio.start_server(_serve_tcp, None, int(port))
            continue
        for address in own_addresses():
            await loop.create_datagram_endpoint(_Echo, local_addr=(address, int(port)))
    print("serving", flush=True)
    await asyncio.Event().wait()


def own_addresses() -> list[str]:
    """Every global address of this namespace: a UDP answer must leave from the address it was asked at."""
    found = json.loads(subprocess.run(["ip", "-j", "addr"], capture_output=True, text=True, check=True).stdout)
    return [a["local"] for link in found for a in link["addr_info"] if a["scope"] == "global"]


def run(errand: Errand) -> None:
    """One real exchange. Raises OSError when the other side does not answer within five seconds."""
    asked = (f"{errand.answer} ".encode() + b"q" * errand.ask)[: max(errand.ask, 8)]
    if errand.transport == "udp":
        family = socket.AF_INET6 if ":" in errand.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as out:
            out.settimeout(5)
            out.sendto(asked, (errand.host, errand.port))
            out.recv(65535)
        return
    with socket.create_connection((errand.host, errand.port), timeout=5) as out:
        out.sendall(asked + b"\n")
        while out.recv(65536):
            pass


def visit(errands: Sequence[Errand]) -> int:
    """Work through the errands in their order and time; the number that failed."""
    begin, failed = time.monotonic(), 0
    for errand in sorted(errands, key=lambda e: e.after):
        time.sleep(max(0.0, begin + errand.after - time.monotonic()))
        try:
            run(errand)
        except OSError as error:
            failed += 1
            print(f"{errand} failed: {error}", flush=True)
    print(f"done, {failed} failed", flush=True)
    return failed


def write(path: Path, errands: Sequence[Errand]) -> None:
    """Write errands where `visit` reads them."""
    path.write_text(json.dumps([asdict(e) for e in errands]), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(sys.argv[2:]))
    else:
        raise SystemExit(1 if visit([Errand(**e) for e in json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))]) else 0)
