"""Whether a line gets the same with the filter on and off, but for what the filter refuses: measured on a path through its own rules.

Runs in a network namespace without any link: two lines and a server are addresses of its loopback, one line has switched off. Nobody's
communication is touched. Turn by turn, so that whatever else the machine does falls on both alike.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from statistics import median
from typing import TypeAlias

from pyroute2 import IPRoute

from sekisho.effects import class_filter
from sekisho.effects.class_filter import Filter, PacketClass
from sekisho.effects.kernel import Kernel
from sekisho.effects.nft import Chain, KernelSaidNo, Table, kind_of
from sekisho.effects.prefix_sets import Prefix
from sekisho.effects.reconcile import reconcile

Address: TypeAlias = IPv4Address | IPv6Address

PERMIT = "permit-parity-test"
SERVERS = {4: ip_address("192.0.2.66"), 6: ip_address("2001:db8:ffff::66")}
INPUT = kind_of(type="filter", hook="input", prio=0, policy="accept")
PORTS = range(40000, 50000)
"""One of these is asked, of no class; the control is on the next."""
ROUNDS = 2000
CHUNK, CHUNKS = 1 << 16, 400
PAYLOAD = bytes(512)
PATIENCE = 0.5
CONTROL = 1
"""So far above the port that is asked lies the one whose packets the control class refuses."""
ALLOWED = 250
"""By so much, in permille, the two may differ: of two alike measured turn by turn on a busy machine."""


@dataclass(frozen=True)
class TryParity:
    """The classes and lines of a plan. `rounds` of question and answer, and as many chunks of a stream, for each line."""

    ranges: tuple[Prefix, ...]
    line_v6: int
    classes: tuple[PacketClass, ...]
    rounds: int = ROUNDS
    chunks: int = CHUNKS


@dataclass(frozen=True)
class Side:
    """One line: whether the control, a class of our own, was refused to it; answers to its questions, the median way there and back in
    nanoseconds, and kbit/s of the median chunk of a stream.
    """

    refused: bool
    answered: int
    median_ns: int
    kbit: int


@dataclass(frozen=True)
class Parity:
    """`family`: 4 or 6. `on` and `off`: the line with the filter and the one without. `asked`: questions of each."""

    family: int
    asked: int
    on: Side
    off: Side

    @property
    def same(self) -> bool:
        """The filter was there for one and off for the other, every question was answered, and neither time nor throughput differs by
        more than ALLOWED permille.
        """
        both = self.on, self.off
        if (self.on.refused, self.off.refused) != (True, False) or any(s.answered != self.asked for s in both):
            return False
        ways, rates = sorted(s.median_ns for s in both), sorted(s.kbit for s in both)
        return all((high - low) * 1000 <= ALLOWED * high for low, high in (ways, rates))


class NoPath(Exception):
    """No path could be made here: its code is no-library, refused and the like, no-free-port or no-second-line."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def carry_out(request: TryParity, now: datetime) -> tuple[Parity, ...]:
    """For each family that the plan has. The caller's thread is in a namespace of its own. Raises NoPath."""
    port = next((p for p in PORTS if not any(_refused(p + n, request.classes) for n in (0, CONTROL))), 0)
    if not port:
        raise NoPath("no-free-port")
    with IPRoute() as roads:
        lo = roads.link_lookup(ifname="lo")[0]
        roads.link("set", index=lo, state="up")
        try:
            return tuple(_family(request, version, port, now, lambda a: _add(roads, lo, a)) for version in _versions(request))
        except KernelSaidNo as no:
            raise NoPath(no.code) from no


def _versions(request: TryParity) -> list[int]:
    return sorted({r.version for r in request.ranges})


def _refused(port: int, classes: tuple[PacketClass, ...]) -> bool:
    """Whether a class says this port; what is sent begins with zeros, and a pattern of those alone is some class's as well."""
    return any(
        (c.ports is None or c.ports[0] <= port <= c.ports[1]) and bytes(16).startswith(bytes.fromhex(c.pattern)) for c in classes
    )


def _add(roads: IPRoute, lo: int, address: Address) -> None:
    flags = {"flags": 0x02} if address.version == 6 else {}
    roads.addr("replace", index=lo, address=str(address), prefixlen=address.max_prefixlen, **flags)


