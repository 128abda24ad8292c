"""Runs tests on mutants, each in a forked child of one process that has collected every test already.

A change inside a function is made by giving the living function the changed code, so nothing is imported again. A change of the module
itself (a constant, a table, a default) cannot be: its child imports the changed source and the tests anew, which takes a second or two.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import importlib
import importlib.abc
import importlib.util
import io
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.machinery import ModuleSpec
from inspect import unwrap
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings

from house.mutating import Mutant

PATIENCE = 10
"""Seconds of processor time for one test; a mutant that runs for ever was noticed."""
EXAMPLES = 25
"""So many of a property's examples are tried on a mutant, always the same."""
QUIET = ("-qq", "-p", "no:cacheprovider", "-p", "no:timeout", "-p", "no:warnings", "--assert=plain", "--tb=no", "--no-summary")
FOR_EVER = "it ran for ever"


@dataclass(frozen=True)
class Target:
    """A module and the tests that must notice what is changed in it, the quickest first. Paths are relative to `root`."""

    name: str
    module: str
    tests: tuple[str, ...]


@dataclass
class Trial:
    """What became of each mutant: the test that noticed it; none: it survives. `first`: by function, the tests that noticed before."""

    noticed_by: dict[str, str | None] = field(default_factory=dict)
    first: dict[str, list[str]] = field(default_factory=dict)

    def learn(self, mutant: Mutant, test: str | None) -> None:
        self.noticed_by[mutant.name] = test
        if test and test != FOR_EVER:
            known = self.first.setdefault(_key(mutant), [])
            known += [] if test in known else [test]


def _key(mutant: Mutant) -> str:
    return f"{mutant.target}:{mutant.where}"


@dataclass
class Loop:
    """Takes the place of pytest's own loop over the tests it collected."""

    targets: Mapping[str, Target]
    todo: Iterable[Mutant]
    trial: Trial
    workers: int
    tell: Callable[[str], None]
    items: dict[str, pytest.Item] = field(default_factory=dict)
    running: dict[int, tuple[Mutant, int]] = field(default_factory=dict)
    anew: dict[str, set[str]] = field(default_factory=dict)
    broken: str = ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        for item in session.items:
            _bound(item)
        gc.collect()
        gc.freeze()
        for number, mutant in enumerate(self.todo, 1):
            while len(self.running) >= self.workers:
                self.reap()
            self.tell(f"{number}: {mutant.name}")
            tests = self.ordered(mutant)
            child, hear = _fork(partial(self.tried, mutant, tests))
            self.running[child] = (mutant, hear)
        while self.running:
            self.reap()
        self.broken = self.control()
        self.tell("")
        return True

    def ordered(self, mutant: Mutant) -> list[str]:
        """The target's tests, those first that noticed another mutant of the same function."""
        files = self.targets[mutant.target].tests
        known = [t for t in self.trial.first.get(_key(mutant), ()) if t in self.items]
        rest = sorted((i for i in self.items if i.split("::")[0] in files), key=lambda i: files.index(i.split("::")[0]))
        return list(dict.fromkeys([*known, *rest]))

    def tried(self, mutant: Mutant, tests: Sequence[str]) -> str | None:
        """The first test that fails on the mutant."""
        module = self.targets[mutant.target].module
        in_place = mutant.where and transplant(module, mutant)
        return self.failing(tests) if in_place else _anew(module, mutant.tree, tests)

    def failing(self, tests: Sequence[str]) -> str | None:
        chosen = [self.items[t] for t in tests]
        for item, following in zip(chosen, [*chosen[1:], None], strict=True):
            signal.setitimer(signal.ITIMER_PROF, PATIENCE)
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                return item.nodeid
        return None

    def reap(self) -> None:
        child, status = os.wait()
        mutant, hear = self.running.pop(child)
        test = _heard(hear, status)
        if test in self.items and not mutant.where:
            self.anew.setdefault(mutant.target, set()).add(test)
        self.trial.learn(mutant, test)

    def control(self) -> str:
        """The test that noticed a mutant and fails without one too: it noticed something else. Empty for none."""
        here = sorted({t for t in self.trial.noticed_by.values() if t in self.items})
        works: list[Callable[[], str | None]] = [partial(self.failing, here)]
        for target, tests in self.anew.items():
            module = self.targets[target].module
            whole = ast.parse(Path(str(sys.modules[module].__file__)).read_text("utf-8"))
            works.append(partial(_anew, module, whole, sorted(tests)))
        for work in works:
            child, hear = _fork(work)
            if test := _heard(hear, os.waitpid(child, 0)[1]):
                return test
        return ""


