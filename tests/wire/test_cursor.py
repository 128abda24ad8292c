"""The one way to read bytes: never past its end, whatever is asked."""

from __future__ import annotations

from struct import Struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire.cursor import Cursor, FormError

READS = {
    "u8": (1, lambda c: c.u8()),
    "u16": (2, lambda c: c.u16()),
    "u32": (4, lambda c: c.u32()),
    "take": (3, lambda c: c.take(3)),
    "skip": (5, lambda c: c.skip(5)),
    "unpack": (6, lambda c: c.unpack(Struct("!HI"))),
    "restrict_to": (2, lambda c: c.restrict_to(2)),
}


@given(st.binary(max_size=20), st.lists(st.sampled_from(sorted(READS)), max_size=10), st.integers(0, 20), st.integers(0, 20))
def test_no_read_passes_the_end(data: bytes, reads: list[str], start: int, end: int) -> None:
    """Each read either moves by its size inside the bounds or raises `truncated` and does not move."""
    start, end = min(start, len(data)), min(max(start, end), len(data))
    cursor = Cursor(data, start, end)
    for name in reads:
        size, read = READS[name]
        before = cursor.left
        if size <= before:
            read(cursor)
            assert cursor.left == before - size
        else:
            with pytest.raises(FormError, match="exporter: truncated"):
                read(cursor)
            assert cursor.left == before


def test_a_restricted_cursor_sees_only_its_part() -> None:
    """The inner cursor ends where it was told, the outer goes on behind it."""
    outer = Cursor(b"abcdef")
    inner = outer.restrict_to(4)
    assert (inner.take(4), inner.left) == (b"abcd", 0)
    with pytest.raises(FormError):
        inner.u8()
    assert outer.rest() == b"ef"


def test_an_error_says_who_was_wrong_and_shows_no_bytes() -> None:
    """Codes for counters, words for the person who repairs it, never what was received."""
    with pytest.raises(FormError) as caught:
        Cursor(b"secret", who="log").take(7)
    assert (caught.value.who, caught.value.code) == ("log", "truncated")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("size", [-1, 7])
def test_a_wrong_size_is_refused(size: int) -> None:
    """Negative sizes do not move backwards."""
    for read in (Cursor.take, Cursor.skip, Cursor.restrict_to):
        with pytest.raises(FormError):
            read(Cursor(b"abcdef"), size)
