"""A case's letter on paper: the very words that were drafted, set for a window envelope. A mail and a paper of it never differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sekisho.desk.papers import template_of, words_of
from sekisho.effects import letter
from sekisho.effects.letter import CannotPrint

__all__ = ["CannotPrint", "blocks", "data", "pdf"]

PAPER = "letter@1"
ROW = re.compile(r" {2,}")
Block = dict[str, Any]


def pdf(texts: Path, found: Mapping[str, Any]) -> bytes:
    """`found` as `letter_show` gives it, as PDF/A-2b. Raises CannotPrint and PaperError."""
    return letter.pdf(template_of(texts, PAPER), data(texts, found))


def data(texts: Path, found: Mapping[str, Any]) -> dict[str, Any]:
    """What the template is given."""
    day, words = date.fromisoformat(found["day"]), words_of(texts, PAPER, found["language"])
    hello, head, main, closing = _parts(list(blocks(found["body"], words.labels["mark"], words.labels["join"])))
    return {
        "title": found["subject"],
        "subject": found["subject"],
        "language": found["language"],
        "date": [day.year, day.month, day.day],
        "operator": found["operator"],
        "recipient": [*found["recipient"][:-1], words.labels["name"].format(name=found["recipient"][-1])] if found["recipient"] else hello,
        "head": head,
        "blocks": main,
        "closing": closing,
        "masked": bool(found["masked"]),
        "number": found["number"],
        "text": found["text"],
        "entry": "" if found["entry"] is None else str(found["entry"]),
        "digest": found["words"],
        "words": dict(words.labels),
    }


def blocks(body: str, mark: str, join: str) -> Iterator[Block]:
    """The parts of a letter's text between its empty lines: heading, theirs (somebody else's words), list, rows or text.

    `mark` begins an item of a list; `join` stands between the lines of a sentence.
    """
    for piece in re.split(r"\n\s*\n", body.strip("\n")):
        yield from _block(piece.split("\n"), mark, join)


def _block(lines: Sequence[str], mark: str, join: str) -> Iterator[Block]:
    if lines[0].startswith("■ "):
        yield {"kind": "heading", "text": lines[0].removeprefix("■ ")}
        if len(lines) > 1:
            yield from _block(lines[1:], mark, join)
    elif all(line.startswith(">") for line in lines):
        yield {"kind": "theirs", "lines": [line.removeprefix(">").removeprefix(" ") for line in lines]}
    elif lines[0].startswith(mark):
        yield {"kind": "list", "items": list(_items(lines, mark, join))}
    elif all(line.startswith("  ") for line in lines):
        yield {"kind": "rows", "rows": [ROW.split(line.strip(), maxsplit=1) for line in lines]}
    else:
        yield {"kind": "text", "text": join.join(line.strip() for line in lines), "lines": [line.strip() for line in lines]}


def _items(lines: Sequence[str], mark: str, join: str) -> Iterator[str]:
    item: list[str] = []
    for line in lines:
        if line.startswith(mark) and item:
            yield join.join(item)
            item = []
        item.append(line.removeprefix(mark).strip())
    yield join.join(item)


def _parts(found: list[Block]) -> tuple[list[str], list[str], list[Block], list[str]]:
    """Whom it greets, day and operator, what it says, who signs: as every text of ours begins and ends."""
    plain = [block["kind"] == "text" for block in found]
    if len(found) < 4 or not (plain[0] and plain[1] and plain[-1]):
        return [], [], found, []
    return found[0]["lines"], found[1]["lines"], found[2:-1], found[-1]["lines"]
