"""What people call the fields of evidence: every one of the shipped books, in both languages; a book says all of them or none."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sekisho.law.casebook import CasebookError, load
from tests.conftest import ROOT


@pytest.mark.parametrize("country", ["jp", "br"])
def test_every_field_of_every_kind_has_its_words_in_both_languages(country: str) -> None:
    book = load(ROOT / "casebook" / country)
    for kind in book.kinds.values():
        words = book.words_of(kind)
        assert set(words) == set(kind.fields), kind.name
        assert all(w["ja"].strip() and w["en"].strip() and "_" not in w["en"] for w in words.values()), kind.name


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r"\nreviewed = \{[^\n]*", "", "has no words for reviewed"),
        (r"\nreviewed = ", "\nnot_a_field = { ja = 'a', en = 'b' }\nreviewed = ", "not_a_field"),
        (r"\nreviewed = \{[^\n]*", "\nreviewed = { ja = '確かめた日' }", "has no words in en"),
    ],
)
def test_a_field_without_words_and_words_without_a_field_are_named(old: str, new: str, says: str, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "casebook" / "jp", tmp_path / "jp")
    path = folder / "evidence.toml"
    text = path.read_text(encoding="utf-8")
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(CasebookError, match=says):
        load(folder)


def test_a_book_without_the_table_is_the_same_book_as_ever(tmp_path: Path) -> None:
    """Its digest is what it was before there were such words: what was signed under it stays signed."""
    folder = shutil.copytree(ROOT / "casebook" / "br", tmp_path / "br")
    path = folder / "evidence.toml"
    whole = load(folder)
    path.write_text(path.read_text(encoding="utf-8").partition("\n# What people call each field")[0] + "\n", encoding="utf-8")
    without = load(folder)
    assert without.digest != whole.digest
    assert without.rules == whole.rules, "no confirmation lapses by it"
    assert without.words_of(next(iter(without.kinds.values()))) == {}
