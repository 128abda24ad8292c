"""How far the clock is off: by a real chronyd, by a time server, or honestly not known."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho_sender.clock_offset import FROM_1900, Offset, Sampled, from_chrony, from_server, measured, read_tracking, seconds, stamp
from tests.conftest import need

AHEAD = 5.0


class TimeServer:
    """A time server on loopback whose clock is five seconds ahead of ours; `change` alters its answers."""

    def __init__(self) -> None:
        self.link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.link.bind(("127.0.0.1", 0))
        self.port = self.link.getsockname()[1]
        self.change = lambda answer: answer
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                asked, peer = self.link.recvfrom(512)
            except OSError:
                return
            theirs = stamp(time.time() + AHEAD)
            answer = bytes([0x24, 1, asked[2], 0xEC]) + bytes(8) + b"GPS\0" + theirs + asked[40:48] + theirs + stamp(time.time() + AHEAD)
            self.link.sendto(self.change(answer), peer)


@pytest.fixture
def server() -> Iterator[TimeServer]:
    one = TimeServer()
    yield one
    one.link.close()


def test_a_clock_five_seconds_behind_its_time_server_is_minus_five_million_microseconds_ahead(server: TimeServer) -> None:
    found = from_server("127.0.0.1", server.port)
    assert found.ahead_us is not None
    assert abs(found.ahead_us + 5_000_000) < 200_000
    assert (found.stratum, found.source) == (1, "ntp 127.0.0.1")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda answer: bytes([0xE4]) + answer[1:], "not-synchronised"),
        (lambda answer: answer[:1] + b"\0" + answer[2:], "not-synchronised"),
        (lambda answer: answer[:1] + b"\x10" + answer[2:], "not-synchronised"),
        (lambda answer: answer[:24] + bytes(8) + answer[32:], "no-answer-to-our-question"),
        (lambda answer: answer[:47], "no-answer-to-our-question"),
        (lambda answer: b"\x23" + answer[1:], "no-answer-to-our-question"),
    ],
)
def test_a_time_server_that_does_not_know_or_did_not_hear_us_says_nothing(server: TimeServer, change: object, why: str) -> None:
    server.change = change  # type: ignore[assignment] - a lambda of the table above
    assert from_server("127.0.0.1", server.port) == Offset(None, why=why)


def test_a_time_server_that_is_not_there_leaves_the_clock_unknown() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert from_server("127.0.0.1", port).why == "time-server-did-not-answer"
    assert from_server("no-such-host.invalid").why == "time-server-did-not-answer"


def test_a_real_chronyd_that_sees_our_clock_five_seconds_slow_is_read_with_the_right_sign(server: TimeServer, tmp_path: Path) -> None:
    need("chronyd", "chronyc")
    if os.geteuid() != 0:
        pytest.skip("chronyd starts as root only; it runs with -x here and does not touch the clock")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    config = tmp_path / "chrony.conf"
    config.write_text(
        f"server 127.0.0.1 port {server.port} iburst minpoll -2 maxpoll 0\ncmdport {port}\nport 0\nuser root\n"
        f"bindcmdaddress 127.0.0.1\nbindcmdaddress {tmp_path}/cmd.sock\npidfile {tmp_path}/pid\ndriftfile {tmp_path}/drift\n",
        encoding="utf-8",
    )
    chronyd = subprocess.Popen(["chronyd", "-x", "-d", "-f", str(config)], stderr=subprocess.DEVNULL)
    try:
        found = Offset(None)
        for _ in range(80):
            found = from_chrony("-h", "127.0.0.1", "-p", str(port))
            if found.ahead_us is not None:
                break
            time.sleep(0.1)
    finally:
        chronyd.terminate()
        chronyd.wait(10)
    assert found.ahead_us is not None, found.why
    assert abs(found.ahead_us + 5_000_000) < 300_000
    assert found.source == "chrony 127.0.0.1"


TRACKING = "7F000001,ntp.example,2,1795319816.782550711,0.000012,0.000007379,0.000008,-2.320,0.312,59.9,0.00009,0.00005,0.3,Normal"


def test_the_answer_of_chronyc_is_read_and_an_unsynchronised_one_is_unknown() -> None:
    assert read_tracking(TRACKING) == Offset(-12, 2, "chrony ntp.example")
    assert read_tracking(TRACKING.replace(",0.000012,", ",-0.5,")).ahead_us == 500_000
    assert read_tracking(TRACKING.replace("Normal", "Not synchronised")).why == "not-synchronised"
    assert read_tracking(TRACKING.replace(",2,", ",16,")).why == "not-synchronised"
    for text in ("", "506 Cannot talk to daemon", TRACKING.replace("0.000012", "nan"), TRACKING.replace("0.000012", "inf")):
        assert read_tracking(text).why == "chronyc-said-something-else"


def test_without_chrony_and_servers_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert measured() == Offset(None, why="chronyc-not-installed")


def test_stamps_go_there_and_back_also_after_2036() -> None:
    for at in (0.5, 1_795_316_400.25, 2**32 - FROM_1900 + 1000.5):
        assert abs(seconds(stamp(at)) - at) < 1e-6
    assert seconds(struct.pack("!II", 0, 0)) == 2**32 - FROM_1900


def test_a_sample_is_used_while_it_is_young_asked_again_in_the_background_and_not_believed_when_old() -> None:
    now, asked = [0.0], threading.Event()
    answers = iter([Offset(7), Offset(None, why="gone")])

    def ask() -> Offset:
        asked.set()
        return next(answers, Offset(None))

    sampled = Sampled(ask, every_s=10, now=lambda: now[0])
    assert sampled() == 7
    asked.clear()
    now[0] = 9.9
    assert sampled() == 7
    assert not asked.is_set()
    now[0] = 10
    assert sampled() in (7, None)
    assert asked.wait(5)
    now[0] = 1000
    assert sampled() is None
