"""Every letter of every procedure as its reader gets it, in both languages, held against the copy that was last looked at.

`python -m tests.effects.test_case_letters` writes the copies anew; read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.desk.cases.case_letters import spelled
from sekisho.effects.texts import LANGUAGES, load, render
from sekisho.law.casebook import procedures_in
from sekisho.law.procedures import Procedure
from tests.conftest import ROOT

BOOK = procedures_in(ROOT / "casebook" / "jp" / "procedures")
TEXTS = load(ROOT / "texts")
COPIES = Path(__file__).parent / "golden" / "cases"
OF_ANY = {
    "operator": "しずおかネット",
    "window_name": "お客さま相談窓口",
    "number": "2026-00001",
    "today": "2026-11-21",
    "answer_code": "4N7K-2QXD",
    "answer_url": "https://bbs.example/answer",
    "party": "見本印刷",
}
LETTERS = sorted({(name, p.id) for p in BOOK.values() for m in (p.opening, *p.moves) for name in m.letters})
EACH = [(name, table, language) for name, table in LETTERS for language in LANGUAGES]
WIDEST = 92
"""Columns, a Japanese character being two."""


def written(name: str, procedure: Procedure, language: str) -> str:
    """The letter with the samples of the table in it."""
    text, values = TEXTS.find(name, language), {**OF_ANY, "law": procedure.law[language]}
    facts = {f"fact_{f.id}": spelled(f, f.sample_in("ja"), language) for f in procedure.facts}
    days = {f"days_{c.id.replace('-', '_')}": str(c.clock.length) for c in procedure.clocks}
    due = {f"due_{c.id.replace('-', '_')}": "2026-12-01" for c in procedure.clocks}
    every = {**values, **facts, **days, **due}
    rendered = render(text, {place: every[place] for place in text.places})
    return f"{rendered.subject}\n\n{rendered.body}"


@pytest.mark.parametrize(("name", "table", "language"), EACH)
def test_a_letter_reads_as_it_was_last_looked_at(name: str, table: str, language: str) -> None:
    copy = COPIES / f"{table}.{name}.{language}.txt"
    assert written(name, BOOK[table], language) == copy.read_text(encoding="utf-8")


def test_no_copy_is_of_a_letter_nobody_drafts() -> None:
    assert {p.name for p in COPIES.iterdir()} == {f"{table}.{name}.{language}.txt" for name, table, language in EACH}


@pytest.mark.parametrize(("name", "table", "language"), EACH)
def test_a_letter_says_who_writes_and_fits_a_mail(name: str, table: str, language: str) -> None:
    text = TEXTS.find(name, language)
    assert {"operator", "window_name", "number", "today"} <= text.places
    assert "\n\n\n\n" not in text.body
    wide = [line for line in text.body.splitlines() if sum(2 if ord(c) > 0x2000 else 1 for c in line) > WIDEST]
    assert not wide, (table, wide)


@pytest.mark.parametrize("name", sorted({name for name, _ in LETTERS}))
def test_a_letter_of_a_case_says_to_whom_it_goes_or_is_older_than_that(name: str) -> None:
    older = {"preservation-held@1", "preservation-extended@1", "preservation-refused@1"}
    assert bool(TEXTS.find(name, "ja").to) != (name in older)


if __name__ == "__main__":
    COPIES.mkdir(exist_ok=True)
    for old in COPIES.iterdir():
        old.unlink()
    for name, table, language in EACH:
        (COPIES / f"{table}.{name}.{language}.txt").write_text(written(name, BOOK[table], language), encoding="utf-8")
