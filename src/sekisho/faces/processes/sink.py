"""A mail sink: takes every mail to one domain, lays it in one folder, and passes nothing on. Confined to that folder, without a way out.

`python -m sekisho.faces.processes.sink FOLDER HOST PORT DOMAIN`; says "ready PORT" once it listens. Ends with its parent's pipe.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from sekisho.desk.entrusting.drill_heard import Arrived
from sekisho.faces.processes.confine import confine, report

LARGEST = 10 << 20
MOST = 10_000
LONGEST_WAIT = 120.0


class Handler:
    """One file for each receiver of each mail, in the order of their coming."""

    def __init__(self, folder: Path, domain: str) -> None:
        self.folder, self.domain, self.count = folder, domain.casefold(), 0

    async def handle_RCPT(  # noqa: N802 - the names are those that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Nothing is relayed: only our own domain has anybody here."""
        if address.rpartition("@")[2].casefold() != self.domain:
            return "550 5.7.1 no such domain here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name that aiosmtpd calls
        for to in envelope.rcpt_tos:
            if self.count >= MOST:
                return "452 4.3.1 full"
            self.count += 1
            raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
            said = {"sender": envelope.mail_from or "", "to": to, "raw": raw.decode("latin-1")}
            path = self.folder / f"{self.count:06}.part"
            path.write_text(json.dumps(said), encoding="ascii")
            path.rename(path.with_suffix(".json"))
        return "250 OK"


class Mails:
    """The sink's folder, read from outside."""

    def __init__(self, folder: Path, quiet: float) -> None:
        self.folder, self.quiet = folder, quiet

    def arrived(self) -> Sequence[Arrived]:
        said = [json.loads(p.read_text(encoding="ascii")) for p in sorted(self.folder.glob("*.json"))]
        return [Arrived(s["sender"], s["to"], s["raw"].encode("latin-1")) for s in said]

    def settle(self) -> None:
        """Until nothing came for `quiet` seconds; two minutes at most."""
        end, count, since = time.monotonic() + LONGEST_WAIT, -1, time.monotonic()
        while time.monotonic() < end and time.monotonic() - since < self.quiet:
            now = sum(1 for _ in self.folder.glob("*.json"))
            if now != count:
                count, since = now, time.monotonic()
            time.sleep(min(0.05, self.quiet))


@contextmanager
def running(folder: Path, host: str, port: int, domain: str) -> Iterator[int]:
    """The sink as a process of its own; the port it listens on. Raises OSError where it cannot."""
    words = [sys.executable, "-m", "sekisho.faces.processes.sink", str(folder), host, str(port), domain]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            said = (child.stdout.readline() if child.stdout else "").split()
            if said[:1] != ["ready"]:
                raise OSError(f"{host}:{port}")
            yield int(said[1])
        finally:
            child.terminate()


def serve(folder: Path, host: str, port: int, domain: str) -> None:
    """Until standard input ends."""
    listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound = listening.getsockname()[1]
    report("sink", confined=confine((), (folder,)))
    sys.stdout.write(f"ready {bound}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(listening, Handler(folder, domain)))


async def _serve(listening: socket.socket, handler: Handler) -> None:
    loop = asyncio.get_running_loop()

    def one() -> Any:
        return SMTP(handler, hostname="sink.invalid", data_size_limit=LARGEST, ident="sink")

    server = await loop.create_server(one, sock=listening)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
