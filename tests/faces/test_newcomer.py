"""The first hour at the terminal: whoever knows neither the names nor the codes is told what to type next."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.faces.words.say import Chosen
from sekisho.law.casebook import load
from tests.conftest import ROOT
from tests.faces.conftest import EXAMPLES, Said, typed

BOOK = load(ROOT / "casebook" / "jp")
FACTS = EXAMPLES / "facts" / "mis-sent-list.toml"


def flat(said: Said) -> str:
    return " ".join((said.out + said.err).split())


def owed(where: Path, *words: str, lang: str = "en", **changed: str) -> Said:
    """The example's facts, some of them changed: `name="new value"` for the line that begins with it."""
    lines = FACTS.read_text(encoding="utf-8").splitlines()
    for name, value in changed.items():
        lines = [f"{name} = {value}" if line.startswith(f"{name} =") else line for line in lines]
    (where / "facts.toml").write_text("\n".join(lines), encoding="utf-8")
    return typed(where, "owed", "facts.toml", *words, lang=lang)


# ask


def test_what_nothing_matches_is_said_plainly_with_the_way_to_look_through(tmp_path: Path) -> None:
    said = typed(tmp_path, "ask", "we want to teleport zebras")
    assert said.code == 1
    assert "Nothing in the case book matches this." in said.out
    assert "The nearest" not in said.out
    assert "sekisho casebook measures" in said.out


def test_all_measures_are_listed_by_name_and_title(tmp_path: Path) -> None:
    said = typed(tmp_path, "casebook", "measures")
    names = [line.split()[0] for line in said.out.splitlines() if line.strip()]
    assert set(BOOK.steps) <= set(names)
    assert "Blocking sites on public Wi-Fi" in said.out
    assert {m["measure"] for m in typed(tmp_path, "--json", "casebook", "measures").json} == set(BOOK.steps)


@pytest.mark.parametrize(
    ("words", "machine", "asked", "answer"),
    [
        ("スパムを止めたい", "en", "", "事例集にある"),
        ("we want to block spam", "ja", "", "What the case book has"),
        ("スパムを止めたい", "en", "en", "What the case book has"),
        ("we want to block spam", "en", "ja", "事例集にある"),
    ],
)
def test_a_question_is_answered_in_its_own_language_unless_another_is_named(
    words: str, machine: str, asked: str, answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Chosen, "language", machine)
    assert answer in typed(tmp_path, "ask", words, lang=asked).out


def test_the_name_of_a_measure_says_nothing_about_the_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chosen, "language", "ja")
    assert "法的助言ではありません" in typed(tmp_path, "ask", "op25b", "block-port-25", "--yes", "all", lang="").out


# What nobody knows


@pytest.mark.parametrize(
    ("words", "near", "list_them"),
    [
        (("casebook", "list", "--measure", "infected-notic"), "infected-notice", "sekisho casebook measures"),
        (("casebook", "show", "jp/C-01/9"), "jp/C-01/1", "sekisho casebook list"),
        (("casebook", "why", "cc-serch"), "cc-search", "sekisho"),
        (("schema", "consnt"), "consent", "sekisho schema"),
    ],
    ids=["measure", "case", "why", "schema"],
)
def test_an_unknown_name_shows_the_few_closest_and_how_to_list_all(
    words: tuple[str, ...], near: str, list_them: str, tmp_path: Path
) -> None:
    said = typed(tmp_path, *words)
    assert said.code == 2
    (line,) = [x for x in said.err.splitlines() if "closest" in x]
    assert near in line
    assert list_them in line
    assert line.split("(")[0].count(",") < 5


def test_what_looks_like_nothing_known_is_answered_with_the_list_alone(tmp_path: Path) -> None:
    said = typed(tmp_path, "casebook", "list", "--measure", "日本")
    assert f"{len(BOOK.steps)} in all; to list them: sekisho casebook measures" in said.err
    assert "closest" not in said.err


def test_few_known_words_are_all_shown_and_machines_get_every_one(tmp_path: Path) -> None:
    assert "known are: count-lines, block-port-25" in typed(tmp_path, "ask", "op25b", "blok").err
    detail = typed(tmp_path, "--json", "casebook", "list", "--measure", "foo").json["error"]["detail"]
    assert set(BOOK.steps) <= set(detail["known"])


