"""An auditor who reads the whole log finds whatever was changed, and is told where."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.ledger.entry import Entry, EntryType
from sekisho.ledger.faults import Wrong
from sekisho.ledger.files import pack, unpack
from sekisho.ledger.log import Log
from sekisho.ledger.note import Checkpoint, read_checkpoint
from sekisho.ledger.tree import Tile, leaf_hash
from sekisho.ledger.verify import Report, verify
from tests.ledger.conftest import ORIGIN

LARGE = 66_300
"""Three levels of tiles: 258 full bundles and one of 252, a full level-1 tile, a level-2 tile of one hash."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, key: Ed25519PrivateKey) -> Log:
    """600 entries in steps of 75, so that partial files of older checkpoints lie beside the last."""
    log = Log.create(tmp_path_factory.mktemp("small") / "log", ORIGIN, key)
    with log:
        for start in range(0, 600, 75):
            log.append_many([b"entry %d" % i for i in range(start, start + 75)])
    return log


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, key: Ed25519PrivateKey) -> Log:
    log = Log.create(tmp_path_factory.mktemp("large") / "log", ORIGIN, key)
    with log:
        log.append_many([b"entry %d" % i for i in range(60_000)])
        log.append_many([b"entry %d" % i for i in range(60_000, LARGE)])
    return log


def read(log: Log, since: Checkpoint | None = None) -> Report:
    return verify(log.path, log.vkey, since=since, shape=None)


