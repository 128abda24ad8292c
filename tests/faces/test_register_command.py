"""The public register at the terminal, and in the folder of a running node."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.faces.conftest import Node


@pytest.mark.parametrize(("lang", "words"), [("en", "No measure is in force"), ("ja", "有効な施策はありません")])
def test_a_node_without_permits_says_that_nothing_is_done(node: Node, lang: str, words: str) -> None:
    said = node("register", lang=lang)
    assert said.code == 0, said.err
    assert words in said.out


def test_the_pages_are_written_where_one_asks(node: Node, tmp_path: Path) -> None:
    said = node.ask("register", "-o", str(tmp_path / "public"))
    assert said["files"] == ["en.html", "index.html", "register.css", "register.json"]
    assert json.loads((tmp_path / "public" / "register.json").read_text("utf-8"))["operator"]["name"] == "Example Networks"
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = node("register", "-o", str(tmp_path / "file"))
    assert refused.code == 2
    assert "Traceback" not in refused.err


def test_a_running_node_keeps_its_own_pages_for_everybody_to_read(node: Node) -> None:
    folder = node.home / "state" / "register"
    end = time.monotonic() + 30
    while not (folder / "register.json").is_file() and time.monotonic() < end:
        time.sleep(0.2)
    assert {p.name for p in folder.iterdir() if not p.name.startswith(".")} == {"en.html", "index.html", "register.css", "register.json"}
    assert folder.stat().st_mode & 0o005 == 0o005
    assert (folder / "index.html").stat().st_mode & 0o004
