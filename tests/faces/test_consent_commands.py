"""`sekisho consent` before a running node: from an answer in a file to a receipt that anybody can verify. In the order of the story."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faces.conftest import Node

STORY: dict[str, Any] = {}
ANSWER = """
line = "L-1001"
party = "subscriber"
sides = ["subscriber"]
acts = ["use"]
elements = ["party", "datetime"]
purpose = "infected-notice"
audience = ["operator"]
days = 365
way = "written-form"
given = true
default_off = true
refusal_free = true
withdrawable = true

[notice]
id = "infected-consent"
version = "1"
language = "ja"
text = "notice.txt"
"""


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    (tmp_path / "notice.txt").write_text("照合してよいですか。断っても料金は変わりません。", encoding="utf-8")
    (tmp_path / "answer.toml").write_text(ANSWER, encoding="utf-8")
    return tmp_path / "answer.toml"


def test_an_answer_is_recorded_and_its_giver_gets_a_link_once(node: Node, answer: Path) -> None:
    said = node("consent", "record", str(answer), who="desk")
    assert said.code == 0, said.err
    assert "/consent?code=" in said.out
    (listed,) = node.ask("consent", "list", "--purpose", "infected-notice")
    assert (listed["state"], listed["notice"]["id"]) == ("given", "infected-consent")
    STORY["consent"] = listed["id"]
    assert listed["id"] in node("consent", "list").out


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ('way = "written-form"', 'way = "telepathy"'),
        ("days = 365", ""),
        ('text = "notice.txt"', 'text = "none.txt"'),
        ("given = true", "given = yes"),
        ("[notice]", "[notices]"),
    ],
)
def test_a_file_that_is_no_answer_is_named_with_code_2(node: Node, answer: Path, line: str, instead: str) -> None:
    answer.write_text(ANSWER.replace(line, instead), encoding="utf-8")
    said = node("--json", "consent", "record", str(answer), who="desk")
    assert said.code == 2
    assert said.json["error"]["code"] in ("wrong-answer", "absent")
    assert "Traceback" not in said.err


def test_the_receipt_is_json_ld_with_a_proof_for_each_entry(node: Node, tmp_path: Path) -> None:
    said = node("consent", "receipt", STORY["consent"], "--proofs", str(tmp_path / "proofs"))
    document = json.loads(said.out)
    assert document["@graph"][0]["@type"] == "dpv:ConsentReceipt"
    (proof,) = (tmp_path / "proofs").iterdir()
    assert proof.read_text(encoding="utf-8").startswith("c2sp.org/tlog-proof@v1")
    assert node("consent", "receipt", "consent-0000000000000000").code == 1


def test_an_export_is_one_document_and_the_terms_another(node: Node) -> None:
    exported = json.loads(node("consent", "export", "infected-notice").out)
    assert [n["dct:identifier"] for n in exported["@graph"] if n.get("@type") == "dpv:ConsentRecord"] == [STORY["consent"]]
    assert json.loads(node("consent", "export", "nothing-of-the-kind").out)["@graph"] == []
    assert "sekisho:G1" in node("consent", "terms").out


def test_a_changed_text_and_a_telephone_call_end_it(node: Node, answer: Path) -> None:
    assert node.ask("consent", "notice-changed", "infected-consent", "2", who="officer")["consents"] == [STORY["consent"]]
    overtaken = node("--json", "consent", "record", str(answer), who="desk")
    assert overtaken.json["error"]["code"] == "text-overtaken"
    answer.write_text(ANSWER.replace('version = "1"', 'version = "2"'), encoding="utf-8")
    again = node.ask("consent", "record", str(answer), who="desk")["consent"]
    refused = node("--json", "consent", "withdraw", again, "--reason", "said so", who="reviewer-a")
    assert refused.code == 0, "a reviewer may take a withdrawal too"
    assert {c["state"] for c in node.ask("consent", "list")} == {"notice-changed", "withdrawn"}
    assert node("--json", "consent", "withdraw", again, "--reason", "twice", who="desk").json["error"]["code"] == "consent-over"
