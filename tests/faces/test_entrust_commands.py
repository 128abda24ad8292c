"""`sekisho entrust` before a running node: the marathon's agency and its printing house, from a file to a stop. In order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.faces.conftest import Node

ROWS = ROOT / "examples" / "entrustments"
STORY: dict[str, str] = {}


@pytest.fixture
def runners(tmp_path: Path) -> Path:
    """A list as it comes from the entry forms."""
    lines = ["name,mail", *(f"Runner {n},runner{n}@example.com" for n in range(40)), "", ","]
    path = tmp_path / "runners.csv"
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def asked(node: Node, *words: str) -> dict[str, Any]:
    said = node("--json", "entrust", "ask", *words)
    return {"code": said.code, **json.loads(said.out)}


def test_an_agency_is_entered_from_a_file_and_approved_by_somebody_else(node: Node) -> None:
    said = node("--json", "entrust", "add", str(ROWS / "agency.toml"), who="desk")
    assert said.code == 0, said.err
    STORY["agency"] = json.loads(said.out)["entrustment"]
    assert node("entrust", "approve", STORY["agency"], who="reviewer-a").code == 0
    assert "Sakura Agency" in node("entrust", "list").out


def test_its_printing_house_waits_until_we_agreed(node: Node) -> None:
    said = node("--json", "entrust", "add", str(ROWS / "printing-house.toml"), "--under", STORY["agency"], who="desk")
    below = json.loads(said.out)["entrustment"]
    early = node("entrust", "approve", below, who="reviewer-a")
    assert early.code == 1
    assert "sekisho entrust agree" in early.err
    assert node("entrust", "agree", below, str(ROWS / "contract-printing-house.md"), who="officer").code == 0
    assert node("entrust", "approve", below, who="reviewer-a").code == 0
    rows = node.ask("entrust", "list")["entrustments"]
    assert [(r["depth"], r["entrustment"]["party"]) for r in rows] == [(0, "Sakura Agency"), (1, "Echizen Printing")]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("persons = 5000", 'persons = "many"'),
        ('"send-mail"', '"create-account"'),
        ('contract = "contract-agency.md"', 'contract = "lost.md"'),
        ("since = 2026-11-01", ""),
        ("[fields]", "[fields"),
    ],
)
def test_a_row_that_is_not_written_as_one_says_where(node: Node, tmp_path: Path, line: str, instead: str) -> None:
    for paper in ROWS.glob("*.md"):
        (tmp_path / paper.name).write_bytes(paper.read_bytes())
    (tmp_path / "row.toml").write_text((ROWS / "agency.toml").read_text(encoding="utf-8").replace(line, instead), encoding="utf-8")
    said = node("entrust", "add", str(tmp_path / "row.toml"), who="desk")
    assert said.code == 2
    assert said.err.strip()


def test_the_question_counts_the_list_itself_and_names_what_is_missing(node: Node, runners: Path) -> None:
    found = asked(node, STORY["agency"], str(runners), "--why", "labels carry names")
    assert found["code"] == 1
    assert (found["scope"]["persons"], found["scope"]["fields"]) == (40, ["mail", "name"])
    assert {m["kind"]["name"] for m in found["decision"]["missing"]} == {"origin", "purpose-text", "tool"}
    said = node("entrust", "ask", STORY["agency"], str(runners), "--why", "labels carry names").out
    assert "(aggregate)" in said
    assert "(pseudonyms)" in said


def test_a_column_nobody_entrusted_is_named(node: Node, runners: Path) -> None:
    runners.write_text(runners.read_text(encoding="utf-8-sig").replace("name,mail", "name,birthday"), encoding="utf-8")
    found = asked(node, STORY["agency"], str(runners), "--why", "x")
    assert "fields-in-row" in {m["condition"] for m in found["decision"]["missing"]}


def test_nothing_of_the_list_leaves_with_the_question(node: Node, runners: Path) -> None:
    assert "runner7@example.com" not in json.dumps(asked(node, STORY["agency"], str(runners)))


@pytest.mark.parametrize("content", [b"", b"name,mail\n", b"\n\n", b"\xff\xfe\x00n"])
def test_a_file_that_is_no_list_of_people_is_said_to_be_none(node: Node, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    assert node("entrust", "ask", STORY["agency"], str(path)).code == 2


def test_a_stop_stops_the_firm_below_as_well(node: Node) -> None:
    assert node("entrust", "suspend", STORY["agency"], "mails went to strangers", who="engineer").code == 0
    rows = node.ask("entrust", "list")["entrustments"]
    assert [(r["status"], r["chain"]) for r in rows] == [("suspended", "in-force"), ("in-force", "suspended")]
    assert node("entrust", "resume", STORY["agency"], "cause found and removed", who="officer").code == 0


def test_the_export_is_json_ld_or_csv_and_nothing_else(node: Node) -> None:
    assert len(json.loads(node("entrust", "export").out)["@graph"]) == 2
    assert node("entrust", "export", "--as", "csv").out.count("Echizen Printing") == 1
    assert node("entrust", "export", "--as", "pdf").code == 2


def test_the_end_is_owed_back_until_there_is_a_proof(node: Node) -> None:
    assert node("entrust", "end", STORY["agency"], "the race is over", who="desk").code == 0
    said = node("entrust", "due", lang="en")
    assert (said.code, "Sakura Agency: to be given back or erased by" in said.out) == (0, True)
    assert "まもなく返却・消去の期限です" in node("entrust", "due", lang="ja").out
    assert node("entrust", "returned", STORY["agency"], str(ROWS / "contract-agency.md"), who="officer").code == 0
    assert node.ask("entrust", "list")["entrustments"][0]["status"] == "returned"
    assert node.ask("entrust", "due")["due"] == []
