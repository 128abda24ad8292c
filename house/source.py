"""What the house rules look at: one parsed file, and the tree as a whole."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TypeAlias

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("law", "wire", "ledger", "gate", "store", "measures", "effects", "desk", "faces")
SHIPPED = ("src/", "packages/sender/src/")
"""Where code that people install stands: the node, and sekisho-sender."""
TRUSTED = ("law", "gate", "ledger", "wire")

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file by its path from the repository's root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree: walked once, looked at by every rule."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def room(self) -> str:
        """The room below src/sekisho, or "" for a file outside the rooms."""
        parts = PurePosixPath(self.path).parts
        return parts[2] if parts[:2] == ("src", "sekisho") and len(parts) > 3 else ""

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/") and PurePosixPath(self.path).name.startswith("test_")

    @property
    def is_shipped(self) -> bool:
        return self.path.startswith(SHIPPED)

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function)]

    @cached_property
    def docstrings(self) -> set[ast.AST]:
        """Every bare string statement: docstrings, and the sentences below constants."""
        bare = (node.value for node in self.nodes if isinstance(node, ast.Expr))
        return {value for value in bare if isinstance(value, ast.Constant) and isinstance(value.value, str)}


@dataclass(frozen=True)
class Breach:
    """Where a rule is broken, and what was found there."""

    path: str
    line: int
    found: str


@dataclass(frozen=True)
class Rule:
    """A rule over one file: its name says what it forbids, `reason` why, `check` finds every breach."""

    name: str
    reason: str
    check: Callable[[Source], Iterator[Breach]]


@dataclass(frozen=True)
class TreeRule:
    """A rule over everything that is in the repository. `files` maps paths to text; binary files map to ""."""

    name: str
    reason: str
    check: Callable[[dict[str, str]], Iterator[Breach]]


def length(function: Function) -> int:
    """Lines of a function without its docstring (the budget is for what is done, not for what is said)."""
    first = function.body[0]
    said = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        said = (first.end_lineno or first.lineno) - first.lineno + 1
    return (function.end_lineno or function.lineno) - function.lineno + 1 - said


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of names, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def imported(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, wherever it stands; `from a import b` gives `a` and `a.b`."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def listed() -> list[str]:
    """The paths git knows or would add: what is in the repository, without what .gitignore leaves out."""
    asked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return sorted(path for path in asked.stdout.splitlines() if (ROOT / path).is_file())


def read_tree() -> dict[str, str]:
    """Every file of the repository as text."""
    files = {}
    for path in listed():
        raw = (ROOT / path).read_bytes()
        files[path] = "" if b"\0" in raw[:8192] else raw.decode("utf-8", "replace")
    return files
