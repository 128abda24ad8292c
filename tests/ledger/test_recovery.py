"""What no crash of ours can have done is refused at the door, by name; what a crash can have done is mended."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.ledger.faults import Damaged, Wrong
from sekisho.ledger.journal import Intent
from sekisho.ledger.log import Log
from tests.ledger.conftest import ORIGIN


@dataclass
class Place:
    """A log of 300 entries in three steps, its second copy, and what both were after each step."""

    folder: Path
    guard: Path
    key: Ed25519PrivateKey
    past: list[Path]

    def open(self, *, guarded: bool = True) -> Log:
        return Log.open(self.folder, ORIGIN, self.key, guard=self.guard if guarded else None)

    def refused(self, *, guarded: bool = True) -> tuple[Wrong, str]:
        before = {p: p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}
        with pytest.raises(Damaged) as refused:
            self.open(guarded=guarded)
        assert {p: p.read_bytes() for p in self.folder.rglob("*") if p.is_file()} == before
        return refused.value.wrong, refused.value.where


@pytest.fixture
def place(tmp_path: Path, key: Ed25519PrivateKey) -> Place:
    made = Place(tmp_path / "log", tmp_path / "guard", key, [])
    with Log.create(made.folder, ORIGIN, key, guard=made.guard) as log:
        for step in range(3):
            log.append_many([b"entry %d" % i for i in range(step * 100, step * 100 + 100)])
            shutil.copytree(made.folder, tmp_path / f"past-{step}")
            shutil.copy(made.guard, tmp_path / f"past-{step}" / "guard")
            made.past.append(tmp_path / f"past-{step}")
    return made


def restore(place: Place, step: int, *names: str) -> None:
    for name in names:
        shutil.copy(place.past[step] / name, place.folder / name)


def test_a_backup_put_back_is_told_by_the_copy_kept_elsewhere(place: Place) -> None:
    """The whole folder of an hour ago is sound in itself; only the second copy knows better."""
    shutil.rmtree(place.folder)
    shutil.copytree(place.past[1], place.folder)
    assert place.refused() == (Wrong.ROLLED_BACK, str(place.folder / "checkpoint"))


@pytest.mark.parametrize("guarded", [True, False])
def test_an_older_checkpoint_alone_is_told_by_the_writers_note(place: Place, guarded: bool) -> None:
    """A checkpoint of two steps ago beside newer files is refused even where there is no second copy."""
    restore(place, 0, "checkpoint")
    assert place.refused(guarded=guarded) == (Wrong.ROLLED_BACK, str(place.folder / "checkpoint"))


def test_an_older_checkpoint_with_its_note_is_told_by_the_files(place: Place) -> None:
    """Who also puts the note back has left files past the end."""
    restore(place, 1, "checkpoint", "writer")
    wrong, where = place.refused(guarded=False)
    assert (wrong, where) == (Wrong.BEYOND, str(place.folder / "tile/0/000"))


def test_a_lost_note_does_not_turn_signed_entries_into_rubbish(place: Place) -> None:
    """Without the note nothing says that the files past the checkpoint were never signed; so they are not removed."""
    restore(place, 1, "checkpoint")
    (place.folder / "writer").unlink()
    (place.folder / "writer").touch()
    assert place.refused(guarded=False)[0] is Wrong.BEYOND


def test_a_newer_checkpoint_on_older_files_is_refused(place: Place) -> None:
    """The file it needs and does not find is named."""
    newest = (place.folder / "checkpoint").read_bytes()
    shutil.rmtree(place.folder)
    shutil.copytree(place.past[1], place.folder)
    (place.folder / "checkpoint").write_bytes(newest)
    assert place.refused() == (Wrong.MISSING, str(place.folder / "tile/0/001.p/44"))


@pytest.mark.parametrize("size", [100, 300])
def test_a_forked_log_is_told_by_the_copy_kept_elsewhere(place: Place, tmp_path: Path, size: int) -> None:
    """Same key, same origin, another history: as long as the copy, or shorter once the copy is set back too."""
    with Log.create(tmp_path / "fork", ORIGIN, place.key, guard=tmp_path / "fork-guard") as fork:
        fork.append_many([b"other %d" % i for i in range(size)])
    shutil.copy(tmp_path / "fork-guard", place.guard)
    assert place.refused() == (Wrong.FORKED, str(place.folder / "checkpoint"))


def test_a_lost_second_copy_is_not_made_anew_in_passing(place: Place) -> None:
    """Otherwise deleting it would be the way to roll back."""
    place.guard.unlink()
    assert place.refused() == (Wrong.MISSING, str(place.guard))


def test_an_older_second_copy_is_brought_up_to_date(place: Place) -> None:
    """A copy from before some steps of the same log is continued by it, and follows on opening."""
    shutil.copy(place.past[0] / "guard", place.guard)
    with place.open() as log:
        assert place.guard.read_text(encoding="utf-8") == log.checkpoint


def test_another_logs_second_copy_is_refused(place: Place, tmp_path: Path) -> None:
    """A mix-up of copies is not taken for anything else."""
    Log.create(tmp_path / "other", "ledger.example/other", place.key, guard=place.guard.with_name("other-guard")).close()
    shutil.copy(place.guard.with_name("other-guard"), place.guard)
    assert place.refused() == (Wrong.SIGNATURE, str(place.guard))


def unfinished(place: Place) -> list[bytes]:
    """The folder as a crash after step (2) from 200 to 300 leaves it."""
    place.guard.write_bytes((place.past[1] / "guard").read_bytes())
    restore(place, 1, "checkpoint")
    (place.folder / "writer").write_bytes(Intent(200, 300).encode())
    return [b"entry %d" % i for i in range(300)]


def test_a_step_whose_files_are_all_there_is_finished(place: Place) -> None:
    """Its signature, if there ever was one, was over the same root."""
    newest = (place.folder / "checkpoint").read_text(encoding="utf-8")
    everything = unfinished(place)
    with place.open() as log:
        assert (list(log.entries()), log.checkpoint) == (everything, newest)


def torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def zeroed(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


@pytest.mark.parametrize("spoil", [Path.unlink, torn, zeroed])
@pytest.mark.parametrize("name", ["tile/entries/000", "tile/0/000", "tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1"])
def test_a_step_that_was_never_signed_is_undone(place: Place, spoil: Callable[[Path], None], name: str) -> None:
    """One file missing, torn or zeroed: the tree was not signed, the old one stands, and the log goes on."""
    everything = unfinished(place)
    shutil.copytree(place.past[1] / "tile", place.folder / "tile", dirs_exist_ok=True)
    spoil(place.folder / name)
    with place.open() as log:
        assert list(log.entries()) == everything[:200]
        log.append_many(everything[200:])
        assert list(log.entries()) == everything
    place.open().close()


def test_a_signed_step_that_lost_its_files_is_not_undone(place: Place) -> None:
    """`checkpoint.new` shows that it was signed: somebody may hold it, so the log refuses instead of forgetting."""
    signed = (place.folder / "checkpoint").read_bytes()
    unfinished(place)
    (place.folder / "checkpoint.new").write_bytes(signed)
    (place.folder / "tile/0/001.p/44").unlink()
    assert place.refused() == (Wrong.ALTERED, str(place.folder / "checkpoint.new"))


def test_a_torn_new_checkpoint_counts_for_nothing(place: Place) -> None:
    """Half a signature was shown to nobody."""
    (place.folder / "checkpoint.new").write_bytes((place.folder / "checkpoint").read_bytes()[:90])
    with place.open() as log:
        assert log.size == 300
    assert not (place.folder / "checkpoint.new").exists()


def test_two_signed_trees_of_one_size_are_a_fork(place: Place, tmp_path: Path) -> None:
    """Whoever has the key and signed two histories is named as that."""
    with Log.create(tmp_path / "fork", ORIGIN, place.key) as fork:
        fork.append_many([b"other %d" % i for i in range(300)])
    shutil.copy(tmp_path / "fork/checkpoint", place.folder / "checkpoint.new")
    assert place.refused() == (Wrong.FORKED, str(place.folder / "checkpoint.new"))
