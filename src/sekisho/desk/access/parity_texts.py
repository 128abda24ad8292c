"""What the operator published for both positions of a filter's switch, read and compared: prices apart from all other terms.

Two texts of a folder, `<measure>.on.md` and `<measure>.off.md`. Their first lines name the position; everything after has to be the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sekisho.effects import class_filter, name_filter

MEASURES = (class_filter.MEASURE, name_filter.MEASURE)
LARGEST = 1 << 18
NUMBER = r"[0-9][0-9,]*(?:\.[0-9]+)?"
PRICE = re.compile(rf"(?:[¥$€£]|JPY|USD|EUR)\s?{NUMBER}|{NUMBER}\s?(?:円|yen\b|JPY|USD|EUR)", re.IGNORECASE)


@dataclass(frozen=True)
class Compared:
    """Whether every price stands in both texts in the same order, one at least; and whether all other words are the same. The texts'
    SHA-256."""

    same_price: bool
    same_service: bool
    on: str
    off: str


def compare(on: bytes, off: bytes) -> Compared:
    """Spaces, line ends and full-width letters make no difference; bytes that are no text are the same as nothing."""
    (prices, rest), (others, other_rest) = _read(on), _read(off)
    return Compared(bool(prices) and prices == others, bool(rest) and rest == other_rest, sha256(on).hexdigest(), sha256(off).hexdigest())


def published(folder: Path) -> Mapping[str, Compared]:
    """By measure, where both texts lie there."""
    found = {}
    for measure in MEASURES:
        texts = [_text(folder / f"{measure}.{position}.md") for position in ("on", "off")]
        if all(texts):
            found[measure] = compare(texts[0], texts[1])
    return found


def _text(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError:
        return b""
    return raw if len(raw) <= LARGEST else b""


def _read(raw: bytes) -> tuple[list[str], str]:
    """The prices, and the rest with each price left out."""
    try:
        text = unicodedata.normalize("NFKC", raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return [], ""
    body = text.partition("\n")[2]
    prices = [re.sub(r"[\s,]", "", one).lower() for one in PRICE.findall(body)]
    return prices, " ".join(PRICE.sub("\0", body).split())