def _family(request: TryParity, version: int, port: int, now: datetime, add: Callable[[Address], None]) -> Parity:
    on, off = _lines(request, version)
    for address in (on, off, SERVERS[version]):
        add(address)
    until = now + timedelta(hours=1)
    control = PacketClass("control", dict.fromkeys(("ja", "en"), "-"), "udp", (port + CONTROL, port + CONTROL), None, "", 1, 0)
    filtering = Filter(PERMIT, until, request.ranges, request.line_v6, now, (*request.classes, control))
    line = filtering.line(str(off))
    sets, chains, entry = class_filter.rules(replace(filtering, off=(line,) if line else ()), now)
    kernel = Kernel("sekisho_parity_test")
    try:
        if reconcile(kernel, Table(sets, {"input": Chain(INPUT, (entry,)), **chains}, name="sekisho_parity_test")).left:
            raise NoPath("refused")
        sides = dict(zip(("on", "off"), _measure((on, off), SERVERS[version], port, request), strict=True))
    finally:
        with suppress(KernelSaidNo):
            reconcile(kernel, Table(name="sekisho_parity_test"))
        kernel.close()
    return Parity(version, request.rounds, **sides)


def _lines(request: TryParity, version: int) -> tuple[Address, Address]:
    """An address of each of the first two lines. Raises NoPath where there is one line only."""
    first = next(r for r in request.ranges if r.version == version)
    step = 1 << (first.max_prefixlen - (32 if version == 4 else request.line_v6))
    if first.num_addresses < 2 * step:
        raise NoPath("no-second-line")
    return first[0], first[step]


def _measure(lines: tuple[Address, Address], server: Address, port: int, request: TryParity) -> Iterator[Side]:
    with ExitStack() as stack:
        asking, refusing = (stack.enter_context(_datagrams(server, p)) for p in (port, port + CONTROL))
        askers = [stack.enter_context(_datagrams(line, 0)) for line in lines]
        for one in askers:
            one.connect((str(server), port))
        refused = [_is_refused(line, refusing) for line in lines]
        took: list[list[int]] = [[], []]
        for _ in range(request.rounds):
            for which, one in enumerate(askers):
                with suppress(OSError):
                    took[which].append(_way(one, asking))
        listening = stack.enter_context(socket.create_server((str(server), port), family=asking.family))
        ends = [_stream(stack, line, listening) for line in lines]
        spent: list[list[int]] = [[], []]
        for _ in range(request.chunks):
            for which, (here, there) in enumerate(ends):
                spent[which].append(_carry(here, there))
    for no, ways, chunks in zip(refused, took, spent, strict=True):
        yield Side(no, len(ways), int(median(ways)) if ways else 0, int(CHUNK * 8 * 1_000_000 / median(chunks)))


def _datagrams(address: Address, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    made.settimeout(PATIENCE)
    made.bind((str(address), port))
    return made


def _is_refused(line: Address, server: socket.socket) -> bool:
    with _datagrams(line, 0) as asker:
        try:
            asker.sendto(PAYLOAD, server.getsockname()[:2])
            return server.recvfrom(len(PAYLOAD))[0] != PAYLOAD
        except OSError:
            return True


def _way(asker: socket.socket, server: socket.socket) -> int:
    """A question and its answer. Raises OSError where one is refused or lost."""
    began = time.perf_counter_ns()
    asker.send(PAYLOAD)
    said, who = server.recvfrom(len(PAYLOAD))
    server.sendto(said, who)
    asker.recv(len(PAYLOAD))
    return time.perf_counter_ns() - began


def _stream(stack: ExitStack, line: Address, listening: socket.socket) -> tuple[socket.socket, socket.socket]:
    here = stack.enter_context(socket.create_connection(listening.getsockname()[:2], 2, (str(line), 0)))
    there = stack.enter_context(listening.accept()[0])
    there.settimeout(2)
    return here, there


def _carry(here: socket.socket, there: socket.socket) -> int:
    """A chunk of a stream, sent and taken; nanoseconds."""
    began, left = time.perf_counter_ns(), CHUNK
    while left:
        sent = here.send(bytes(min(left, 1 << 14)))
        left -= sent
        while sent:
            sent -= len(there.recv(sent))
    return time.perf_counter_ns() - began
