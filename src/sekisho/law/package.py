"""A case book as one file that somebody signed: the TOML files of a folder, their version, and which books came before.

The file is canonical JSON, so it has one spelling and one signature; nothing in it is compressed, so nothing can swell.
Reading it checks size, spelling, names and signature before any word of it is used; `opened` reads the book from it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sekisho.law.canonical import canonical
from sekisho.law.casebook import Casebook, CasebookError, load
from sekisho.law.reading import ReadingError, read

FORM = "sekisho case book 1"
CONTEXT = b"sekisho case book v1\n"
"""Stands before what is signed: a publisher's signature for a book is none for anything else."""

LARGEST = 3 << 20
LARGEST_FILE = 1 << 20
MOST_FILES = 400
MOST_BOOKS_BEFORE = 1000
NAME = re.compile(r"(?:[a-z][a-z0-9-]{0,62}/)?[a-z0-9][a-z0-9-]{0,62}\.toml")
"""Files of a book: small letters, at most one folder deep. No other path can be written, so none leads elsewhere."""

DIGEST = re.compile(r"[0-9a-f]{64}")
VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,5}")


class PackageError(ValueError):
    """The file is no book that may be used: `where` in it, and `what` is wrong."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


@dataclass(frozen=True)
class Edition:
    """A version of a book, and its digest."""

    version: str
    book: str


@dataclass(frozen=True)
class Package:
    """What a publisher signed. `book` is the digest of the case book in `files`; `before` are its forebears, newest first.

    `publisher` is the public half of the key, 32 bytes; `files` maps a name to its text.
    """

    form: str
    country: str
    version: str
    book: str
    before: tuple[Edition, ...]
    files: Mapping[str, str]
    publisher: bytes
    signature: bytes

    @property
    def digest(self) -> str:
        """SHA-256 over everything that is signed."""
        return hashlib.sha256(self._signed()).hexdigest()

    @property
    def name(self) -> str:
        """How the file is called unless somebody says otherwise."""
        return f"sekisho-casebook-{self.country}-{self.version}.book"

    def descends_from(self, book: str) -> bool:
        """Whether the book of that digest is one of those before this."""
        return any(e.book == book for e in self.before)

    def encode(self) -> bytes:
        return canonical(self)

    def _signed(self) -> bytes:
        return canonical({f.name: getattr(self, f.name) for f in fields(self) if f.name != "signature"})

    def signed_with(self, key: Ed25519PrivateKey) -> Package:
        """The same, signed."""
        words = {f.name: getattr(self, f.name) for f in fields(self)}
        unsigned = Package(**{**words, "publisher": key.public_key().public_bytes_raw()})
        return Package(**{**words, "publisher": unsigned.publisher, "signature": key.sign(CONTEXT + unsigned._signed())})

    def verify(self) -> None:
        """Raises PackageError unless `publisher` signed exactly this."""
        try:
            Ed25519PublicKey.from_public_bytes(self.publisher).verify(self.signature, CONTEXT + self._signed())
        except (InvalidSignature, ValueError):
            raise PackageError("signature", "is not the publisher's over this book: it was changed, or is another's") from None


def rank(version: str) -> tuple[int, ...]:
    """A version as something to compare: 2026.11.21 comes before 2026.12.1. Raises PackageError."""
    if not VERSION.fullmatch(version):
        raise PackageError("version", "must be whole numbers with dots between, such as 2026.11.21")
    return tuple(int(part) for part in version.split("."))


def files_of(folder: Path) -> dict[str, str]:
    """The book's files as they lie in a folder, by name. Raises PackageError for a name, size or spelling no book may have."""
    found: dict[str, str] = {}
    for path in sorted(p for p in folder.rglob("*.toml") if not p.is_dir()):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise PackageError(name, "is a link; put the file itself there")
        try:
            raw = path.read_bytes()
            found[name] = raw.decode()
        except OSError as why:
            raise PackageError(name, f"cannot be read: {why.strerror}") from why
        except UnicodeDecodeError as why:
            raise PackageError(name, "is not UTF-8") from why
    _files(found)
    return found


