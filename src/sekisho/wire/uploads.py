"""What a stranger's file may hold: nothing that runs, nothing that hides files, nothing that swells. Bytes are looked at, never opened.

PDF by ISO 32000: names of actions, scripts and embedded files, also where names are escaped with # or lie in compressed streams.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

RUNS = frozenset(
    {"JavaScript", "JS", "Launch", "SubmitForm", "ImportData", "RichMedia", "XFA", "Rendition", "GoToE", "Sound", "Movie", "3D"}
)
HIDES = frozenset({"EmbeddedFile", "EmbeddedFiles", "Encrypt"})
NAME = re.compile(rb"/((?:[!-~](?<![\[\]()<>{}/%]))+)")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
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
    for piece in _pieces(content):
        for found in NAME.finditer(piece):
            name = ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), found[1]).decode("latin-1")
            if name in RUNS:
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
    """The file outside its streams, and each stream that inflates and could hold objects."""
    yield STREAM.sub(b"", content)
    left = MOST_INFLATED
    for found in STREAM.finditer(content):
        inflater = zlib.decompressobj()
        try:
            piece = inflater.decompress(found[1], left + 1)
        except zlib.error:
            continue
        if len(piece) > left:
            raise Harmful("swells")
        left -= len(piece)
        before = content[max(0, found.start() - 400) : found.start()]
        if b"ObjStm" in ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), before):
            yield piece
