"""The process that listens to exporters and reads the accounting log. It seals to public halves and cannot read what it wrote.

No standing permit, no socket. Several workers share the port (SO_REUSEPORT); an exporter's datagrams stay with one of them.
"""

from __future__ import annotations

import ipaddress
import signal
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sekisho.desk.accounting import AccountingLog
from sekisho.desk.config import Settings, read_settings
from sekisho.desk.intake import Intake
from sekisho.desk.opening import read_public
from sekisho.desk.outside import Outside
from sekisho.faces.channel import Channel, KeepIsGone, KeepSaidNo
from sekisho.faces.confine import confine

FLUSH = 0.25
RENEW = 0.5
REPORT = 2.0
LARGEST = 65_535


class Collector:
    """One worker: a socket while a permit wants flows, a decoder, and the intake that seals."""

    def __init__(self, settings: Settings, channel: Channel, number: int) -> None:
        self.settings, self.channel, self.number = settings, channel, number
        accounting = AccountingLog(settings.intake.accounting, settings.folder / "collect" / "accounting.json") if number == 0 else None
        self.intake = Intake(Outside(settings, channel, read_public(settings.folder), now), accounting)
        self.socket: socket.socket | None = None
        self.going = True
        self._due: dict[str, float] = {}

    def run(self) -> None:
        while self.going:
            self._every("renew", RENEW, self._renew)
            self._receive(time.monotonic() + FLUSH)
            self.intake.turn()
            self._every("report", REPORT, self._report)
        self.intake.close()

    def _receive(self, until: float) -> None:
        """Take datagrams as they come until the next flush is due."""
        if self.socket is None:
            time.sleep(max(0.0, until - time.monotonic()))
            return
        buffer = bytearray(LARGEST)
        view = memoryview(buffer)
        feed, receive = self.intake.feed, self.socket.recvfrom_into
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
        self.intake.renew()
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

    def _report(self) -> None:
        try:
            totals = self.intake.totals() | {"listening": int(self.socket is not None)}
            self.channel.call("report", process=f"collect-{self.number}", counters=totals)
        except (KeepSaidNo, KeepIsGone):
            self._due["report"] = time.monotonic() + RENEW

    def _every(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        if time.monotonic() >= self._due.get(name, 0.0):
            self._due[name] = time.monotonic() + seconds
            act()


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
