"""The process that listens to exporters and reads the accounting log. It seals to public halves and cannot read what it wrote.

No standing permit, no socket. Several workers share the port (SO_REUSEPORT); an exporter's datagrams stay with one of them.
"""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho.desk.config import Settings, read_settings
from sekisho.desk.intake import Intake
from sekisho.desk.opening import read_public
from sekisho.desk.prove import in_ledger
from sekisho.desk.standing import StandingPermit
from sekisho.faces.channel import Channel, KeepIsGone, KeepSaidNo
from sekisho.faces.confine import confine
from sekisho.law.reading import read
from sekisho.store.errors import KeyRefused
from sekisho.wire.flows import FlowDecoder
from sekisho.wire.intervals import Assignment
from sekisho.wire.prefixes import Prefixes
from sekisho.wire.radius_detail import DetailReader

FLUSH = 0.25
RENEW = 0.5
REPORT = 2.0
LARGEST = 65_535
READ_AT_ONCE = 1 << 20


class Collector:
    """One worker: a socket while a permit wants flows, a decoder, and the intake that seals."""

    def __init__(self, settings: Settings, channel: Channel, number: int) -> None:
        public = read_public(settings.folder)
        self.settings, self.channel, self.number = settings, channel, number
        self.intake = Intake(
            folder=settings.folder / "streams",
            own=Prefixes(settings.network.prefixes),
            lists=settings.lists,
            keep_key=public.key,
            prove=in_ledger(public.ledger),
            halves=self._half,
            clock=now,
            rotate_after=timedelta(seconds=settings.intake.rotate_seconds),
        )
        self.decoder = FlowDecoder()
        self.socket: socket.socket | None = None
        self.accounting = AccountingLog(settings.intake.accounting, settings.folder / "collect" / "accounting.json") if number == 0 else None
        self.going = True
        self._halves: dict[str, bytes] = {}
        self._due: dict[str, float] = {}

    def run(self) -> None:
        while self.going:
            self._every("renew", RENEW, self._renew)
            self._receive(time.monotonic() + FLUSH)
            batches = self.decoder.take()
            if batches:
                self.intake.flows(batches)
            if self.accounting is not None and self.intake.wants("accounting"):
                self.intake.accounting(self.accounting.take())
            self.intake.flush()
            if self.accounting is not None:
                self.accounting.mark()
            self._every("report", REPORT, self._report)
        self.intake.close()

    def _receive(self, until: float) -> None:
        """Take datagrams as they come until the next flush is due."""
        if self.socket is None:
            time.sleep(max(0.0, until - time.monotonic()))
            return
        buffer = bytearray(LARGEST)
        view = memoryview(buffer)
        feed, receive = self.decoder.feed, self.socket.recvfrom_into
        moment, count = time.time_ns() // 1_000_000, 0
        while True:
            try:
                length, source = receive(buffer)
            except TimeoutError:
                return
            feed((source[0], source[1]), view[:length], moment)
            if time.monotonic() >= until:
                return
            count += 1
            if not count & 63:
                moment = time.time_ns() // 1_000_000

    def _renew(self) -> None:
        try:
            said = self.channel.call("standing")
            self.intake.renew([read(StandingPermit, s) for s in said])
        except KeepSaidNo:
            self.intake.renew([])
        except KeepIsGone:
            self.intake.lapse()
        self._listen(wanted=self.intake.wants("flows"))

    def _listen(self, *, wanted: bool) -> None:
        if wanted == (self.socket is not None):
            return
        if self.socket is not None:
            self.socket.close()
            self.socket = None
            return
        host, _, port = self.settings.intake.flows.rpartition(":")
        family = socket.AF_INET6 if ipaddress.ip_address(host.strip("[]")).version == 6 else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.settings.intake.receive_buffer)
        sock.settimeout(FLUSH)
        sock.bind((host.strip("[]"), int(port)))
        self.socket = sock

    def _half(self, key_id: str) -> bytes:
        if key_id not in self._halves:
            try:
                self._halves[key_id] = bytes.fromhex(self.channel.call("half", key_id=key_id))
            except KeepSaidNo as no:
                raise KeyRefused(no.code, key_id) from no
        return self._halves[key_id]

    def _report(self) -> None:
        totals = dict(self.intake.counters)
        for counts in self.decoder.counters.values():
            for name, count in counts.items():
                totals[f"flows.{name}"] = totals.get(f"flows.{name}", 0) + count
        if self.accounting is not None:
            totals |= {f"accounting.{k}": v for k, v in self.accounting.reader.counters.items()}
        totals["listening"] = int(self.socket is not None)
        try:
            self.channel.call("report", process=f"collect-{self.number}", counters=totals)
        except (KeepSaidNo, KeepIsGone):
            self._due["report"] = time.monotonic() + RENEW

    def _every(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        if time.monotonic() >= self._due.get(name, 0.0):
            self._due[name] = time.monotonic() + seconds
            act()


class AccountingLog:
    """Follows FreeRADIUS's detail file from where it was left. What was sealed is marked only after it is on disk."""

    def __init__(self, path: Path | None, marker: Path) -> None:
        self.path, self.marker = path, marker
        self.reader = DetailReader(server_zone=UTC)
        self.inode, self.offset = 0, 0
        self._marked = (0, 0)
        if marker.is_file():
            said = json.loads(marker.read_text(encoding="utf-8"))
            self.inode, self.offset = int(said["inode"]), int(said["offset"])

    def take(self) -> list[Assignment]:
        """Rows of whole records that came since the last call. A new file under the name is read from its start."""
        if self.path is None or not self.path.is_file():
            return []
        with self.path.open("rb") as log:
            inode = os.fstat(log.fileno()).st_ino
            if inode != self.inode or self.offset > os.fstat(log.fileno()).st_size:
                self.reader.close()
                self.inode, self.offset = inode, 0
            log.seek(self.offset)
            data = log.read(READ_AT_ONCE)
        whole = data.rfind(b"\n\n") + 2 if b"\n\n" in data else 0
        self.reader.feed(data[:whole])
        self.offset += whole
        return self.reader.take()

    def mark(self) -> None:
        """Remember how far the log was read, atomically."""
        if (self.inode, self.offset) == self._marked:
            return
        self._marked = (self.inode, self.offset)
        fresh = self.marker.with_suffix(".new")
        fresh.write_text(json.dumps({"inode": self.inode, "offset": self.offset}), encoding="utf-8")
        fresh.replace(self.marker)


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor, worker number."""
    settings = read_settings(Path(sys.argv[1]))
    channel = Channel(socket.socket(fileno=int(sys.argv[2])))
    public = settings.folder / "public.json"
    watched = [settings.intake.accounting.parent] if settings.intake.accounting else []
    collector = Collector(settings, channel, int(sys.argv[3]))
    confine(read=[*settings.lists, public, *watched], write=[settings.folder / "streams", settings.folder / "collect"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: setattr(collector, "going", False))
    collector.run()


if __name__ == "__main__":
    main()
