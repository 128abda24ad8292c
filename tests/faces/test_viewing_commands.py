"""`sekisho viewing` before a running node: a film is encrypted where it lies, listed, and shown to nobody before somebody else approved."""

from __future__ import annotations

import json
from pathlib import Path

from tests.desk.filming import FILES, SEGMENTS, prepared, written_files
from tests.faces.conftest import Node

WORDS = ("--ja", "大会の記録映像", "--en", "Film of the race", "--until", "2026-12-31T15:00:00Z")


def test_a_film_is_encrypted_listed_and_waits_for_its_approval(node: Node, tmp_path: Path) -> None:
    said = node("--json", "viewing", "add", str(prepared(tmp_path / "film")), *WORDS, who="desk")
    assert said.code == 0, said.err
    made = json.loads(said.out)
    assert made["last_day"] == "2026-12-31"
    assert made["page"].endswith(f"/watch/{made['viewing']}")
    assert made["viewing"] in node("viewing", "list").out
    (listed,) = json.loads(node("--json", "viewing", "list").out)
    assert (listed["state"], listed["sessions"]) == ("waiting", 0)
    assert node("approve", made["plan"], who="desk").code == 1


def test_files_are_encrypted_listed_and_a_file_of_another_kind_than_its_name_is_named(node: Node, tmp_path: Path) -> None:
    folder = written_files(tmp_path / "files")
    said = node("--json", "viewing", "add", str(folder), *WORDS, who="desk")
    assert said.code == 0, said.err
    made = json.loads(said.out)
    listed = next(v for v in json.loads(node("--json", "viewing", "list").out) if v["id"] == made["viewing"])
    assert listed["names"] == sorted(FILES)
    (folder / "1.png").write_bytes(b"<svg/>")
    refused = node("viewing", "add", str(folder), *WORDS, who="desk")
    assert refused.code == 2
    assert "1.png" in refused.err + refused.out


def test_a_folder_that_holds_no_film_is_named_and_nothing_is_left(node: Node, tmp_path: Path) -> None:
    folder = prepared(tmp_path / "film")
    (folder / "a1.ts").write_bytes(SEGMENTS[0][1:])
    said = node("viewing", "add", str(folder), *WORDS, who="desk")
    assert said.code == 2
    assert "line 9" in said.err + said.out
