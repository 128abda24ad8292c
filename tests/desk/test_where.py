"""A place in a TOML file is found by its line."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.where import line_of

FILE = '''\
measure = "x"

[[evidence]]
kind = "terms"
value = { day = 2020-01-01 }
note = """
kind = "not a key"
"""
[[evidence]]
kind = "load"
[evidence.value]
"odd key" = 1
a.b = 2
[[case]]
id = "jp/A-01/1"
[[case.condition]]
id = "first"
[[case]]
id = "jp/A-01/2"
[[case.condition]]
id = "first"
check = "term"
[[case.condition]]
id = "second" # it stands last
'''

PLACES = [
    ("measure", 1),
    ("evidence[0]", 3),
    ("evidence[0].kind", 4),
    ("evidence[0].value.day", 5),  # inside an inline table: the table
    ("evidence[0].note", 6),
    ("evidence[1].kind", 10),
    ("evidence[1].purpose", 9),  # missing: the piece it is missing from
    ("evidence[1].value", 11),
    ("evidence[1].value.a.b", 13),
    ("case[jp/A-01/2].condition[first].check", 22),
    ("case[jp/A-01/2].condition[second]", 23),
    ("case[jp/A-01/1].condition[first].words", 16),
    ("nothing.like.it", None),
    ("", None),
]


@pytest.mark.parametrize(("where", "line"), PLACES, ids=[p for p, _ in PLACES])
def test_a_place_stands_on_its_line_or_at_the_nearest_thing_around_it(where: str, line: int | None) -> None:
    assert line_of(FILE, where) == line


def test_numbers_count_from_where_they_are_said_to_begin() -> None:
    """The book's reader counts tables from one, the plan's from zero."""
    assert line_of(FILE, "evidence[1].kind", first=1) == line_of(FILE, "evidence[0].kind") == 4


def test_the_file_of_this_test_is_toml() -> None:
    assert tomllib.loads(FILE)["case"][1]["condition"][1]["id"] == "second"


@given(st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=5), st.integers(0, 4))
def test_the_nth_table_of_a_kind_is_found_whatever_stands_between(kinds: list[str], index: int) -> None:
    text = "".join(f"[[{k}]]\nvalue = {json.dumps(str(n))}\n" for n, k in enumerate(kinds))
    wanted = [n for n, k in enumerate(kinds) if k == "a"]
    expected = 2 * wanted[index] + 2 if index < len(wanted) else None
    assert line_of(text, f"a[{index}].value") == expected


@given(st.text(max_size=200), st.text(max_size=20))
def test_no_text_and_no_place_break_it(text: str, where: str) -> None:
    found = line_of(text, where)
    assert found is None or 1 <= found <= len(text.splitlines())
