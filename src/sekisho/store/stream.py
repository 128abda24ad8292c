"""Writes one stream of one permit, sealed to public halves: who writes here cannot read what was written.

    append -> pending rows (memory) -> flush: one journal frame, synced -> rotate: one Parquet segment, then the journal goes

A kill loses what was appended since the last flush and nothing else. Rows of the open journal also stay in memory until
they become a segment. When a segment cannot be written its journal simply stays, and is read as it is.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.store.errors import ShapeError, StoreFull
from sekisho.store.journal import JournalWriter, sync_folder
from sekisho.store.kms import Sealing
from sekisho.store.parts import JOURNAL, SEGMENT, stream_folder
from sekisho.store.seal import Halves
from sekisho.store.spec import FOOTER, StreamSpec, key_id, period_of

SEGMENT_HEAD = b"sekisho"
_GROUP_ROWS = 1 << 17
_FRAME_ROWS = 1 << 15
_MOST_BEHIND = 2
_FEW_VALUES = frozenset(
    {"exporter", "in_interface", "out_interface", "interface", "prefix", "direction", "protocol", "tcp_flags", "status", "nas"}
)
"""Columns of few different values: a dictionary makes them small and costs nothing. In the others it costs a look-up a value."""


def segment_head(path: Path, wrapped: Mapping[str, bytes]) -> bytes:
    """What a segment says in its sealed footer: which it is, and its wrapped class keys, so that a look can ask before it scans."""
    keys = {key: base64.b64encode(raw).decode() for key, raw in wrapped.items()}
    return json.dumps({"sequence": f"{path.parent.name}/{path.stem}", "keys": keys}).encode()


def _gathered(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Small batches together up to _FRAME_ROWS, large ones as they are: nothing large is copied, and no frame is tiny."""
    group: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        if group and rows + batch.num_rows > _FRAME_ROWS:
            yield pa.Table.from_batches(group, schema=schema).combine_chunks()
            group, rows = [], 0
        group.append(batch)
        rows += batch.num_rows
    yield pa.Table.from_batches(group, schema=schema).combine_chunks()


@dataclass
class Counters:
    """Rows and files since this writer began. `dropped` rows were refused with an error (disk full, `keep` away at midnight)."""

    accepted: int = 0
    flushed: int = 0
    dropped: int = 0
    failures: int = 0
    frames: int = 0
    segments: int = 0
    journals_left: int = 0
    sealed_bytes: int = 0


@dataclass(frozen=True)
class _Closed:
    """A journal that grows no more, its rows, and the public halves its segment is sealed to."""

    journal: Path
    tables: list[pa.Table]
    halves: dict[str, bytes]
    footer: str
    keys: dict[str, tuple[str, ...]]


