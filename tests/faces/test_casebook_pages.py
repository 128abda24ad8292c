"""The case book read at the terminal: a list with filters, one page a case, and why a rule held on a day."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk.asking import book
from tests.faces.conftest import typed


def listed(tmp_path: Path, *words: str) -> list[str]:
    return [c["id"] for c in typed(tmp_path, "casebook", "list", *words, "--json").json]


def test_without_a_filter_every_case_is_listed_wherever_one_stands(tmp_path: Path) -> None:
    assert listed(tmp_path) == [c.id for c in book().cases]
    assert typed(tmp_path, "casebook", "list").out.count("jp/") >= len(book().cases)


def test_each_filter_keeps_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    cases = book().cases
    assert listed(tmp_path, "--measure", "cc-search") == [c.id for c in cases if c.measure == "cc-search"]
    assert listed(tmp_path, "--axis", "fairness") == [c.id for c in cases if c.axis == "fairness"]
    assert listed(tmp_path, "--ground", "G2") == [c.id for c in cases if c.ground == "G2"]
    assert listed(tmp_path, "--row", "B-13") == [c.id for c in cases if "/B-13/" in c.id or "B-13" in c.rows]
    old = listed(tmp_path, "--on", "2000-01-01")
    assert old == [c.id for c in cases if c.since.year < 2000 and (c.until is None or c.until.year >= 2000)]


def test_uncertain_cases_are_those_the_officer_is_asked_about(tmp_path: Path) -> None:
    found = set(listed(tmp_path, "--uncertain"))
    assert found == {c.id for c in book().cases if not c.certainty.decides_alone}
    assert "jp/B-31/1" in found
    assert set(listed(tmp_path, "--uncertain", "--axis", "secrecy")) < found


def test_a_filter_nobody_knows_is_named_with_the_nearest(tmp_path: Path) -> None:
    said = typed(tmp_path, "casebook", "list", "--measure", "cc-serch")
    assert said.code == 2
    assert "perhaps: cc-search" in said.err
    assert typed(tmp_path, "casebook", "list", "--axis", "fair").code == 2


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", [c.id for c in book().cases][::11])
def test_a_case_is_one_page_with_everything_a_lawyer_asks_for(tmp_path: Path, name: str, lang: str) -> None:
    case = book().case(name)
    said = typed(tmp_path, "casebook", "show", name, lang=lang)
    assert said.code == 0
    page = "".join(said.out.split())
    for words in (case.title[lang], case.source, str(case.since), str(case.seen), *(c.words[lang] for c in case.conditions)):
        assert "".join(words.split()) in page, words
    assert all(f"({c.id})" in page for c in case.conditions)
    assert all("".join(d.words[lang].split()) in page for d in (*case.duties, *case.dissent))
    assert not case.ask or "".join(case.ask[lang].split()) in page
    assert f"→{case.id}" in page  # itself, in its history
    assert "法的助言ではありません" in page or "notlegaladvice" in page


def test_a_page_for_machines_holds_history_and_examples(tmp_path: Path) -> None:
    found = typed(tmp_path, "casebook", "show", "jp/B-15/2", "--json").json
    assert {h["id"] for h in found["history"]} >= {"jp/B-15/1", "jp/B-15/2"}
    assert found["examples"]
    assert all(e["got"] == e["expect"] for e in found["examples"])


@pytest.mark.parametrize(("meant", "cases"), [("C-01", "jp/C-01/1, jp/C-01/2"), ("cc-search", "jp/B-15/1, jp/B-15/2, jp/B-16/1")])
def test_a_row_or_a_measure_is_answered_with_its_cases(tmp_path: Path, meant: str, cases: str) -> None:
    """Whoever has the name of a measure or the number of a row is told which pages to open, not the whole list."""
    said = typed(tmp_path, "casebook", "show", meant)
    assert said.code == 2
    assert said.err.rstrip().endswith(f": {cases}")


def test_a_case_nobody_knows_is_named_with_the_nearest(tmp_path: Path) -> None:
    said = typed(tmp_path, "casebook", "show", "jp/B-13/11")
    assert said.code == 2
    assert "perhaps: jp/B-13/1" in said.err


def test_why_says_of_every_case_whether_it_held_on_the_day(tmp_path: Path) -> None:
    english, japanese = (typed(tmp_path, "casebook", "why", "cc-search/search", "--on", "2019-06-01", lang=lang) for lang in ("en", "ja"))
    assert "not yet; from 2021-11-24" in english.out
    assert "まだ始まっていません: 2021-11-24" in japanese.out
    assert typed(tmp_path, "casebook", "why", "jp/B-15/1", "--json").json["steps"]
    assert typed(tmp_path, "casebook", "why", "cc-serch").code == 2


def test_a_day_before_every_rule_says_that_none_was_in_force(tmp_path: Path) -> None:
    said = typed(tmp_path, "casebook", "why", "infected-notice/match", "--on", "1950-01-01")
    assert "No case was in force on this day" in said.out
