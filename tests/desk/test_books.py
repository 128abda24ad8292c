"""Every book that was in force is kept whole, so that an old decision can be replayed with it."""

from pathlib import Path

from sekisho.desk import books
from sekisho.law.casebook import load
from tests.conftest import ROOT

JP = ROOT / "casebook" / "jp"


def test_a_kept_book_is_the_same_book_with_its_folders(tmp_path: Path) -> None:
    """Rules of what is owed live below the book's folder; without them it would be another book."""
    book = load(JP)
    books.keep(tmp_path, JP, book)
    kept = load(tmp_path / book.digest)
    assert kept.digest == book.digest
    assert kept.owed == book.owed
    assert kept.owed.duties
    assert {p.relative_to(JP) for p in JP.rglob("*.toml")} == {
        p.relative_to(tmp_path / book.digest) for p in (tmp_path / book.digest).rglob("*.toml")
    }


def test_a_book_that_is_kept_already_is_left_alone(tmp_path: Path) -> None:
    book = load(JP)
    books.keep(tmp_path, JP, book)
    mark = (tmp_path / book.digest / "book.toml").stat()
    books.keep(tmp_path, JP, book)
    assert (tmp_path / book.digest / "book.toml").stat() == mark


def test_a_kept_book_that_was_damaged_is_copied_anew(tmp_path: Path) -> None:
    book = load(JP)
    books.keep(tmp_path, JP, book)
    (tmp_path / book.digest / "book.toml").write_text("# somebody was here\n", encoding="utf-8")
    books.keep(tmp_path, JP, book)
    assert load(tmp_path / book.digest).digest == book.digest
    assert [p.name for p in tmp_path.iterdir()] == [book.digest]
