"""Papers from the terminal: written where somebody says, in Japanese unless English is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.effects.letter import absent_fonts
from tests.conftest import ROOT
from tests.faces.conftest import typed

CONSULTATION = str(ROOT / "examples" / "questions" / "consultation.toml")
needs_fonts = pytest.mark.skipif(bool(absent_fonts()), reason="no Japanese font here: install fonts-noto-cjk (make parts)")


def text_of(path: Path) -> str:
    from pypdf import PdfReader

    return "".join(page.extract_text() for page in PdfReader(path).pages)


@needs_fonts
def test_a_dossier_is_japanese_whatever_the_terminal_speaks(tmp_path: Path) -> None:
    said = typed(tmp_path, "dossier", CONSULTATION, "-o", "paper.pdf", lang="ja")
    assert said.code == 0, said.err
    assert "照会事項" in text_of(tmp_path / "paper.pdf")


@needs_fonts
def test_a_dossier_is_english_when_it_is_asked_for(tmp_path: Path) -> None:
    said = typed(tmp_path, "dossier", CONSULTATION, "-o", "paper.pdf", "--lang", "en", "--json")
    assert said.json["bytes"] == (tmp_path / "paper.pdf").stat().st_size
    assert "Questions to the authority" in text_of(tmp_path / "paper.pdf")


@needs_fonts
def test_the_day_and_the_regime_are_asked_for_on_the_line(tmp_path: Path) -> None:
    assert typed(tmp_path, "dossier", CONSULTATION, "-o", "a.pdf", "--on", "2005-01-01", "--regime", "WIRE", lang="ja").code == 0
    assert "2005年1月1日" in text_of(tmp_path / "a.pdf").replace(" ", "")


def test_a_mistake_in_the_plan_prints_nothing(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text('measure = "traffic-picture"\nsteps = ["count"]\n[dossier]\ncontcat = "x"\n', encoding="utf-8")
    said = typed(tmp_path, "dossier", "plan.toml", "-o", "paper.pdf")
    assert said.code == 2
    assert "plan.toml:4: dossier.contcat" in said.err
    assert "perhaps: contact" in said.err
    assert not (tmp_path / "paper.pdf").exists()


@needs_fonts
def test_a_paper_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    assert typed(tmp_path, "dossier", CONSULTATION, "-o", "no/such/folder/paper.pdf").code == 2


def test_a_plan_by_its_id_needs_a_running_keep(tmp_path: Path) -> None:
    said = typed(tmp_path, "dossier", "0123456789abcdef", "-o", "paper.pdf")
    assert said.code in (2, 3)
    assert not (tmp_path / "paper.pdf").exists()
