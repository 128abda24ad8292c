"""Figures over the whole tree."""

from __future__ import annotations

from types import SimpleNamespace

from house.source import SHIPPED, read_tree
from tests.conftest import LONGEST, pytest_collection_modifyitems

FILES = read_tree()


def lines_of_code(*folders: str) -> int:
    return sum(text.count("\n") for path, text in FILES.items() if path.startswith(folders) and path.endswith(".py"))


def test_the_tests_are_at_least_as_long_as_the_code() -> None:
    assert lines_of_code("tests/") >= lines_of_code(*SHIPPED)


def test_the_package_says_that_it_is_typed() -> None:
    assert "src/sekisho/py.typed" in FILES
    assert "packages/sender/src/sekisho_sender/py.typed" in FILES


def test_the_files_that_go_first_are_there_and_go_in_that_order_each_whole() -> None:
    assert set(LONGEST) <= set(FILES)
    assert len(set(LONGEST)) == len(LONGEST)
    found = [SimpleNamespace(nodeid=f"{path}::{name}") for path in ("tests/a.py", *reversed(LONGEST), "tests/b.py") for name in "xy"]
    pytest_collection_modifyitems(found)
    assert [i.nodeid for i in found] == [f"{path}::{name}" for path in (*LONGEST, "tests/a.py", "tests/b.py") for name in "xy"]


def test_the_whole_suite_keeps_that_order() -> None:
    """pytest-xdist would give out the files with most tests first, however short."""
    assert "-n auto --dist loadfile --no-loadscope-reorder" in FILES["Makefile"]
