"""The disk is broken on purpose at every step: what was acknowledged stays, and no tree is ever half there."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.ledger.disk import Disk
from sekisho.ledger.faults import Stopped
from sekisho.ledger.log import Log
from sekisho.ledger.verify import verify
from tests.ledger.breaking import Counting, Dying, Failing, Forgetful, Killed
from tests.ledger.conftest import ORIGIN

STEPS = [(0, 3), (3, 250), (250, 3), (200, 400), (256, 1), (500, 12)]
"""(entries there, entries added): within a bundle, up to its edge, over it, over several, after it, level 1 growing."""


def entries(start: int, count: int) -> list[bytes]:
    return [b"entry %d" % i for i in range(start, start + count)]


def begun(place: Path, key: Ed25519PrivateKey, size: int) -> None:
    """A sound log of `size` entries at `place / log`, its second copy at `place / guard`; made once, then copied."""
    made = place.parent / f"begun-{size}"
    if not made.exists():
        made.mkdir(parents=True)
        with Log.create(made / "log", ORIGIN, key, guard=made / "guard") as log:
            for start in range(0, size, 100):
                log.append_many(entries(start, min(100, size - start)))
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(made, place)


def opened(place: Path, key: Ed25519PrivateKey, disk: Disk | None = None) -> Log:
    return Log.open(place / "log", ORIGIN, key, guard=place / "guard", disk=disk)


def whole(place: Path, key: Ed25519PrivateKey, old: int, new: int) -> int:
    """The log opens, holds the old tree or the new one, verifies, goes on; returns which."""
    with opened(place, key) as log:
        size = log.size
        assert size in (old, new)
        assert list(log.entries()) == entries(0, size)
        assert log.append_many(entries(size, 5)) == list(range(size, size + 5))
        assert list(log.entries()) == entries(0, size + 5)
    report = verify(place / "log", log.vkey, shape=None)
    assert report.ok, report.problems
    assert not (place / "log" / "checkpoint.new").exists()
    return size


def steps_of(place: Path, key: Ed25519PrivateKey, old: int, count: int) -> int:
    """How many steps the disk is asked for, opening, appending and all."""
    begun(place, key, old)
    disk = Counting()
    with opened(place, key, disk) as log:
        log.append_many(entries(old, count))
    return disk.steps


@pytest.mark.parametrize(("old", "count"), STEPS)
def test_an_error_at_any_step_stops_the_log_and_breaks_no_tree(in_memory: Path, key: Ed25519PrivateKey, old: int, count: int) -> None:
    """At each write, sync, rename and folder in turn: the log refuses to go on, says why, and after reopening goes on."""
    place = in_memory / "place"
    outcomes = set()
    for at in range(1, steps_of(place, key, old, count) + 1):
        begun(place, key, old)
        number = errno.ENOSPC if at % 2 else errno.EIO
        disk = Failing(at, number)
        try:
            log = opened(place, key, disk)
        except OSError as error:
            outcomes.add(error.errno == number)
            whole(place, key, old, old)
            continue
        with log:
            try:
                log.append_many(entries(old, count))
            except Stopped as error:
                outcomes.add(os.strerror(number) in str(error))
                with pytest.raises(Stopped, match="open it again"):
                    log.append_many([b"more"])
            acknowledged = log.size
        outcomes.add(whole(place, key, acknowledged, old + count))
    assert outcomes == {old, old + count, True}


@pytest.mark.parametrize(("old", "count"), STEPS)
def test_a_kill_at_any_step_leaves_the_old_tree_or_the_new(in_memory: Path, key: Ed25519PrivateKey, old: int, count: int) -> None:
    """The process ends between any two steps; and again, while it recovers from that."""
    place = in_memory / "place"
    outcomes = set()
    for at in range(1, steps_of(place, key, old, count) + 1):
        begun(place, key, old)
        for then in (at, 7, 3):
            try:
                with opened(place, key, Dying(then)) as log:
                    log.append_many(entries(log.size, count) if log.size == old else [])
            except Killed:
                continue
        outcomes.add(whole(place, key, old, old + count))
    assert old + count in outcomes


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(step=st.sampled_from(STEPS), at=st.integers(1, 70), seed=st.integers(0, 2**32), again=st.integers(0, 30))
def test_a_power_failure_at_any_step_loses_nothing_acknowledged(
    in_memory: Path, key: Ed25519PrivateKey, step: tuple[int, int], at: int, seed: int, again: int
) -> None:
    """Of what was not synced any part may be gone, torn or zeroed, at the first failure and at a second during recovery."""
    old, count = step
    place = in_memory / "place"
    begun(place, key, old)
    acknowledged = old
    for strike, number in ((at, seed), (again, seed + 1)):
        disk = Forgetful(strike, place, number)
        try:
            with opened(place, key, disk) as log:
                if log.size == old:
                    log.append_many(entries(old, count))
                acknowledged = log.size
        except Killed:
            pass
        shutil.rmtree(in_memory / "left", ignore_errors=True)
        disk.after_power_loss(in_memory / "left")
        shutil.rmtree(place)
        (in_memory / "left").rename(place)
    whole(place, key, acknowledged, old + count)


@pytest.mark.parametrize(("old", "count"), [(3, 250), (0, 3)])
def test_a_kill_and_then_a_power_failure_lose_nothing_acknowledged(in_memory: Path, key: Ed25519PrivateKey, old: int, count: int) -> None:
    """What a killed writer left unsynced in memory is synced on opening, before the log vouches for it."""
    place = in_memory / "place"
    for at in range(1, steps_of(place, key, old, count) + 1):
        for seed in range(3):
            begun(place, key, old)
            disk = Forgetful(at, place, seed)
            with contextlib.suppress(Killed), opened(place, key, disk) as log:
                log.append_many(entries(old, count))
            disk.at = 0
            with opened(place, key, disk) as log:
                acknowledged = log.size
            shutil.rmtree(in_memory / "left", ignore_errors=True)
            disk.after_power_loss(in_memory / "left")
            shutil.rmtree(place)
            (in_memory / "left").rename(place)
            whole(place, key, acknowledged, acknowledged)


def test_a_log_killed_while_it_is_begun_can_be_begun_again(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """Between any two steps of `create`: either the log is there, or creating it again succeeds."""
    counted = Counting()
    Log.create(tmp_path / "count", ORIGIN, key, guard=tmp_path / "count-guard", disk=counted).close()
    for at in range(1, counted.steps + 1):
        place = tmp_path / str(at)
        place.mkdir()
        with pytest.raises(Killed):
            Log.create(place / "log", ORIGIN, key, guard=place / "guard", disk=Dying(at))
        if not (place / "log" / "checkpoint").exists():
            Log.create(place / "log", ORIGIN, key, guard=place / "guard").close()
        whole(place, key, 0, 0)


WRITER = """
import random, sys
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sekisho.ledger.log import Log
place, chance = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
with Log.open(place / "log", sys.argv[3], key, guard=place / "guard") as log:
    print(log.size, flush=True)
    while True:
        log.append_many([b"entry %d" % i for i in range(log.size, log.size + chance.choice((1, 7, 60, 300)))])
        print(log.size, flush=True)
