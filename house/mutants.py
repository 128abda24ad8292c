"""Mutation tests of the rooms that say yes or no: each small change to the code must be noticed by some test, or be argued.

    python -m house.mutants              every target; ends non-zero if a mutant survives that nobody argued
    python -m house.mutants gate/checks  one target
    python -m house.mutants --list       what would be tried

A mutant is one module with one change. It runs in a forked child that imports the changed source in the module's place and then the
target's tests, until the first that fails. Survivors stand in `house/survivors.toml` with the reason why no test can or need notice.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib.abc
import importlib.util
import multiprocessing
import os
import signal
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import MappingProxyType, ModuleType

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "sekisho"
ARGUED = Path(__file__).with_name("survivors.toml")
PATIENCE = 90
"""Seconds; a mutant that runs for ever was noticed."""

GATE = tuple(f"tests/gate/test_{name}.py" for name in ("checks", "minting", "papers", "check", "people", "properties"))
TARGETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gate/decide": (*GATE[:-1], "tests/gate/test_touched.py", "tests/gate/test_dates.py", GATE[-1]),
        "gate/checks": (*GATE[:-1], "tests/gate/test_dates.py", GATE[-1]),
        "gate/predicates": ("tests/gate/test_predicates.py", *GATE),
        "gate/check": ("tests/gate/test_check.py",),
        "gate/_mint": GATE,
        "gate/people": ("tests/gate/test_people.py", *GATE),
        "gate/todo": ("tests/gate/test_render.py", *GATE),
        "law/sound": ("tests/law/test_casebook.py", "tests/gate/test_properties.py"),
        "law/canonical": ("tests/law/test_codec.py", "tests/law/test_reading.py"),
    }
)
"""The modules tried, and the tests that must notice, the quickest first."""

SWAPS: Mapping[type[ast.AST], type[ast.AST]] = MappingProxyType(
    {
        ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
        ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
        ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add,
    }
)  # fmt: skip
NAMES: Mapping[str, str] = MappingProxyType({"any": "all", "all": "any", "min": "max", "max": "min"})


PASSED_OVER = ("annotation", "returns", "decorator_list", "ctx")


@dataclass(frozen=True)
class Mutant:
    """One change of one module: its line as it stood, what became of it, and the whole changed source."""

    target: str
    line: str
    change: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.target}: {self.line}  ->  {self.change}"


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Every small change of one node that keeps it a node of its kind."""
    yield from _of_expression(node)
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.If):
        yield _with(node, "test", ast.Constant(value=False))
        yield _with(node, "test", ast.Constant(value=True))
    elif isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield _with(node, "ifs", [])


def _of_expression(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            if type(operator) in SWAPS:
                yield _with(node, "ops", [SWAPS[type(o)]() if i == at else o for i, o in enumerate(node.ops)])
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign) and type(node.op) in SWAPS:
        yield _with(node, "op", SWAPS[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _with(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield _with(node, "value", node.value + 1)
    elif isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load):
        yield _with(node, "id", NAMES[node.id])


def _with(node: ast.AST, name: str, value: object) -> ast.AST:
    other = copy.copy(node)
    setattr(other, name, value)
    return other


def mutants(target: str, text: str) -> Iterator[Mutant]:
    """Every mutant of a module. Annotations, docstrings and imports are left as they are."""
    tree, lines = ast.parse(text), text.splitlines()
    for owner, name, at, node in list(_places(tree)):
        for other in changes(node):
            if not isinstance(node, ast.comprehension):
                ast.copy_location(other, node)
            ast.fix_missing_locations(other)
            _put(owner, name, at, other)
            line = lines[getattr(node, "lineno", getattr(owner, "lineno", 1)) - 1].strip()
            yield Mutant(target, line, _said(other), ast.unparse(tree))
            _put(owner, name, at, node)


def _said(node: ast.AST) -> str:
    """The changed node in one line; of an `if`, its head."""
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())[:120]


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Each node with the place it stands in: owner, field and index. Types, decorators, imports and assertions are passed over."""
    for name, value in ast.iter_fields(tree):
        if name in PASSED_OVER:
            continue
        inner = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for at, node in inner:
            if isinstance(node, ast.AST) and not isinstance(node, ast.Import | ast.ImportFrom | ast.Assert):
                yield tree, name, at, node
                yield from _places(node)


def _put(owner: ast.AST, name: str, at: int | None, node: ast.AST) -> None:
    if at is None:
        setattr(owner, name, node)
    else:
        getattr(owner, name)[at] = node


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the changed source where the module's own would be imported."""

    def __init__(self, mutant: Mutant) -> None:
        self.module = f"sekisho.{mutant.target.replace('/', '.')}"
        self.mutant = mutant

    def find_spec(self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.source, f"<{self.mutant.target}>", "exec"), module.__dict__)  # noqa: S102 - our own source with one change, in a child of its own


