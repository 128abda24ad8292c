"""Kills, full disks and flipped bits: what was flushed comes back whole and once, or an error says that it does not."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sekisho.store.errors import StoreError, StoreFull
from sekisho.store.journal import Journal
from sekisho.store.view import open_view
from tests.conftest import ROOT
from tests.store.conftest import DAY, HITS, Node, files_of, hits_scope, permit_for
from tests.store.reader_child import look_at
from tests.store.test_stream import counted, read_all


def test_a_killed_collector_loses_only_what_it_had_not_flushed(node: Node) -> None:
    """SIGKILL at six random moments, in writing, sealing and rotating: every row told safe is there once, in order, nothing else."""
    node.permit = permit_for(hits_scope(columns=("line", "start")))
    halves = {f"p1/{c}/{DAY}": node.half(f"p1/{c}/{DAY}").hex() for c in ("party", "datetime", "footer")}
    chance = random.Random(20261121)
    kinds = set()
    for turn in range(6):
        folder = node.home / f"turn{turn}"
        told = _run_and_kill(folder, halves, chance.uniform(0.05, 0.5))
        view = open_view(folder, permit_for(hits_scope(columns=("line", "start"), line="open")), "hits", ("line",), [DAY], node.release)
        with view:
            found = sorted(int.from_bytes(v, "big") for v in view.relation.to_pyarrow()["line"].to_pylist())
        assert found == list(range(len(found))), "a row is missing or doubled"
        assert told <= len(found) <= told + 200, "more was lost than one flush"
        kinds |= {p.suffix for p in files_of(folder)}
    assert {".journal", ".segment"} <= kinds


def _run_and_kill(folder: Path, halves: dict[str, str], after: float) -> int:
    """Start the child, let it flush at least once, kill it, and return the last number it told."""
    command = [sys.executable, "-m", "tests.store.writer_child", str(folder), json.dumps(halves)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(after)
        child.kill()
        lines = [first, *child.stdout.readlines()]
    return int([line for line in lines if line.endswith("\n")][-1])


def test_what_is_flushed_while_the_collector_lives_can_be_read_at_once(node: Node) -> None:
    """A reader beside a writer that rotates all the time: never an error, never fewer rows than before, never one twice."""
    writer = node.writer(rotate_rows=20)
    seen = 0
    for i in range(30):
        writer.append(node.rows(7, i))
        writer.flush()
        rows = read_all(node).num_rows
        assert rows == seen + 7
        seen = rows


@contextmanager
def _little_room(folder: Path) -> Iterator[None]:
    """The kernel refuses files beyond 24 KiB: any machine can do that."""
    folder.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (24 << 10, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _full_disk(folder: Path) -> Iterator[None]:
    """A real disk of 256 KiB with 32 KiB left, until the end of the block."""
    folder.mkdir()
    mount = shutil.which("mount")
    made = (
        mount is not None
        and subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "none", str(folder)], check=False, capture_output=True).returncode == 0
    )
    if not made:
        pytest.skip("a full disk was not tried: mounting a small tmpfs takes root")
    filler = folder / "filler"
    filler.write_bytes(bytes((256 - 32) << 10))
    try:
        yield
    finally:
        filler.unlink()


@pytest.fixture(params=[_little_room, _full_disk], ids=["file-size-limit", "full-disk"])
def cramped(request: pytest.FixtureRequest, node: Node) -> Iterator[object]:
    yield request.param
    if request.param is _full_disk:
        subprocess.run(["umount", "-l", str(node.streams)], check=False, capture_output=True)


def test_a_full_disk_is_said_and_loses_nothing_that_was_flushed(node: Node, cramped: object) -> None:
    """StoreFull, counted; what was flushed reads back; with room again the pending rows follow, each once."""
    writer, accepted = node.writer(), []
    with cramped(node.streams):  # type: ignore[operator]  # a context manager by parameter
        with pytest.raises(StoreFull, match="disk-full"):
            for i in range(200):
                batch = node.rows(100, i)
                writer.append(batch)
                accepted.append(batch)
                writer.flush()
        flushed = writer.counters.flushed
        assert 0 < flushed == 100 * (len(accepted) - 1)
        for _ in range(3):
            with pytest.raises(StoreFull):
                writer.flush()
        assert writer.counters.failures == 4
        assert read_all(node).num_rows == flushed
        assert writer.counters.dropped == 0
    writer.flush()
    want = sum((counted(b) for b in accepted[1:]), counted(accepted[0]))
    assert counted(read_all(node)) == want
    writer.rotate()
    assert counted(read_all(node)) == want


def test_rows_beyond_what_may_wait_are_refused_and_counted(node: Node, cramped: object) -> None:
    """While the disk stays full, memory stays bounded: append refuses, `dropped` counts."""
    writer = node.writer(most_pending=1000)
    with cramped(node.streams):  # type: ignore[operator]  # a context manager by parameter
        with pytest.raises(StoreFull, match="pending-full"):
            for i in range(200):
                writer.append(node.rows(300, i))
                with suppress(StoreFull):
                    writer.flush()
        assert writer.counters.dropped == 300
    writer.flush()
    assert read_all(node).num_rows == writer.counters.accepted


def test_a_segment_that_does_not_fit_leaves_its_journal(node: Node) -> None:
    """Rotation onto a full disk: no half segment, the journal stays and is read, the writer goes on in a new one."""
    writer = node.writer()
    for i in range(4):
        writer.append(node.rows(100, i))
        writer.flush()
    with _no_more_than(node, 4096):
        assert writer.rotate() is None
    assert writer.counters.journals_left == 1
    assert [p.suffix for p in files_of(node.streams)] == [".journal"]
    writer.append(node.rows(5, 9))
    writer.close()
    assert read_all(node).num_rows == 405


@contextmanager
def _no_more_than(node: Node, size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_flipped_bit_in_a_journal_is_an_error_never_garbage(node: Node) -> None:
    """300 single bits, all over the file: each time an error, and no row comes out."""
    writer = node.writer()
    for i in range(2):
        writer.append(node.rows(3, i))
        writer.flush()
    (path,) = files_of(node.streams)
    raw, chance = path.read_bytes(), random.Random(7)
    for _ in range(300):
        bit = chance.randrange(len(raw) * 8)
        path.write_bytes(raw[: bit // 8] + bytes([raw[bit // 8] ^ 1 << bit % 8]) + raw[bit // 8 + 1 :])
        with pytest.raises(StoreError):
            for frame in Journal.read(path).open(HITS, node.release):
                counted(frame)


def test_a_flipped_bit_in_a_segment_is_an_error_never_garbage(node: Node) -> None:
    """60 single bits and 15 cuts: an error, a look that dies, or a byte that carried nothing and the rows exactly as written."""
    writer = node.writer()
    writer.append(node.rows(6))
    path = writer.rotate()
    assert path is not None
    raw, chance = path.read_bytes(), random.Random(8)
    folders = []
    for turn in range(75):
        bit = chance.randrange(len(raw) * 8)
        changed = raw[: bit // 8] + bytes([raw[bit // 8] ^ 1 << bit % 8]) + raw[bit // 8 + 1 :] if turn < 60 else raw[: bit // 8]
        folders.append(node.home / "broken" / str(turn))
        broken = folders[-1] / path.relative_to(node.streams)
        broken.parent.mkdir(parents=True)
        broken.write_bytes(changed)
    answers = [answer for answer in _look_at(node, [node.streams, *folders]) if answer[0] != "error"]
    assert answers[0][0] == "rows"
    assert all(answer in (answers[0], ("died",)) for answer in answers)
    assert len(answers) < 20


def _look_at(node: Node, folders: list[Path]) -> list[tuple[object, ...]]:
    """Each folder's answer from a look in a child process; where the child dies, another goes on with the next folder."""
    context = multiprocessing.get_context("spawn")
    answers: list[tuple[object, ...]] = []
    while len(answers) < len(folders):
        ours, theirs = context.Pipe()
        child = context.Process(target=look_at, args=(theirs, folders[len(answers) :]))
        child.start()
        theirs.close()
        try:
            while len(answers) < len(folders):
                answer = ours.recv()
                if answer[0] == "release":
                    ours.send(_or_words(node, answer[1], answer[2]))
                else:
                    answers.append(answer)
        except EOFError:
            answers.append(("died",))
        child.join(20)
    return answers


def _or_words(node: Node, key_id: str, wrapped: bytes) -> bytes | str:
    try:
        return node.release(key_id, wrapped)
    except StoreError as error:
        return str(error)
