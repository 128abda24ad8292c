"""Lists of people, as strangers make them: read whole or refused with line and column, and written so that nothing computes."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire import people_list
from sekisho.wire.cursor import FormError
from sekisho.wire.people_list import COMPUTES, harmless, pack, read_list, unpack, write_list

CELLS = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff"), max_size=20)


def wrong(raw: bytes) -> tuple[str, str]:
    with pytest.raises(FormError) as why:
        read_list(raw)
    return why.value.code, why.value.detail


def test_a_list_in_utf_8_is_read_with_and_without_its_mark() -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        found = read_list(mark + "氏名,mail\r\n森 花,hana@example.jp\r\n".encode())
        assert (found.columns, found.rows, found.encoding) == (("氏名", "mail"), (("森 花", "hana@example.jp"),), "utf-8")


def test_a_list_from_a_japanese_spreadsheet_is_read() -> None:
    found = read_list("氏名,住所\r\n髙橋①,表参道\r\n".encode("cp932"))
    assert (found.rows, found.encoding) == ((("髙橋①", "表参道"),), "cp932")


def test_headings_are_compared_in_one_width() -> None:
    assert read_list("ｍａｉｌ , name\n1,2\n".encode()).columns == ("mail", "name")


def test_quotes_line_ends_and_empty_lines_are_read_as_rfc_4180_says() -> None:
    found = read_list(b'a,b\r\n"x, ""y""","1\r\n2"\n\n,\nlast,""\r\n')
    assert found.rows == (('x, "y"', "1\n2"), ("last", ""))
    assert found.lines == (2, 6)


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        (b"", "no-columns", "line 1, column 1"),
        (b"a,\n1,2\n", "column-unnamed", "line 1, column 2"),
        (b"a,b,a\n", "column-twice", "line 1, column 3"),
        (b"a,b\n1,2\n1\n", "too-few-cells", "line 3, column 1"),
        (b"a,b\n1,2,3\n", "too-many-cells", "line 2, column 3"),
        (b'a,b\n1,"2\n3,4\n', "quote", "line 2, column 2"),
        (b'a,b\n1,2"3\n', "quote", "line 2, column 2"),
        (b'a,b\n"1"2,3\n', "quote", "line 2, column 1"),
        (b"a,b\n1,\x00\n", "control-character", "line 2, column 2"),
        (b"a,b\n1," + b"x" * 2001 + b"\n", "cell-too-long", "line 2, column 2"),
        (b"a,b\n1,\xff\xff\xff\n", "encoding", "line 2, column 2"),
        (b"\xef\xbb\xbfa,b\n1,\x83\x5c\n", "encoding", "line 2, column 2"),
        (b",".join(b"%d" % n for n in range(129)), "too-many-columns", "line 1, column 129"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(raw: bytes, code: str, where: str) -> None:
    assert wrong(raw) == (code, where)


def test_a_quoted_line_end_does_not_put_the_count_of_lines_out() -> None:
    assert wrong(b'a,b\n"1\n2",3\n4\n') == ("too-few-cells", "line 4, column 1")


def test_what_is_too_large_or_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_list, "LARGEST", 20)
    monkeypatch.setattr(people_list, "MOST_ROWS", 2)
    assert wrong(b"a" * 21)[0] == "too-large"
    assert wrong(b"a\n1\n2\n3\n") == ("too-many-rows", "line 4, column 1")


def test_utf_16_is_told_by_name() -> None:
    assert wrong("氏名\n森\n".encode("utf-16"))[0] == "utf-16"


def test_an_error_and_a_list_in_a_traceback_show_nobody() -> None:
    with pytest.raises(FormError) as why:
        read_list(b"name\nhana@example.jp,x\n")
    assert "hana" not in str(why.value)
    assert "hana" not in repr(read_list(b"name\nhana@example.jp\n"))


@pytest.mark.parametrize("cell", ["=1+1", "+81-776", "-1", "@SUM(1)", "＝1", "　=1", "\t=1", "|calc", " =cmd|' /C calc'!A0", "％1"])
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "森 花", "1+1", "a=b", "hana@example.jp", "0776-00-0000"])
def test_what_it_would_not_compute_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


@given(st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_what_is_written_is_read_again_and_begins_no_formula(rows: list[tuple[str, str]]) -> None:
    written = write_list(("a", "b"), rows)
    found = read_list(written)
    kept = [tuple(harmless(c) for c in r) for r in rows]
    assert list(found.rows) == [r for r in kept if any(c.strip() for c in r)]
    spreadsheet = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert [tuple(r) for r in spreadsheet] == [("a", "b"), *kept]
    assert not any(c.startswith(COMPUTES) for r in spreadsheet for c in r)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_two_lists_packed_are_the_same_two_again(first: bytes, second: bytes) -> None:
    assert unpack(pack(first, second)) == (first, second)


@pytest.mark.parametrize("packed", [b"", b"\x00\x00\x00", b"\x00\x00\x00\x02a", b"\xff\xff\xff\xff"])
def test_what_was_never_packed_is_no_list(packed: bytes) -> None:
    with pytest.raises(FormError, match="not-a-list"):
        unpack(packed)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_one_error(raw: bytes) -> None:
    with suppress(FormError):
        found = read_list(raw)
        assert all(len(r) == len(found.columns) for r in found.rows)


@given(st.text(max_size=80))
def test_what_the_standard_library_reads_strictly_is_read_alike(text: str) -> None:
    """A second reader agrees on every list that both take."""
    try:
        found = read_list(text.encode("utf-8"))
    except (FormError, UnicodeEncodeError):
        return
    if "\r" in text.replace("\r\n", "") or text.startswith("\ufeff"):
        return
    rows = [r for r in csv.reader(io.StringIO(text, newline=""), strict=True) if any(c.strip() for c in r)]
    same = [tuple(c.replace("\r\n", "\n") for c in r) for r in rows]
    assert list(found.rows) == same[len(same) - len(found.rows) :]
