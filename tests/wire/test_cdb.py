"""Constant databases as D. J. Bernstein's cdb defines them: golden octets, and every record found where other readers look for it."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire import cdb
from sekisho.wire.cursor import FormError

RECORDS = st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=40)), max_size=60, unique_by=lambda r: r[0])


def found(raw: bytes, key: bytes) -> bytes | None:
    """As any other program looks a key up: by its hash to a table, from there to a slot, from there to the record."""
    number = 5381
    for octet in key:
        number = (number * 33 ^ octet) % (1 << 32)
    place, slots = struct.unpack_from("<II", raw, 8 * (number % 256))
    for step in range(slots):
        slot = place + 8 * ((number // 256 + step) % slots)
        its, at = struct.unpack_from("<II", raw, slot)
        if not at:
            return None
        length, value = struct.unpack_from("<II", raw, at)
        if its == number and raw[at + 8 : at + 8 + length] == key:
            return raw[at + 8 + length : at + 8 + length + value]
    return None


@given(RECORDS)
def test_every_record_is_found_as_other_programs_look_for_it_and_nothing_else(records: list[tuple[bytes, bytes]]) -> None:
    raw = cdb.make(records)
    assert {key: found(raw, key) for key, _ in records} == dict(records)
    other = b"-" + b"".join(key for key, _ in records)
    assert found(raw, other) is None


@given(RECORDS)
def test_records_are_read_back_in_their_order(records: list[tuple[bytes, bytes]]) -> None:
    assert list(cdb.records(cdb.make(records))) == records


def test_golden_octets() -> None:
    """One record: the header points past it, and its one table has two slots."""
    raw = cdb.make([(b"one", b"Hello")])
    assert len(raw) == 2048 + 8 + 3 + 5 + 16
    assert raw[2048:2064] == struct.pack("<II", 3, 5) + b"oneHello"
    assert raw[2064:] == bytes(8) + struct.pack("<II", 0x0B875B81, 2048)
    assert cdb.make([]) == struct.pack("<II", 2048, 0) * 256


def test_the_same_records_are_the_same_octets() -> None:
    records = [(b"a", b"1"), (b"b", b"2")]
    assert cdb.make(records) == cdb.make(iter(records))
    assert cdb.make(records) != cdb.make(reversed(records))


@pytest.mark.parametrize("cut", [0, 7, 2047])
def test_a_file_without_its_header_is_no_database(cut: int) -> None:
    with pytest.raises(FormError) as bad:
        list(cdb.records(cdb.make([(b"a", b"1")])[:cut]))
    assert bad.value.code == "too-short"


@given(RECORDS.filter(bool), st.data())
def test_a_file_that_was_cut_says_so_or_tells_what_is_left(records: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    raw = cdb.make(records)
    cut = raw[: data.draw(st.integers(2048, len(raw)))]
    told: list[tuple[bytes, bytes]] = []
    with suppress(FormError):
        told.extend(cdb.records(cut))
    assert all(one in records for one in told)