"""


def test_a_writer_killed_at_random_moments_has_lost_nothing_it_acknowledged(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """Twelve times kill -9 on a real process writing in a loop; each next one goes on where it ended."""
    place = tmp_path / "place"
    begun(place, key, 0)
    chance = random.Random(20261121)
    acknowledged = 0
    for round_ in range(12):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(place), str(round_), ORIGIN], stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert child.stdout is not None
        for _ in range(chance.randrange(1, 12)):
            acknowledged = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in child.stdout if line.endswith("\n"))])
        child.wait()
        child.stdout.close()
        with opened(place, key) as log:
            assert log.size >= acknowledged
            assert list(log.entries()) == entries(0, log.size)
        assert verify(place / "log", log.vkey, shape=None).ok
    assert acknowledged > 100


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 KiB of our own."""
    mount = tmp_path / "tiny"
    mount.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(asked, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small tmpfs takes root; the limit on file sizes is tried instead, in the next test")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def test_a_full_disk_stops_the_log_and_room_lets_it_go_on(tiny: Path, key: Ed25519PrivateKey) -> None:
    """A real file system runs full: a clear error, everything acknowledged still there, and after making room it goes on."""
    place = tiny / "place"
    begun(place, key, 0)
    with opened(place, key) as log:
        with pytest.raises(Stopped, match="No space left"):
            while True:
                log.append_many(entries(log.size, 40))
        kept = log.size
        with pytest.raises(Stopped):
            log.append_many([b"more"])
    assert kept > 100
    subprocess.run(["mount", "-o", "remount,size=4m", str(tiny)], check=True)
    whole(place, key, kept, kept + 40)


def test_a_limit_on_file_sizes_stops_the_log(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """The system cuts a real write short (EFBIG); the log stops, and without the limit goes on."""
    begun(tmp_path / "place", key, 10)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with opened(tmp_path / "place", key) as log:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
            with pytest.raises(Stopped, match="File too large"):
                log.append_many([b"x" * 5000])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    whole(tmp_path / "place", key, 10, 10)