def _fork(work: Callable[[], str | None]) -> tuple[int, int]:
    """Work in a child, whose answer can be read from the pipe."""
    hear, say = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(hear)
            _quiet()
            failed = work()
            os.write(say, (failed or "").encode())
            os._exit(1 if failed else 0)
        os._exit(2)
    os.close(say)
    return child, hear


def _heard(hear: int, status: int) -> str | None:
    with os.fdopen(hear, "rb") as pipe:
        said = pipe.read().decode()
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGPROF:
        return FOR_EVER
    return said or (None if code == 0 else f"its child died ({code})")


def _quiet() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)


def _bound(item: pytest.Item) -> None:
    """The same few examples of a property every time, and no search for the smallest that fails."""
    function = getattr(item, "obj", None)
    function = getattr(function, "__func__", function)
    given = getattr(function, "_hypothesis_internal_use_settings", None)
    if given is not None and function is not None:
        function._hypothesis_internal_use_settings = settings(  # noqa: SLF001 - hypothesis reads a collected test's settings nowhere else
            given,
            max_examples=min(given.max_examples, EXAMPLES),
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
        )


def transplant(module: str, mutant: Mutant) -> bool:
    """Give the living function its changed code, wherever it was imported to; whether that could be done."""
    living = sys.modules.get(module)
    code = _code(compile(mutant.tree, f"<{mutant.target}>", "exec"), mutant.where)
    function = _function(living, mutant.where) if living else None
    if living is None or code is None or function is None or code.co_freevars != function.__code__.co_freevars:
        return False
    function.__code__ = code
    for value in vars(living).values():
        if isinstance(value, functools._lru_cache_wrapper):  # noqa: SLF001 - what a cache is has no other name
            value.cache_clear()
    return True


def _code(code: CodeType, where: str) -> CodeType | None:
    for name in where.split("."):
        inner = [c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name]
        if len(inner) != 1:
            return None
        code = inner[0]
    return code


def _function(living: ModuleType, where: str) -> FunctionType | None:
    value: Any = living
    for name in where.split("."):
        value = vars(value).get(name)
    value = value.fget if isinstance(value, property) else getattr(value, "func", getattr(value, "__func__", value))
    value = unwrap(value) if callable(value) else None
    return value if isinstance(value, FunctionType) else None


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the changed source where the module's own would be imported."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module = module
        self.tree = tree

    def find_spec(self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.tree, f"<{self.module}>", "exec"), module.__dict__)  # noqa: S102 - our own source with one change, in a child of its own


class First:
    """Remembers which test failed."""

    def __init__(self) -> None:
        self.failed: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            _bound(item)

    def pytest_runtest_setup(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.failed is None:
            self.failed = report.nodeid


def _anew(module: str, tree: ast.Module, tests: Sequence[str]) -> str | None:
    """The first test that fails with everything imported again, `tree` in the module's place. One that cannot be imported was noticed."""
    package = module.split(".", maxsplit=1)[0]
    for name in [m for m in sys.modules if m.split(".", maxsplit=1)[0] in (package, "tests") or m.startswith("test_")]:
        del sys.modules[name]
    sys.meta_path.insert(0, Changed(module, tree))
    first = First()
    ended = pytest.main([*QUIET, "-x", *tests], plugins=[first])
    return None if ended == 0 else first.failed or "it cannot be imported"


def run(targets: Mapping[str, Target], todo: Iterable[Mutant], trial: Trial, *, workers: int, tell: Callable[[str], None]) -> None:
    """Try the mutants; what became of them is put into `trial`."""
    loop = Loop(targets, todo, trial, workers, tell)
    files = sorted({test for target in targets.values() for test in target.tests})
    with contextlib.redirect_stdout(io.StringIO()) as said:
        ended = pytest.main([*QUIET, *files], plugins=[loop])
    if loop.broken:
        raise SystemExit(f"fails without any mutant: {loop.broken}")
    if not loop.items or ended not in (0, 5):
        raise SystemExit(f"the tests could not be collected: pytest ended with {ended}\n{said.getvalue()}")

