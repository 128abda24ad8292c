"""A small provider in network namespaces: a router, an internet behind it, and one namespace per subscriber line.

    line 1 --- l1 [          ] uplink --- [ internet: ordinary servers, and one that a list names ]
    line 2 --- l2 [  router  ]
    ...           [          ]  exporters and RADIUS run here, on its loopback

Names carry the pid and a number, so that two labs never meet; everything is taken down in `finally`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
ROUTER4 = "198.51.100.1"
UPLINK = ("203.0.113.1", "203.0.113.2", "2001:db8:f00::1", "2001:db8:f00::2")
LABS = count(1)
OWN = ("198.51.100.0/24", "2001:db8:100::/48")


class LabError(RuntimeError):
    """A command of the lab failed; says which and what it printed."""


def sh(*argv: str, within: float = 20) -> str:
    """Run a command to its end. Raises LabError with what it printed."""
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=within, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(argv)} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[:400]}")
    return done.stdout


@dataclass
class Network:
    """The namespaces of one lab and the processes started in them."""

    tag: str
    lines: int
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    logs: list[IO[bytes]] = field(default_factory=list)

    @property
    def router(self) -> str:
        return f"{self.tag}-r"

    @property
    def internet(self) -> str:
        return f"{self.tag}-i"

    def line(self, number: int) -> str:
        return f"{self.tag}-l{number}"

    def names(self) -> list[str]:
        return [self.router, self.internet, *(self.line(n) for n in range(1, self.lines + 1))]

    def start(self, namespace: str, *argv: str, log: str) -> subprocess.Popen[bytes]:
        """Start a program in a namespace, in the foreground of its own; what it prints goes to `folder`/`log`."""
        out = (self.folder / log).open("wb")
        self.logs.append(out)
        env = {**os.environ, "TZ": "UTC", "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, *argv], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=ROOT, env=env
        )
        self.running[log] = process
        return process

    def python(self, namespace: str, module: str, *argv: str, log: str) -> subprocess.Popen[bytes]:
        """Start one of the lab's own programs in a namespace."""
        return self.start(namespace, sys.executable, "-u", "-m", module, *argv, log=log)

    def run(self, namespace: str, *argv: str, within: float = 20) -> str:
        """Run a command in a namespace to its end."""
        return sh("ip", "netns", "exec", namespace, *argv, within=within)

    def printed(self, log: str, words: str, within: float = 10) -> None:
        """Wait until a program has printed `words`. Raises LabError, with its last words, when it does not."""
        end = time.monotonic() + within
        path = self.folder / log
        while time.monotonic() < end:
            ended = self.running[log].poll() is not None
            if words.encode() in path.read_bytes():
                return
            if ended:
                break
            time.sleep(0.02)
        raise LabError(f"{log} did not say {words!r}; it said: {path.read_bytes()[-400:]!r}")

    def move_address(self, address: str, holder: int, following: int) -> None:
        """The address pool hands one IPv4 address from one line to the next."""
        sh("ip", "-n", self.line(holder), "addr", "del", f"{address}/32", "dev", "wan")
        self.give_address(address, following)

    def give_address(self, address: str, number: int) -> None:
        """Route an IPv4 address to a line, which takes it on its outer interface."""
        line = self.line(number)
        sh("ip", "-n", line, "addr", "add", f"{address}/32", "dev", "wan")
        sh("ip", "-n", line, "route", "replace", "default", "via", ROUTER4, "dev", "wan", "onlink", "src", address)
        sh("ip", "-n", self.router, "route", "replace", f"{address}/32", "dev", f"l{number}")

    def give_prefix(self, prefix: str, address: str, number: int) -> None:
        """Delegate an IPv6 prefix to a line; one terminal in it takes `address`."""
        line = self.line(number)
        sh("ip", "-n", line, "addr", "add", f"{address}/128", "dev", "wan", "nodad")
        sh("ip", "-n", line, "route", "replace", "default", "via", "fe80::1", "dev", "wan", "src", address)
        sh("ip", "-n", self.router, "route", "replace", prefix, "via", "fe80::2", "dev", f"l{number}")

    def give_server(self, address: str) -> None:
        """An address of the internet side."""
        bits = 128 if ":" in address else 32
        sh("ip", "-n", self.internet, "addr", "add", f"{address}/{bits}", "dev", "lo", *(("nodad",) if bits == 128 else ()))
        via = UPLINK[3] if bits == 128 else UPLINK[1]
        sh("ip", "-n", self.router, "route", "replace", f"{address}/{bits}", "via", via, "dev", "uplink")

    def stop(self, process: subprocess.Popen[bytes], within: float = 5) -> None:
        """End one program we started, and wait for it."""
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(within)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(within)


def _namespace(name: str) -> None:
    sh("ip", "netns", "add", name)
    sh("ip", "-n", name, "link", "set", "lo", "up")
    quiet = ("net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.disable_ipv6=0")
    sh("ip", "netns", "exec", name, "sysctl", "-qw", *quiet)


def _cable(one: tuple[str, str], other: tuple[str, str]) -> None:
    sh("ip", "link", "add", one[1], "netns", one[0], "type", "veth", "peer", "name", other[1], "netns", other[0])


def _up(namespace: str, interface: str, *addresses: str) -> None:
    sh("ip", "-n", namespace, "link", "set", "dev", interface, "up")
    for address in addresses:
        sh("ip", "-n", namespace, "addr", "add", address, "dev", interface, *(("nodad",) if ":" in address else ()))


def _build(net: Network) -> None:
    for name in net.names():
        _namespace(name)
    sh("ip", "netns", "exec", net.router, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    _cable((net.router, "uplink"), (net.internet, "outer"))
    _up(net.router, "uplink", f"{UPLINK[0]}/30", f"{UPLINK[2]}/64")
    _up(net.internet, "outer", f"{UPLINK[1]}/30", f"{UPLINK[3]}/64")
    sh("ip", "-n", net.internet, "route", "add", OWN[0], "via", UPLINK[0])
    sh("ip", "-n", net.internet, "-6", "route", "add", OWN[1], "via", UPLINK[2])
    sh("ip", "-n", net.router, "addr", "add", f"{ROUTER4}/32", "dev", "lo")
    for number in range(1, net.lines + 1):
        _cable((net.router, f"l{number}"), (net.line(number), "wan"))
        _up(net.router, f"l{number}", "fe80::1/64")
        _up(net.line(number), "wan", "fe80::2/64")


def _tear_down(net: Network) -> None:
    for process in reversed(net.running.values()):
        net.stop(process)
    for log in net.logs:
        log.close()
    for name in net.names():
        subprocess.run(["ip", "netns", "del", name], stdin=subprocess.DEVNULL, capture_output=True, check=False)


@contextmanager
def network(lines: int, folder: Path) -> Iterator[Network]:
    """Build the namespaces for `lines` subscriber lines; logs of what runs in them go to `folder`. Needs root."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root for its network namespaces: run it as root on a Linux machine")
    net = Network(f"sk{os.getpid()}-{next(LABS)}", lines, folder)
    try:
        _build(net)
        yield net
    finally:
        _tear_down(net)
