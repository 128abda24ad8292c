"""What clamd is asked and what it answers (clamd(8)): commands begin with z and end with a null octet, so does each answer.

A file goes in pieces, each behind its length (INSTREAM); an empty piece ends it. Nothing of the file is looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PING, PONG = b"zPING\0", b"PONG"
VERSION = b"zVERSION\0"
INSTREAM = b"zINSTREAM\0"
PIECE = 1 << 16
LONGEST = 1024
"""Octets of an answer."""
CLEAN, FOUND, UNSCANNED = "clean", "found", "unscanned"
NAME = re.compile(r"[^A-Za-z0-9._:/+-]")
UNLOOKED = {"Heuristics.Encrypted.": "encrypted", "Heuristics.Limits.Exceeded": "limits"}
"""Names clamd gives to what it could not look into (AlertEncrypted, AlertExceedsMax): nothing was found there, and nothing excluded."""


@dataclass(frozen=True)
class Verdict:
    """`state`: clean, found or unscanned. `name` of what was found; `why` it was not scanned: encrypted, limits, too-large or error."""

    state: str
    name: str = ""
    why: str = ""


def pieces(content: bytes) -> Iterator[bytes]:
    """A whole INSTREAM command."""
    yield INSTREAM
    for start in range(0, len(content), PIECE):
        piece = content[start : start + PIECE]
        yield len(piece).to_bytes(4, "big") + piece
    yield bytes(4)


def verdict(answer: bytes) -> Verdict:
    """What an answer to INSTREAM says. An answer nobody knows is an error, never clean."""
    said = answer.rstrip(b"\0").decode("ascii", "replace")
    if said == "stream: OK":
        return Verdict(CLEAN)
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        name = NAME.sub("?", said.removeprefix("stream: ").removesuffix(" FOUND"))[:100] or "?"
        why = next((why for begins, why in UNLOOKED.items() if name.startswith(begins)), "")
        return Verdict(UNSCANNED, why=why) if why else Verdict(FOUND, name)
    return Verdict(UNSCANNED, why="too-large" if "size limit exceeded" in said else "error")
