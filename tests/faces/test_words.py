"""Every code that can reach a terminal has words there, in Japanese and in English."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from sekisho.faces.words import say
from sekisho.gate.answers import Outcome
from tests.conftest import ROOT

SOURCE = ROOT / "src" / "sekisho"


def calls(folder: str, *names: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted((SOURCE / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield path, node


def texts(node: ast.expr | None) -> set[str]:
    """The constants an argument can be: "a", or both sides of "a" if x else "b"."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return set()


def said(folder: str, *names: str) -> set[str]:
    return {text for _, node in calls(folder, *names) for text in texts(node.args[0] if node.args else None)}


def test_every_phrase_is_there_in_both_languages() -> None:
    """The Japanese is Japanese, the English is not."""
    for name, (ja, en) in say.PHRASES.items():
        assert ja.strip(), name
        assert en.strip(), name
        assert not ja.isascii(), name
        assert en.isascii() or "…" in en, name


def test_every_phrase_a_command_says_exists() -> None:
    assert said("faces", "t") - set(say.PHRASES) == set()


def test_every_refusal_of_a_command_has_words() -> None:
    assert said("faces/commands", "refuse") - set(say.PHRASES) == set()


def test_every_refusal_of_the_desk_has_words() -> None:
    """A code nobody wrote words for would be shown as it is: `No("...")` anywhere in the desk."""
    assert said("desk", "No") - set(say.PHRASES) == set()


def test_every_outcome_has_a_mark_and_words() -> None:
    for outcome in Outcome:
        assert outcome.value in say.MARKS
        assert outcome.value in say.PHRASES


def test_every_difference_between_records_and_ledger_has_words() -> None:
    assert said("desk", "Difference") - set(say.PHRASES) == set()


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert say.t("no-such-code") == "no-such-code"


def test_words_of_the_book_fall_back_to_the_language_there_is() -> None:
    assert say.pick({"ja": "言葉"}) == "言葉"
    assert say.pick(None) == ""
