"""The go/no-go sheet of a contractor's tool as PDF: what was declared, what the drill heard, what the facts allow, and two signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sekisho.desk.papers import Words, template_of, words_of
from sekisho.effects import letter
from sekisho.effects.letter import CannotPrint

__all__ = ["CannotPrint", "ToolSheet", "carry_out", "seen", "whole"]

PAPER = "tool-sheet@1"
MOST_MAILS = 200


@dataclass(frozen=True)
class ToolSheet:
    """`told`: what `tools` says of one row, as `keep` gave it."""

    told: Mapping[str, Any]
    texts: Path
    language: str = "ja"


def carry_out(request: ToolSheet) -> bytes:
    """The paper as PDF/A. Raises CannotPrint, PaperError, LookupError where the row has no tool."""
    return letter.pdf(template_of(request.texts, PAPER), whole(request))


def seen(request: ToolSheet, ppi: int = 72) -> list[bytes]:
    """The paper's pages as PNG."""
    return letter.pages(template_of(request.texts, PAPER), whole(request), ppi)


def whole(request: ToolSheet) -> dict[str, Any]:
    """Everything the paper says, as plain data in its language."""
    words = words_of(request.texts, PAPER, request.language)
    (one,) = request.told["tools"]
    day = date.fromisoformat(str(request.told["day"]))
    said, drill = one["declaration"], one["drill"]
    titles = {q["id"]: words.pick(q["words"]) for q in request.told["questions"]}
    return {
        "words": dict(words.labels),
        "language": request.language,
        "operator": request.told["operator"],
        "date": [day.year, day.month, day.day],
        "day": words.day(day),
        "title": words.labels["title"],
        "subject": one["party"],
        "footer": words.labels["footer"],
        "facts": _facts(one, said, drill, words),
        "verdict": words.labels[one["clear"]],
        "heard": [_heard(h, titles, words) for h in (drill["heard"] if drill else [])[:MOST_MAILS]],
        "groups": [_group(g, request, said, words) for g in request.told["groups"]] if said else [],
        "signed": said["named"] if said else "",
        "drill_id": drill["id"] if drill else "",
    }


def _facts(one: Mapping[str, Any], said: Mapping[str, Any] | None, drill: Mapping[str, Any] | None, words: Words) -> list[list[str]]:
    rows = [[words.labels["party"], one["party"]], [words.labels["row"], one["entrustment"]]]
    if said:
        rows += [[words.labels["tool"], f"{said['tool']} {said['release']}"], [words.labels["named"], said["named"]]]
        rows += [[words.labels["read"], said["name"]]]
    if drill:
        rows += [[words.labels["drilled"], f"{str(drill['at'])[:16]} UTC  {drill['name']}  ({drill['release']})"]]
        rows += [[words.labels["mails"], str(drill["mails"])], [words.labels["report"], drill["report"]]]
        steps = words.listed(f"{words.labels['step-' + s]}: {words.labels['ran-' + r]}" for s, r in drill["ran"].items())
        rows += [[words.labels["steps"], steps]]
    return rows


def _heard(one: Mapping[str, Any], titles: Mapping[str, str], words: Words) -> list[str]:
    shows = words.labels["shows"].format(who=", ".join(one["shows"]).upper()) if one["shows"] else ""
    what = f"{titles.get(one['function'], one['function'])} ({one['function']}) {shows}".strip()
    declared = words.labels["declared" if one["declared"] else "undeclared"]
    who = f"{words.labels['step-' + one['step']]} {one['actor'].upper()} → {one['to'].upper()}"
    return [who, what, one["where"], f"{one['mail'][:16]}…", declared]


def _group(group: str, request: ToolSheet, said: Mapping[str, Any], words: Words) -> dict[str, Any]:
    rows = []
    for asked in request.told["questions"]:
        if asked["group"] == group and (answer := said["answers"].get(asked["id"])):
            on = words.labels["on"] if answer["on"] else words.labels["off"]
            rows.append([words.pick(asked["words"]), on, answer["who"], f"{answer['evidence'][:12]}…"])
    return {"title": words.pick(request.told["groups"][group]), "rows": rows}
