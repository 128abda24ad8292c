"""A door's form on paper, for whoever would rather write by hand: the same fields, to be typed in at the desk when it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sekisho.desk.papers import Words, template_of, words_of
from sekisho.effects import letter
from sekisho.effects.letter import CannotPrint

__all__ = ["CannotPrint", "DoorForm", "carry_out", "whole"]

PAPER = "door-form@1"
UNNAMED = frozenset({"", "-"})


@dataclass(frozen=True)
class DoorForm:
    """A door and the operator as `desk/cases/procedure_door.py` lists them, the texts of the operator, a day, and the language."""

    door: Mapping[str, Any]
    operator: Mapping[str, Any]
    texts: Path
    on: date
    language: str


def carry_out(request: DoorForm) -> bytes:
    """As PDF/A. Raises CannotPrint, PaperError."""
    return letter.pdf(template_of(request.texts, PAPER), whole(request))


def whole(request: DoorForm) -> dict[str, Any]:
    """Everything it says, as plain data in its language. Raises PaperError."""
    words, door = words_of(request.texts, PAPER, request.language), request.door
    return {
        "language": request.language,
        "words": dict(words.labels),
        "title": words.pick(door["title"]),
        "subject": words.pick(door["title"]),
        "operator": str(request.operator["name"]),
        "window": "　".join(str(request.operator[k]) for k in ("window", "phone") if request.operator[k] not in UNNAMED),
        "date": [request.on.year, request.on.month, request.on.day],
        "footer": words.labels["footer"],
        "lead": words.pick(door["lead"]),
        "next": words.pick(door["next"]),
        "law": words.pick(door["law"]),
        "fields": [_field(f, words) for f in door["fields"] if not f["pledge"]],
        "pledges": [words.pick(f["title"]) for f in door["fields"] if f["pledge"]],
        "papers": [words.pick(p["title"]) for p in door["papers"]],
        "kept": words.labels["kept"].format(days=door["keep_days"]),
    }


def _field(field: Mapping[str, Any], words: Words) -> dict[str, Any]:
    choices = [words.pick(c) for c in field["choices"].values()]
    if field["type"] == "bool":
        choices = [words.labels["yes"], words.labels["no"]]
    several = field["type"] in ("choice", "choices", "bool")
    return {
        "title": words.pick(field["title"]),
        "type": "choice" if several else field["type"],
        "must": field["must"],
        "help": words.pick(field["help"]),
        "choices": choices,
    }
