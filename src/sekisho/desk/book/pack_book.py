"""A publisher's side of a case book: a key, a signed package of a folder, and what is said of a package somebody was given."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.gate.worked import wrong
from sekisho.law.canonical import plain
from sekisho.law.casebook import CasebookError, load
from sekisho.law.package import LARGEST, Edition, Package, PackageError, lineage, opened, pack, unpack

__all__ = ["CasebookError", "NotRight", "PackageError", "make_key", "read_file"]


class NotRight(ValueError):
    """The book reads well and answers a worked question of its own otherwise than it says. `wrong` names each."""

    def __init__(self, wrong: list[dict[str, Any]]) -> None:
        super().__init__(wrong[0])
        self.wrong = wrong


@dataclass(frozen=True)
class Pack:
    """A folder, the publisher's key file, and the edition it follows: its package, its folder, or none for the first."""

    folder: Path
    key: Path
    previous: Path | None


@dataclass(frozen=True)
class Look:
    """A package somebody was given, and whose keys are trusted here (hex)."""

    file: Path
    publishers: Collection[str] = ()


def carry_out(request: Pack) -> Package:
    """Raises PackageError, CasebookError, NotRight; ValueError for a file that is no publisher's key; OSError."""
    _right(load(request.folder))
    return pack(request.folder, read_key(request.key), _before(request.previous))


def look(request: Look) -> dict[str, Any]:
    """What the package says, once all of it is right: signature, law and worked questions. Raises as `carry_out`.

    {"country", "version", "book", "package", "publisher", "trusted", "before": [{"version", "book"}], "files", "cases", "examples"}
    """
    package = unpack(read_file(request.file).encode())
    book = opened(package)
    _right(book)
    return {
        "country": package.country,
        "version": package.version,
        "book": package.book,
        "package": package.digest,
        "publisher": package.publisher.hex(),
        "trusted": package.publisher.hex() in request.publishers,
        "before": plain(package.before),
        "files": len(package.files),
        "cases": len(book.cases),
        "examples": len(book.examples),
    }


def read_file(path: Path) -> str:
    """The text of a package; never more of a file than a package may have. Raises PackageError, OSError."""
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise PackageError(str(path), f"is larger than {LARGEST} bytes")
    try:
        return raw.decode()
    except UnicodeDecodeError as why:
        raise PackageError(str(path), "is no case book: not UTF-8") from why


def make_key(path: Path) -> str:
    """A new publisher's key, in a new file for its owner only; the public half, hex. Raises FileExistsError."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw().hex()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"publisher": public, "private": key.private_bytes_raw().hex()}, file)
        file.write("\n")
    return public


def read_key(path: Path) -> Ed25519PrivateKey:
    """Raises ValueError for a file that is no publisher's key, and for one whose halves do not belong together."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(said["private"]))
        public = said["publisher"]
    except (KeyError, TypeError, ValueError) as why:
        raise ValueError(f"{path} is not a publisher's key file") from why
    if key.public_key().public_bytes_raw().hex() != public:
        raise ValueError(f"{path}: its public half is another key's")
    return key


def _before(previous: Path | None) -> tuple[Edition, ...]:
    if previous is None:
        return ()
    if previous.is_dir():
        book = load(previous)
        return (Edition(book.version, book.digest),)
    return lineage(unpack(read_file(previous).encode()))


def _right(book: Any) -> None:
    if found := wrong(book):
        raise NotRight([plain(w) for w in found])
