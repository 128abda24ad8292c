"""A taken-over process, or anybody at the operator's door, sends garbage on `keep`'s channel. `keep` closes that channel and goes on."""

from __future__ import annotations

import json
import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sekisho.faces.processes.channel import HEAD, LONGEST, Channel, frame, read_frame
from sekisho.faces.processes.supervise import _hand_over
from tests.node import Desk, no
from tests.redteam.conftest import Stage

ROLES = ("collect", "work", "act", "show", "hold", "policy", "submission", "gateway", "portal", "tap", "terminal", "supervisor")


@pytest.fixture(scope="module")
def desk(found: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with found.serve(tmp_path_factory.mktemp("bytes") / "node") as desk:
        yield desk


@pytest.fixture(autouse=True)
def still_there(desk: Desk) -> Iterator[None]:
    """After each attack somebody else is answered, and soon."""
    yield
    began = time.monotonic()
    assert desk.world.keep.call("overview")["ledger"]["size"]
    assert time.monotonic() - began < 10


def raw(desk: Desk, role: str = "show") -> socket.socket:
    mine, its = socket.socketpair()
    with its:
        _hand_over(desk.control, its, role, ())
    mine.settimeout(20)
    return mine


def hangs_up(sock: socket.socket) -> bool:
    try:
        while sock.recv(1 << 16):
            pass
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize("length", [LONGEST + 1, 1 << 31, (1 << 32) - 1])
def test_a_lying_length_closes_the_channel(desk: Desk, length: int) -> None:
    with raw(desk) as sock:
        sock.sendall(HEAD.pack(length) + b"{}")
        assert hangs_up(sock)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\xfd",
        b"null",
        b"[]",
        b'"method"',
        b"{}",
        b'{"method": 1}',
        b'{"method": null, "params": {}}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"9" * 100_000,
        b"NaN",
    ],
    ids=lambda b: (b[:12] or b"empty").decode("latin-1") + f"-{len(b)}",
)
def test_what_is_no_request_closes_the_channel(desk: Desk, body: bytes) -> None:
    with raw(desk) as sock:
        sock.sendall(HEAD.pack(len(body)) + body)
        assert hangs_up(sock)


REQUESTS: list[object] = [
    {"method": "overview", "params": []},
    {"method": "overview", "params": {"unknown": 1}},
    {"method": "plan", "params": {"plan": "\ud800"}},
    {"method": "\ud800", "params": {}},
    {"method": "plan", "params": {"plan": "x" * 1_000_000}},
    {"method": "explain", "params": {"entry": -1}},
    {"method": "explain", "params": {"entry": 1 << 80}},
    {"method": "explain", "params": {"entry": True}},
    {"method": "explain", "params": {"entry": 1e308}},
    {"method": "review", "params": {"approval": {}, "signature": {}}},
    {"method": "enrol", "params": {"code": "\0", "key_kind": "file", "public_key": "00"}},
    {"method": "report", "params": {"process": "x", "counters": {"a": "b"}}},
    {"method": "supply", "params": {"plan": "x", "evidence": {"kind": "\ud800"}, "signature": None}},
    {"method": "my-line", "params": {"code": "\ud800"}},
    {"method": "__class__", "params": {}},
    {"method": "", "params": None},
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: str(r)[:60].encode("ascii", "replace").decode())
def test_a_senseless_request_is_answered_with_a_no_and_the_channel_stays(desk: Desk, request_: object) -> None:
    with raw(desk) as sock:
        channel = Channel(sock, 20)
        body = json.dumps(request_).encode()
        sock.sendall(HEAD.pack(len(body)) + body)
        assert "error" in read_frame(sock)
        assert channel.call("book")["digest"]


def test_random_bytes_on_every_roles_channel_stop_nothing(desk: Desk) -> None:
    rng = random.Random(20261121)
    for role in ROLES:
        for _ in range(20):
            with raw(desk, role) as sock:
                sock.sendall(rng.randbytes(rng.randrange(1, 5000)))


def test_mutated_requests_stop_nothing(desk: Desk) -> None:
    rng = random.Random(7)
    good = frame({"method": "plan", "params": {"plan": "0" * 16}})
    for _ in range(200):
        bad = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            bad[rng.randrange(4, len(bad))] = rng.randrange(256)
        with raw(desk) as sock:
            sock.sendall(bad)


def test_half_a_request_keeps_nobody_waiting(desk: Desk) -> None:
    with raw(desk) as slow:
        slow.sendall(frame({"method": "overview"})[:7])
        began = time.monotonic()
        assert desk.world.keep.call("book")
        assert time.monotonic() - began < 5


def test_a_request_cut_into_single_bytes_is_still_answered(desk: Desk) -> None:
    with raw(desk) as sock:
        for byte in frame({"method": "book", "params": {}}):
            sock.sendall(bytes([byte]))
        assert HEAD.unpack(sock.recv(4, socket.MSG_WAITALL))[0] > 2


def test_who_asks_and_never_reads_costs_bounded_memory(desk: Desk) -> None:
    before = resident()
    with raw(desk) as greedy:
        greedy.setblocking(False)
        ask = frame({"method": "measures", "params": {}}) * 20
        end = time.monotonic() + 3
        while time.monotonic() < end:
            try:
                greedy.send(ask)
            except BlockingIOError:
                time.sleep(0.01)
            except ConnectionError:
                break
        assert resident() - before < 300 << 20


def test_while_one_floods_others_are_answered(desk: Desk) -> None:
    with raw(desk) as flood:
        flood.setblocking(False)
        ask = frame({"method": "overview", "params": {}}) * 2000
        with suppress(BlockingIOError):
            flood.send(ask)
        began = time.monotonic()
        assert desk.channel("act").call("orders") == []
        assert time.monotonic() - began < 5


def test_a_crowd_at_the_door_stops_nothing(desk: Desk) -> None:
    crowd = [raw(desk, "terminal") for _ in range(200)]
    try:
        assert no(lambda: Channel(crowd[-1], 20).call("order")) == "not-for-this-role"
    finally:
        for sock in crowd:
            sock.close()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
