"""A signed letter is the letter and a signature behind it: who signed is named, and a byte that changed is noticed, whichever it is."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from sekisho.effects import letter, signature
from tests.effects.certificates import NOW, Authority
from tests.effects.pdf_a import wrong_in
from tests.effects.test_letter import PLAIN

pytestmark = pytest.mark.skipif(bool(letter.absent_fonts()), reason="no Japanese font here: install fonts-noto-cjk (make parts)")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("texts") / "plain.typ"
    path.write_text(PLAIN, encoding="utf-8")
    return letter.pdf(path, {"title": "通知", "body": "髙﨑と渡邉は、総務省に相談した。"})


@pytest.fixture(scope="module")
def signed(plain: bytes, authority: Authority) -> bytes:
    return signature.sign(plain, signature.key_of(authority.pkcs12(b"pass"), b"pass", NOW))


def one(pdf: bytes, roots: bytes = b"") -> signature.Signed:
    (found,) = signature.found(pdf, roots, NOW + timedelta(minutes=1))
    return found


def test_the_signature_stands_behind_the_letter_whose_bytes_stay_as_they_were(plain: bytes, signed: bytes) -> None:
    """What is behind is a signature after PAdES, and no metadata of a program's own."""
    assert signed.startswith(plain)
    behind = signed[len(plain) :]
    assert b"/SubFilter /ETSI.CAdES.detached" in behind
    assert b"pyHanko" not in behind
    assert b"xpacket" not in behind


def test_who_signed_is_named_and_known_by_the_root_that_is_trusted(signed: bytes, authority: Authority) -> None:
    found = one(signed, authority.certificate)
    assert (found.whole, found.known) == (True, True)
    assert "Example Networks" in found.by
    assert "見本通信" in found.by
    assert "Example Root" in found.issuer
    assert found.at is not None
    assert timedelta(seconds=-2) < found.at - NOW < timedelta(hours=2)


def test_a_signer_of_another_root_is_not_known_although_nothing_changed(signed: bytes) -> None:
    """Also one of the same name."""
    for roots in (b"", Authority("Another").certificate, Authority().certificate):
        assert (one(signed, roots).whole, one(signed, roots).known) == (True, False)


def test_nothing_is_signed_with_a_certificate_that_is_not_valid_that_day(authority: Authority) -> None:
    for content in (authority.pkcs12(days=-0, since=-3), authority.pkcs12(since=2)):
        with pytest.raises(signature.CannotSign) as no:
            signature.key_of(content, b"", NOW + timedelta(hours=1))
        assert no.value.code == "certificate-not-valid"


@pytest.mark.parametrize(("content", "passphrase"), [(b"", b""), (b"not a key", b""), (None, b"wrong"), (None, b"")])
def test_what_is_no_key_of_the_operator_signs_nothing(authority: Authority, content: bytes | None, passphrase: bytes) -> None:
    with pytest.raises(signature.CannotSign) as no:
        signature.key_of(authority.pkcs12(b"pass") if content is None else content, passphrase, NOW)
    assert no.value.code == "not-a-signing-key"


def test_a_letter_nobody_signed_has_no_signature(plain: bytes) -> None:
    assert signature.found(plain, b"", NOW) == []


def test_what_stands_behind_the_signature_is_not_covered_by_it(signed: bytes, authority: Authority) -> None:
    """A comment, and a second revision that redraws the page."""
    from pyhanko.pdf_utils.generic import pdf_name, pdf_string
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    more = IncrementalPdfFileWriter(io.BytesIO(signed), strict=False)
    more.root[pdf_name("/Lang")] = pdf_string("en")
    more.update_root()
    out = io.BytesIO()
    more.write(out)
    assert not one(out.getvalue(), authority.certificate).whole
    assert not one(signed + b"% a comment\n", authority.certificate).whole


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_byte_of_the_letter_that_changes_is_noticed(signed: bytes, authority: Authority, data: st.DataObject) -> None:
    """Every byte but the signature's own octets, which sign and are not signed."""
    start = signed.rindex(b"/Contents <") + len(b"/Contents <")
    end = signed.index(b">", start)
    at = data.draw(st.one_of(st.integers(0, start - 2), st.integers(end + 1, len(signed) - 1)))
    changed = bytearray(signed)
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        found = signature.found(bytes(changed), authority.certificate, NOW)
    except signature.NotReadable:
        return
    assert not [s for s in found if s.whole]


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.binary(max_size=200).map(lambda b: b"%PDF-1.7\n" + b + b"\nstartxref\n9\n%%EOF")))
def test_what_is_no_pdf_is_said_to_be_none(content: bytes) -> None:
    with contextlib.suppress(signature.NotReadable):
        assert signature.found(content, b"", NOW) == []


def test_a_signed_letter_still_has_what_pdf_a_2b_asks_for(plain: bytes, signed: bytes) -> None:
    """The signature's field is a widget without a face, printed and not hidden; the marks of PDF/A are typst's own, untouched."""
    assert wrong_in(plain) == []
    assert wrong_in(signed) == []


def rewritten(pdf: bytes, change: Callable[[PdfWriter], object]) -> bytes:
    writer, out = PdfWriter(clone_from=io.BytesIO(pdf)), io.BytesIO()
    writer._ID = writer._ID or ArrayObject([TextStringObject("x"), TextStringObject("x")])
    change(writer)
    writer.write(out)
    return out.getvalue()


def without(kind: str, *keys: str) -> Callable[[PdfWriter], None]:
    """Takes these keys out of every dictionary of that type."""

    def change(writer: PdfWriter) -> None:
        for each in (o for o in writer._objects if isinstance(o, DictionaryObject) and o.get("/Type") == kind):
            for key in keys:
                each.pop(NameObject(key), None)

    return change


def script() -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")})


BROKEN: dict[str, Callable[[PdfWriter], object]] = {
    "6.2.3": without("/Catalog", "/OutputIntents"),
    "6.6.2.1": without("/Catalog", "/Metadata"),
    "6.2.11.4": without("/FontDescriptor", "/FontFile", "/FontFile2", "/FontFile3"),
    "6.4.2": lambda w: w.root_object.update({NameObject("/OpenAction"): script()}),
    "6.5.2": lambda w: w.root_object.update({NameObject("/OpenAction"): script()}),
    "6.8": lambda w: w.add_attachment("a.txt", b"x"),
    "6.3.1": lambda w: w.add_annotation(0, FreeText(text="x", rect=(9, 9, 99, 99))),
    "6.5.1": lambda w: w.root_object.update({NameObject("/AA"): DictionaryObject()}),
    "6.1.3": lambda w: w.encrypt("x", algorithm="AES-256"),
}


@pytest.mark.parametrize("clause", BROKEN)
def test_a_paper_that_breaks_a_clause_of_pdf_a_is_found(plain: bytes, clause: str) -> None:
    """So that the test above can fail."""
    broken = wrong_in(rewritten(plain, BROKEN[clause]))
    assert [w for w in broken if clause in w.partition(" ")[0].split("/")], broken
