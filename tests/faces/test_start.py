"""Starting is quick because nothing is loaded that is not used: `--help`, a command that only asks `keep`, and each process."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sekisho.faces.cli import Later, every_command
from sekisho.faces.commands.setup import settings_text
from sekisho.faces.commands.table import COMMANDS
from tests.conftest import ROOT
from tests.faces.conftest import typed

TABLES = {"sqlalchemy", "alembic", "pyarrow", "numpy", "duckdb", "ibis"}
"""What holds tables and streams."""
WEB = {"starlette", "uvicorn", "webauthn", "jinja2", "babel"}
PAPER = {"typst", "pyrage", "aiosmtpd", "aiosmtplib"}
HEAVY = TABLES | WEB | PAPER
ROOMS = {"sekisho.store.seal", "sekisho.store.vault", "sekisho.store.view", "sekisho.effects", "sekisho.desk.world", "sekisho.desk.records"}
"""What a face that only asks has no use for."""
CLIENTS = [
    *("approve", "cases", "comment", "confirm", "confirmations", "consent", "entrust", "envelope", "explain", "ledger", "lines"),
    *("look", "people", "permits", "posts", "propose", "register", "supply", "unconfirm", "withdraw"),
]
"""The commands that hand a person's words to `keep` and show its answer."""


def loaded_by(code: str, where: Path = ROOT) -> set[str]:
    """Every module a fresh process has loaded after `code`, packages above them included."""
    tell = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code + tell], cwd=where, capture_output=True, text=True, check=False, timeout=100)
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stderr.splitlines()[-1]))


def running(*words: str) -> str:
    return f"from sekisho.faces.cli import app\ntry:\n    app({list(words)!r})\nexcept SystemExit:\n    pass"


def one_line(command: Any) -> str:
    return inspect.cleandoc(command.help).split("\n\n")[0]


def test_the_first_help_loads_no_command_at_all() -> None:
    loaded = loaded_by(running("--help"))
    assert {m for m in loaded if m.startswith("sekisho.faces.commands.")} == {"sekisho.faces.commands.table"}
    assert not {m for m in loaded if m.startswith(("sekisho.desk", "sekisho.gate"))}
    assert not loaded & (HEAVY | ROOMS)


def test_a_command_loads_its_own_module_and_not_its_neighbours() -> None:
    loaded = loaded_by(running("permits", "--help"))
    assert "sekisho.faces.commands.plans" in loaded
    assert not loaded & {f"sekisho.faces.commands.{where}" for where, _ in COMMANDS.values() if where != "plans"}


def test_a_command_that_asks_keep_loads_neither_its_rooms_nor_what_holds_tables(tmp_path: Path) -> None:
    """As it runs, up to the door of a `keep` that is not there; and each of its kind as far as its module is loaded."""
    (tmp_path / "sekisho.toml").write_text(settings_text("Example Networks"), encoding="utf-8")
    assert typed(tmp_path, "permits").code == 3
    asked = loaded_by(running("permits"), tmp_path)
    assert "sekisho.faces.processes.channel" in asked
    assert not asked & (HEAVY | ROOMS)
    loading = f"from sekisho.faces.cli import Later\nfor name in {CLIENTS!r}:\n    Later(name).loaded()"
    assert not loaded_by(loading) & (TABLES | WEB | ROOMS)


@pytest.mark.parametrize(
    ("process", "unused"),
    [
        ("supervise", HEAVY | ROOMS),
        ("keep", WEB | PAPER | {"duckdb", "ibis"}),
        ("collect", WEB | PAPER | {"duckdb", "ibis", "alembic"}),
        ("act", WEB | {"duckdb", "ibis", "alembic", "aiosmtpd", "pyrage"}),
        ("show", {"duckdb", "ibis", "alembic", "aiosmtpd", "aiosmtplib", "pyrage"}),
        ("work", WEB | {"alembic", "aiosmtpd", "aiosmtplib", "pyrage", "typst"}),
    ],
)
def test_a_process_loads_nothing_that_is_anothers_work(process: str, unused: set[str]) -> None:
    assert not loaded_by(f"import sekisho.faces.processes.{process}") & unused


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    where, line = COMMANDS[name]
    command = Later(name).loaded()
    assert (command.name, one_line(command)) == (name, line)
    assert (ROOT / "src" / "sekisho" / "faces" / "commands" / f"{where}.py").is_file()


def test_all_of_them_can_be_had_at_once() -> None:
    assert {name: one_line(command) for name, command in every_command().items()} == {name: line for name, (_, line) in COMMANDS.items()}


def test_no_command_of_a_module_is_forgotten_in_the_table() -> None:
    """Each module beside the table is in it, or is one that others build on."""
    built_on = {"__init__", "table", "world", "books", "casebook", "cases", "comparing", "exchange", "glossary", "hand_over"}
    built_on |= {"event_box", "event_end", "letters", "posts", "tool", "contractor", "replies"}
    modules = {p.stem for p in (ROOT / "src" / "sekisho" / "faces" / "commands").glob("*.py")}
    assert modules == built_on | {where for where, _ in COMMANDS.values()}


def test_a_command_nobody_knows_is_told_as_such_with_the_nearest(tmp_path: Path) -> None:
    said = typed(tmp_path, "permit")
    assert said.code == 2
    assert "No such command 'permit'" in said.err
    assert "'permits'" in said.err


def test_a_word_too_many_or_too_few_is_still_the_commands_own_mistake(tmp_path: Path) -> None:
    said = typed(tmp_path, "withdraw")
    assert said.code == 2
    assert "withdraw [OPTIONS] {permit}" in said.err
    assert "Missing argument 'permit'" in said.err
