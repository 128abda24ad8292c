"""Where a text gives away how to reach somebody past us: addresses, telephones, hosts, and whatever two people asked to keep hidden.

Spelled as people spell them to get past a filter: full width, spaces between, "(at)", 「アットマーク」, digits in kanji, base64. What is
found holds the text for a person; so it finds rather too much. It cannot find what is said in words ("ask for me at the station").
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

SHORT = 4
"""Characters of a local part that are looked for only with its domain: "info" stands in "information"."""
LAST_DIGITS = 8
"""Of a telephone, so that +81 90 and 090 are the same."""
FEWEST_DIGITS = 7
ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
SPELLED = re.compile(
    r"[\[({<「【〈《*_ ]\s{0,3}(?:at|a\s{0,3}t|アット|あっと)\s{0,3}[\])}>」】〉》*_ ]\s{0,3}"
    r"[\w-]{1,63}(?:\.\w|\s{0,3}(?:dot|ドット|どっと)\b|\s{0,3}[\[({<]\s{0,3}(?:dot|\.)\s{0,3}[\])}>])"
    r"|アット\s{0,3}マーク|あっと\s{0,3}まーく|[\[({<【]\s{0,3}at\s{0,3}[\])}>】]|\bat\s{0,3}mark\b"
)
HOST = re.compile(r"https?:|://|\bwww\s*\.|(?<![\w.-])[\w-]{2,}(?:\.[\w-]{2,})*\.[a-z]{2,}(?![\w-])")
TELEPHONE = re.compile(r"(?<!\d)(?:\+\s?\d|\(?0)(?:[\s().・‐‑–—―−ー~〜/_-]{0,3}\d){8,14}(?!\d)")
FEWEST = 6


class Kind(StrEnum):
    """What was found."""

    ADDRESS = "address"
    TELEPHONE = "telephone"
    HOST = "host"
    HIDDEN = "hidden"


@dataclass(frozen=True, order=True)
class Giveaway:
    """`line` from 1; 0 where it runs over lines. Never holds what was found."""

    line: int
    kind: Kind


def giveaways(text: str, hidden: Iterable[str]) -> tuple[Giveaway, ...]:
    """All of them, in order. `hidden`: addresses, telephones and names of either side."""
    secret = [value for value in hidden if value.strip()]
    found = {Giveaway(number, kind) for number, line in enumerate(text.split("\n"), 1) for kind in _kinds(line, secret)}
    seen = {one.kind for one in found}
    found |= {Giveaway(0, kind) for kind in _kinds(text.replace("\n", " "), secret) if kind not in seen}
    found |= {Giveaway(0, kind) for kind in _kinds(text.replace("\n", ""), secret) if kind not in seen}
    return tuple(sorted(found))


def _kinds(said: str, secret: Sequence[str]) -> Iterator[Kind]:
    for plain in _spellings(said):
        if "@" in plain or SPELLED.search(plain):
            yield Kind.ADDRESS
        if HOST.search(plain):
            yield Kind.HOST
        if TELEPHONE.search(_counted(plain)):
            yield Kind.TELEPHONE
        if any(_stands(value, plain) for value in secret):
            yield Kind.HIDDEN
    if any(_packed(value, said) for value in secret):
        yield Kind.HIDDEN


def _spellings(said: str) -> Iterable[str]:
    """One width and one case; entities and per-cent signs undone, twice, as a link in a page may be."""
    plain = _one_width(said)
    undone = [plain]
    for _ in range(2):
        undone.append(
            _one_width(ENCODED.sub(lambda m: bytes.fromhex(m[0].replace("%", "")).decode("utf-8", "replace"), html.unescape(undone[-1])))
        )
    return dict.fromkeys(undone)


def _one_width(said: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFKC", said) if unicodedata.category(c) not in ("Cf", "Mn", "Cc") or c == "\t"
    ).casefold()


def _counted(plain: str) -> str:
    """Digits of every script, those in kanji too, as 0 to 9."""
    return "".join(str(int(unicodedata.numeric(c))) if unicodedata.numeric(c, -1) in range(10) else c for c in plain)


def _squeezed(said: str) -> str:
    """Letters and digits alone: dots, spaces and strokes between them hide nothing."""
    return "".join(c for c in _one_width(said) if c.isalnum())


def _stands(value: str, plain: str) -> bool:
    """Whether a hidden value stands in a text, forwards or backwards; a telephone by its last digits."""
    digits = "".join(c for c in _counted(_one_width(value)) if c.isdigit())
    if len(digits) >= FEWEST_DIGITS and "@" not in value:
        return digits[-LAST_DIGITS:] in "".join(c for c in _counted(plain) if c.isdigit())
    tight, local = _squeezed(plain), _squeezed(value.partition("@")[0])
    whole = _squeezed(value)
    if not whole:
        return value.casefold() in plain
    parts = [whole, *([local] if "@" in value and len(local) > SHORT else [])]
    return any(part in tight or (len(part) >= FEWEST and part[::-1] in tight) for part in parts)


def _packed(value: str, said: str) -> bool:
    """Whether it stands in base64, wherever it begins, in hex, or as a digest of the whole, as portraits are kept."""
    octets = value.strip().casefold().encode()
    if len(octets) < FEWEST:
        return False
    tight = "".join(unicodedata.normalize("NFKC", said).split())
    packed = [base64.b64encode(b"x" * n + octets).decode()[4 if n else 0 :].rstrip("=")[:-1] for n in range(3)]
    hexed = [octets.hex(), *(hashlib.new(name, octets, usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256"))]
    return any(p in tight for p in packed) or any(h in tight.casefold() for h in hexed)
