"""Papers are set from data: whatever a string holds, it is shown and never run; the same data give the same bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.effects import letter
from tests.effects.pdf_a import wrong_in

PLAIN = """#let data = json(bytes(sys.inputs.data))
#set document(title: data.title, date: datetime(year: 2026, month: 11, day: 21))
#set text(font: ("Libertinus Serif", "Noto Serif CJK JP"), lang: "ja", region: "JP")
#data.body
"""

pytestmark = pytest.mark.skipif(bool(letter.absent_fonts()), reason="no Japanese font here: install fonts-noto-cjk (make parts)")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "plain.typ"
    path.write_text(PLAIN, encoding="utf-8")
    return path


def text_of(pdf: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def said(template: Path, body: str) -> str:
    return text_of(letter.pdf(template, {"title": "t", "body": body}))


def test_a_paper_is_pdf_a_with_japanese_set_properly(template: Path) -> None:
    made = letter.pdf(template, {"title": "相談", "body": "髙﨑と渡邉は、総務省に相談した。"})
    assert made.startswith(b"%PDF-")
    assert b"pdfaid" in made  # the PDF/A mark in its metadata
    assert "総務省に相談した" in text_of(made)


def test_a_paper_has_what_pdf_a_2b_asks_for_and_nothing_that_runs_or_is_hidden(template: Path) -> None:
    """ISO 19005-2, as far as it is read off the file: no validator stands here."""
    assert wrong_in(letter.pdf(template, {"title": "相談", "body": "髙﨑と渡邉は、総務省に相談した。"})) == []


def test_the_same_data_give_the_same_bytes(template: Path) -> None:
    data = {"title": "t", "body": "同じ"}
    assert letter.pdf(template, data) == letter.pdf(template, data)


@pytest.mark.parametrize(
    "body",
    [
        '#eval("1 + 1")',
        "#panic()",
        "$ x^2 $",
        "*bold* _it_ `raw`",
        '#read("plain.typ")',
        '#import "x.typ"',
        "] #set page(fill: red) [",
        "\\u{41}",
        '"; drop',
        "= Heading",
        "<label> @ref",
        "https://example.invalid/#x",
    ],
)
def test_a_malicious_string_is_printed_as_it_is(template: Path, body: str) -> None:
    shown = "".join(said(template, body).split())
    assert "".join(body.split()) in shown.replace("”", '"').replace("“", '"')


@pytest.mark.parametrize("body", ["a\x00b", "a\x1bb", "a\ue000b", "a\ufdd0b", "aกb", "a\ud800b"])
def test_what_no_font_can_show_is_a_geta_and_the_rest_is_printed(template: Path, body: str) -> None:
    shown = said(template, body)
    assert letter.GETA in shown
    assert shown.startswith("a")


@pytest.mark.parametrize("mark", ["\U0001f3fb", "\u0485", "\u093e", "\u0488\u0489", "\u20e3\ufe0f"])
def test_a_mark_no_font_has_costs_nobody_the_characters_it_stands_on(template: Path, mark: str) -> None:
    """Else whoever writes it could keep a letter from being printed, or black out a digit in all of it."""
    shown = said(template, f"口座 100{mark} 番、2026-00100号、〓{mark}")
    assert "2026-00100" in shown
    assert "口座 100" in shown


def test_more_strange_characters_than_anybody_reads_are_still_printed(template: Path) -> None:
    thai_and_more = "".join(map(chr, (*range(0xE01, 0xE2F), *range(0x5D0, 0x5EA), *range(0x621, 0x64A))))
    assert "総務省" in said(template, f"総務省{thai_and_more}")


def test_lists_and_tables_inside_the_data_are_made_showable_too(tmp_path: Path) -> None:
    (tmp_path / "deep.typ").write_text(PLAIN.replace("#data.body", "#data.rows.at(0).at(0).name"), encoding="utf-8")
    shown = text_of(letter.pdf(tmp_path / "deep.typ", {"title": "t", "rows": [[{"name": "x\x07y"}]]}))
    assert "y" in shown


def test_a_page_can_be_looked_at_before_it_is_printed(template: Path) -> None:
    (page,) = letter.pages(template, {"title": "t", "body": "一枚"})
    assert page.startswith(b"\x89PNG")


def test_a_template_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden", encoding="utf-8")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "t.typ").write_text('#read("../secret")', encoding="utf-8")
    with pytest.raises(letter.CannotPrint) as no:
        letter.pdf(tmp_path / "texts" / "t.typ", {})
    assert no.value.code == "not-set"


def test_a_template_that_cannot_be_set_says_typsts_words(tmp_path: Path) -> None:
    (tmp_path / "bad.typ").write_text("#nonsense", encoding="utf-8")
    with pytest.raises(letter.CannotPrint, match="nonsense"):
        letter.pdf(tmp_path / "bad.typ", {})


def test_without_a_japanese_font_nothing_is_printed(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a letter is worse than none: the families that are absent are named."""

    class Bare:
        def families(self) -> list[str]:
            return ["Libertinus Serif"]

    monkeypatch.setattr(letter, "fonts", Bare)
    with pytest.raises(letter.CannotPrint) as no:
        letter.pdf(template, {"title": "t", "body": "x"})
    assert (no.value.code, no.value.absent) == ("no-font", letter.JAPANESE)


@pytest.mark.parametrize("body", ["0\u0e33", "\u0e01\u0e33", "\u0e33", "x\u0e01 \u0e33", "a\u0eb3b", "\u1112\u1161\u11ab"])
def test_a_letter_that_joins_the_one_before_it_does_not_keep_a_paper_from_being_made(template: Path, body: str) -> None:
    """The am of Thai and Lao is a letter and no mark; typst names the one before it, again and again."""
    assert letter.pdf(template, {"title": "t", "body": body}).startswith(b"%PDF-")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=30))
def test_any_text_at_all_becomes_a_paper(template: Path, body: str) -> None:
    data: dict[str, Any] = {"title": "t", "body": body}
    assert letter.pdf(template, data).startswith(b"%PDF-")
