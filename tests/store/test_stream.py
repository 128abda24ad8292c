"""What was flushed is on the disk, sealed, once; who wrote it cannot read it."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.law.words import Value
from sekisho.store.errors import KeyRefused, SealError, ShapeError
from sekisho.store.journal import Journal
from sekisho.store.kms import GateKms
from sekisho.store.parts import periods, segments
from sekisho.store.schema import SHAPES
from sekisho.store.seal import Release, unwrap
from sekisho.store.stream import StreamWriter
from sekisho.store.view import open_view
from tests.store.conftest import DAY, HITS, Node, bytes_of, days_later, files_of, hits_scope, permit_for, some_rows


def read_all(node: Node, days: tuple[str, ...] = (DAY,), release: Release | None = None) -> pa.Table:
    """Every row of the stream, as a permit that opens the line sees it."""
    scope = {k: {n: {**s, "line": "open"} for n, s in v.items()} for k, v in node.permit.scope.items()}  # type: ignore[union-attr, dict-item]  # test scope
    spec = node.spec
    with open_view(node.streams, permit_for(scope, name=node.permit.id), "hits", spec.columns, days, release or node.release) as view:
        return view.relation.to_pyarrow().cast(spec.schema)


def counted(rows: pa.Table | pa.RecordBatch) -> Counter[str]:
    """Rows as a multiset."""
    return Counter(map(repr, rows.to_pylist()))


@pytest.mark.parametrize("shape", ["flows", "sums", "assignments"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(0, 30), max_size=6),
    cuts=st.lists(st.sampled_from(["", "flush", "rotate"]), min_size=6, max_size=6),
    seed=st.integers(0, 999),
)
def test_every_shape_comes_back_through_journal_and_segment(node: Node, shape: str, sizes: list[int], cuts: list[str], seed: int) -> None:
    """However appends, flushes and rotations fall, each row comes back once with its values and nulls."""
    stream: dict[str, Value] = {
        "shape": shape,
        "rows": "sums" if shape == "sums" else "all",
        "columns": tuple(SHAPES[shape].schema.names),
        "term_days": 1,
    }
    node.permit = permit_for({"streams": {"hits": stream}}, name=f"p-{shape}-{os.urandom(4).hex()}")
    writer, want = node.writer(), Counter[str]()
    for i, size in enumerate(sizes):
        batch = some_rows(node.spec.schema, size, seed + i, nulls=True)
        writer.append(batch)
        want += counted(batch)
        if cuts[i]:
            getattr(writer, cuts[i])()
    writer.flush()
    assert counted(read_all(node)) == want


def test_nothing_readable_lies_on_the_disk(node: Node) -> None:
    """No address, no column value and no stream name in any byte or name of journal and segment; the segment's footer is sealed too."""
    writer = node.writer()
    for _ in range(2):
        writer.append(node.rows(300))
        writer.flush()
        raw = bytes_of(node.streams)
        assert b"PLAINADR" not in raw
        assert b"hits" not in raw
        writer.rotate()
    raw = bytes_of(node.streams)
    assert not any(word in raw for word in (b"PLAINADR", b"hits", b"line_port", b"ARROW:schema"))
    assert all(p.name.split("-")[0].isalnum() and p.suffix in (".segment", ".journal") for p in files_of(node.streams))


def test_the_collector_cannot_read_what_it_wrote(node: Node) -> None:
    """With everything the collector holds, public halves, neither journal nor segment opens."""
    writer = node.writer()
    writer.append(node.rows(5))
    writer.flush()

    def halves_only(key_id: str, wrapped: bytes) -> bytes:
        return unwrap(node.half(key_id), key_id, wrapped)

    with pytest.raises(SealError):
        read_all(node, release=halves_only)
    writer.rotate()
    with pytest.raises((SealError, OSError), match="wrong-key"):
        read_all(node, release=halves_only)
    client = GateKms(halves=node.half)
    sealed = client.wrap_key(bytes(32), f"p1/party/{DAY}")
    with pytest.raises(KeyRefused, match="cannot-open"):
        client.unwrap_key(sealed, f"p1/party/{DAY}")


@pytest.mark.parametrize("rotated", [True, False], ids=["segment", "journal"])
@pytest.mark.parametrize("wrong", ["p1/party/2026-11-20", "p1/contact/2026-11-21", "p2/party/2026-11-21", "guess"])
def test_another_key_opens_nothing(node: Node, rotated: bool, wrong: str) -> None:
    """Another day's, class's or permit's key, or a guess, given instead of the right one: an error, no value."""
    writer = node.writer()
    writer.append(node.rows(5))
    writer.flush()
    if rotated:
        writer.rotate()
    if wrong != "guess":
        node.half(wrong)

    def confused(key_id: str, wrapped: bytes) -> bytes:
        if "party" not in key_id:
            return node.release(key_id, wrapped)
        return os.urandom(32) if wrong == "guess" else node.vault.unwrap(wrong, wrapped)

    with pytest.raises((SealError, OSError, duckdb.Error), match=r"wrong-key|changed|decryption"):
        read_all(node, release=confused)


def test_rows_of_other_columns_are_refused(node: Node) -> None:
    """More columns, fewer, another order or another type: ShapeError, and nothing of them is kept."""
    writer, batch = node.writer(), node.rows(3)
    flows = some_rows(SHAPES["flows"].schema, 3)
    for wrong in (
        flows,
        batch.select(["line", "peer"]),
        batch.select(list(reversed(HITS))),
        batch.set_column(1, "line_port", batch["line_port"].cast(pa.uint32())),
    ):
        with pytest.raises(ShapeError):
            writer.append(wrong)
    writer.close()
    assert writer.counters.accepted == 0
    assert not files_of(node.streams)


