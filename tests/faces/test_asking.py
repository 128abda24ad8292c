"""Asking at the terminal: no node, no settings, Japanese and English, for people and for machines."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faces.conftest import PLAN, Said, process, typed

QUESTION = """\
measure = "traffic-picture"
steps = ["count"]
keeps_days = 90
confirmed = ["jp/B-31/1"]
[[evidence]]
kind = "roles"
vouched = { by = "probe", who = "role-table" }
value = { may_see = ["engineer"], people = 3, logged = true }
[[evidence]]
kind = "aggregation"
vouched = { by = "probe", who = "prefix-table" }
value = { smallest_v4 = 24, smallest_v6 = 48 }
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(QUESTION, encoding="utf-8")
    return path


def alone(tmp_path: Path, *words: str, lang: str = "en") -> Said:
    """Where no settings lie and nothing runs. In this process: it is quicker."""
    return typed(tmp_path, *words, lang=lang)


# decide


def test_decide_needs_no_settings_and_no_node(plan: Path, tmp_path: Path) -> None:
    said = alone(tmp_path, "decide", str(plan))
    assert said.code == 0, said.err
    assert "jp/B-31/1" in said.out
    assert "permitted" in said.out


def test_what_is_only_assumed_is_said_first_in_both_languages(plan: Path, tmp_path: Path) -> None:
    english, japanese = (alone(tmp_path, "decide", str(plan), lang=lang).out for lang in ("en", "ja"))
    assert "Taken on trust" in english
    assert "measured by role-table" in english
    assert "仮に置いたもの" in japanese
    assert "法務責任者の確認" in japanese


def test_for_machines_the_same_with_what_is_assumed(plan: Path, tmp_path: Path) -> None:
    found = alone(tmp_path, "decide", str(plan), "--on", "2026-11-21", "--json").json
    assert found["measure"] == "traffic-picture"
    assert {a["name"] for a in found["assumed"]} == {"roles", "aggregation", "jp/B-31/1"}
    assert found["decisions"][0]["outcome"] == "permitted"
    assert found == alone(tmp_path, "--json", "decide", str(plan), "--on", "2026-11-21").json


def test_day_and_regime_are_asked_for_on_the_line(plan: Path, tmp_path: Path) -> None:
    found = alone(tmp_path, "decide", str(plan), "--on", "2005-01-01", "--regime", "WIRE", "--json").json
    assert (found["on"], found["regime"]) == ("2005-01-01", "WIRE")
    assert found["decisions"][0]["outcome"] == "refused"
    assert alone(tmp_path, "decide", str(plan), "--regime", "NONE").code == 2
    assert alone(tmp_path, "decide", str(plan), "--on", "tomorrow").code == 2


def test_the_example_plans_are_questions_too(tmp_path: Path) -> None:
    """What is proposed can be asked about first, without an installation."""
    said = alone(tmp_path, "decide", str(PLAN), "--json")
    assert [d["step"]["name"] for d in said.json["decisions"]] == ["register", "record", "match"]


def test_a_mistake_names_file_line_field_and_the_word_perhaps_meant(plan: Path, tmp_path: Path) -> None:
    plan.write_text(QUESTION.replace("logged", "loged"), encoding="utf-8")
    english, japanese = (alone(tmp_path, "decide", str(plan), lang=lang) for lang in ("en", "ja"))
    assert english.code == japanese.code == 2
    assert f"{plan}:8: evidence[0].value.loged:" in english.err
    assert "perhaps: logged" in english.err
    assert "もしかして: logged" in japanese.err
    found = alone(tmp_path, "decide", str(plan), "--json").json["error"]["detail"]
    assert (found["line"], found["where"], found["near"]) == (8, "evidence[0].value.loged", "logged")


def test_what_is_no_toml_is_named_by_its_line(plan: Path, tmp_path: Path) -> None:
    plan.write_text(QUESTION.replace("steps = [", "steps = "), encoding="utf-8")
    said = alone(tmp_path, "decide", str(plan))
    assert said.code == 2
    assert f"{plan}:2:" in said.err
    assert alone(tmp_path, "decide", "nowhere.toml").code == 2


def test_settings_that_are_named_must_be_there(plan: Path, tmp_path: Path) -> None:
    """Nobody is answered by another book than the one they meant."""
    assert alone(tmp_path, "decide", str(plan), "--config", "nowhere.toml").code == 2
    assert alone(tmp_path, "decide", str(plan), "--book", str(tmp_path)).code == 2


# ask


@pytest.mark.parametrize(
    ("words", "lang"), [(("show", "popular", "sites", "on", "a", "board"), "en"), (("会場で人気のサイトをボードに表示したい",), "ja")]
)
def test_free_words_find_the_measure_and_say_how_to_go_on(tmp_path: Path, words: tuple[str, ...], lang: str) -> None:
    said = alone(tmp_path, "ask", *words, lang=lang)
    assert said.code == 0
    assert "name-board" in said.out
    assert "sekisho ask " in said.out