class StreamWriter:
    """One writer of a stream; many may write side by side. Not thread-safe. The collector calls `flush` each half second.

    `halves` gives public halves by key id. Rotation comes by itself in `flush` after `rotate_rows` rows or `rotate_after`.
    """

    def __init__(
        self,
        folder: Path,
        permit_id: str,
        spec: StreamSpec,
        halves: Halves,
        clock: Callable[[], datetime],
        *,
        rotate_rows: int = 1 << 20,
        rotate_after: timedelta = timedelta(minutes=10),
        most_pending: int = 1 << 22,
    ) -> None:
        self.counters = Counters()
        self._home = stream_folder(folder, permit_id, spec.name)
        self._permit, self._spec, self._ask, self._clock = permit_id, spec, halves, clock
        self._known: dict[str, bytes] = {}
        self._rotate_rows, self._rotate_after, self._most_pending = rotate_rows, rotate_after, most_pending
        self._schema = spec.schema
        self._writer, self._opened = os.urandom(6).hex(), 0
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = 0
        self._period = period_of(clock())
        self._journal: JournalWriter | None = None
        self._kept: list[pa.Table] = []
        self._since = clock()
        self._thread = ThreadPoolExecutor(1, "segments")
        self._making: Future[Path | None] | None = None

    def append(self, batch: pa.RecordBatch) -> None:
        """Take rows. Raises ShapeError unless the columns are exactly the permit's, StoreFull (counted) when nothing fits any more."""
        if batch.schema.names != self._schema.names or batch.schema.types != self._schema.types:
            raise ShapeError("wrong-columns", f"stream {self._spec.name} takes {self._schema.names}, got {batch.schema.names}")
        try:
            self._turn()
            self._must_fit(batch.num_rows)
        except Exception:
            self.counters.dropped += batch.num_rows
            raise
        if batch.num_rows:
            self._pending.append(batch)
            self._pending_rows += batch.num_rows
            self.counters.accepted += batch.num_rows

    def flush(self) -> int:
        """Put what is pending on the disk; the number of rows. Raises StoreFull and keeps them pending when that fails.

        A segment that is due is made by a thread of the writer's own: who appends never waits for compression.
        """
        rows = self._flush()
        self._turn()
        old = self._clock() - self._since >= self._rotate_after
        busy = self._making is not None and not self._making.done()
        kept = sum(t.num_rows for t in self._kept)
        if kept and not busy and (old or kept >= self._rotate_rows):
            closed = self._detach()
            self._making = self._thread.submit(self._make, closed) if closed else None
        elif busy and kept >= _MOST_BEHIND * self._rotate_rows and self._detach() is not None:
            self.counters.journals_left += 1  # the disk is too slow for segments: the journal is read as it is, memory stays bounded
        return rows

    def rotate(self) -> Path | None:
        """Make the open journal a segment and remove it; the segment, or None when there was nothing or it could not be written."""
        self._flush()
        self.settle()
        closed = self._detach()
        return self._make(closed) if closed else None

    def settle(self) -> None:
        """Wait until the segment being made is made."""
        if self._making is not None:
            self._making.result()

    def close(self) -> None:
        """Flush and rotate. The writer may not be used afterwards."""
        try:
            self.rotate()
        finally:
            self._thread.shutdown()

    def _detach(self) -> _Closed | None:
        """The journal so far, closed, with all it takes to make it a segment."""
        journal, kept = self._journal, self._kept
        self._journal, self._kept = None, []
        if journal is None:
            return None
        journal.close()
        return _Closed(journal.path, kept, dict(self._known), self._footer, self._keys())

    def _make(self, closed: _Closed) -> Path | None:
        path = closed.journal.with_suffix(SEGMENT)
        try:
            self._write_segment(path, closed)
        except (OSError, pa.ArrowException):
            self.counters.failures += 1
            self.counters.journals_left += 1
            return None
        closed.journal.unlink()
        sync_folder(path.parent)
        self.counters.segments += 1
        return path

    def _must_fit(self, rows: int) -> None:
        if self._pending_rows + rows > self._most_pending:
            raise StoreFull("pending-full", f"{self._pending_rows} rows wait for the disk: flush, or make room")

    def _turn(self) -> None:
        """A new day has new keys: end the old day's journal first."""
        period = period_of(self._clock())
        if period != self._period:
            self.rotate()
            self._period = period
            self._known.clear()

    def _flush(self) -> int:
        if not self._pending:
            return 0
        tables = list(_gathered(self._pending, self._schema))
        try:
            journal = self._open_journal()
            self.counters.sealed_bytes += journal.append(*tables)
        except StoreFull:
            self.counters.failures += 1
            if self._journal is not None and self._journal.broken:
                self._journal, self._kept = None, []
                self.counters.journals_left += 1
            raise
        self._kept += tables
        rows, self._pending, self._pending_rows = self._pending_rows, [], 0
        self.counters.frames += len(tables)
        self.counters.flushed += rows
        return rows

    def _open_journal(self) -> JournalWriter:
        if self._journal is None:
            home = self._home / self._period
            for key in (*self._keys(), self._footer):
                self._half(key)  # all now, so that making the segment later needs nobody
            try:
                home.mkdir(mode=0o750, parents=True, exist_ok=True)
                self._opened += 1
                path = home / f"{self._writer}-{self._opened:06d}{JOURNAL}"
                self._journal = JournalWriter(path, self._period, self._keys(), self._half)
            except OSError as error:
                raise StoreFull.by(error, home) from error
            self._since = self._clock()
        return self._journal

    def _keys(self) -> dict[str, tuple[str, ...]]:
        return {key_id(self._permit, c, self._period): columns for c, columns in self._spec.classes.items()}

    @property
    def _footer(self) -> str:
        return key_id(self._permit, FOOTER, self._period)

    def _half(self, key: str) -> bytes:
        if key not in self._known:
            self._known[key] = self._ask(key)
        return self._known[key]

    def _write_segment(self, path: Path, closed: _Closed) -> None:
        """Temporary file, sync, rename, sync: a segment is whole or absent."""
        new = path.with_suffix(".new")
        sealing = Sealing(closed.halves.__getitem__, closed.footer, closed.keys)
        table = pa.concat_tables(closed.tables)
        # Where nothing is null no levels are written.
        schema = pa.schema([f.with_nullable(table[f.name].null_count > 0) for f in self._schema])
        schema = schema.with_metadata({SEGMENT_HEAD: segment_head(path, sealing.wrapped)})
        try:
            # Nobody searches a sealed segment by its statistics, and these settings take a third less time than Arrow's own.
            with pq.ParquetWriter(
                new,
                schema,
                compression="lz4",
                use_dictionary=sorted(_FEW_VALUES & set(schema.names)),  # type: ignore[arg-type]  # Arrow takes names; its stubs do not know
                write_statistics=False,
                encryption_properties=sealing.properties,
            ) as out:
                out.write_table(table.cast(schema), row_group_size=_GROUP_ROWS)
            handle = os.open(new, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            new.rename(path)
            sync_folder(path.parent)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        finally:
            sealing.close()