def pack(folder: Path, key: Ed25519PrivateKey, before: Iterable[Edition] = ()) -> Package:
    """The book in `folder`, signed; `before` are the editions it follows, newest first. Raises PackageError, CasebookError."""
    book = load(folder)
    package = Package(FORM, book.country, book.version, book.digest, tuple(before), files_of(folder), b"", b"").signed_with(key)
    _shape(package)
    opened(package)
    return package


def lineage(package: Package) -> tuple[Edition, ...]:
    """This edition and all before it: what the next one names."""
    return (Edition(package.version, package.book), *package.before)


def unpack(data: bytes) -> Package:
    """A package, once size, spelling, names and signature are right. Raises PackageError, naming the first thing that is not."""
    if len(data) > LARGEST:
        raise PackageError("file", f"is larger than {LARGEST} bytes")
    try:
        plain = json.loads(data.decode())
        package = read(Package, plain)
        same = package.encode() == data
    except ReadingError as why:
        raise PackageError(why.path or "file", f"is not what a case book says there ({why.code})") from why
    except (ValueError, TypeError, RecursionError) as why:
        raise PackageError("file", f"is no case book ({type(why).__name__})") from why
    if not same:
        raise PackageError("file", "is not spelled as a case book is: it was changed after it was signed")
    _shape(package)
    package.verify()
    return package


def write(files: Mapping[str, str], folder: Path, *, to_stay: bool = True) -> None:
    """The files into an empty folder; those that are to stay are on the disk before this returns. Raises OSError, PackageError."""
    _files(files)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(mode=0o755, exist_ok=True)
        with path.open("xb") as file:
            file.write(text.encode())
            file.flush()
            if to_stay:
                os.fsync(file.fileno())
    for place in {folder, *(folder / Path(name).parent for name in files)} if to_stay else ():
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def opened(package: Package, folder: Path | None = None) -> Casebook:
    """The book that was packed, read from its files, which lie in `folder` if it is given. Raises PackageError, CasebookError."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="sekisho-book-") as place:
            write(package.files, Path(place), to_stay=False)
            return opened(package, Path(place))
    try:
        book = load(folder)
    except CasebookError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError) as why:
        raise PackageError("files", f"are no case book ({type(why).__name__})") from why
    for where, said, is_so in (
        ("country", package.country, book.country),
        ("version", package.version, book.version),
        ("book", package.book, book.digest),
    ):
        if said != is_so:
            raise PackageError(where, f"says {said}, but the files make {is_so}")
    return book


def _shape(package: Package) -> None:
    """Everything that can be wrong with a package before its signature and its law are looked at."""
    if package.form != FORM:
        raise PackageError("form", f"must be {FORM!r}; a newer form needs a newer release")
    if not re.fullmatch(r"[a-z]{2}", package.country):
        raise PackageError("country", "must be two small letters")
    _editions(package)
    _files(package.files)
    if len(package.publisher) != 32 or len(package.signature) != 64:
        raise PackageError("signature", "is no Ed25519 key of 32 and signature of 64 bytes")


def _editions(package: Package) -> None:
    """Versions fall from this one backwards, and no digest stands twice."""
    if len(package.before) > MOST_BOOKS_BEFORE:
        raise PackageError("before", f"names more than {MOST_BOOKS_BEFORE} books")
    line = lineage(package)
    for newer, older in itertools.pairwise(line):
        if rank(newer.version) <= rank(older.version):
            raise PackageError("before", f"version {newer.version} does not come after {older.version}")
    digests = [e.book for e in line]
    if len(set(digests)) != len(digests) or not all(DIGEST.fullmatch(d) for d in digests):
        raise PackageError("before", "names a book twice, or by something that is no digest")
    rank(package.version)


def _files(files: Mapping[str, str]) -> None:
    if not files or len(files) > MOST_FILES:
        raise PackageError("files", f"must be 1 to {MOST_FILES}")
    whole = 0
    for name, text in files.items():
        if not NAME.fullmatch(name):
            raise PackageError("files", f"{name[:80]!r} is no name of a book's file: small letters, one folder deep, ending in .toml")
        size = len(text.encode())
        whole += size
        if size > LARGEST_FILE:
            raise PackageError(name, f"is larger than {LARGEST_FILE} bytes; split it")
    if whole > LARGEST:
        raise PackageError("files", f"are together larger than {LARGEST} bytes")
