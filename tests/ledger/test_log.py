"""A log keeps what it acknowledged, proves it, has one writer, and lies on disk as the specification says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.ledger.faults import Busy, Damaged, EntryRefused, LedgerError, Stopped, Wrong
from sekisho.ledger.files import unpack
from sekisho.ledger.log import Log
from sekisho.ledger.note import open_checkpoint, read_checkpoint
from sekisho.ledger.proof import open_receipt, verify_receipt
from sekisho.ledger.tree import Tile, check_consistency, check_inclusion, edge_tiles, leaf_hash
from tests.ledger.conftest import ORIGIN

Make = Callable[..., Log]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(st.integers(1, 20), st.sampled_from([255, 256, 257, 600])), max_size=6), reopen=st.booleans())
def test_what_was_appended_is_read_back_in_order(tmp_path: Path, key: Ed25519PrivateKey, steps: list[int], reopen: bool) -> None:
    """Whatever the steps, and whether or not the log is opened anew between them, indices and entries come back in order."""
    shutil.rmtree(tmp_path / "log", ignore_errors=True)
    log = Log.create(tmp_path / "log", ORIGIN, key)
    written: list[bytes] = []
    for count in steps:
        batch = [b"%d of %d" % (i, len(written)) for i in range(count)]
        assert log.append_many(batch) == list(range(len(written), len(written) + count))
        written += batch
        if reopen:
            log.close()
            log = Log.open(tmp_path / "log", ORIGIN, key)
    assert list(log.entries()) == written
    assert open_checkpoint(log.checkpoint, log.vkey).size == log.size == len(written)
    for index in {0, len(written) // 2, len(written) - 1} if written else ():
        assert verify_receipt(log.receipt(index), written[index], log.vkey) == index
    log.close()


def test_proofs_from_the_tiles_hold_between_every_two_checkpoints(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """Each checkpoint a log ever signed is the beginning of each later one, and the log can prove it."""
    with Log.create(tmp_path / "log", ORIGIN, key) as log:
        seen = [read_checkpoint(log.path, log.vkey)]
        for count in (1, 3, 251, 2, 300, 1, 700):
            log.append_many([b"x%d" % i for i in range(count)])
            seen.append(read_checkpoint(log.path, log.vkey))
        for old in seen:
            for new in seen:
                if old.size <= new.size:
                    assert check_consistency(old.size, new.size, log.consistency(old.size, new.size), old.root, new.root)
        old = seen[5]
        assert check_inclusion(leaf_hash(b"x0"), 0, old.size, log.inclusion(0, old.size), old.root)


def test_files_lie_where_the_specification_puts_them(make: Make) -> None:
    """600 entries: two full bundles and tiles, one partial of 88, one level-1 tile of two hashes, and a checkpoint."""
    log = make(600, step=600)
    names = sorted(str(p.relative_to(log.path)) for p in log.path.rglob("*") if p.is_file())
    assert names == [
        "checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88", "writer",
    ]  # fmt: skip
    assert unpack((log.path / "tile/entries/002.p/88").read_bytes(), 88, "")[-1] == b"entry 599"


def test_a_partial_tile_stays_until_its_full_tile_is_there(make: Make) -> None:
    """Who reads by an older checkpoint of the same tile still finds its files; afterwards the full tile serves."""
    log = make(200, step=50)
    assert sorted(p.name for p in (log.path / "tile/entries/000.p").iterdir()) == ["100", "150", "200", "50"]
    assert not (make(300, "other", step=50).path / "tile/entries/000.p").exists()


def test_entries_too_long_are_refused_and_nothing_is_written(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """65,535 bytes fit, 65,536 do not, and the good neighbours of a refused entry are not written either."""
    with Log.create(tmp_path / "log", ORIGIN, key) as log:
        assert log.append_many([b"x" * 65_535]) == [0]
        with pytest.raises(EntryRefused, match="65535"):
            log.append_many([b"good", b"x" * 65_536])
        assert log.append_many([b""]) == [1]
        assert [len(e) for e in log.entries()] == [65_535, 0]


def test_a_second_writer_is_refused_while_the_first_lives(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """One folder, one writer; after it closes, the next may."""
    with Log.create(tmp_path / "log", ORIGIN, key), pytest.raises(Busy, match="another process"):
        Log.open(tmp_path / "log", ORIGIN, key)
    Log.open(tmp_path / "log", ORIGIN, key).close()


def test_open_never_makes_a_log_and_create_never_takes_one(tmp_path: Path, key: Ed25519PrivateKey, make: Make) -> None:
    """What should be there is not made in passing, and what is there is not begun anew."""
    with pytest.raises(Damaged) as absent:
        Log.open(tmp_path / "nothing", ORIGIN, key)
    assert absent.value.wrong is Wrong.MISSING
    log = make(1)
    with pytest.raises(LedgerError, match="not empty"):
        Log.create(log.path, ORIGIN, key)


def test_a_closed_log_takes_nothing_more(make: Make) -> None:
    """After close the folder may be somebody else's."""
    with pytest.raises(Stopped):
        make(1).append_many([b"late"])


