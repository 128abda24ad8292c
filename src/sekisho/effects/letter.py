"""Papers and letters as PDF/A, set by typst. What people said goes in as JSON and is shown; it is never read as anything else.

A template is a file of the operator's texts and is trusted; it may import files beside it and nothing further.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

STANDARD = "a-2b"
JAPANESE = ("Noto Serif CJK JP", "Noto Sans CJK JP")
"""Families every paper needs. Debian: fonts-noto-cjk, among the parts of this project."""

GETA = "〓"
"""What stands for a character that no font here can show, as Japanese printers do."""

JOINS_A_GETA = re.compile(GETA + r"[^\x00-\x7f\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
MOST_UNSHOWN = 256
UNSHOWN = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


class CannotPrint(Exception):
    """No paper was made. `code`: no-font (the families are `absent`: nothing is printed rather than something half empty), or not-set."""

    def __init__(self, code: str, why: str = "", absent: tuple[str, ...] = ()) -> None:
        super().__init__(why or ", ".join(absent))
        self.code = code
        self.absent = absent


@cache
def fonts() -> typst.Fonts:
    return typst.Fonts()


def absent_fonts() -> tuple[str, ...]:
    there = set(fonts().families())
    return tuple(family for family in JAPANESE if family not in there)


def pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """The paper as PDF/A-2b; the same data give the same bytes. Raises CannotPrint."""
    made = _set(template, data, pdf_standards=[STANDARD], format="pdf")
    if not isinstance(made, bytes):
        raise CannotPrint("not-set", template.name)
    return made


def pages(template: Path, data: Mapping[str, Any], ppi: int = 72) -> list[bytes]:
    """Each page as a PNG, to be looked at. Raises CannotPrint."""
    made = _set(template, data, format="png", ppi=float(ppi))
    return made if isinstance(made, list) else [made]


def _set(template: Path, data: Mapping[str, Any], **how: Any) -> Any:
    if absent := absent_fonts():
        raise CannotPrint("no-font", absent=absent)
    said = _every_text(data, _plain)
    for _ in range(MOST_UNSHOWN):
        try:
            return typst.compile(
                template.read_bytes(), root=template.parent, font_paths=fonts(), sys_inputs={"data": json.dumps(said)}, **how
            )
        except typst.TypstError as why:
            unshown = UNSHOWN.search(str(why))
            if unshown is None:
                raise CannotPrint("not-set", str(why)) from why
            gone = ESCAPED.sub(lambda m: chr(int(m[1], 16)), unshown[1])
            said = _without(said, gone)
    raise CannotPrint("not-set", template.name)


def _without(said: Any, gone: str) -> Any:
    """With a geta for what cannot be shown. It is named by its first character, which may be at fault only with the marks behind it."""
    marked = re.compile(re.escape(gone) + f"[{_marks()}]+")
    texts: list[str] = []
    _every_text(said, lambda text: texts.append(text) or text)  # type: ignore[func-returns-value] # only to collect them
    if any(marked.search(text) for text in texts):
        return _every_text(said, lambda text: marked.sub(gone.replace(GETA, "") + GETA, text))
    if gone == GETA:  # what joins it so that neither is shown goes with it
        return _every_text(said, lambda text: JOINS_A_GETA.sub(GETA, text))
    return _every_text(said, lambda text: text.replace(gone, GETA))


@cache
def _marks() -> str:
    """Every character that joins the one before it: combining marks, the am of Thai and Lao, and the modifiers of emoji."""
    joins = (c for c in map(chr, range(0x300, 0x110000)) if unicodedata.category(c)[0] == "M" or "\U0001f3fb" <= c <= "\U0001f3ff")
    return "\u0e33\u0eb3" + "".join(joins)


def _every_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {k: _every_text(v, change) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_every_text(v, change) for v in value]
    return value


def _plain(text: str) -> str:
    """Without control characters and half characters, which no font has; line ends and tabs stay."""
    unseen = ("Cc", "Cs", "Cn", "Co")
    return "".join(GETA if unicodedata.category(c) in unseen and c not in "\n\t" else c for c in text)
