"""The go/no-go sheet: what both sides sign says what was declared, what was heard, and what the facts allow; in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.entrusting.tool_sheet import ToolSheet, carry_out, whole
from sekisho.desk.papers import words_of
from sekisho.law.tool import Clear, Ran, Step
from tests.faces.web.recorded_desk import recorded

TEXTS = Path(__file__).parents[2] / "texts"
TOLD = recorded("tools")


def of(party: str) -> dict[str, Any]:
    return {**TOLD, "tools": [t for t in TOLD["tools"] if t["party"] == party]}


def test_a_breach_is_named_with_its_mails() -> None:
    said = whole(ToolSheet(of("Live Timing Inc."), TEXTS, "en"))
    assert said["verdict"] == "no-go: a function worked that nobody had declared"
    assert [row[0] for row in said["heard"]] == ["post A → B", "post A → B", "post A → C", "post A → C"]
    assert all(row[-1] == "NO: a breach" for row in said["heard"])
    assert any("(shows A)" in row[1] for row in said["heard"])


def test_every_answer_stands_on_it() -> None:
    said = whole(ToolSheet(of("Photo Service Ltd."), TEXTS, "ja"))
    assert sum(len(g["rows"]) for g in said["groups"]) == len(TOLD["questions"])
    assert said["verdict"] == "署名があれば可"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_is_a_pdf_the_same_each_time(language: str) -> None:
    asked = ToolSheet(of("Live Timing Inc."), TEXTS, language)
    assert carry_out(asked).startswith(b"%PDF-")
    assert carry_out(asked) == carry_out(asked)


def test_before_anything_is_declared_it_says_so() -> None:
    assert whole(ToolSheet(of("Broadcast Partners"), TEXTS, "en"))["verdict"] == "no-go: nothing is declared yet"


def test_it_has_words_for_every_step_and_state() -> None:
    for language in ("ja", "en"):
        labels = words_of(TEXTS, "tool-sheet@1", language).labels
        assert {*Clear, *(f"step-{s}" for s in Step), *(f"ran-{r}" for r in Ran)} <= set(labels)
