"""Two books compared say what a person who reuses earlier results must know: what came, ended, changed, when, and which answers turn."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.book.book_check import carry_out as check
from sekisho.desk.book.book_diff import Diff, carry_out
from sekisho.law.casebook import load
from tests.desk.asking import BOOK, book

EMPTY = ("added", "ended", "changed", "gone", "kinds", "days", "flips")
FILE = "traffic-picture.toml"
Edited = Callable[..., Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """The shipped book with texts of one file replaced."""

    def make(*changes: tuple[str, str], file: str = FILE) -> Path:
        folder = tmp_path / "jp"
        if not folder.exists():
            shutil.copytree(BOOK, folder)
        text = (folder / file).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        (folder / file).write_text(text, encoding="utf-8")
        return folder

    return make


def compared(folder: Path) -> dict[str, Any]:
    return carry_out(Diff(book(), load(folder)))


def test_a_book_does_not_differ_from_itself() -> None:
    found = carry_out(Diff(book(), book()))
    assert all(not found[part] for part in EMPTY)
    assert found["measures"] == {"added": [], "gone": []}


def test_an_until_is_an_end_from_that_day_on_and_no_change(edited: Edited) -> None:
    found = compared(edited(("since = 2006-12-06", "since = 2006-12-06\nuntil = 2026-12-01")))
    assert [c["id"] for c in found["ended"]] == ["jp/B-31/1"]
    assert found["ended"][0]["until"] == "2026-12-01"
    assert found["days"] == [{"measure": "traffic-picture", "from": "2026-12-01", "until": None}]
    assert not found["changed"]
    assert not found["flips"]  # the worked questions are of earlier days


def test_a_case_that_ended_before_a_worked_question_turns_its_answer(edited: Edited) -> None:
    found = compared(edited(("since = 2006-12-06", "since = 2006-12-06\nuntil = 2020-01-01")))
    turned = {(f["because"]["en"], f["before"], f["after"]) for f in found["flips"]}
    assert ("confirmed", "permitted", "refused") in turned
    assert all(f["measure"] == "traffic-picture" for f in found["flips"])


def test_a_changed_condition_is_named_with_its_words(edited: Edited) -> None:
    found = compared(edited(("smallest_v4 = { most = 24 }", "smallest_v4 = { most = 22 }")))
    (changed,) = found["changed"]
    assert [(c["condition"], c["how"]) for c in changed["conditions"]] == [("no-single-line-v4", "changed")]
    assert changed["fields"] == []
    assert found["days"] == [{"measure": "traffic-picture", "from": "2006-12-06", "until": None}]


def test_a_changed_field_shows_what_stood_there_and_what_stands_there_now(edited: Edited) -> None:
    found = compared(edited(("signatures = 1", "signatures = 2"), ('authority = "A5"', 'authority = "A3"')))
    (changed,) = found["changed"]
    assert {(f["field"], f["before"], f["after"]) for f in changed["fields"]} == {("signatures", 1, 2), ("authority", "A5", "A3")}


def test_a_new_case_and_a_case_that_is_gone_are_each_others_mirror(edited: Edited) -> None:
    folder = edited(('id = "jp/B-31/1"', 'id = "jp/B-31/9"'))
    text = (folder / FILE).read_text(encoding="utf-8").replace('"jp/B-31/1"', '"jp/B-31/9"')
    (folder / FILE).write_text(text, encoding="utf-8")
    there, back = compared(folder), carry_out(Diff(load(folder), book()))
    assert [c["id"] for c in there["added"]] == [c["id"] for c in back["gone"]] == ["jp/B-31/9"]
    assert [c["id"] for c in there["gone"]] == [c["id"] for c in back["added"]] == ["jp/B-31/1"]
    assert there["days"] == back["days"]


def test_a_measure_and_a_kind_of_evidence_that_came_are_named(edited: Edited, tmp_path: Path) -> None:
    folder = edited()
    shutil.copytree(folder, tmp_path / "less")
    (tmp_path / "less" / FILE).unlink()
    found = carry_out(Diff(load(tmp_path / "less"), load(folder)))
    assert found["measures"]["added"] == ["traffic-picture"]
    assert {f["before"] for f in found["flips"]} == {"refused"}


def test_a_kind_of_evidence_that_changed_changes_the_days_of_who_asks_for_it(edited: Edited) -> None:
    old = 'name = "aggregation"'
    text = (BOOK / "evidence.toml").read_text(encoding="utf-8")
    block = text[text.index(old) :].split("[[kind]]")[0]
    found = compared(edited((block, block.replace('roles = ["engineer"]', 'roles = ["engineer", "desk"]')), file="evidence.toml"))
    assert [(k["kind"], k["how"]) for k in found["kinds"]] == [("aggregation", "changed")]
    assert found["days"][0]["measure"] == "traffic-picture"


# The check names its places


def test_a_sound_book_has_nothing_wrong() -> None:
    found = check(BOOK)
    assert found["wrong"] == []
    assert found["cases"] == len(book().cases)


@pytest.mark.parametrize(
    ("old", "new", "where", "line"),
    [
        ('check = "term"', 'check = "turm"', "jp/B-31/1 term-set", "[[case.condition]]"),
        ('authority = "A5"', 'authority = "A9"', "case[jp/B-31/1].authority", "authority ="),
        ("since = 2006-12-06", 'since = "long ago"', "case[jp/B-31/1].since", "since ="),
        ("signatures = 1", "signatuers = 1", "case[jp/B-31/1].", ""),
    ],
)
def test_what_is_wrong_is_named_by_file_line_and_field(edited: Edited, old: str, new: str, where: str, line: str) -> None:
    folder = edited((old, new))
    (wrong,) = check(folder)["wrong"]
    assert wrong["file"] == str(folder / FILE)
    assert wrong["where"].startswith(where)
    assert wrong["what"]
    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    assert line in lines[wrong["line"] - 1]


def test_a_worked_question_that_comes_out_otherwise_is_named_by_its_line(edited: Edited) -> None:
    folder = edited(('confirmed = ["jp/B-31/1"]\nexpect = "permitted"', 'confirmed = ["jp/B-31/1"]\nexpect = "refused"'))
    (wrong,) = check(folder)["wrong"]
    assert (wrong["expect"], wrong["got"]) == ("refused", "permitted")
    assert (folder / FILE).read_text(encoding="utf-8").splitlines()[wrong["line"] - 1].startswith("because")
