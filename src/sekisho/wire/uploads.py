"""What a stranger's file may hold: nothing that runs, nothing that hides files, nothing that swells. Bytes are looked at, never opened.

PDF by ISO 32000: names of actions, scripts and embedded files, also where names are escaped with # or lie in compressed streams.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress

RUNS = frozenset(
    {"JavaScript", "JS", "Launch", "SubmitForm", "ImportData", "RichMedia", "XFA", "Rendition", "GoToE", "Sound", "Movie", "3D"}
)
HIDES = frozenset({"EmbeddedFile", "EmbeddedFiles", "Encrypt"})
NAME = re.compile(rb"/((?:[!-~](?<![\[\]()<>{}/%]))+)")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM, END = re.compile(rb"stream\r?\n"), b"endstream"
SHORT = 2
"""Letters of names that stand in any picture by chance: /JS and /3D are looked for outside streams, and always come with a longer one."""
MOST_INFLATED = 32 << 20
"""Octets that all streams of one file may swell to."""
MOST_PIXELS = 60_000_000
"""A page of A3 at 600 dots an inch has 70 million; a scan of A4 at 600 has 35."""


class Harmful(ValueError):
    """`code`: runs, hides or swells; `what` is the word that was found."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(code, what)
        self.code, self.what = code, what


def pdf(content: bytes) -> None:
    """Raises Harmful for a PDF with scripts, actions that run, embedded files or encryption, or that swells."""
    _names(content, longer_than=SHORT)
    for piece in _pieces(content):
        _names(piece)


def _names(piece: bytes, longer_than: int = 0) -> None:
    for found in NAME.finditer(piece):
        name = ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), found[1]).decode("latin-1")
        if name in RUNS and len(name) > longer_than:
            raise Harmful("runs", name)
        if name in HIDES:
            raise Harmful("hides", name)


def png(content: bytes) -> None:
    """Raises Harmful for a picture that says it is larger than any scan."""
    width, height = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    if width * height > MOST_PIXELS:
        raise Harmful("swells", f"{width}x{height}")


def jpeg(content: bytes) -> None:
    """The same for JPEG: the frame's own header says how large it is."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = int.from_bytes(content[at + 5 : at + 7], "big"), int.from_bytes(content[at + 7 : at + 9], "big")
            if width * height > MOST_PIXELS:
                raise Harmful("swells", f"{width}x{height}")
            return
        at += 2 + max(length, 2)


def _pieces(content: bytes) -> Iterator[bytes]:
    """The file outside its streams, and each stream that holds objects. Every octet is passed once, whatever the file says.

    Raises Harmful: an object stream that cannot be read to its end is one nobody looked into."""
    outside, at, left = list[bytes](), 0, MOST_INFLATED
    while (start := STREAM.search(content, at)) and (end := content.find(END, start.end())) >= 0:
        before = content[at : start.start()]
        outside.append(before)
        of_objects = b"ObjStm" in ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), before)
        inflater, piece = zlib.decompressobj(), b""
        with suppress(zlib.error):
            piece = inflater.decompress(memoryview(content)[start.end() : end], left + 1)
        if len(piece) > left:
            raise Harmful("swells")
        left -= len(piece)
        if of_objects and not inflater.eof:
            raise Harmful("hides", "ObjStm")
        if of_objects:
            yield piece
        at = end + len(END)
    outside.append(content[at:])
    yield b"".join(outside)
