"""The legal officer puts another edition of the case book in force: signed by a publisher the settings trust, without a release.

Everything about the package is checked before anything changes: its signature, its law, its own worked questions. The
entry is written first; the switch stands and falls with it. What rests on a case that the new book changed or ended is
decided again within seconds, and ends there where it fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import books, records
from sekisho.desk.signed_words import BookChange
from sekisho.desk.signing import ordered
from sekisho.desk.world import No, World
from sekisho.gate.people import Signature
from sekisho.gate.worked import wrong
from sekisho.law.canonical import digest, plain
from sekisho.law.casebook import Casebook, CasebookError
from sekisho.law.package import Package, PackageError, opened, rank, unpack
from sekisho.ledger.entry import EntryType


@dataclass(frozen=True)
class LoadBook:
    """The words, the officer's signature over them, and the whole package."""

    change: BookChange
    signature: Signature
    package: str


def carry_out(world: World, request: LoadBook) -> Mapping[str, Any]:
    """{"book", "version", "replaces", "older"}. In force from the next turn on."""
    said = request.change
    ordered(world, request.signature, said)
    if said.replaces != world.book.digest:
        raise No("another-book", book=said.replaces, in_force=world.book.digest)
    package = _trusted(world, request.package)
    if (said.book, said.package) != (package.book, package.digest):
        raise No("another-package", book=package.book, package=package.digest)
    older = not follows(package, world.book) and package.book != world.book.digest  # the same again mends a damaged folder
    if older and not said.older:
        raise No("older-book", version=package.version, in_force=world.book.version)
    book = _laid_out(world, package)
    identity = digest(said)[:16]
    body = books.remember(world, identity, book, {"change": said, "signature": request.signature, "publisher": package.publisher})
    ids = {"book": book.digest}
    world.write(EntryType.BOOK_LOADED, body, ids=ids, at=world.clock.now(), table=records.BOOKS, key={"id": identity})
    books.put_in_force(world, book.digest)
    return {"book": book.digest, "version": book.version, "replaces": said.replaces, "older": older}


def follows(package: Package, book: Casebook) -> bool:
    """Whether the packed book is a later edition of the very book in force."""
    return package.descends_from(book.digest) and rank(package.version) > rank(book.version)


def _trusted(world: World, text: str) -> Package:
    try:
        package = unpack(text.encode())
    except (PackageError, UnicodeEncodeError) as why:
        raise No("not-a-package", why=str(why)) from why
    if package.publisher.hex() not in world.settings.publishers:
        raise No("unknown-publisher", publisher=package.publisher.hex())
    if package.country != world.book.country:
        raise No("another-country", country=package.country, in_force=world.book.country)
    if package.book == world.book.digest and books.unharmed(books.folder_of(world) / package.book, package.files):
        raise No("book-in-force-already", book=package.book)
    return package


def _laid_out(world: World, package: Package) -> Casebook:
    """The book, read from files on our own disk, and right about itself; nothing of it is left where it is not."""
    folder = books.folder_of(world)
    try:
        with books.staged(folder, package.book, package.files) as place:
            book = opened(package, place)
            if found := wrong(book):
                first = plain(found[0])
                raise No("book-is-wrong", **first, in_all=len(found))
            books.settle(folder, place, book.digest)
            return book
    except OSError as why:
        raise No("book-not-written", why=why.strerror) from why
    except (PackageError, CasebookError) as why:
        raise No("not-a-package", why=str(why)) from why
