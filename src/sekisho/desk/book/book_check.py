"""Reading a case book for people: every case as plain data, and whether every worked question comes out as it says."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from sekisho.desk.cases import prepared
from sekisho.desk.where import line_of
from sekisho.effects import texts
from sekisho.gate import owed_worked
from sekisho.gate.decide import decide
from sekisho.gate.people import Confirmation
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook, CasebookError, load
from sekisho.law.examples import plan_of
from sekisho.law.words import Example

__all__ = ["CasebookError", "carry_out", "listed"]

UNSOUND = re.compile(r"^([a-z]{2}/[^\s\[\]]+)(?: (\S+))?$")


def listed(folder: Path) -> list[dict[str, Any]]:
    """Every case of the book in `folder`. Raises CasebookError."""
    return [plain(c) for c in load(folder).cases]


def carry_out(folder: Path, texts: Path | None = None) -> dict[str, Any]:
    """{"cases", "examples", "wrong": [{"file", "line", "because" in each language, "expect", "got"}]}.

    A book that cannot be read is one wrong line: {"file", "line", "where", "what"}. With the folder of the operator's
    `texts`, a prepared text that does not fit the book's procedures is one too: {"file", "line", "where", "code", "name"}.
    """
    try:
        book = load(folder)
    except CasebookError as why:
        return {"cases": 0, "examples": 0, "wrong": [{**_place(folder, why), "what": why.what}]}
    asked = [e for e in book.examples if not e.case]
    answers = [(e, _answer(book, e)) for e in asked]
    wrong = [
        {
            "file": e.file,
            "line": _line_of(folder / f"{e.file}.toml", e.because["en"]),
            "because": plain(e.because),
            "expect": e.expect,
            "got": got,
        }
        for e, got in answers
        if got != e.expect
    ]
    owing = [w for w in book.worked if not owed_worked.right(w, book)]
    wrong += [{"file": f"owed: {w.rule}", "because": plain(w.because), "expect": w.expect, "got": owed_worked.told(w, book)} for w in owing]
    wrong += _unfit(texts, book) if texts else []
    return {"cases": len(book.cases), "examples": len(asked) + len(book.worked), "wrong": wrong}


def _unfit(folder: Path, book: Casebook) -> list[dict[str, Any]]:
    try:
        found = prepared.unfit(texts.load(folder), book.procedures)
    except texts.TextError as why:
        return [{"file": str(folder), "line": None, "where": "", "what": str(why)}]
    named = [(folder / w["language"] / f"{w['text']}.md", w) for w in found]
    return [{**w, "file": str(path), "line": line_of(_text(path), w["key"], first=1), "where": w["key"]} for path, w in named]


def _place(folder: Path, why: CasebookError) -> dict[str, Any]:
    """The file, the line and the field that a mistake names. What is unsound is named by case and condition."""
    path = folder / why.file
    where = UNSOUND.sub(lambda m: f"case[{m[1]}]" + (f".condition[{m[2]}]" if m[2] else ""), why.where)
    return {"file": str(path), "line": line_of(_text(path), where, first=1), "where": why.where}


def _line_of(path: Path, because: str) -> int | None:
    """Where the worked question with these English words stands."""
    written = json.dumps(because, ensure_ascii=False)
    lines = (n for n, line in enumerate(_text(path).splitlines(), 1) if line.startswith("because") and written in line)
    return next(lines, None)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _answer(book: Casebook, example: Example) -> str:
    plan, now = plan_of(example, book)
    day = timedelta(days=1)
    said = [Confirmation(c, plan.measure, book.digest, "worked example", "officer", now - day, now + day) for c in example.confirmed]
    return decide(plan, book, now, said)[0].outcome.value
