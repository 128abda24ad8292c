"""Large flushes go to the journal in several frames under one sync: all of them count or none, and memory stays bounded."""

from __future__ import annotations

import os
import threading
from typing import Any

import pyarrow as pa
import pytest

from sekisho.store import stream
from sekisho.store.errors import StoreFull
from sekisho.store.journal import Journal
from tests.store.conftest import Node, files_of


def many(node: Node, copies: int, seed: int = 0) -> pa.RecordBatch:
    """More rows than one frame holds, quickly made."""
    few = node.rows(1000, seed)
    return pa.Table.from_batches([few] * copies).combine_chunks().to_batches()[0]


def journals(node: Node) -> list[Journal]:
    return [Journal.read(p) for p in files_of(node.streams) if p.suffix == ".journal"]


def test_large_batches_are_frames_of_their_own_and_small_ones_go_together(node: Node) -> None:
    writer = node.writer()
    for batch in (many(node, 40), many(node, 40), node.rows(5), node.rows(6), node.rows(7)):
        writer.append(batch)
    assert writer.flush() == 80_018
    (journal,) = journals(node)
    assert [f.rows for f in journal.frames] == [40_000, 40_000, 18]
    assert sum(t.num_rows for t in journal.open(["line"], node.release)) == 80_018


@pytest.mark.parametrize("call", ["write", "fsync"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_flush_that_fails_in_its_middle_leaves_no_row_and_doubles_none(
    node: Node, monkeypatch: pytest.MonkeyPatch, call: str, after: int
) -> None:
    """The disk refuses one of several frames, or the sync after them; later all rows are there once, and the chain holds."""
    writer = node.writer()
    writer.append(node.rows(10))
    writer.flush()
    for _ in range(3):
        writer.append(many(node, 40))
    real: Any = getattr(os, call)
    calls = [0]

    def refuses(*given: Any) -> Any:
        calls[0] += 1
        if calls[0] > after * (call == "write"):
            raise OSError(28, "No space left on device")
        return real(*given)

    monkeypatch.setattr(f"sekisho.store.journal.os.{call}", refuses)
    with pytest.raises(StoreFull):
        writer.flush()
    monkeypatch.undo()
    assert sum(j.rows for j in journals(node)) == 10
    assert writer.flush() == 120_000
    assert sum(t.num_rows for j in journals(node) for t in j.open(["line", "peer"], node.release)) == 120_010


def test_when_segments_fall_behind_journals_stay_and_memory_does_not_grow(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk too slow for segments: what waits for one is let go of, its journal is whole and read as it is."""
    slow = threading.Event()
    monkeypatch.setattr(stream.pq, "ParquetWriter", lambda *_given, **_named: slow.wait(20) and 1 / 0)
    writer = node.writer(rotate_rows=1000)
    for seed in range(12):
        writer.append(node.rows(1000, seed))
        writer.flush()
        assert sum(t.num_rows for t in writer._kept) <= stream._MOST_BEHIND * 1000
    assert writer.counters.journals_left >= 4
    assert sum(j.rows for j in journals(node)) == 12_000
    slow.set()
    with pytest.raises(ZeroDivisionError):
        writer.settle()
