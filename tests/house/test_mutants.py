"""The tool that tries mutants: what it changes, that a change is noticed or survives, and that arguments are held to the code."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from house.mutants import ALWAYS, ROOT, TARGETS, about, drawn, found, groundless, sampled, tree_digest
from house.mutating import edited, mutants

GATE = '''"""A small gate."""

from functools import lru_cache

LEAST = 18


@lru_cache
def may(age: int, *, guest: bool = False) -> bool:
    """Whether somebody may pass."""
    if guest:
        return False
    return age >= LEAST and age < 200


class Door:
    @property
    def open(self) -> bool:
        return 1 < 2

    @staticmethod
    def waits(turns: int) -> int:
        while turns > 0:
            turns = turns - 1
        return turns
'''
TESTS = """
from toy.gate import Door, may

def test_grown_ups_pass():
    assert may(18)
    assert not may(17)

def test_guests_do_not():
    assert not may(30, guest=True)

def test_the_door_is_open_and_waits():
    assert Door().open
    assert Door.waits(3) == 0
"""
RUN = """
import json
import house.trying
from house.mutating import mutants
from house.trying import Target, Trial, run
house.trying.PATIENCE = 0.5
trial = Trial()
text = open("toy/gate.py").read()
run({"toy": Target("toy", "toy.gate", ("test_toy.py",))}, mutants("toy", text), trial, workers=2, tell=lambda _: None)
print(json.dumps([trial.noticed_by, trial.first]))
"""


def changed(text: str) -> set[str]:
    """What mutants make of one line in a function."""
    return {m.name.split("  ->  ")[1] for m in mutants("toy", f"def f(a, b, c):\n    {text}\n")}


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("return a < b", {"a <= b"}),
        ("return a < b <= c", {"a <= b <= c", "a < b < c"}),
        ("return a is not b", {"a is b"}),
        ("return a and not b", {"a or not b", "b"}),
        ("return a if b else c", {"a", "c"}),
        ("return any(x for x in a if x)", {"all", "for x in a"}),
        ("return min(a, 3)", {"max", "4"}),
        ("return a == True", {"a != True", "False"}),
        ("raise ValueError(a)", {"pass"}),
        ("check(a)", {"pass"}),
        ("super().__init__(a)", set()),
        ("assert a", set()),
        ("a = b", set()),
    ],
)
def test_each_small_change_is_made(line: str, becomes: set[str]) -> None:
    assert changed(line) == becomes


def test_an_if_is_taken_never_and_always() -> None:
    made = {m.name.split("  ->  ")[1] for m in mutants("toy", "def f(a):\n    if a:\n        return 1\n")}
    assert made == {"if False", "if True", "2"}


def test_names_are_unique_and_say_where() -> None:
    text = "def f(a):\n    return a < 1 or a < 1\n\nclass C:\n    x = 1\n    def f(self):\n        return 1\n"
    every = [m.name for m in mutants("toy", text)]
    assert len(set(every)) == len(every)
    assert "toy:f: return a < 1 or a < 1  ->  a <= 1" in every
    assert "toy:f: return a < 1 or a < 1  ->  a <= 1 (2)" in every
    assert "toy:-: x = 1  ->  2" in every
    assert "toy:C.f: return 1  ->  2" in every


def test_a_default_belongs_to_the_module_and_not_to_its_function() -> None:
    """A function's code does not hold its defaults."""
    assert [m.where for m in mutants("toy", "def f(a=1):\n    return 2\n")] == ["", "f"]


def test_each_mutant_is_one_change_and_the_module_is_whole_again_after_it() -> None:
    whole = ast.unparse(ast.parse(GATE))
    sources = []
    for mutant in mutants("toy", GATE):
        sources.append(ast.unparse(mutant.tree))
        last = mutant.tree
    assert whole not in sources
    assert len(set(sources)) == len(sources)
    assert ast.unparse(last) == whole


