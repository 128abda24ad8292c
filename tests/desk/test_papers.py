"""The law's words on paper: every word of every enum, every check and every label stands in both languages."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from enum import StrEnum
from pathlib import Path

import pytest

from sekisho.desk.papers import PaperError, words_of
from sekisho.gate.answers import Outcome
from sekisho.law.checks import CHECKS, PREDICATES
from sekisho.law.words import Act, Authority, Axis, Certainty, Element, Ground, Kind, Regime, VouchedBy
from tests.conftest import ROOT
from tests.desk.asking import book

TEXTS = ROOT / "texts"
PAPERS = sorted(p.stem for p in (TEXTS / "papers").glob("*@*.typ") if p.stem != "frame@1")
ENUMS: dict[str, type[StrEnum]] = {
    "element": Element,
    "act": Act,
    "kind": Kind,
    "axis": Axis,
    "ground": Ground,
    "authority": Authority,
    "certainty": Certainty,
    "regime": Regime,
    "voucher": VouchedBy,
    "outcome": Outcome,
}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff○×？]")


@pytest.mark.parametrize("group", ENUMS)
def test_every_word_of_the_law_has_words_for_people(group: str) -> None:
    for language in ("ja", "en"):
        said = words_of(TEXTS, "", language).law[group]
        assert {e.value for e in ENUMS[group]} <= said.keys()
        assert all(said.values())


def test_japanese_words_are_japanese() -> None:
    law = words_of(TEXTS, "", "ja").law
    assert all(JAPANESE.search(said) for group, table in law.items() if group != "form" for said in table.values())


def test_every_check_and_every_predicate_can_be_said() -> None:
    law = words_of(TEXTS, "", "en").law
    assert set(CHECKS) <= law["check"].keys()
    assert set(PREDICATES) <= law["predicate"].keys()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_condition_of_the_book_is_said_in_a_sentence_without_a_gap(language: str) -> None:
    words = words_of(TEXTS, "", language)
    for case in book().cases:
        for condition in case.conditions:
            said = words.checked(condition, book())
            assert said
            assert "{" not in said, said
            kind = condition.params.get("kind")
            assert not isinstance(kind, str) or book().kinds[kind].title[language] in said


@pytest.mark.parametrize("paper", PAPERS)
def test_a_papers_labels_are_there_in_both_languages_and_its_template_uses_no_other(paper: str) -> None:
    raw = tomllib.loads((TEXTS / "papers" / f"{paper}.toml").read_text(encoding="utf-8"))
    assert all(set(said) == {"ja", "en"} for said in raw.values())
    assert all(all(said.values()) for name, said in raw.items() if name != "join"), "only Japanese words are joined by nothing"
    used = set(re.findall(r"\bwords\.(\w+)", (TEXTS / "papers" / f"{paper}.typ").read_text(encoding="utf-8")))
    assert used <= raw.keys()


def test_values_are_written_as_people_write_them() -> None:
    words = words_of(TEXTS, "", "ja")
    assert words.value(True) == "はい"
    assert words.value(("a", 1)) == "a、1"
    assert words.value("a" * 64) == "a" * 12 + "…"
    assert words.value({"ja": "文", "en": "text"}) == "文"
    assert words.day(date(2026, 11, 21)) == "2026年11月21日"
    assert words.field("elements", ("count", "party"), book()) == "個数・通信量、当事者"
    assert words.audience(["public", "engineer"], book()) == "技術担当、公衆（誰でも）"


def test_a_paper_without_its_words_is_named(tmp_path: Path) -> None:
    with pytest.raises(PaperError, match=r"nowhere@1\.toml"):
        words_of(TEXTS, "nowhere@1", "ja")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "words.toml").write_text("[act]\nuse = { ja = '使う' }\n", encoding="utf-8")
    with pytest.raises(PaperError, match="en"):
        words_of(tmp_path, "", "en")
