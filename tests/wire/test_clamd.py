"""What clamd is sent is a whole command, and of what it answers only one thing is clean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire import clamd
from sekisho.wire.clamd import Verdict


@given(st.binary(max_size=3 * clamd.PIECE))
def test_the_pieces_of_a_file_are_the_file(content: bytes) -> None:
    command, *sent = clamd.pieces(content)
    assert command == b"zINSTREAM\0"
    assert sent.pop() == bytes(4)
    assert all(int.from_bytes(piece[:4], "big") == len(piece) - 4 > 0 for piece in sent)
    assert b"".join(piece[4:] for piece in sent) == content


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"stream: OK\0", Verdict("clean")),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", Verdict("found", "Win.Test.EICAR_HDB-1")),
        (b"stream: Eicar-Test.UNOFFICIAL FOUND\0", Verdict("found", "Eicar-Test.UNOFFICIAL")),
        (b"stream: <script>\x1b FOUND\0", Verdict("found", "?script??")),
        (b"stream:  FOUND\0", Verdict("found", "?")),
        (b"stream: Heuristics.Encrypted.Zip FOUND\0", Verdict("unscanned", why="encrypted")),
        (b"stream: Heuristics.Limits.Exceeded FOUND\0", Verdict("unscanned", why="limits")),
        (b"INSTREAM size limit exceeded. ERROR\0", Verdict("unscanned", why="too-large")),
        (b"stream: Can't open file ERROR\0", Verdict("unscanned", why="error")),
        (b"stream: OK FOUND\0", Verdict("found", "OK")),
        (b"", Verdict("unscanned", why="error")),
    ],
)
def test_an_answer_is_read_as_it_is_meant(answer: bytes, verdict: Verdict) -> None:
    assert clamd.verdict(answer) == verdict


@given(st.binary(max_size=200))
def test_no_other_answer_is_clean_and_no_name_runs_anything(answer: bytes) -> None:
    found = clamd.verdict(answer)
    assert (found.state == "clean") == (answer.rstrip(b"\0") == b"stream: OK")
    assert all(c.isascii() and c.isprintable() for c in found.name)
