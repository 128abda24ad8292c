"""What Postfix shows is read in bounds; what it must not show is left out, or nothing is shown at all."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.wire import milter
from sekisho.wire.cursor import FormError
from sekisho.wire.milter import ENVELOPE, MOST, NOTHING, WHOLE, MilterReader, Piece, address, line, macros, on_top, options, texts

GREETING = bytes.fromhex("0000000d4f00000006000001ff001fffff")
"""The first octets of Postfix 3.7.11, as it sent them."""
EVERYTHING = 0x1FFFFF
PIECES = st.lists(st.tuples(st.sampled_from([bytes([c]) for c in milter.KNOWN]), st.binary(max_size=30)), max_size=4)


def piece(letter: bytes, said: bytes = b"") -> bytes:
    return struct.pack("!I", 1 + len(said)) + letter + said


def test_postfixs_own_greeting_is_read_and_answered() -> None:
    (first,) = MilterReader().feed(GREETING)
    assert first.letter == milter.OPTIONS
    assert options(first.said, NOTHING) == piece(b"O", struct.pack("!III", 6, 1, NOTHING))


@settings(max_examples=40, deadline=None)
@given(PIECES, st.integers(0, 200))
def test_whole_or_in_parts_the_same_is_heard_in_its_order(said: list[tuple[bytes, bytes]], at: int) -> None:
    octets, every = b"".join(piece(*one) for one in said), [Piece(*one) for one in said]
    reader, slow = MilterReader(), MilterReader()
    assert [*reader.feed(octets[:at]), *reader.feed(octets[at:])] == every
    assert [p for i in range(len(octets)) for p in slow.feed(octets[i : i + 1])] == every


@pytest.mark.parametrize(("octets", "code"), [
    (b"\0\0\0\0X", "bad-length"), (struct.pack("!I", MOST + 1) + b"B", "bad-length"), (b"HELO there", "bad-length"),
    (piece(b"z"), "unknown-letter"),
])  # fmt: skip
def test_what_has_no_form_ends_the_connection_behind_the_last_good_piece(octets: bytes, code: str) -> None:
    found, reader = [], MilterReader()
    with pytest.raises(FormError) as no:
        found.extend(reader.feed(piece(b"H", b"far\0")))
        found.extend(reader.feed(octets))
    assert (no.value.code, [p.letter for p in found]) == (code, [b"H"])


def test_the_longest_piece_is_taken() -> None:
    (one,) = MilterReader().feed(piece(b"B", b"x" * (MOST - 1)))
    assert len(one.said) == MOST - 1


def test_what_we_do_not_ask_for_is_named_bit_by_bit() -> None:
    """MILTER_README and libmilter/mfdef.h: connect, helo, sender, recipients, text, lines of header, their end, unknown commands, DATA."""
    hidden = {
        "connect": 1,
        "helo": 2,
        "sender": 4,
        "recipient": 8,
        "text": 0x10,
        "header": 0x20,
        "end": 0x40,
        "unknown": 0x100,
        "data": 0x200,
    }
    assert {n for n, bit in hidden.items() if NOTHING & bit} == set(hidden)
    assert {n for n, bit in hidden.items() if not ENVELOPE & bit} == {"connect", "helo", "sender"}
    assert {n for n, bit in hidden.items() if not WHOLE & bit} == {"connect", "helo", "sender", "text", "header"}


@pytest.mark.parametrize(("version", "actions", "offered"), [
    (5, 1, EVERYTHING), (6, 0, EVERYTHING), (6, 0x1FF, EVERYTHING & ~milter.NO_BODY), (6, 0x1FF, 0),
])  # fmt: skip
def test_a_mail_server_that_cannot_leave_out_what_we_may_not_see_is_answered_nothing(version: int, actions: int, offered: int) -> None:
    with pytest.raises(FormError) as no:
        options(struct.pack("!III", version, actions, offered), ENVELOPE)
    assert no.value.code == "cannot-leave-out"
    with pytest.raises(FormError):
        options(b"\0\0\0\6", ENVELOPE)


@pytest.mark.parametrize(("said", "found"), [
    (b"out.far.example\x004\x30\x39203.0.113.9\0", "203.0.113.9"),
    (b"out.far.example\x006\x30\x39IPv6:2001:db8::9\0", "2001:db8::9"),
    (b"out.far.example\x006\x30\x392001:db8::9\0", "2001:db8::9"),
    (b"localhost\0L\0\0/run/socket\0", ""), (b"unknown\0U", ""), (b"", ""),
])  # fmt: skip
def test_where_a_client_is_is_read_from_its_address_and_not_from_its_name(said: bytes, found: str) -> None:
    assert address(said) == found


@pytest.mark.parametrize("said", [b"x\x004\0\x19203.0.113\0", b"x\x004\0\x19203.0.113.9", b"x\x006\0\x19\xff\0", b"x\x004"])
def test_an_address_that_is_none_is_an_error(said: bytes) -> None:
    with pytest.raises(FormError):
        address(said)


def test_a_line_of_header_is_as_it_was_signed() -> None:
    assert line(b"Subject\0 a\n\tb \0") == b"Subject: a\r\n\tb \r\n"
    assert line(b"X\0\0") == b"X:\r\n"
    for bad in (b"", b"X\0", b"X\0a", b"\0a\0"):
        with pytest.raises(FormError):
            line(bad)


def test_texts_and_macros_end_where_they_end() -> None:
    assert texts(b"<alice@far.example>\0SIZE=10\0") == (b"<alice@far.example>", b"SIZE=10")
    assert macros(b"Mi\x00ABC\x00{auth_authen}\x00alice\x00") == {"i": "ABC", "{auth_authen}": "alice"}
    assert macros(b"M") == {}
    for bad in (b"no end", b""):
        with pytest.raises(FormError):
            texts(bad)
    with pytest.raises(FormError) as no:
        macros(b"Mi\0")
    assert no.value.code == "half-a-macro"


def test_a_line_on_top_is_one_line_and_nothing_else() -> None:
    assert on_top("X", "a;\n b") == piece(b"i", b"\0\0\0\0X\0 a;\n b\0")
    for bad in ("a\nSubject: b", "a\r\n b", "a\0b", "\u00e9", "a\tb"):
        with pytest.raises(FormError):
            on_top("X", bad)


def test_what_was_shown_is_in_no_traceback() -> None:
    assert "alice" not in repr(Piece(b"M", b"<alice@far.example>\0"))
