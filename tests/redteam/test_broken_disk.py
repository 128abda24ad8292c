"""The ledger's disk is full: `keep` says so, does nothing of what was asked, and goes on when there is room and it was started again."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sekisho.desk import audit
from sekisho.ledger.disk import Disk
from tests.node import Desk, no, serving
from tests.redteam.conftest import Stage


def permits(desk: Desk) -> dict[str, str]:
    return {p["id"]: p["state"] for p in desk.world.keep.call("permits")}


def verified(desk: Desk) -> bool:
    return bool(audit.carry_out(audit.Audit(desk.state / "ledger", desk.world.public))["ok"])


def nothing_is_done(desk: Desk, plan: str) -> None:
    """Every request that needs an entry is refused, and leaves no trace; what is only read is still told."""
    before = permits(desk)
    waiting = [p["id"] for p in desk.world.keep.call("overview")["waiting"]]
    permit = desk.people.permits("match")[0]["id"]
    for attempt in (lambda: desk.people.withdraw(permit), lambda: desk.people.adopt(plan), lambda: desk.people.withdraw(permit)):
        assert no(attempt) == "ledger-refuses"
    assert permits(desk) == before
    assert [p["id"] for p in desk.world.keep.call("overview")["waiting"]] == waiting


def goes_on(desk: Desk) -> None:
    permit = desk.people.permits("match")[0]["id"]
    desk.people.withdraw(permit)
    assert permits(desk)[permit] == "withdrawn"
    assert verified(desk)


def test_a_ledger_that_cannot_be_written_refuses_everything_that_would_be_written(
    found: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = found.copy(tmp_path / "node")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with serving(place, found.root) as desk:
        with monkeypatch.context() as broken:
            broken.setattr(Disk, "create", full)
            nothing_is_done(desk, found.plan)
        assert no(lambda: desk.people.withdraw(desk.people.permits("match")[0]["id"])) == "ledger-refuses", "it must be started again"
    with serving(place, found.root) as desk:
        goes_on(desk)


def fill(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(handle, bytes(4096))
    finally:
        os.close(handle)


@contextmanager
def small(folder: Path, size: str) -> Iterator[None]:
    """The folder on a file system of its own, as small as said."""
    aside = folder.with_name(folder.name + ".aside")
    shutil.move(folder, aside)
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_really_full_disk_under_the_ledger_is_told_and_survived(found: Stage, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("a small file system of our own needs root: run the tests as root to fill a real disk")
    place = found.copy(tmp_path / "node")
    ledger = place.settings.folder / "ledger"
    with small(ledger, "4m"):
        with serving(place, found.root) as desk:
            filler = ledger / "filler"
            with pytest.raises(OSError, match="No space"):
                fill(filler)
            nothing_is_done(desk, found.plan)
            filler.unlink()
        with serving(place, found.root) as desk:
            goes_on(desk)
