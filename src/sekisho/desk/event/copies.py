"""Searches every copy of an installation that somebody names: do files of destroyed keys lie there, can answers be opened, is a word there?

Runs where the operator can read the files, not in `keep`; it opens nothing and writes nothing. Archives are not looked into, and are
counted as files that could not be read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, fields, replace
from pathlib import Path

CHUNK = 1 << 20
RECORDS = "keep.db"
ARCHIVES = frozenset({".7z", ".age", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst"})


@dataclass(frozen=True)
class Found:
    """Of one folder or of all. `keys`: files of destroyed keys, tombstones apart. `answers`: sealed ones of the event; `open`: those that
    are sealed to no destroyed key. `hits`: files with a word in them. `unread`: files that could not be looked into.
    """

    files: int = 0
    octets: int = 0
    keys: int = 0
    answers: int = 0
    open: int = 0
    hits: int = 0
    unread: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def clean(self) -> bool:
        return not (self.keys or self.open or self.hits or self.unread)


@dataclass(frozen=True)
class Sought:
    """`files`: names of destroyed keys' files; `names`: their key ids; `purposes`: of the answers; `words`: what must lie nowhere."""

    files: Collection[str]
    names: Collection[str]
    purposes: Collection[str]
    words: Collection[str] = ()

    @property
    def forms(self) -> tuple[bytes, ...]:
        """Each word as text of one and of two octets a letter, and as DNS writes names on the wire; in small letters."""
        return tuple(dict.fromkeys(f for word in self.words for f in _forms(word.lower()) if f))


def search(folder: Path, sought: Sought) -> Found:
    """Everything below `folder`. A folder that is not there was not searched: it counts as one that could not be read."""
    if not folder.is_dir():
        return Found(unread=1)
    forms = sought.forms
    return sum((_one(path, sought, forms) for path in _files(folder)), Found())


def _files(folder: Path) -> Iterator[Path]:
    return (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink())


def _one(path: Path, sought: Sought, forms: tuple[bytes, ...]) -> Found:
    found = Found(files=1, unread=int(path.suffix.lower() in ARCHIVES))
    try:
        key = path.name in sought.files and path.stat().st_size > 0
        octets, hit = _read(path, forms)
        told = _answers(path, sought) if path.name == RECORDS else Found()
    except (OSError, sqlite3.Error, ValueError):
        return replace(found, unread=1)
    return found + told + Found(octets=octets, keys=int(key), hits=int(hit))


def _read(path: Path, forms: tuple[bytes, ...]) -> tuple[int, bool]:
    """How many octets it has, and whether one of the forms is in it. Read piece by piece, the pieces overlapping."""
    longest, octets, hit, before = max(map(len, forms), default=0), 0, False, b""
    with path.open("rb") as file:
        while part := file.read(CHUNK):
            octets += len(part)
            piece = before + part.lower()
            hit = hit or any(f in piece for f in forms)
            before = piece[-longest:] if longest else b""
    return octets, hit


def _answers(path: Path, sought: Sought) -> Found:
    """The sealed answers in a copy of the records. Nothing is opened: whoever has no key needs none to see which key is missing."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        marks = ", ".join("?" * len(sought.purposes))
        rows = db.execute(f"SELECT body FROM consents WHERE purpose IN ({marks})", sorted(sought.purposes)).fetchall()  # noqa: S608 - only question marks are put in
    bodies = [json.loads(body) for (body,) in rows]
    sealed = [b for b in bodies if "sealed" in b]
    return Found(answers=len(sealed), open=sum(1 for b in sealed if b.get("key") not in sought.names))


def _forms(word: str) -> Iterator[bytes]:
    yield word.encode()
    yield word.encode("utf-16-le")
    labels = word.strip(".").split(".")
    if len(labels) > 1 and all(0 < len(label.encode()) < 64 for label in labels):
        yield b"".join(bytes([len(label.encode())]) + label.encode() for label in labels)