def test_a_change_by_hand_lies_in_its_function_or_in_the_module() -> None:
    assert edited("toy", "x", GATE, GATE.replace("age < 200", "True")).where == "may"
    assert edited("toy", "x", GATE, GATE.replace("1 < 2", "False")).where == "Door.open"
    assert edited("toy", "x", GATE, GATE.replace("LEAST = 18", "LEAST = 1")).where == ""
    assert edited("toy", "x", GATE, GATE.replace("guest: bool = False", "guest: bool = True")).where == ""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str | None], dict[str, list[str]]]:
    """Every mutant of the small gate, tried by its three tests."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "toy").mkdir()
    (folder / "toy" / "__init__.py").touch()
    (folder / "toy" / "gate.py").write_text(GATE, encoding="utf-8")
    (folder / "test_toy.py").write_text(TESTS, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
    command, env = [sys.executable, "-c", RUN], {"PYTHONPATH": f"{ROOT}:{folder}"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    by, first = json.loads(done.stdout)
    return by, first


def noticed(toy: tuple[dict[str, str | None], dict[str, list[str]]], name: str) -> str | None:
    return toy[0][f"toy:{name}"]


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("may: return age >= LEAST and age < 200  ->  age > LEAST", "test_toy.py::test_grown_ups_pass"),  # a cached function
        ("may: if guest:  ->  if False", "test_toy.py::test_guests_do_not"),
        ("Door.open: return 1 < 2  ->  3", None),  # 1 < 3 is as true
        ("Door.open: return 1 < 2  ->  2", "test_toy.py::test_the_door_is_open_and_waits"),  # a property
        ("Door.waits: while turns > 0:  ->  turns >= 0", "test_toy.py::test_the_door_is_open_and_waits"),  # a static method
        ("Door.waits: turns = turns - 1  ->  turns + 1", "it ran for ever"),
        ("-: LEAST = 18  ->  19", "test_toy.py::test_grown_ups_pass"),  # the module itself
        ("-: def may(age: int, *, guest: bool = False) -> bool:  ->  True", "test_toy.py::test_grown_ups_pass"),  # a default
        ("may: return age >= LEAST and age < 200  ->  age <= 200", None),  # nobody asks about the very old
    ],
)
def test_a_mutant_is_noticed_by_the_test_that_fails_on_it_or_survives(
    toy: tuple[dict[str, str | None], dict[str, list[str]]], name: str, by: str | None
) -> None:
    assert noticed(toy, name) == by


def test_every_mutant_was_tried_and_what_noticed_it_is_remembered_by_function(
    toy: tuple[dict[str, str | None], dict[str, list[str]]],
) -> None:
    assert set(toy[0]) == {m.name for m in mutants("toy", GATE)}
    assert set(toy[1]["toy:may"]) == {"test_toy.py::test_grown_ups_pass", "test_toy.py::test_guests_do_not"}


def test_an_argument_without_its_mutant_or_its_reason_is_said() -> None:
    said = groundless({"toy:f: gone  ->  x": "because", "toy:f: there  ->  x": " "}, {"toy": ["toy:f: there  ->  x"]})
    assert said == ["argued, but there is no such mutant: toy:f: gone  ->  x", "argued without a reason: toy:f: there  ->  x"]


def test_a_sample_is_the_same_for_the_same_tree_and_another_for_another() -> None:
    names = [str(n) for n in range(100)]
    assert drawn(names, 10, "a") == drawn(names, 10, "a")
    assert drawn(names, 10, "a") != drawn(names, 10, "b")
    assert drawn(names, 1000, "a") == names
    assert sorted(drawn(names, 10, "a"), key=int) == drawn(names, 10, "a")
    assert tree_digest() == tree_digest()


def test_every_target_has_mutants_and_every_test_it_names_is_there() -> None:
    for name, names in found().items():
        assert len(set(names)) == len(names) > 0, name
    assert [test for target in TARGETS.values() for test in target.tests if not (ROOT / test).is_file()] == []


def test_every_argument_stands_on_a_mutant_there_is() -> None:
    from house.mutants import argued

    assert groundless(argued(), found()) == []
    assert Path(ROOT / "house" / "noticed.json").is_file()


def test_ci_tries_mutants_and_the_smallest_deciding_modules_whole() -> None:
    assert 'make mutants ARGS="--sample' in (ROOT / ".ci" / "run").read_text("utf-8")
    assert set(ALWAYS) <= set(TARGETS)
    names = [n for every in found().values() for n in every]
    chosen = sampled(names, 10)
    assert [n for n in names if n.split(":")[0] in ALWAYS] == chosen[:-10]


def test_one_function_of_a_target_can_be_asked_for_and_what_is_no_target_is_said() -> None:
    every = {"toy": ["toy:f: a  ->  b", "toy:f.g: a  ->  b", "toy:ff: a  ->  b"]}
    assert about("toy", every) == every["toy"]
    assert about("toy:f", every) == ["toy:f: a  ->  b"]
    with pytest.raises(SystemExit, match="there are gate/decide"):
        about("toys", every)
