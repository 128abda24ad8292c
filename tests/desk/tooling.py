"""A contractor's tool in one office: declared, drilled, and signed a go; or as a test wants it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.desk import tools
from sekisho.law.tool import Answer, Declaration, Drill, Ran, Said, Step, ToolMove

if TYPE_CHECKING:
    from tests.desk.office import Office

PAPER = "6" * 64
OFF = Answer(False, "", PAPER)
ON = Answer(True, "the organiser alone", PAPER)
TEXTS = Path(__file__).parents[2] / "texts"


@cache
def questions() -> tools.Questions:
    return tools.questions(TEXTS)


def declaration(row: str, by: str, at: datetime, on: tuple[str, ...] = ("announcement",), **changed: Any) -> Declaration:
    """Every question answered; `on` alone can be done with the tool."""
    asked = questions()
    answers = {q: ON if q in on else OFF for q in asked.each}
    return replace(Declaration(row, "Posty", "3.1", asked.digest, answers, "M. Sakurai", PAPER, by, at), **changed)


def drill(row: str, declared: str, by: str, at: datetime, **changed: Any) -> Drill:
    """Nothing was heard but what it was told to be."""
    ran = dict.fromkeys((s.value for s in Step), Ran.MAIL)
    return replace(Drill(row, declared, "3.1", ran, 3, 0, (), PAPER, by, at), **changed)


def declare(office: Office, row: str, who: str = "desk", **changed: Any) -> dict[str, Any]:
    office.watch.wind(seconds=1)
    key = office.keys[who]
    words = declaration(row, key.person, office.watch.at, **changed)
    return dict(office.terminal.call("declare-tool", declaration=words, signature=key.sign(words)))


def record(office: Office, row: str, declared: str, who: str = "engineer", **changed: Any) -> dict[str, Any]:
    office.watch.wind(seconds=1)
    key = office.keys[who]
    words = drill(row, declared, key.person, office.watch.at, **changed)
    return dict(office.terminal.call("record-drill", drill=words, signature=key.sign(words)))


def say(office: Office, row: str, what: Said, who: str = "reviewer-a", **changed: Any) -> dict[str, Any]:
    office.watch.wind(seconds=1)
    key = office.keys[who]
    words = replace(ToolMove(row, what, "", "", "M. Sakurai", PAPER, "", key.person, office.watch.at), **changed)
    return dict(office.terminal.call("move-tool", move=words, signature=key.sign(words)))


def cleared(office: Office, row: str) -> str:
    """A go; the drill's id."""
    declared = declare(office, row)["tool"]
    drilled = str(record(office, row, declared)["tool"])
    say(office, row, Said.GO, drill=drilled)
    return drilled
