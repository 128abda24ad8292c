"""The worked questions beside the rules of what is owed: each comes out as it says, and a wrong one is found."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sekisho.gate import worked
from sekisho.gate.owed_worked import answer, right, told
from sekisho.law.casebook import CasebookError, load
from sekisho.law.duties import DutyRule, Rule, ShieldRule
from sekisho.law.owed_worked import STATES, Worked

JP = Path(__file__).resolve().parents[2] / "casebook" / "jp"
BOOK = load(JP)


def named(one: Worked) -> str:
    return f"{one.rule}: {one.because['en']}"


@pytest.mark.parametrize("asked", BOOK.worked, ids=named)
def test_every_worked_question_comes_out_as_the_book_says(asked: Worked) -> None:
    assert right(asked, BOOK), told(asked, BOOK)


@pytest.mark.parametrize("rule", BOOK.owed.rules, ids=lambda r: r.id)
def test_every_rule_has_a_worked_question_and_a_current_one_a_near_miss(rule: Rule) -> None:
    """A rule with one kind of answer only was never seen to say the other."""
    said = {w.expect for w in BOOK.worked if w.rule == rule.id}
    assert said
    if isinstance(rule, ShieldRule):
        assert said == {"open", "shut"}


def test_a_wrong_question_is_found_with_what_it_really_gives() -> None:
    first = next(w for w in BOOK.worked if w.rule == "jp/D-03/s1" and w.expect == "open")
    another = replace(first, because={"ja": "別の日", "en": "another day"}, by=first.on)
    book = replace(BOOK, worked=(replace(first, expect="shut"), another), examples=())
    assert [(w.file, w.because, w.expect, w.got) for w in worked.wrong(book)] == [
        ("owed: jp/D-03/s1", first.because, "shut", "open 2026-06-09"),
        ("owed: jp/D-03/s1", another.because, "open", "open 2026-06-09"),
    ]


def test_a_rule_that_was_not_in_force_gives_no_answer() -> None:
    first = next(w for w in BOOK.worked if w.rule == "jp/D-06/s1")
    later = tuple(replace(s, since=first.on, seen=first.on) for s in BOOK.owed.shields)
    assert answer(first, replace(BOOK, owed=replace(BOOK.owed, shields=later)))[0] == "no-rule"


def test_examples_change_no_digest() -> None:
    assert replace(BOOK, worked=()).digest == BOOK.digest


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('rule = "jp/D-01/s1"', 'rule = "jp/D-99/s1"', "is no rule of this book"),
        ('expect = "open"', 'expect = "due"', "must be one of open, shut"),
        ("given = { knew_infringement = false", "given = { knew_it = false", "event[0].knew_it: unknown-key"),
        ("given = { knew_infringement = false", 'given = { knew_infringement = "no"', "event[0].knew_infringement: not-bool"),
        ("[complete.removal-request]", "[complete.removal]", "this file has no [complete.removal-request]"),
        ("on = 2026-06-01\ngiven", "on = 1\ngiven", "must be a day"),
        ('because = { ja = "誰からも', 'whence = { ja = "誰からも', "because: is missing"),
        ('because = { ja = "誰からも知らされず、自らも投稿を見ていない", en', "because = { en", "because: has no words in ja"),
        ('because = { ja = "誰からも', 'because = { fr = "personne", ja = "誰からも', "because.fr: nobody knows this key"),
    ],
)
def test_a_malformed_example_names_file_and_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    copy = Path(shutil.copytree(JP, tmp_path / "jp"))
    path = copy / "owed" / "posts.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CasebookError) as why:
        load(copy)
    assert why.value.file == "owed/posts.toml"
    assert says in str(why.value)


def test_what_may_be_expected_is_named_for_each_kind_of_rule() -> None:
    assert "late" in STATES[DutyRule]
    assert {w.expect for w in BOOK.worked} <= {s for states in STATES.values() for s in states}
