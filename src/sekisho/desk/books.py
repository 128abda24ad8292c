"""Every case book that was ever in force here, by its digest, and which one is now: an old decision is replayed with the book of its day.

The folder is for everybody to read, since law is no secret; only `keep` writes there. Which book is in force stands in
the records, under the entry that put it there; the file `in-force` repeats it for whoever only asks.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sekisho.desk import records
from sekisho.desk.public import BOOKS, POINTER
from sekisho.desk.world import No, World
from sekisho.law import package
from sekisho.law.canonical import canonical
from sekisho.law.casebook import Casebook, CasebookError, load

MOST_READ = 4
"""So many earlier books stay read: one takes seconds to read, and a list of cases or permits asks for it once a row."""


class BookGone(Exception):
    """The book that is in force is not in its place any more, or was changed there. Nothing is decided until it is back."""


@contextmanager
def staged(folder: Path, name: str, files: Mapping[str, str]) -> Iterator[Path]:
    """A book's files laid out beside the kept ones, not yet one of them; gone afterwards unless settled. Raises OSError, PackageError."""
    stage = folder / f"{name}.new"
    shutil.rmtree(stage, ignore_errors=True)
    try:
        stage.mkdir(mode=0o755, parents=True)
        package.write(files, stage)
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def settle(folder: Path, stage: Path, digest: str) -> None:
    """A staged book takes its place, whole, unless it stands there unharmed; what was damaged there goes."""
    place, aside = folder / digest, folder / f"{digest}.damaged"
    if unharmed(place, package.files_of(stage)):
        return
    if os.path.lexists(place):
        _remove(aside)
        place.rename(aside)
    stage.rename(place)
    _sync(folder)
    _remove(aside)


def keep(folder: Path, source: Path, book: Casebook) -> None:
    """Copy the files of a book, folders below it included, whole or not at all, unless it is kept unharmed already."""
    files = package.files_of(source)
    if not unharmed(folder / book.digest, files):
        with staged(folder, book.digest, files) as stage:
            settle(folder, stage, book.digest)


def unharmed(place: Path, files: Mapping[str, str]) -> bool:
    """Whether a book stands there with exactly these files."""
    try:
        return place.is_dir() and package.files_of(place) == dict(files)
    except (package.PackageError, OSError):
        return False


def _remove(what: Path) -> None:
    if what.is_dir() and not what.is_symlink():
        shutil.rmtree(what, ignore_errors=True)
    else:
        what.unlink(missing_ok=True)


def folder_of(world: World) -> Path:
    return world.settings.folder / BOOKS


def of_digest(world: World, digest: str) -> Casebook:
    """The book in force, or an earlier one, read once. Raises No("book-not-kept") when it is not here, or not what its digest says."""
    if digest == world.book.digest:
        return world.book
    if digest in world.books:
        return world.books[digest]
    try:
        book = load(folder_of(world) / digest)
    except CasebookError as why:
        raise No("book-not-kept", book=digest) from why
    if book.digest != digest:
        raise No("book-not-kept", book=digest)
    if len(world.books) >= MOST_READ:
        del world.books[next(iter(world.books))]
    world.books[digest] = book
    return book


def choose(world: World, shipped: Casebook) -> None:
    """At a start: the book an officer loaded last stays in force until a release ships a newer one. Raises BookGone."""
    loaded = records.rows(world.db, records.BOOKS, newest=1)
    chosen = shipped.digest
    if loaded and (loaded[0]["base"] in (shipped.digest, "") or package.rank(loaded[0]["version"]) > package.rank(shipped.version)):
        chosen = loaded[0]["book"]
    world.shipped = shipped.digest
    put_in_force(world, chosen)
    follow(world)


def put_in_force(world: World, digest: str) -> None:
    """From the next turn on. It stands and falls with the turn it is said in."""
    records.set_meta(world.db, records.IN_FORCE, digest)


def follow(world: World) -> None:
    """Asked at the start of every turn: hold the book that the records say is in force. Raises BookGone."""
    said = records.meta(world.db, records.IN_FORCE)
    if not world.shipped or said is None:
        return
    if said != world.book.digest:
        try:
            world.book = of_digest(world, said)
        except No as why:
            raise BookGone(f"the book in force, {said}, is not in {folder_of(world)}: put it back from a copy") from why
    _point(folder_of(world), said)


def remember(world: World, identity: str, book: Casebook, body: object) -> bytes:
    """The row of a book that was loaded; what its entry commits to."""
    said = canonical(body)
    columns = {"book": book.digest, "version": book.version, "base": world.shipped}
    records.add(world.db, records.BOOKS, said, world.clock.now(), id=identity, **columns)
    return said


def _point(folder: Path, digest: str) -> None:
    """For those who only ask: a disk that will not take it leaves them with the book before."""
    pointer = folder / POINTER
    try:
        if pointer.is_file() and pointer.read_text(encoding="ascii").strip() == digest:
            return
        fresh = folder / f"{POINTER}.new"
        fresh.write_text(f"{digest}\n", encoding="ascii")
        fresh.replace(pointer)
    except (OSError, UnicodeDecodeError):
        return


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
