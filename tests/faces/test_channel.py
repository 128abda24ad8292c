"""The channel to `keep`: whole answers or none, one at a time, and silence is never taken for a yes."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.faces.processes.channel import HEAD, LONGEST, Channel, KeepIsGone, KeepSaidNo, frame, read_frame

Answer = Callable[[dict[str, Any]], bytes]


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def served(theirs: socket.socket, answer: Answer, times: int = 1) -> threading.Thread:
    """The other end: reads whole requests and answers with bytes of the test's choosing."""

    def serve() -> None:
        for _ in range(times):
            try:
                theirs.sendall(answer(read_frame(theirs)))
            except (OSError, EOFError):
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_an_answer_is_the_result_alone(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    served(theirs, lambda said: frame({"result": [said["method"], said["params"]]}))
    assert Channel(ours).call("book", day="2026-11-21") == ["book", {"day": "2026-11-21"}]


def test_a_refusal_carries_its_code_and_what_it_names(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    served(theirs, lambda _: frame({"error": {"code": "withdrawn", "detail": {"permit": "permit-1"}}}))
    with pytest.raises(KeepSaidNo) as no:
        Channel(ours).call("renew", permit="permit-1")
    assert (no.value.code, dict(no.value.detail)) == ("withdrawn", {"permit": "permit-1"})


@pytest.mark.parametrize(
    "wrong",
    [b"", b"\0\0", HEAD.pack(LONGEST + 1) + b"{}", HEAD.pack(50) + b"{", HEAD.pack(2)[:3]],
    ids=["nothing", "half a head", "an announced flood", "half a body", "a cut head"],
)
def test_whatever_is_no_whole_answer_is_silence(pair: tuple[socket.socket, socket.socket], wrong: bytes) -> None:
    """`keep` that dies in the middle of a word has said nothing."""
    ours, theirs = pair

    def cut(_: dict[str, Any]) -> bytes:
        theirs.sendall(wrong)
        theirs.shutdown(socket.SHUT_RDWR)
        return b""

    served(theirs, cut)
    with pytest.raises(KeepIsGone):
        Channel(ours).call("renew", permit="permit-1")


def test_a_keep_that_does_not_answer_in_time_is_gone(pair: tuple[socket.socket, socket.socket]) -> None:
    """Whoever would act waits no longer than its patience, and then does not act."""
    began = time.monotonic()
    with pytest.raises(KeepIsGone):
        Channel(pair[0], patience=0.2).call("renew", permit="permit-1")
    assert time.monotonic() - began < 5


def test_a_door_that_is_not_there_is_silence_too(tmp_path: Path) -> None:
    with pytest.raises(KeepIsGone):
        Channel.at(tmp_path / "keep.sock")


def test_threads_get_each_their_own_answer(pair: tuple[socket.socket, socket.socket]) -> None:
    """Several pages ask at once over one channel; no answer goes to another's question."""
    ours, theirs = pair
    channel, got = Channel(ours), {}
    served(theirs, lambda said: frame({"result": said["params"]["number"]}), times=40)

    def ask(number: int) -> None:
        got[number] = channel.call("echo", number=number)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert got == {n: n for n in range(40)}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=10
)


@given(json_values, st.data())
def test_a_message_survives_any_cutting(value: Any, data: st.DataObject) -> None:
    """However the kernel hands the bytes over, the same message comes out."""
    raw = frame(value)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=4)))
        for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
            theirs.sendall(raw[start:end])
        assert read_frame(ours) == json.loads(json.dumps(value))


def test_a_message_too_long_is_never_sent() -> None:
    with pytest.raises(ValueError, match="longer than"):
        frame("x" * (LONGEST + 1))
