"""A lab for tests: namespaces, servers and live exporters aimed at a collector under test, which listens on the router's loopback.

    with live(tmp_path, ports={9: 2055, 10: 4739}) as lab:
        collector = lab.net.start(lab.net.router, "sekisho", "run", ..., log="collector.log")
        lab.export()
        lab.send_out(10)
        lab.wait()
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab import exporters, radius, record, scenario
from lab.network import LabError, Network, network


@dataclass
class Live:
    """A running lab. `ports` maps an export version (9, 10) to the UDP port on the router's loopback it is sent to."""

    net: Network
    ports: Mapping[int, int]
    visits: list[subprocess.Popen[bytes]] = field(default_factory=list)
    probe: subprocess.Popen[bytes] | None = None

    def export(self) -> None:
        """Start pmacctd. Start the collector first: the templates are in the first datagrams."""
        self.probe = exporters.pmacctd(self.net, {version: f"127.0.0.1:{port}" for version, port in self.ports.items()})

    def send_out(self, seconds: float) -> None:
        """The terminals of lines 1 to 6 begin their errands: what `scenario.truth()` says of them holds, given ten seconds or more."""
        lines = [line for line in scenario.LINES if line.number <= 6]
        self.visits += [record.visit(self.net, line, scenario.errands(line, seconds)) for line in lines]

    def wait(self, within: float = 60) -> None:
        """Until every terminal is done; then stop pmacctd, which sends what it still holds. Raises LabError when one got no answer."""
        for process in self.visits:
            if process.wait(within):
                raise LabError(f"a terminal did not get its answers; see line*.log in {self.net.folder}")
        if self.probe is not None:
            self.net.stop(self.probe)

    def account(self) -> Path:
        """Start FreeRADIUS and open a session for lines 1 to 7; the path of the detail file."""
        detail = radius.server(self.net)
        for line in scenario.LINES[:7]:
            record.open_session(self.net, line)
        return detail


@contextmanager
def live(folder: Path, ports: Mapping[int, int]) -> Iterator[Live]:
    """The lab with servers and addresses up, nothing exported yet. Needs root; everything started in it ends with it."""
    with network(len(scenario.LINES), folder) as net:
        record.prepare(net)
        yield Live(net, dict(ports))
