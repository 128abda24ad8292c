"""The process that listens to exporters and reads the accounting log. It seals to public halves and cannot read what it wrote.

No standing permit, no socket. Several workers share the port (SO_REUSEPORT); an exporter's datagrams stay with one of them.
"""

from __future__ import annotations

import ctypes
import ipaddress
import socket
import sys
import time
from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from sekisho.desk.event.reading import CounterThread, files
from sekisho.desk.flows.accounting import AccountingLog
from sekisho.desk.flows.intake import Intake, refusals
from sekisho.desk.outside import Outside
from sekisho.desk.public import read_public
from sekisho.desk.settings import Settings
from sekisho.faces.processes.channel import Channel, KeepIsGone, KeepSaidNo
from sekisho.faces.processes.confine import confine, report
from sekisho.faces.processes.parent import end_with_parent, from_supervisor, now
from sekisho.faces.processes.receive import Receiver

FLUSH = 0.25
RENEW = 0.5
REPORT = 2.0
SAY_AGAIN = 60.0
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
TRIM_ABOVE, MAP_ABOVE = 256 << 20, 32 << 20


class Collector:
    """One worker: a receiver while a permit wants flows, a decoder, and the intake that seals."""

    def __init__(self, settings: Settings, channel: Channel, number: int) -> None:
        self.settings, self.channel, self.number = settings, channel, number
        mine, marker = settings.intake, settings.folder / "collect" / "accounting.json"
        accounting = AccountingLog(mine.accounting, marker, mine.accounting_zone) if number == 0 else None
        self.intake = Intake(Outside(settings, channel, read_public(settings.folder), now), accounting)
        self.receiver: Receiver | None = None
        self.counting = CounterThread(settings.event) if number == 0 else None
        self.going = True
        pa.array(np.zeros(1))  # what Arrow loads on first use (half a second of it) is loaded before the first datagram waits
        self.complaints = Complaints(f"collect-{number}")
        self._drops_before = 0
        self._due: dict[str, float] = {}

    def run(self) -> None:
        """Until `going` is False; then what had come by then is sealed too."""
        _reuse_memory()
        while self.going:
            self._every("renew", RENEW, self._renew)
            self._pause(time.monotonic() + FLUSH)
            self._turn()
            self._tell()
            self._every("report", REPORT, self._report)
        self._deaf()
        self._turn()
        self.intake.close()

    @property
    def listening(self) -> bool:
        return self.receiver is not None

    def _turn(self) -> None:
        if self.receiver is not None:
            self.intake.receive(self.receiver.take())
        self.intake.turn()

    def _tell(self) -> None:
        """What was counted in this second, if anything was."""
        if self.counting is None:
            return
        permit = self.intake.may_count()
        self.counting.want(wanted=bool(permit))
        values = self.counting.take()
        if permit and values:
            try:
                self.channel.call("tell-counters", permit=permit, values=values)
            except (KeepSaidNo, KeepIsGone):
                self.counting.troubles["counters.not-told"] += 1

    def _pause(self, until: float) -> None:
        while self.going and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, FLUSH))

    def _renew(self) -> None:
        self.intake.renew()
        wanted = self.intake.wants("flows")
        if wanted and self.receiver is None:
            self.receiver = Receiver(self._bound())
        elif not wanted:
            self._deaf()

    def _deaf(self) -> None:
        """Close the socket; what came while a permit held is still taken."""
        if self.receiver is not None:
            self._drops_before = self._drops()
            self.intake.receive(self.receiver.stop())
            self.receiver = None

    def _bound(self) -> socket.socket:
        host, _, port = self.settings.intake.flows.rpartition(":")
        family = socket.AF_INET6 if ipaddress.ip_address(host.strip("[]")).version == 6 else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.settings.intake.receive_buffer)
        sock.bind((host.strip("[]"), int(port)))
        return sock

    def _drops(self) -> int:
        return self._drops_before + (self.receiver.kernel_drops if self.receiver is not None else 0)

    def _report(self) -> None:
        totals = self.intake.totals() | {"listening": int(self.listening), "kernel-drops": self._drops()}
        totals |= self.counting.troubles if self.counting is not None else {}
        for line in self.complaints.lines(totals, time.monotonic()):
            print(line, file=sys.stderr, flush=True)
        try:
            self.channel.call("report", process=f"collect-{self.number}", counters=totals)
        except (KeepSaidNo, KeepIsGone):
            self._due["report"] = time.monotonic() + RENEW

    def _every(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        if time.monotonic() >= self._due.get(name, 0.0):
            self._due[name] = time.monotonic() + seconds
            act()


class Complaints:
    """What to say about bad input: one line per exporter and reason, at most once in SAY_AGAIN seconds. Nothing of any flow is in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._said: dict[str, tuple[float, int]] = {}

    def lines(self, totals: Mapping[str, int], at: float) -> list[str]:
        """`totals`: the intake's, of which `exporter.{address}.{reason}` and `kernel-drops` matter. `at`: monotonic seconds."""
        bad = refusals(totals) | {"*.kernel-drops": totals.get("kernel-drops", 0)}
        for gone in [n for n, (when, _) in self._said.items() if n not in bad and at - when >= SAY_AGAIN]:
            del self._said[gone]
        return [line for name, count in sorted(bad.items()) if (line := self._line(name, count, at))]

    def _line(self, name: str, count: int, at: float) -> str:
        when, before = self._said.get(name, (at - SAY_AGAIN, 0))
        if count <= before or at - when < SAY_AGAIN:
            return ""
        self._said[name] = (at, count)
        address, _, reason = name.rpartition(".")
        return f"{self.name}: exporter {address}: {reason}: {count - before} since last said, {count} in all"


def _reuse_memory() -> None:
    """Columns come and go four times a second: fetching their pages from the kernel anew each time took a third of all CPU time."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_MMAP_THRESHOLD, MAP_ABOVE)
        libc.mallopt(M_TRIM_THRESHOLD, TRIM_ABOVE)
        pa.set_memory_pool(pa.system_memory_pool())


def main() -> None:
    """Started by the supervisor: settings path, channel descriptor, worker number."""
    settings, channel = from_supervisor()
    public = settings.folder / "public.json"
    watched = [settings.intake.accounting.parent] if settings.intake.accounting else []
    collector = Collector(settings, channel, int(sys.argv[3]))
    own = [settings.folder / "streams", settings.folder / "collect"]
    report("collect", files=confine(read=[*settings.lists, public, *watched, *files(settings.event)], write=own))
    end_with_parent(lambda: setattr(collector, "going", False))
    collector.run()


if __name__ == "__main__":
    main()
