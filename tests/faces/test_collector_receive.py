"""The receiving thread: nothing that the kernel gave it is lost or mixed up, and what waits is bounded."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from sekisho.faces.processes.receive import Receiver
from sekisho.wire.flows import Run


@pytest.fixture(params=["127.0.0.1", "::1"])
def sock(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        one.bind((request.param, 0))
        yield one


def sender(to: socket.socket) -> socket.socket:
    one = socket.socket(to.family, socket.SOCK_DGRAM)
    one.connect(to.getsockname()[:2])
    return one


def pieces(runs: list[Run]) -> list[tuple[tuple[str, int], bytes]]:
    return [(r.exporter, r.octets[i * r.size : (i + 1) * r.size]) for r in runs for i in range(r.count)]


def taken(receiver: Receiver, count: int) -> list[Run]:
    runs: list[Run] = []
    until = time.monotonic() + 10
    while sum(r.count for r in runs) < count and time.monotonic() < until:
        runs += receiver.take()
        time.sleep(0.01)
    return runs


def test_every_datagram_comes_whole_from_its_sender_and_in_order(sock: socket.socket) -> None:
    """Of any size, from two senders in turn, an empty one among them."""
    receiver = Receiver(sock)
    one, two = sender(sock), sender(sock)
    sent: dict[tuple[str, int], list[bytes]] = {s.getsockname()[:2]: [] for s in (one, two)}
    for number in range(600):
        by = one if number % 7 < 4 else two
        datagram = bytes([number % 251]) * (number % 5 * 400 if number % 100 else 0)
        by.send(datagram)
        sent[by.getsockname()[:2]].append(datagram)
    got = pieces(taken(receiver, 600))
    assert {s: [d for g, d in got if g == s] for s in sent} == sent
    assert receiver.kernel_drops == 0
    receiver.stop()


def test_the_largest_datagram_is_not_cut(sock: socket.socket) -> None:
    receiver, datagram = Receiver(sock), bytes(range(251)) * 260
    sender(sock).send(datagram)
    assert [d for _, d in pieces(taken(receiver, 1))] == [datagram]
    receiver.stop()


def test_what_came_before_the_end_is_handed_over_with_it(sock: socket.socket) -> None:
    """Nothing in the kernel's buffer is thrown away by an orderly stop."""
    receiver, one = Receiver(sock), sender(sock)
    for _ in range(50):
        one.send(b"x" * 100)
    assert sum(r.count for r in receiver.stop()) == 50


def test_while_nobody_takes_only_so_much_waits_and_the_rest_is_counted_by_the_kernel(sock: socket.socket) -> None:
    """Every datagram is either handed over or in the count of drops."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    most = 1 << 20
    receiver, one = Receiver(sock, most_waiting=most), sender(sock)
    for number in range(8000):
        one.send(b"x" * 1000)
        if number % 50 == 0:
            time.sleep(0.002)
    time.sleep(0.3)
    first = receiver.take()
    assert sum(len(r.octets) for r in first) <= most + 512 * 1000
    drops = receiver.kernel_drops
    assert drops > 0
    assert sum(r.count for r in first + taken(receiver, 8000 - drops - sum(r.count for r in first))) + drops == 8000
    receiver.stop()
