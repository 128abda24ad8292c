"""The process that hears the resolver: a socket only while a permit lives, bounded whatever is sent; killed, it leaves nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.desk.outside import KeepIsGone
from sekisho.faces.processes import tap as face
from sekisho.faces.processes.supervise import _hand_over
from sekisho.faces.processes.tap import MOST_CONNECTIONS, Tap
from sekisho.wire.dnstap import ACCEPT, CONTENT, READY, START, control
from tests.conftest import BUSY
from tests.node import Desk, thread
from tests.wire.test_dnstap import asked, frame, stream, tapped

SECRET = "a-name-nobody-may-keep.net"


@dataclass
class Counting:
    """Stands for the counting: what it was given, and whether a permit lives."""

    living: bool = True
    counters: Counter[str] = field(default_factory=Counter)
    rows: list[dict[str, Any]] = field(default_factory=list)
    turns: int = 0
    forgotten: int = 0
    world: Any = None

    def hear(self) -> bool:
        return self.living

    def take(self, asked: pa.Table, _neighbours: Mapping[str, str]) -> None:
        self.rows += asked.to_pylist()

    def turn(self) -> None:
        self.turns += 1

    def forget(self) -> None:
        self.forgotten += 1
        self.rows.clear()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Tap]:
    one = Tap(Counting(), tmp_path / "dnstap.sock")  # type: ignore[arg-type] # it is called as the counting is
    one.open()
    yield one
    one.shut()


def connected(one: Tap) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(str(one.path))
    one.hear(0.2, {})
    return sock


def test_what_a_resolver_says_comes_as_rows_and_it_is_answered(opened: Tap) -> None:
    with connected(opened) as resolver:
        resolver.sendall(stream(tapped(asked("www.example.")), b"damaged"))
        opened.hear(0.2, {})
        assert [r["name"] for r in opened.counting.rows] == ["www.example"]  # type: ignore[attr-defined] # of the one above
        assert resolver.recv(4096).startswith(control(ACCEPT, CONTENT))
        assert resolver.recv(4096) == b""
    assert opened.counters["dnstap-messages"] == 2
    assert sum(n for c, n in opened.counters.items() if c != "dnstap-messages") == 1


def test_a_stream_that_breaks_its_form_is_cut_off_and_the_next_is_heard(opened: Tap) -> None:
    with connected(opened) as bad:
        bad.sendall(b"GET / HTTP/1.0\r\n\r\n")
        opened.hear(0.2, {})
        assert bad.recv(10) == b""
    with connected(opened) as good:
        good.sendall(stream(tapped(asked("www.example."))))
        opened.hear(0.2, {})
    assert len(opened.counting.rows) == 1  # type: ignore[attr-defined] # of the one above


def test_only_so_many_may_be_connected(opened: Tap) -> None:
    every = [connected(opened) for _ in range(MOST_CONNECTIONS + 1)]
    assert opened.counters["too-many-connections"] == 1
    for sock in every:
        sock.close()


def test_without_a_permit_the_socket_is_gone_with_its_connections_and_counts(opened: Tap) -> None:
    with connected(opened) as resolver:
        resolver.sendall(control(READY, CONTENT) + control(START, CONTENT) + frame(tapped(asked("www.example."))))
        opened.hear(0.2, {})
        opened.counting.living = False  # type: ignore[attr-defined] # of the one above
        face._keep_to_permits(opened)
        assert not opened.path.exists()
        assert opened.counting.rows == []  # type: ignore[attr-defined] # of the one above
        resolver.settimeout(1)
        assert resolver.recv(4096) in (b"", control(ACCEPT, CONTENT))
    opened.counting.living = True  # type: ignore[attr-defined] # of the one above
    face._keep_to_permits(opened)
    assert opened.path.exists()
    assert oct(opened.path.stat().st_mode)[-3:] == "660"


def test_the_loop_lives_through_a_silent_keep_and_an_unreadable_table_and_leaves_no_socket(tmp_path: Path) -> None:
    ended = threading.Event()

    class Keep:
        def call(self, *_: object, **__: object) -> None:
            raise KeepIsGone

    class Table:
        def table(self) -> Mapping[str, str]:
            ended.set()
            raise OSError

    counting = Counting(world=type("World", (), {"keep": Keep()}))
    one = Tap(counting, tmp_path / "dnstap.sock")  # type: ignore[arg-type] # it is called as the counting is
    face.run(one, Table(), ended)  # type: ignore[arg-type] # it is called as the table is
    assert one.counters == {"neighbours-not-read": 1, "not-reported": 1}
    assert counting.turns == 1
    assert not one.path.exists()


# The process itself, under a real `keep`


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("tap")
    more = f'\n[event]\ndnstap = "{folder}/dnstap.sock"\n'
    more += '[portal]\nlisten = "127.0.0.1:8088"\nurl = "https://wifi.example/"\ninterface = "lo"\nssid = "Conference"\n'
    with thread(folder / "node", change=lambda text: text + more) as found:
        yield found


def within(what: str, ready: Callable[[], bool], seconds: float = 20) -> None:
    began = time.monotonic()
    while not ready():
        assert time.monotonic() - began < seconds + BUSY, what
        time.sleep(0.05)


def started(desk: Desk, log: Path) -> subprocess.Popen[bytes]:
    mine, its = socket.socketpair()
    with mine, its, log.open("ab") as out:
        _hand_over(desk.control, its, "tap", ())
        argv = [sys.executable, "-m", "sekisho.faces.processes.tap", str(desk.place.settings_path), str(mine.fileno())]
        return subprocess.Popen(argv, pass_fds=[mine.fileno()], stderr=out, stdout=out)


def test_it_listens_only_under_a_permit_and_killed_it_leaves_no_name_anywhere(desk: Desk) -> None:
    folder = desk.place.folder.parent
    path, log = folder / "dnstap.sock", folder / "tap.log"
    process = started(desk, log)
    try:
        portal = desk.channel("portal")
        digests = {o["purpose"]: o["digest"]["ja"] for o in portal.call("portal-page")["offers"]}
        assert not path.exists(), "nobody agreed, and there is no permit"
        portal.call("answer-portal", hardware="02:00:00:00:00:01", agreed=["attendee-names"], shown=digests, language="ja")
        permits = desk.people.stand("attendee-names")
        within("a socket", path.exists)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as resolver:
            resolver.connect(str(path))
            resolver.sendall(control(READY, CONTENT) + control(START, CONTENT) + frame(tapped(asked(f"{SECRET}."))) * 200)
            assert resolver.recv(4096) == control(ACCEPT, CONTENT)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        for found in (p for p in folder.rglob("*") if p.is_file()):
            assert SECRET.encode() not in found.read_bytes(), found
        process = started(desk, log)
        for permit in permits:
            desk.people.withdraw(permit)
        within("no socket", lambda: not path.exists())
    finally:
        process.terminate()
        process.wait()
    assert log.read_text("utf-8") == ""
