"""Figures over the whole tree."""

from __future__ import annotations

from house.source import SHIPPED, read_tree

FILES = read_tree()


def lines_of_code(*folders: str) -> int:
    return sum(text.count("\n") for path, text in FILES.items() if path.startswith(folders) and path.endswith(".py"))


def test_the_tests_are_at_least_as_long_as_the_code() -> None:
    assert lines_of_code("tests/") >= lines_of_code(*SHIPPED)


def test_the_package_says_that_it_is_typed() -> None:
    assert "src/sekisho/py.typed" in FILES
    assert "packages/sender/src/sekisho_sender/py.typed" in FILES
