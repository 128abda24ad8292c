"""casebook pack, verify, load, publisher-key: the case book as a signed file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from sekisho.desk.book import pack_book
from sekisho.desk.signed_words import BookChange
from sekisho.faces.commands.world import DEFAULT, Config, Key, key_of, outside, settings_of
from sekisho.faces.words.say import answer, refuse, t

BookFile = Annotated[Path, typer.Argument(metavar="FILE", help="署名された事例集 / a signed case book (.book)")]
PublisherKey = Annotated[Path, typer.Option("--key", help="発行者の鍵ファイル / the publisher's key file")]


def publisher_key(file: Annotated[Path, typer.Argument(help="作る鍵ファイル / the key file to make")]) -> None:
    """事例集の発行者の鍵を作る / Make a publisher's key. Its public half goes into the settings of those who trust it."""
    try:
        public = pack_book.make_key(file)
    except FileExistsError as why:
        raise refuse("exists", {"path": str(file)}, 2) from why
    answer({"publisher": public, "key": str(file)}, Text(f"{t('publisher-made')}: {file}\n  publishers = [\"{public}\"]"))


def pack(
    folder: Annotated[Path, typer.Argument(help="casebook/jp")],
    key: PublisherKey,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="書き出すファイル / the file to write")] = None,
    previous: Annotated[
        Path | None, typer.Option(help="ひとつ前の版（ファイルかフォルダ） / the edition it follows: a file or a folder")
    ] = None,
) -> None:
    """フォルダを署名付きのひとつのファイルにする / Make one signed file of a book's folder."""
    try:
        package = pack_book.carry_out(pack_book.Pack(folder, key, previous))
        file = output or Path(package.name)
        with file.open("xb") as out:
            out.write(package.encode())
    except FileExistsError as why:
        raise refuse("exists", {"path": str(why.filename)}, 2) from why
    except (pack_book.NotRight, ValueError, OSError) as why:
        raise refused(why, folder) from why
    said = {"file": str(file), "version": package.version, "book": package.book, "package": package.digest}
    answer(said, Text(f"{t('packed')}: {file}\n  {package.country} {package.version} {package.book}"))


def verify(
    file: BookFile,
    publisher: Annotated[list[str] | None, typer.Option(help="信頼する公開鍵 / a public key you trust (hex)")] = None,
    config: Config = DEFAULT,
) -> None:
    """署名、条文、例題をすべて確かめる / Check signature, law and every worked question of a signed case book."""
    trusted = set(publisher or []) | (set(settings_of(config).publishers) if config.is_file() else set())
    try:
        found = pack_book.look(pack_book.Look(file, trusted))
    except (pack_book.NotRight, ValueError, OSError) as why:
        raise refused(why, file) from why
    words = [
        f"{t('book-as-signed')}: {found['country']} {found['version']}, {found['cases']} {t('cases')}, {found['examples']} {t('examples')}",
        f"  {t('book-digest')}: {found['book']}",
        f"  {t('publisher')}: {found['publisher']} ({t('trusted' if found['trusted'] else 'not-trusted')})",
    ]
    words += [f"  {t('follows')}: {e['version']} {e['book']}" for e in found["before"][:1]]
    answer(found, Text("\n".join(words)))
    if not found["trusted"]:
        raise typer.Exit(1)


def load(
    file: BookFile,
    key: Key,
    older: Annotated[
        bool, typer.Option("--unsafe-older", help="今の版に続かない版でもよい / also one that does not follow the book in force")
    ] = False,
    config: Config = DEFAULT,
) -> None:
    """事例集をこの版に替える（法務責任者） / Put this edition of the case book in force (legal officer)."""
    signer = key_of(key)
    try:
        text = pack_book.read_file(file)
        found = pack_book.look(pack_book.Look(file))
    except (pack_book.NotRight, ValueError, OSError) as why:
        raise refused(why, file) from why
    with outside(config) as world:
        now = world.keep.call("book")
        words = BookChange(found["book"], now["digest"], found["package"], older, signer.person, world.clock())
        said = world.keep.call("load-book", change=words, signature=signer.sign(words), package=text)
    answer(said, Text(f"{t('book-loaded')}: {now['version']} → {said['version']}\n  {said['book']}"))


def refused(why: Exception, what: Path) -> typer.Exit:
    """A file that is no book, or a book that is not right about itself, named as exactly as it can be."""
    detail: dict[str, Any] = {"file": str(what)}
    if isinstance(why, pack_book.NotRight):
        return refuse("book-is-wrong", {**detail, "in_all": len(why.wrong), **why.wrong[0]}, 2)
    if isinstance(why, OSError):
        return refuse("absent" if isinstance(why, FileNotFoundError) else "unreadable", {**detail, "why": why.strerror}, 2)
    return refuse("not-a-package", {**detail, "why": str(why)}, 2)
