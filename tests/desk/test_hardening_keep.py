"""`keep` outlives whatever is said to it: the process that holds the keys answers everybody else as before."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from sekisho.desk import show
from sekisho.desk.permitting import retire
from sekisho.desk.world import Caller
from sekisho.faces.processes import keep
from sekisho.faces.processes.channel import HEAD, LONGEST, frame, read_frame
from sekisho.faces.processes.keep import Keeper
from tests.desk.office import Office


class Serving:
    """A keeper in a thread of its own, and channels to it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._theirs, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.keeper = Keeper(office.world, its, None)
        self.died: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._open = [its]

    def _run(self) -> None:
        try:
            self.keeper.run()
        except BaseException as why:  # noqa: BLE001 - that it ends at all is what the tests ask about
            self.died.append(why)

    def channel(self, role: str) -> socket.socket:
        mine, its = socket.socketpair()
        mine.settimeout(20)
        self.keeper._add(its, Caller(role))
        self._open.append(mine)
        return mine

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.keeper.going = False
        self._thread.join(20)
        for sock in self._open:
            sock.close()


@contextmanager
def serving(office: Office, *roles: str) -> Iterator[tuple[Serving, list[socket.socket]]]:
    served = Serving(office)
    channels = [served.channel(r) for r in roles]
    served.start()
    try:
        yield served, channels
    finally:
        served.stop()


def ask(sock: socket.socket, method: str, **params: object) -> Any:
    sock.sendall(frame({"method": method, "params": params}))
    return read_frame(sock)


def alive(served: Serving, sock: socket.socket) -> None:
    assert "result" in ask(sock, "book")
    assert served.died == []


HOSTILE = {
    "a lone surrogate as method": b'{"method":"\\ud800"}',
    "a lone surrogate in what is asked": b'{"method":"plan","params":{"plan":"\\udcff"}}',
    "brackets nested 200 000 deep": b"[" * 200_000,
    "braces nested 200 000 deep": b'{"a":' * 200_000,
    "no JSON": b"\xff\xfe",
    "a number of 5 000 digits": b'{"method":"explain","params":{"entry":' + b"9" * 5000 + b"}}",
    "a number no database holds": b'{"method":"explain","params":{"entry":' + b"9" * 30 + b"}}",
    "a list where an object belongs": b"[]",
    "parameters that are no object": b'{"method":"plan","params":[1]}',
    "parameters nested 500 deep": b'{"method":"plan","params":{"plan":' + b"[" * 500 + b"]" * 500 + b"}}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_no_request_ends_keep(founded: Office, body: bytes) -> None:
    """Whoever sent it is answered with an error or hung up on; the next one is served."""
    with serving(founded, "show", "terminal") as (served, (bad, good)):
        bad.sendall(HEAD.pack(len(body)) + body)
        try:
            answer = read_frame(bad)
        except (EOFError, ConnectionError):
            answer = None
        assert answer is None or "error" in answer
        alive(served, good)


def test_a_length_beyond_the_longest_hangs_up(founded: Office) -> None:
    with serving(founded, "show", "terminal") as (served, (bad, good)):
        bad.sendall(struct.pack(">I", LONGEST + 1))
        assert bad.recv(1) == b""
        alive(served, good)


def test_an_answer_that_is_too_long_is_an_error_to_the_one_who_asked(founded: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(keep.METHODS, "people", replace(keep.METHODS["people"], use_case=lambda *_: "x" * LONGEST))
    with serving(founded, "show", "terminal") as (served, (bad, good)):
        assert ask(bad, "people")["error"]["code"] == "answer-too-large"
        alive(served, good)


@pytest.mark.parametrize("fails", ["a use case", "the turn", "keeping house"])
def test_a_failing_turn_answers_everybody_and_the_next_is_as_ever(founded: Office, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    """A broken disk under the records, a bug: an error to all who asked in that turn, and `keep` goes on."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a value nobody may read: taro@example.jp")

    with serving(founded, "show", "terminal") as (served, (one, two)):
        alive(served, one)
        with monkeypatch.context() as broken:
            if fails == "a use case":
                broken.setitem(keep.METHODS, "people", replace(keep.METHODS["people"], use_case=fail))
            elif fails == "the turn":
                broken.setattr(type(founded.world), "_commit", fail)
            else:
                broken.setattr(retire, "carry_out", fail)
                time.sleep(1.2)
            answer = ask(one, "people")
            assert ("result" in answer) if fails == "keeping house" else answer["error"]["code"] == "fault"
        alive(served, two)


def test_what_is_logged_of_a_fault_is_its_kind_and_place_never_a_value(
    founded: Office, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("taro@example.jp")

    monkeypatch.setitem(keep.METHODS, "people", replace(keep.METHODS["people"], use_case=fail))
    with serving(founded, "show") as (_, (one,)):
        assert ask(one, "people")["error"]["code"] == "fault"
    said = capfd.readouterr().err
    assert "ValueError" in said
    assert "test_hardening_keep.py:" in said
    assert "taro" not in said


def test_a_database_error_never_shows_the_values_it_was_about(founded: Office) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError) as failed, founded.world.engine.begin() as db:
        db.execute(text("INSERT INTO nowhere VALUES (:v)"), {"v": "taro@example.jp"})
    assert "taro" not in str(failed.value)


def test_permits_are_listed_newest_first_and_never_more_than_a_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list stays within one message however long the node has run; how many there are is said beside it."""
    every = office.permits()
    assert len(every) > 2
    monkeypatch.setattr(show, "PAGE", 2)
    assert office.permits() == every[:2]
    said = office.terminal.call("overview")
    assert said["permits"]["in_force"] == len(every)
    assert office.terminal.call("permits", before=every[1]["ledger_index"]) == every[2:4]
