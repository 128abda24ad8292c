"""What customers are told of a filter is made from its rules, and says everything that decides."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from house.source import ROOT
from sekisho.effects.class_filter import read_filter, told_digest
from sekisho.effects.name_filter import read_names
from sekisho.effects.name_filter import told_digest as told_of_names
from sekisho.faces.words.filter import names_words, paper, words
from sekisho.law.canonical import plain
from sekisho.wire.name_list import read_name_list
from tests.effects.test_class_filter import GNUTELLA
from tests.effects.test_name_filter import SCOPE as NAMES

ONE: dict[str, Any] = {**GNUTELLA, "ports": [6346, 6347], "lengths": [30, 600], "pattern": "474e55"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Gnutella: UDP", "port 6346-6347", "30-600 octets", "first 3 octets after the header are 474e55", "3 of 900 packets")),
        ("ja", ("グヌーテラ：UDP", "ポート 6346～6347", "30～600 オクテット", "先頭 3 オクテットが 16進 474e55", "900 パケットのうち 3")),
    ],
)
def test_the_words_say_everything_that_decides_and_what_was_measured(language: str, said: tuple[str, ...]) -> None:
    _, (line,) = words([ONE], language)
    assert all(part in line for part in said)


def test_what_does_not_decide_is_not_said() -> None:
    _, (line,) = words([{**ONE, "ports": None, "lengths": [60, 60], "pattern": ""}], "en")
    assert "port" not in line
    assert "hex" not in line
    assert "60 octets" in line


def test_the_example_explains_just_the_rules_its_plan_loads() -> None:
    scope = tomllib.loads((ROOT / "examples/plans/default-on-filter.toml").read_text("utf-8"))["scope"]
    classes = read_filter("", datetime.now(UTC), {**scope, "ranges": tuple(scope["ranges"])}).classes
    explained = (ROOT / "examples/papers/filter-explanation.md").read_text("utf-8")
    assert scope["told"] == told_digest(classes)
    assert all(paper(words(plain(classes), language)) in explained for language in ("ja", "en"))


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ("Phishing: 2 names", "3 of 900 names")), ("ja", ("釣り：2 件", "900 件の名前のうち 3 件"))],
)
def test_a_filter_of_names_says_whose_list_how_many_names_and_what_was_tried(language: str, said: tuple[str, ...]) -> None:
    told = plain({"origin": "A list", "list": NAMES["list"], "categories": read_names("", datetime.now(UTC), NAMES).categories})
    head, (_, line) = names_words(told, language)
    assert all(part in line for part in said)
    assert "A list" in head
    assert str(NAMES["list"]) in head


def test_the_example_explains_just_the_list_its_plan_names() -> None:
    scope = tomllib.loads((ROOT / "examples/plans/name-filter.toml").read_text("utf-8"))["scope"]
    one = read_names("", datetime.now(UTC), {**scope, "ranges": tuple(scope["ranges"])})
    told = plain({"origin": one.origin, "list": one.list, "categories": one.categories})
    explained = (ROOT / "examples/papers/name-filter-explanation.md").read_text("utf-8")
    assert scope["told"] == told_of_names(one)
    assert one.fits(read_name_list((ROOT / "examples/lists/names.txt").read_bytes()))
    assert all(paper(names_words(told, language)) in explained for language in ("ja", "en"))
