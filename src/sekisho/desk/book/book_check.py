"""Reading a case book for people: every case as plain data, and whether every worked question comes out as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sekisho.desk.cases import prepared
from sekisho.desk.where import line_of
from sekisho.effects import texts
from sekisho.gate import worked
from sekisho.gate.worked import Wrong
from sekisho.law.canonical import plain
from sekisho.law.casebook import Casebook, CasebookError, load

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
    wrong = [_wrong(folder, w) for w in worked.wrong(book)]
    wrong += _unfit(texts, book) if texts else []
    return {"cases": len(book.cases), "examples": len(book.examples) + len(book.worked), "wrong": wrong}


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


def _wrong(folder: Path, said: Wrong) -> dict[str, Any]:
    """A worked question that came out otherwise; its line, where it is one of a case file."""
    path, because = folder / f"{said.file}.toml", said.because["en"]
    line = {} if said.file.startswith("owed: ") else {"line": _line_of(path, because)}
    return {"file": said.file, **line, "because": plain(said.because), "expect": said.expect, "got": said.got}


def _line_of(path: Path, because: str) -> int | None:
    """Where the worked question with these English words stands; of one that a case asks by itself, the line of the case's id."""
    written, own = json.dumps(because, ensure_ascii=False), f'id = "{because.partition(" ")[0]}"'
    lines = (n for n, line in enumerate(_text(path).splitlines(), 1) if line == own or (line.startswith("because") and written in line))
    return next(lines, None)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
