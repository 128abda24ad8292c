"""Every case book that was ever in force here, by its digest: an old decision is replayed with the book of its day."""

from __future__ import annotations

import shutil
from pathlib import Path

from sekisho.desk.world import No, World
from sekisho.law.casebook import Casebook, CasebookError, load


def keep(folder: Path, source: Path, book: Casebook) -> None:
    """Copy the files of a book that is opened for the first time; whole or not at all."""
    place = folder / book.digest
    if place.is_dir():
        return
    staged = folder / f"{book.digest}.new"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700, parents=True)
    for file in sorted((*source.glob("*.toml"), *source.glob("*/*.toml"))):
        copy = staged / file.relative_to(source)
        copy.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(file, copy)
    staged.rename(place)


def folder_of(world: World) -> Path:
    return world.settings.folder / "keep" / "books"


def of_digest(world: World, digest: str) -> Casebook:
    """The book in force, or an earlier one. Raises No("book-not-kept") when it is not here, or not what its digest says."""
    if digest == world.book.digest:
        return world.book
    try:
        book = load(folder_of(world) / digest)
    except CasebookError as why:
        raise No("book-not-kept", book=digest) from why
    if book.digest != digest:
        raise No("book-not-kept", book=digest)
    return book