def test_a_new_day_has_new_keys_and_its_own_folder(node: Node) -> None:
    """Rows received after midnight UTC are sealed to the new day's keys; what was pending before goes to the old day."""
    writer = node.writer()
    first, second = node.rows(4, 1), node.rows(6, 2)
    writer.append(first)
    node.clock.pass_(hours=14)
    writer.append(second)
    writer.flush()
    tomorrow = days_later(DAY, 1)
    assert periods(node.streams, "p1", "hits") == (DAY, tomorrow)
    assert counted(read_all(node)) == counted(first)
    node.asked.clear()
    assert counted(read_all(node, (tomorrow,))) == counted(second)
    assert all(key.endswith(tomorrow) for key in node.asked)


def test_a_days_keys_do_not_open_another_day(node: Node) -> None:
    """A release for today alone: a view of today opens, a view of today and yesterday does not."""
    writer = node.writer()
    writer.append(node.rows(2))
    node.clock.pass_(days=1)
    writer.append(node.rows(3))
    writer.close()

    def today_only(key_id: str, wrapped: bytes) -> bytes:
        if not key_id.endswith(days_later(DAY, 1)):
            raise PermissionError(f"no permit for {key_id}")
        return node.release(key_id, wrapped)

    assert read_all(node, (days_later(DAY, 1),), today_only).num_rows == 3
    with pytest.raises((PermissionError, OSError), match="no permit"):
        read_all(node, (DAY, days_later(DAY, 1)), today_only)


def test_a_journal_beside_its_segment_is_not_counted(node: Node) -> None:
    """A crash between making the segment and removing the journal: each row still counts once."""
    writer, batch = node.writer(), node.rows(7)
    writer.append(batch)
    writer.flush()
    (journal,) = files_of(node.streams)
    copy = journal.read_bytes()
    writer.rotate()
    journal.write_bytes(copy)
    assert counted(read_all(node)) == counted(batch)


def test_rotation_comes_by_rows_and_by_time(node: Node) -> None:
    """A journal becomes a segment after so many rows, or after so long, at the next flush."""
    writer = node.writer(rotate_rows=10, rotate_after=timedelta(minutes=1))
    for rows, minutes, want in ((9, 0, 0), (1, 0, 1), (1, 0.5, 1), (1, 0.6, 1), (1, 0.6, 2), (0, 5, 2)):
        writer.append(node.rows(rows))
        node.clock.pass_(minutes=minutes)
        writer.flush()
        writer.settle()
        assert writer.counters.segments == want


def test_writers_side_by_side_never_collide(node: Node) -> None:
    """Two collector workers of one stream: all rows of both, each once."""
    one, two = node.writer(), node.writer()
    for i in range(3):
        one.append(node.rows(5, i))
        two.append(node.rows(5, 10 + i))
        one.flush()
        two.flush()
    one.rotate()
    assert read_all(node).num_rows == 30
    assert len({p.sequence for p in segments(node.streams, "p1", "hits", [DAY])}) == 2


def test_rows_wait_for_public_halves(node: Node) -> None:
    """`keep` away when a journal is to be opened: the rows stay pending, and are written when it is back."""
    away = [True]

    def half(key_id: str) -> bytes:
        if away:
            raise ConnectionError("keep is away")
        return node.half(key_id)

    writer = StreamWriter(node.streams, "p1", node.spec, half, node.clock)
    writer.append(node.rows(5))
    with pytest.raises(ConnectionError):
        writer.flush()
    away.clear()
    assert writer.flush() == 5
    away.append(True)
    assert writer.rotate() is not None
    away.clear()
    assert read_all(node).num_rows == 5


def test_a_frame_taken_out_of_a_journal_is_noticed(node: Node) -> None:
    """Frames are chained: the middle one cut out, or two swapped, opens nothing of what follows."""
    writer, sizes = node.writer(), []
    for i in range(3):
        writer.append(node.rows(4, i))
        writer.flush()
        sizes.append(files_of(node.streams)[0].stat().st_size)
    (path,) = files_of(node.streams)
    raw = path.read_bytes()
    path.write_bytes(raw[: sizes[0]] + raw[sizes[1] :])
    with pytest.raises(SealError):
        read_all(node)
    path.write_bytes(raw[: sizes[0]] + raw[sizes[1] :] + raw[sizes[0] : sizes[1]])
    with pytest.raises(SealError):
        read_all(node)
    path.write_bytes(raw)
    assert read_all(node).num_rows == 12


def test_a_torn_end_loses_the_last_frame_only(node: Node) -> None:
    """Cut anywhere in the last frame, or followed by zeros a power cut left: what was before comes back, and the view says so."""
    writer = node.writer()
    writer.append(node.rows(4))
    writer.flush()
    (path,) = files_of(node.streams)
    good = path.stat().st_size
    writer.append(node.rows(4, 1))
    writer.flush()
    raw = path.read_bytes()
    for torn in (raw[: good + 1], raw[: good + 24], raw[: good + 100], raw[:-1], raw[:good] + bytes(5000)):
        path.write_bytes(torn)
        assert Journal.read(path).torn
        assert read_all(node).num_rows == 4
    assert open_view(node.streams, permit_for(hits_scope()), "hits", ("peer",), [DAY], node.release).torn == 1


def test_modes_let_no_stranger_in(node: Node) -> None:
    """Sealed files are for the owner to write and its group to read; nobody else."""
    writer = node.writer()
    writer.append(node.rows(4))
    writer.flush()
    assert all(Path(p).stat().st_mode & 0o027 == 0 for p in files_of(node.streams))