@contextmanager
def flipped(file: Path, bit: int) -> Iterator[None]:
    """One bit of a file turned, and turned back."""
    before = file.read_bytes()
    changed = bytearray(before)
    changed[bit // 8] ^= 1 << bit % 8
    file.write_bytes(changed)
    try:
        yield
    finally:
        file.write_bytes(before)


def files_of(log: Log) -> list[Path]:
    return sorted(p for p in log.path.rglob("*") if p.is_file())


def entry_at(file: Path, byte: int, first: int) -> int:
    """Which entry of a bundle a byte belongs to, its length before it included."""
    data, at, index = file.read_bytes(), 0, first
    while (at := at + 2 + int.from_bytes(data[at : at + 2], "big")) <= byte:
        index += 1
    return index


def test_a_good_log_is_found_good(small: Log, large: Log) -> None:
    """Everything was read, and nothing is wrong."""
    for log, size in ((small, 600), (large, LARGE)):
        report = read(log)
        assert (report.ok, report.size, report.entries, report.first) == (True, size, size, None)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_one_bit_anywhere_is_named(small: Log, data: st.DataObject) -> None:
    """Whichever bit of whichever file is turned, the first problem named is in that file, and, in a bundle, at that entry."""
    file = data.draw(st.sampled_from(files_of(small)))
    bit = data.draw(st.integers(0, file.stat().st_size * 8 - 1))
    name = str(file.relative_to(small.path))
    with flipped(file, bit):
        report = read(small)
    assert report.first is not None
    assert report.first.file == name
    if name.startswith("tile/entries"):
        assert report.first.index == entry_at(file, bit // 8, 256 * int(Path(name.split(".p", maxsplit=1)[0]).name))


@pytest.mark.parametrize(
    ("tile", "bundle", "bit", "index"),
    [
        (Tile(0, 0), True, 3, 0),
        (Tile(0, 257), True, 16, 257 * 256),
        (Tile(0, 258, 252), True, 17, 258 * 256),
        (Tile(0, 130), False, 0, 130 * 256),
        (Tile(0, 258, 252), False, 251 * 256, LARGE - 1),
        (Tile(1, 0), False, 255 * 256 + 7, 255 * 256),
        (Tile(1, 1, 2), False, 256, 257 * 256),
        (Tile(2, 0, 1), False, 1, 0),
    ],
)
def test_one_bit_is_named_on_every_level(large: Log, tile: Tile, bundle: bool, bit: int, index: int) -> None:
    """Full and partial, at the bottom, in the middle and on top."""
    file = large.path / (tile.bundle if bundle else tile.path)
    with flipped(file, bit):
        report = read(large)
    assert report.first is not None
    assert (report.first.file, report.first.index) == (str(file.relative_to(large.path)), index)


@pytest.mark.parametrize("name", ["tile/entries/000", "tile/0/001", "tile/1/000.p/2", "tile/0/002.p/88", "checkpoint"])
def test_a_missing_file_is_named(small: Log, tmp_path: Path, name: str) -> None:
    """A file that is gone is named, and the rest is still read."""
    copy = tmp_path / "copy"
    shutil.copytree(small.path, copy)
    (copy / name).unlink()
    report = verify(copy, small.vkey, shape=None)
    assert [(p.wrong, p.file) for p in report.problems] == [(Wrong.MISSING, name)]


def test_an_entry_rewritten_with_its_tile_is_named(large: Log, tmp_path: Path) -> None:
    """Who also fixes the tile above is caught one level up."""
    copy = tmp_path / "copy"
    shutil.copytree(large.path, copy)
    tile = Tile(0, 9)
    entries = unpack((copy / tile.bundle).read_bytes(), 256, "")
    entries[5] = b"never happened"
    (copy / tile.bundle).write_bytes(pack(entries))
    (copy / tile.path).write_bytes(b"".join(leaf_hash(e) for e in entries))
    first = verify(copy, large.vkey, shape=None).first
    assert first is not None
    assert (first.file, first.index) == (tile.path, 9 * 256)


def test_a_log_rewritten_whole_does_not_come_to_the_signed_root(small: Log, tmp_path: Path) -> None:
    """Who rewrites every file but has no key meets the signature."""
    log = Log.create(tmp_path / "other", ORIGIN, Ed25519PrivateKey.generate())
    with log:
        log.append_many([b"entry %d" % (i + (i == 300)) for i in range(600)])
    shutil.copy(small.path / "checkpoint", log.path / "checkpoint")
    report = verify(log.path, small.vkey, shape=None)
    assert not report.ok
    assert "checkpoint" in {p.file for p in report.problems}


def test_a_checkpoint_seen_earlier_must_be_continued(small: Log, make: Callable[..., Log]) -> None:
    """Each older size of the same log is continued; another history, a longer one, or another log's is not, and is named."""
    for size in (0, 1, 75, 255, 256, 257, 511, 512, 599, 600):
        part = make(size, f"part-{size}")
        assert read(small, read_checkpoint(part.path, part.vkey)).ok
    for size in (1, 256, 300, 600):
        report = read(small, Checkpoint(ORIGIN, size, bytes(32)))
        assert [p.wrong for p in report.problems] == [Wrong.FORKED]
    assert [p.wrong for p in read(small, Checkpoint(ORIGIN, 0, bytes(32))).problems] == [Wrong.FORKED]
    assert [p.wrong for p in read(small, Checkpoint(ORIGIN, 601, bytes(32))).problems] == [Wrong.ROLLED_BACK]
    assert [p.wrong for p in read(small, Checkpoint("other.example", 5, bytes(32))).problems] == [Wrong.ORIGIN]


def test_an_older_checkpoint_put_back_is_noticed_by_the_writers_note(small: Log, tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """Without any second copy, a checkpoint restored from before the last step is told from the note beside it."""
    log = Log.create(tmp_path / "log", ORIGIN, key)
    with log:
        log.append_many([b"a"])
        old = (log.path / "checkpoint").read_bytes()
        log.append_many([b"b"])
        log.append_many([b"c"])
    (log.path / "checkpoint").write_bytes(old)
    assert [p.wrong for p in read(log).problems] == [Wrong.ROLLED_BACK]


def test_what_is_no_entry_is_reported_with_its_index(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """A log may be whole and still hold something that keep would never write."""
    log = Log.create(tmp_path / "log", ORIGIN, key)
    good = Entry(EntryType.STARTED, datetime(2026, 11, 21, tzinfo=UTC)).encode()
    with log:
        log.append_many([good, b'{"who":"Taro Yamada"}', good])
    report = verify(log.path, log.vkey)
    assert [(p.wrong, p.file, p.index) for p in report.problems] == [(Wrong.MALFORMED, "tile/entries/000.p/3", 1)]
    assert "Yamada" not in repr(report)


def test_progress_is_told(large: Log) -> None:
    """Long work says how far it is."""
    told: list[tuple[int, int]] = []
    verify(large.path, large.vkey, shape=None, progress=lambda done, of: told.append((done, of)))
    assert told == sorted(told)
    assert told[-1] == (LARGE, LARGE)


def test_the_folder_is_left_as_it_was(small: Log) -> None:
    """Reading writes nothing and needs no lock."""
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in files_of(small)}
    read(small)
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in files_of(small)} == before
