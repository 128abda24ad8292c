"""A stranger's file holds nothing that runs, hides or swells; what a scanner makes passes."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire import uploads

HEAD = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog"


def stream(content: bytes, kind: bytes = b"ObjStm") -> bytes:
    return b"2 0 obj\n<</Type/" + kind + b"/Filter/FlateDecode>>\nstream\n" + zlib.compress(content) + b"\nendstream\nendobj\n"


def code(content: bytes) -> str:
    with pytest.raises(uploads.Harmful) as why:
        uploads.pdf(content)
    return why.value.code


@pytest.mark.parametrize("name", sorted(uploads.RUNS))
def test_a_pdf_that_runs_something_is_found(name: str) -> None:
    assert code(HEAD + b"/OpenAction<</S/" + name.encode() + b">>") == "runs"


@pytest.mark.parametrize("name", sorted(uploads.HIDES))
def test_a_pdf_that_hides_files_or_itself_is_found(name: str) -> None:
    assert code(HEAD + b"/" + name.encode() + b" 3 0 R>>") == "hides"


@pytest.mark.parametrize("written", [b"/J#61vaScript", b"/#4aavaScript", b"/#4A#61#76#61#53#63#72#69#70#74"])
def test_an_escaped_name_is_the_same_name(written: bytes) -> None:
    assert code(HEAD + b"/OpenAction<</S" + written + b">>") == "runs"


def test_a_name_in_a_compressed_object_is_found() -> None:
    assert code(HEAD + b">>\n" + stream(b"3 0 <</S/JavaScript/JS(app.alert(1))>>")) == "runs"
    assert code(HEAD + b">>\n" + stream(b"3 0 <</S/JavaScript>>", b"Obj#53tm")) == "runs"


def test_a_stream_that_swells_is_not_swollen_to_its_end() -> None:
    assert code(HEAD + b">>\n" + stream(bytes(uploads.MOST_INFLATED + 1))) == "swells"
    many = b"".join(stream(bytes(uploads.MOST_INFLATED // 4), b"XObject") for _ in range(5))
    assert code(HEAD + b">>\n" + many) == "swells"


@pytest.mark.parametrize(
    "line", [b"stream\n", b"stream\r\n", b"endstream", b"/", b"#41", b"/A#", b"streamendstream\n", b">>stream\nendstream"]
)
def test_a_file_made_to_be_read_slowly_is_read_once(line: bytes) -> None:
    """140 kB of the first took four minutes before, and whoever waited for `keep` waited with it; this is 2 MB."""
    uploads.pdf(b"%PDF-1.7\n" + line * ((2 << 20) // len(line)))


def test_what_stands_between_a_word_in_a_remark_and_the_end_of_a_stream_is_seen() -> None:
    body = b"\n<</S/JavaScript/JS(app.alert(1))>>\nendobj\n"
    assert code(HEAD + b">>\n% stream\n" + body + stream(b"page", b"XObject")) == "runs"
    assert code(HEAD + b">>\n(stream\n)" + body.replace(b"JavaScript", b"J#61vaScript") + b"(endstream)") == "runs"


def test_objects_that_nobody_can_look_into_are_hidden() -> None:
    hidden = b"3 0 <</S/JavaScript/JS(app.alert(1))>>"
    twice = (
        b"2 0 obj\n<</Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]>>\nstream\n" + zlib.compress(hidden).hex().encode() + b"\nendstream\n"
    )
    assert code(HEAD + b">>\n" + twice) == "hides"
    assert code(HEAD + b">>\n" + stream(hidden).replace(b"\nendstream", b"")[:-30] + b"\nendstream\n") == "hides"
    stored = zlib.compress(b"1 0 <<>> endstream " + hidden, 0)
    assert code(HEAD + b">>\n" + stream(b"").replace(zlib.compress(b""), stored)) in ("hides", "runs")


def test_objects_far_behind_their_name_are_seen() -> None:
    assert code(HEAD + b">>\n" + stream(b"3 0 <</S/JavaScript>>").replace(b"/Filter", b"%" + b"x" * 500 + b"\n/Filter")) == "runs"


def test_a_plain_scan_passes_whatever_its_pictures_happen_to_spell() -> None:
    uploads.pdf(HEAD + b"/Pages 2 0 R>>\n" + stream(b"/JavaScript by chance among the pixels", b"XObject"))
    uploads.pdf(b"%PDF-1.7\nsample")


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_it_stumble(content: bytes) -> None:
    """An answer, or Harmful, and never another error."""
    for look in (uploads.pdf, uploads.png, uploads.jpeg):
        with suppress(uploads.Harmful):
            look(content)


def test_a_picture_that_says_it_is_larger_than_any_scan_is_refused() -> None:
    def picture(width: int, height: int) -> bytes:
        return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)

    def photo(width: int, height: int) -> bytes:
        return b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"xx" + b"\xff\xc0" + struct.pack(">HBHH", 17, 8, height, width)

    for look, make in ((uploads.png, picture), (uploads.jpeg, photo)):
        look(make(4960, 7016))
        with pytest.raises(uploads.Harmful, match="swells"):
            look(make(50_000, 50_000))