def survives(mutant: Mutant) -> bool:
    """Whether every test passes on the mutant."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os._exit(_tried(mutant, TARGETS[mutant.target]))
        os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _tried(mutant: Mutant, tests: Iterable[str]) -> int:
    import pytest

    signal.alarm(PATIENCE)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    for name in [m for m in sys.modules if m == "sekisho" or m.startswith(("sekisho.", "tests."))]:
        del sys.modules[name]
    sys.meta_path.insert(0, Changed(mutant))
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests]))


def argued() -> Mapping[str, str]:
    """Reasons by the mutant's name."""
    with ARGUED.open("rb") as source:
        return {entry["mutant"]: entry["because"] for entry in tomllib.load(source).get("survivor", [])}


def tell(what: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{what[:150]}")


def main() -> None:
    parser = argparse.ArgumentParser("python -m house.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help=", ".join(TARGETS))
    parser.add_argument("--again", action="store_true", help="try the argued ones too, and say which argument is needed no more")
    parser.add_argument("--list", action="store_true", help="print what would be tried")
    asked = parser.parse_args()
    chosen = {t: TARGETS[t] for t in asked.targets or TARGETS}
    found = {t: list(mutants(t, (SOURCE / f"{t}.py").read_text("utf-8"))) for t in chosen}
    if asked.list:
        print("\n".join(m.name for every in found.values() for m in every))
        return
    raise SystemExit(1 if try_all(found, again=asked.again) else 0)


def try_all(found: Mapping[str, Sequence[Mutant]], *, again: bool) -> list[str]:
    """Names of survivors nobody argued, and of arguments that no mutant needs any more; printed."""
    import hypothesis  # noqa: F401 - imported once here, not once in every child
    import pytest  # noqa: F401 - the same

    reasons = argued()
    every = [m for mutants in found.values() for m in mutants if again or m.name not in reasons]
    with multiprocessing.get_context("fork").Pool(os.cpu_count() or 1) as pool:
        alive = [m.name for m, lives in zip(every, told(pool.imap(survives, every), len(every)), strict=True) if lives]
    for target, mutants in found.items():
        left = [name for name in alive if name.startswith(f"{target}: ")]
        print(f"{target}: {len(mutants)} mutants, {sum(m.name in reasons for m in mutants)} argued, {len(left)} survive")
    wrong = [f"survives: {name}" for name in alive if name not in reasons]
    known = {m.name for mutants in found.values() for m in mutants}
    gone = [n for n in reasons if n.split(":")[0] in found and (n not in known or (again and n not in alive))]
    wrong += [f"argued, but noticed or gone: {name}" for name in gone]
    print("\n".join(wrong) or "every survivor is argued")
    return wrong


def told(results: Iterator[bool], whole: int) -> Iterator[bool]:
    """The results as they come, with a line that says how many of them are there."""
    for number, lives in enumerate(results, 1):
        tell(f"{number} of {whole}")
        yield lives
    tell("")


if __name__ == "__main__":
    main()