def test_a_wish_the_book_has_not_ends_with_1_and_the_legal_officer(tmp_path: Path) -> None:
    english, japanese = (alone(tmp_path, "ask", words, lang=lang) for words, lang in (("bake a cake", "en"), ("夕食を作りたい", "ja")))
    assert english.code == japanese.code == 1
    assert "ask the legal officer" in english.out
    assert "法務責任者に相談" in japanese.out
    assert alone(tmp_path, "--json", "ask", "bake a cake").json["sure"] is False


def test_a_step_is_asked_condition_by_condition(tmp_path: Path) -> None:
    said = alone(tmp_path, "ask", "traffic-picture", "count", "--yes", "own-network", "--json")
    assert said.code == 1
    (step,) = said.json["steps"]
    answers = {c["condition"]: q["said"] for q in step["questions"] for c in q["conditions"]}
    assert answers["own-network"] == "yes"
    assert answers["few-people"] == "unknown"
    assert step["decision"]["missing"]
    assert all(m["who"] for m in step["decision"]["missing"])


def test_without_a_step_every_step_is_asked(tmp_path: Path) -> None:
    found = alone(tmp_path, "ask", "name-board", "--yes", "all", "--json").json
    assert [s["step"] for s in found["steps"]] == ["show-names", "show-totals", "keep-for-faults"]


def test_answers_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "answers.toml").write_text('all = "yes"\n"jp/B-31/1/few-people" = false\n', encoding="utf-8")
    found = alone(tmp_path, "ask", "traffic-picture", "count", "--answers", "answers.toml", "--json").json
    assert {q["said"] for q in found["steps"][0]["questions"]} == {"yes", "no"}
    (tmp_path / "answers.toml").write_text('few-peple = "yes"\n', encoding="utf-8")
    said = alone(tmp_path, "ask", "traffic-picture", "--answers", "answers.toml")
    assert said.code == 2
    assert "answers.toml:1:" in said.err
    assert "few-people" in said.err
    assert alone(tmp_path, "ask", "traffic-picture", "--answers", "none.toml").code == 2


def test_the_plan_it_writes_can_be_decided_and_is_never_written_over(tmp_path: Path) -> None:
    words = ("ask", "traffic-picture", "count", "--yes", "all", "--save", "next.toml")
    assert alone(tmp_path, *words).code == 1  # referred: the ground is inferred
    text = (tmp_path / "next.toml").read_text(encoding="utf-8")
    decided = alone(tmp_path, "decide", "next.toml", "--json")
    assert decided.json["decisions"][0]["outcome"] == "referred"
    assert alone(tmp_path, *words).code == 2
    assert (tmp_path / "next.toml").read_text(encoding="utf-8") == text
    assert alone(tmp_path, "ask", "name-board", "--yes", "all", "--save", "two.toml").code == 2  # which of its steps?


def test_a_condition_nobody_asks_about_is_named_with_the_nearest(tmp_path: Path) -> None:
    said = alone(tmp_path, "ask", "traffic-picture", "--yes", "own-netwrk")
    assert said.code == 2
    assert "perhaps: own-network" in said.err


def test_nothing_asked_is_nothing_answered(tmp_path: Path) -> None:
    said = process("ask", cwd=tmp_path)
    assert said.code == 2
    assert "Traceback" not in said.err


def at_a_terminal(words: list[str], typed: str, cwd: Path) -> tuple[int, str]:
    """A person at a real terminal, who types the lines one after the other."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-c", "from sekisho.faces.cli import main; main()", *words]
    environment = {**os.environ, "SEKISHO_LANG": "en", "NO_COLOR": "1", "COLUMNS": "160"}
    running = subprocess.Popen(program, cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    os.write(ours, typed.encode())
    seen, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([ours], [], [], 0.2)[0]:
            try:
                seen += os.read(ours, 65536)
            except OSError:
                break
        elif running.poll() is not None:
            break
    os.close(ours)
    return running.wait(30), seen.decode()


def test_a_person_at_a_terminal_is_asked_one_question_after_the_other(tmp_path: Path) -> None:
    """From the wish to the tree: the wish, the number of the measure, then yes, nothing, no, and はい."""
    code, seen = at_a_terminal(["ask"], "figures of traffic by prefix and interface\n1\ny\n\nno\nはい\n" + "yes\n" * 20, tmp_path)
    assert code == 1
    assert "We want to:" in seen
    assert "[1/" in seen
    assert "who can supply it" in seen


# --json and --lang, before and behind


def test_options_for_machines_and_language_stand_before_or_behind_the_command(tmp_path: Path) -> None:
    behind = alone(tmp_path, "ask", "bake a cake", "--lang", "ja")
    before = alone(tmp_path, "--lang=ja", "ask", "bake a cake")
    assert behind.out == before.out
    assert "法務責任者" in behind.out
    assert alone(tmp_path, "casebook", "list", "--json").json


# schema


def test_the_forms_are_listed_and_printed_for_machines(tmp_path: Path) -> None:
    assert "sekisho:schema/plan/1" in alone(tmp_path, "schema").out
    assert alone(tmp_path, "schema", "terms").json["$id"] == "sekisho:schema/evidence/terms/1"
    assert len(alone(tmp_path, "schema", "--json").json["schemas"]) > 20
    said = alone(tmp_path, "schema", "tems")
    assert said.code == 2
    assert "perhaps: terms" in said.err
