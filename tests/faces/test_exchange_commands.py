"""Cases and authorities' answers at the terminal: from a telephone call to another operator's shelf. Tests stand in the story's order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faces.conftest import PLAN, Node, sekisho

STORY: dict[str, Any] = {}
ANSWER = ("--question", "may hits be kept", "--who", "MIC, consumer division 2", "--asked", "2026-10-01", "--answered", "2026-11-05")


def test_an_answer_by_telephone_is_laid_in(node: Node) -> None:
    plan = node.ask("propose", str(PLAN), who="engineer")["plan"]
    words = ("--answer", "may", "--words", "no objection, if the terms say so")
    case = node.ask("explain", plan)["confirmable"][0]
    STORY.update(plan=plan, case=case)
    found = node.ask("casebook", "consulted", plan, case, *ANSWER, *words, who="officer")
    STORY["consultation"] = found["consultation"]
    said = node("casebook", "others", case)
    assert "by word of mouth" in said.out
    assert "no objection" in said.out
    assert found["consultation"] in said.out
    refused = node("casebook", "consulted", plan, case, *ANSWER, *words, who="reviewer-a")
    assert refused.code == 1
    wrong = node("casebook", "consulted", plan, case, *ANSWER[:-1], "soon", *words, who="officer")
    assert wrong.code == 2


def test_the_answer_fills_in_the_reasons_of_a_confirmation(node: Node) -> None:
    words = ("confirm", STORY["case"], "--measure", "infected-notice", "--consultation")
    assert node(*words, "c" * 64, "--reasons", "x", who="officer").code == 1
    assert node(*words, "c" * 64, who="officer").code == 1, "an answer nobody has gives no reasons"
    said = node(*words, STORY["consultation"], who="officer")
    assert said.code == 0, said.err


def test_it_is_signed_for_others_and_taken_in_elsewhere(node: Node, tmp_path: Path) -> None:
    """Here the other operator is the same node: the file is all they share."""
    key, file = tmp_path / "operator.key", tmp_path / "ours.exchange"
    assert sekisho("casebook", "publisher-key", str(key)).code == 0
    words = ("casebook", "export", STORY["case"], "--key", str(key), "-o", str(file))
    assert node.ask(*words)["consultations"] == 1
    assert node(*words).code == 2, "never over an old file"
    assert node("casebook", "export", "jp/Z-99/9", "--key", str(key), "-o", str(tmp_path / "x")).code == 2
    assert node("casebook", "import", str(file), who="engineer").code == 1
    said = node("casebook", "import", str(file), who="officer")
    assert said.code == 0, said.err
    assert "decides nothing" in said.out
    shown = node("casebook", "others", STORY["case"])
    assert "from operator Example Networks" in shown.out
    assert "他の事業者" not in shown.out
    assert node("casebook", "import", str(file), who="officer").code == 1


@pytest.mark.parametrize("how", ["changed", "cut", "empty", "absent"])
def test_a_broken_file_is_refused_in_words(node: Node, tmp_path: Path, how: str) -> None:
    file = tmp_path / "x.exchange"
    if how != "absent":
        file.write_text({"changed": '{"form": 1}', "cut": "{", "empty": ""}[how], encoding="utf-8")
    said = node("casebook", "import", str(file), who="officer")
    assert said.code == 2
    assert "Traceback" not in said.err
    assert "operator signed" in said.err
