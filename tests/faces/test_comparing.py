"""The case book at the terminal: compared, checked, and printed as a code of conduct."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.desk.asking import BOOK
from tests.faces.conftest import typed


@pytest.fixture
def other(tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    shutil.copytree(BOOK, folder)
    path = folder / "traffic-picture.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("since = 2006-12-06", "since = 2006-12-06\nuntil = 2020-01-01", 1), encoding="utf-8")
    return folder


def test_a_difference_is_told_in_words_in_both_languages(tmp_path: Path, other: Path) -> None:
    english, japanese = (typed(tmp_path, "casebook", "diff", str(BOOK), str(other), lang=lang) for lang in ("en", "ja"))
    assert english.code == japanese.code == 0
    assert "Ended: jp/B-31/1" in english.out
    assert "An answer turns" in english.out
    assert "終わった事例: jp/B-31/1" in japanese.out
    assert "結論が変わる問い" in japanese.out


def test_the_same_for_machines_and_nothing_where_nothing_differs(tmp_path: Path, other: Path) -> None:
    assert typed(tmp_path, "casebook", "diff", str(BOOK), str(other), "--json").json["ended"][0]["id"] == "jp/B-31/1"
    assert "No difference" in typed(tmp_path, "casebook", "diff", str(BOOK), str(BOOK)).out
    assert typed(tmp_path, "casebook", "diff", str(BOOK), str(tmp_path)).code == 2


def test_check_names_file_line_and_field(tmp_path: Path, other: Path) -> None:
    path = other / "traffic-picture.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('authority = "A5"', 'authority = "A9"', 1), encoding="utf-8")
    said = typed(tmp_path, "casebook", "check", str(other), "--json")
    assert said.code == 1
    (wrong,) = said.json["wrong"]
    line = path.read_text(encoding="utf-8").splitlines()[wrong["line"] - 1]
    assert line == 'authority = "A9"'
    assert wrong["where"] == "case[jp/B-31/1].authority"
    assert "traffic-picture.toml" in wrong["file"]


def test_check_says_what_a_worked_question_is_about_in_the_language_asked_for(tmp_path: Path, other: Path) -> None:
    path = other / "billing.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('expect = "permitted"', 'expect = "refused"', 1), encoding="utf-8")
    english, japanese = (typed(tmp_path, "casebook", "check", str(other), lang=lang).out for lang in ("en", "ja"))
    assert "case 3 of the panel of 2006: the monthly bill from B's records" in english
    assert "2006年のパネルのケース3：Bの通話記録による毎月の請求" in japanese
    assert "monthly bill" not in japanese
    assert all(w["because"].keys() == {"ja", "en"} for w in typed(tmp_path, "casebook", "check", str(other), "--json").json["wrong"])


def test_a_code_of_conduct_is_markdown_unless_it_is_asked_for_as_pdf(tmp_path: Path) -> None:
    english, japanese = (typed(tmp_path, "casebook", "conduct", "traffic-picture", lang=lang).out for lang in ("en", "ja"))
    assert english.startswith("# Code of conduct")
    assert "jp/B-31/1" in english
    assert japanese.startswith("# 行動規範")
    assert typed(tmp_path, "casebook", "conduct", "traffic-picture", "-o", "c.md", lang="ja").code == 0
    assert (tmp_path / "c.md").read_text(encoding="utf-8") == japanese
    assert typed(tmp_path, "casebook", "conduct", "traffic-picture", "--json").json["steps"]


def test_a_code_of_conduct_is_pdf_by_its_name(tmp_path: Path) -> None:
    from sekisho.effects.letter import absent_fonts

    if absent_fonts():
        pytest.skip("no Japanese font here: install fonts-noto-cjk (make parts)")
    assert typed(tmp_path, "casebook", "conduct", "cc-block", "-o", "c.pdf").code == 0
    assert (tmp_path / "c.pdf").read_bytes().startswith(b"%PDF-")


def test_a_measure_nobody_knows_is_named_with_the_nearest(tmp_path: Path) -> None:
    said = typed(tmp_path, "casebook", "conduct", "cc-blok")
    assert said.code == 2
    assert "perhaps: cc-block" in said.err