def test_a_receipt_proves_only_its_entry(make: Make) -> None:
    """Another entry, another log's key and an altered receipt all fail."""
    log = make(300)
    receipt = log.receipt(7)
    assert open_receipt(receipt, b"entry 7", log.vkey)[1].size == 300
    for text, entry in ((receipt, b"entry 8"), (receipt.replace("index 7", "index 6"), b"entry 7"), (receipt[:-9] + "\n", b"entry 7")):
        with pytest.raises(Damaged):
            verify_receipt(text, entry, log.vkey)


def spoil_origin(log: Log) -> None:
    (log.path / "checkpoint").write_text(log.checkpoint.replace(ORIGIN, "other.example/log"), encoding="utf-8")


def shorten(log: Log) -> None:
    tile = log.path / edge_tiles(log.size)[0].path
    tile.write_bytes(tile.read_bytes()[:-1])


def lose_bundle(log: Log) -> None:
    (log.path / edge_tiles(log.size)[0].bundle).unlink()


def change_entry(log: Log) -> None:
    bundle = log.path / edge_tiles(log.size)[0].bundle
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 299", b"entry 298"))


def change_tile(log: Log) -> None:
    tile = log.path / Tile(1, 0, 1).path
    tile.write_bytes(bytes(32))


def lose_checkpoint(log: Log) -> None:
    (log.path / "checkpoint").unlink()


@pytest.mark.parametrize(
    ("spoil", "wrong", "where"),
    [
        (spoil_origin, Wrong.SIGNATURE, "checkpoint"),
        (shorten, Wrong.TRUNCATED, "tile/0/001.p/44"),
        (lose_bundle, Wrong.MISSING, "tile/entries/001.p/44"),
        (change_entry, Wrong.ALTERED, "tile/entries/001.p/44"),
        (change_tile, Wrong.ALTERED, "tile"),
        (lose_checkpoint, Wrong.MISSING, "checkpoint"),
    ],
)
def test_a_damaged_log_does_not_open_and_says_what_is_wrong(
    make: Make, key: Ed25519PrivateKey, spoil: Callable[[Log], None], wrong: Wrong, where: str
) -> None:
    """Each kind of damage at the edge is named with its file."""
    log = make(300)
    spoil(log)
    with pytest.raises(Damaged) as refused:
        Log.open(log.path, ORIGIN, key)
    assert (refused.value.wrong, refused.value.where) == (wrong, str(log.path / where))


def test_another_key_does_not_open_the_log(make: Make) -> None:
    """Whoever holds a key of their own cannot go on with our log."""
    with pytest.raises(Damaged, match="signature"):
        Log.open(make(1).path, ORIGIN, Ed25519PrivateKey.generate())


def test_any_stretch_of_entries_can_be_read(make: Make, key: Ed25519PrivateKey) -> None:
    """Also one that ends where no checkpoint ever did, within a bundle or across several."""
    log = Log.open(make(600, step=250).path, ORIGIN, key)
    with log:
        for start, end in ((0, 0), (0, 1), (3, 30), (250, 260), (255, 257), (511, 513), (520, 590), (599, 600), (0, 600), (600, 600)):
            assert list(log.entries(start, end)) == [b"entry %d" % i for i in range(start, end)]
        for start, end in ((-1, 3), (5, 4), (0, 601)):
            with pytest.raises(IndexError):
                log.entries(start, end)