@pytest.mark.parametrize("command", ["why", "show"])
def test_a_day_without_its_option_is_told_where_it_belongs(command: str, tmp_path: Path) -> None:
    said = typed(tmp_path, "casebook", command, "jp/C-01/1", "2019-06-01")
    assert said.code == 2
    assert f"sekisho casebook {command} jp/C-01/1 --on 2019-06-01" in flat(said)


# owed


def test_what_does_not_concern_the_events_is_a_number_until_all_is_asked_for(tmp_path: Path) -> None:
    short, whole = owed(tmp_path, "--on", "2026-06-20"), owed(tmp_path, "--on", "2026-06-20", "--all")
    assert "rules that do not concern this: 6 (shown with --all)" in flat(short)
    for rule in ("jp/A-10/d1", "jp/E-21/d5", "jp/E-07/s1"):
        assert rule not in short.out
        assert rule in whole.out
    assert "shown with --all" not in whole.out


def test_due_stands_before_open_shields_and_those_before_what_is_done_or_shut(tmp_path: Path) -> None:
    out = owed(tmp_path, "--on", "2026-06-20").out
    order = ["jp/E-06/d2", "jp/D-03/s1", "jp/E-14/h1", "jp/E-06/d1", "jp/D-02/s1"]
    assert [out.index(rule) for rule in order] == sorted(out.index(rule) for rule in order)


def test_a_shield_that_waits_for_facts_still_says_which(tmp_path: Path) -> None:
    assert "adequate_reason" in owed(tmp_path, "--on", "2026-06-20").out


@pytest.mark.parametrize(
    ("on", "lang", "words"),
    [
        ("2026-06-03", "en", "due promptly (the law gives no number of days; practice: by 2026-06-06)"),
        ("2026-06-23", "en", "overdue (promptly: the law gives no number of days; practice was by 2026-06-06)"),
        ("2026-06-23", "ja", "速やかに: 法に日数の定めなし; 実務の目安は 2026-06-06"),
    ],
)
def test_promptly_names_no_day_as_the_laws(on: str, lang: str, words: str, tmp_path: Path) -> None:
    """The law says promptly, practice says by when; neither is said to be the other."""
    out = flat(owed(tmp_path, "--on", on, lang=lang, prelim_report='"not-yet"', persons_told='"not-yet"'))
    assert words in out
    line = out[: out.index(words)].rsplit("✗" if "overdue" in words or lang == "ja" else "!", 1)[1]
    assert "due by" not in line
    assert "now (" not in line


def test_a_hold_names_its_last_day_as_the_last(tmp_path: Path) -> None:
    assert "must not be deleted until 2026-07-08, that day included" in flat(owed(tmp_path, "--on", "2026-06-20"))


# The codes


def test_every_code_of_the_law_is_in_the_glossary_in_both_languages(tmp_path: Path) -> None:
    english, japanese = (typed(tmp_path, "casebook", "codes", lang=lang) for lang in ("en", "ja"))
    used = {c.authority.value for c in BOOK.cases} | {c.certainty.value for c in BOOK.cases} | {c.ground.value for c in BOOK.cases}
    for said in (english, japanese):
        assert said.code == 0, said.err
        assert used <= {line.split()[0] for line in said.out.splitlines() if line.startswith("  ")}
    assert "jp is the country, C-01 the row of law" in english.out
    assert "from memory" in english.out
    assert english.out != japanese.out


@pytest.mark.parametrize(
    "words",
    [("ask", "op25b", "block-port-25", "--yes", "all"), ("decide", str(EXAMPLES / "plans" / "traffic-picture.toml")), ("owed", str(FACTS))],
    ids=["ask", "decide", "owed"],
)
def test_answers_with_codes_say_where_they_are_explained(words: tuple[str, ...], tmp_path: Path) -> None:
    assert "sekisho casebook codes" in flat(typed(tmp_path, *words))


def test_a_line_about_no_case_begins_with_its_words(tmp_path: Path) -> None:
    """A step the book has no case for: what is missing is a case, so its line names none and leaves no gap for one."""
    step = 'name = "carry"\nkind = "publish"\nacts = ["disclose"]\nelements = ["count"]\npurpose = "zebra"\n'
    (tmp_path / "plan.toml").write_text(f'measure = "zebra"\nnew = true\n[[steps]]\n{step}', encoding="utf-8")
    said = typed(tmp_path, "decide", "plan.toml")
    lines = [line for line in said.out.splitlines() if line.strip().startswith("•")]
    assert lines
    assert not [line for line in lines if "•  " in line]
