"""Mails that came back are read by a child that may die of them: whatever one does to its reader, the next is read and `act` lives."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.desk.messages.return_words import Unread
from sekisho.faces.processes.returns import Reader
from sekisho.wire.bounces import FAILED, MOST, Bounce
from tests.conftest import BUSY

NOTICE = b"Return-Path: <>\nX-Original-To: notice+abc234@example.net\nContent-Type: text/plain\n\n550 5.1.1 no such user\n"
SAYS = Bounce("abc234", FAILED, "5.1.1")
SOON = 1.0


@pytest.fixture
def bad() -> Iterator[Reader]:
    with Reader(SOON + BUSY, "tests.faces.bad_reader") as reader:
        yield reader


def test_mails_are_read_by_one_child_and_it_is_gone_with_the_turn() -> None:
    with Reader() as reader:
        assert [reader(NOTICE) for _ in range(3)] == [SAYS] * 3
        assert reader.process is not None
        one = reader.process.pid
        assert reader(b"") == Bounce("", "other")
        assert reader(b"x" * MOST) == Bounce("", "other")
        assert reader.process.pid == one
    with pytest.raises(ProcessLookupError):
        os.kill(one, 0)


def test_no_child_is_started_for_an_empty_mailbox() -> None:
    with Reader() as reader:
        assert reader.process is None


def test_a_mail_within_a_mail_without_end_ends_its_reader_and_not_us() -> None:
    nested = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(5000)).encode()
    with Reader() as reader:
        with pytest.raises(Unread):
            reader(nested)
        assert reader(NOTICE) == SAYS


@pytest.mark.parametrize("word", ["killed", "bomb", "flood", "lie"])
def test_a_child_that_dies_or_says_what_no_mail_can_say_is_followed_by_another(bad: Reader, word: str) -> None:
    assert bad(NOTICE) == SAYS
    with pytest.raises(Unread):
        bad(f"{word}:".encode())
    assert bad(NOTICE) == SAYS


@pytest.mark.parametrize("word", ["hang", "spin"])
def test_a_child_that_is_slow_is_ended_in_its_time(word: str) -> None:
    with Reader(SOON, "tests.faces.bad_reader") as reader:
        begun = time.monotonic()
        with pytest.raises(Unread):
            reader(f"{word}:".encode())
        assert time.monotonic() - begun < SOON + BUSY + 10
        assert reader.process is None


def test_the_child_can_touch_nothing(bad: Reader, tmp_path: Path) -> None:
    """No file, no network, no right of root, not all the memory: each try is counted, and none succeeds."""
    secret = tmp_path / "secret"
    secret.write_text("ours", encoding="ascii")
    assert bad(f"rights:{secret}".encode()) == Bounce("", "other")
    assert [p.name for p in tmp_path.iterdir()] == ["secret"]
