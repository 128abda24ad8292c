"""The kernel's words about neighbours become values or their one error, whole and cut anywhere; what counts is who answers now."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire import neighbours
from sekisho.wire.cursor import FormError
from sekisho.wire.neighbours import DELAY, DONE, ERROR, GONE, NEW, PERMANENT, PROBE, REACHABLE, STALE, Neighbour, question, read

V4, V6 = bytes((198, 51, 100, 10)), bytes.fromhex("20010db8010000000000000000000010")
MAC = bytes.fromhex("020000000010")


def message(kind: int, body: bytes) -> bytes:
    raw = struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + body
    return raw + b"\0" * (-len(raw) % 4)


def part(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def told(address: bytes = V4, hardware: bytes = MAC, state: int = REACHABLE, interface: int = 7, kind: int = NEW, family: int = 0) -> bytes:
    named = family or (2 if len(address) == 4 else 10)
    body = struct.pack("=BBHiHBB", named, 0, 0, interface, state, 0, 1)
    return message(kind, body + part(1, address) + part(2, hardware) + part(3, b"\0" * 16))


def test_both_families_of_one_datagram_are_read_in_order() -> None:
    found, ended = read(told() + told(V6))
    assert not ended
    assert found == [
        Neighbour("198.51.100.10", "02:00:00:00:00:10", 7, True),
        Neighbour("2001:db8:100::10", "02:00:00:00:00:10", 7, True),
    ]


def test_the_end_of_the_table_is_heard() -> None:
    assert read(told() + message(DONE, b"\0" * 4)) == (read(told())[0], True)


@pytest.mark.parametrize("state", [REACHABLE, STALE, DELAY, PROBE, PERMANENT])
def test_who_answered_lately_counts(state: int) -> None:
    assert read(told(state=state))[0][0].there


@pytest.mark.parametrize(
    "more",
    [
        {"state": 0x01},
        {"state": 0x20},
        {"state": 0x40},
        {"state": 0},
        {"kind": GONE},
        {"hardware": b""},
        {"hardware": b"\0" * 6},
        {"hardware": b"12345678"},
    ],
)
def test_who_is_gone_failed_or_has_no_hardware_address_does_not_count(more: dict[str, Any]) -> None:
    assert not read(told(**more))[0][0].there


def test_another_family_and_other_messages_are_passed_over() -> None:
    assert read(told(family=7) + message(16, b"\0" * 40)) == ([], False)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\0" * 15, "truncated"),
        (struct.pack("=IHHII", 8, NEW, 0, 1, 0), "bad-length"),
        (struct.pack("=IHHII", 64, NEW, 0, 1, 0), "bad-length"),
        (message(NEW, b"\0" * 4), "truncated"),
        (message(ERROR, b"\0" * 20), "refused"),
        (message(NEW, struct.pack("=BBHiHBB", 2, 0, 0, 7, 2, 0, 1) + b"\1\0"), "truncated"),
        (message(NEW, struct.pack("=BBHiHBB", 2, 0, 0, 7, 2, 0, 1) + b"\xff\0\1\0"), "bad-length"),
        (b"\0" * ((1 << 20) + 1), "too-long"),
    ],
)
def test_what_breaks_the_form_has_its_one_error(data: bytes, code: str) -> None:
    with pytest.raises(FormError) as no:
        read(data)
    assert (no.value.who, no.value.code) == ("neighbour-table", code)


@given(st.lists(st.builds(told, st.sampled_from([V4, V6]), st.just(MAC), st.integers(0, 255), st.integers(0, 9)), max_size=3), st.data())
def test_cut_or_changed_anywhere_it_is_a_value_or_the_one_error(good: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(good))
    if whole:
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    assert outcome(cut) in {"values", "truncated", "bad-length", "refused"}


def outcome(data: bytes) -> str:
    try:
        found, _ = read(data)
    except FormError as why:
        return why.code
    return "values" if all(isinstance(n, Neighbour) for n in found) else "nothing known"


def test_the_question_asks_for_the_whole_table() -> None:
    length, kind, flags, serial, _ = struct.unpack_from("=IHHII", question(9))
    assert (length, kind, flags, serial) == (len(question(9)), neighbours.ASK, 0x301, 9)
