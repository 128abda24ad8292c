"""The journal: sealed frames appended and synced, so that a killed collector loses at most what it had not flushed.

    file  = "SKJ1" | length of head(4) | head (JSON: sequence, period, classes with one wrapped key each)
    frame = "SKF1" | number(8) | rows(4) | length(4) | CRC-32 of these(4) | one length(4) per class | one sealed body per class

Each body is AES-256-GCM under the class's journal key, nonce = class and frame number (a number is never used twice), bound
to the head, the frame's own head and the chain of all frames before (their heads, lengths and tags): a frame taken out, moved
or doubled does not open. Bodies are not compressed: a journal lives for one rotation, its segment is compressed.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.store.errors import SealError, StoreFull
from sekisho.store.seal import (
    DATA_KEY,
    LONGEST_BODY,
    LONGEST_HEAD,
    TAG,
    ClassSeal,
    Halves,
    Release,
    join_columns,
    open_box,
    pack_columns,
    unpack_columns,
    wanted,
    wrap,
)

_MAGIC = b"SKJ1"
_FRAME = b"SKF1"
_LENGTH = struct.Struct(">I")
_HEAD = struct.Struct(">4sQIII")
_NONCE = struct.Struct(">IQ")


class JournalWriter:
    """One journal file of one period. Not thread-safe. Raises StoreFull when the disk takes no more; what was written stays good."""

    def __init__(self, path: Path, period: str, classes: Mapping[str, Sequence[str]], halves: Halves) -> None:
        """`classes`: key id to columns. Writes and syncs the head; leaves no file behind when it cannot."""
        keys = [os.urandom(DATA_KEY) for _ in classes]
        seals = [ClassSeal(i, wrap(halves(i), i, dek), tuple(c)) for (i, c), dek in zip(classes.items(), keys, strict=True)]
        head = json.dumps({"sequence": path.stem, "period": period, "classes": [s.plain() for s in seals]}).encode()
        self.path, self._seals = path, seals
        self._boxes = [AESGCM(k) for k in keys]
        self._bound, self._chain = sha256(head).digest(), bytes(32)
        self._number, self._size = 0, 0
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        try:
            self._write(_MAGIC + _LENGTH.pack(len(head)) + head)
            os.fsync(self._handle)
            sync_folder(path.parent)
        except OSError as error:
            self.close()
            path.unlink()
            raise StoreFull.by(error, path.parent) from error

    def append(self, *batches: pa.RecordBatch | pa.Table) -> int:
        """Seal and write one frame each, then sync; their size in bytes. All rows are on the disk when this returns, or none."""
        chain, before = self._chain, self._size
        try:
            for batch in batches:
                chain = self._frame(batch, chain)
            os.fsync(self._handle)
        except OSError as error:
            self._back(before)
            raise StoreFull.by(error, self.path.parent) from error
        self._chain = chain
        return self._size - before

    def _frame(self, batch: pa.RecordBatch | pa.Table, chain: bytes) -> bytes:
        """Seal and write; the chain after it. A number that failed is not used again: it is the nonce."""
        self._number += 1
        bodies = [pack_columns(batch, s.columns, compression=None) for s in self._seals]
        lengths = b"".join(_LENGTH.pack(len(b) + TAG) for b in bodies)
        size = len(lengths) + sum(len(b) + TAG for b in bodies)
        start = struct.pack(">4sQII", _FRAME, self._number, batch.num_rows, size)
        head = start + _LENGTH.pack(crc32(start))
        bound = self._bound + chain + head
        sealed = [
            box.encrypt(_NONCE.pack(i, self._number), body, bound) for i, (box, body) in enumerate(zip(self._boxes, bodies, strict=True))
        ]
        self._write(head + lengths, *sealed)
        return _linked(chain, head + lengths, sealed)

    def _write(self, *parts: bytes) -> None:
        for raw in parts:
            left = memoryview(raw)
            while left:
                left = left[os.write(self._handle, left) :]
            self._size += len(raw)

    def _back(self, good: int) -> None:
        """To the last good end. The file is unusable (`broken`) when even that fails."""
        self._size = good
        try:
            os.ftruncate(self._handle, good)
            os.lseek(self._handle, good, os.SEEK_SET)
        except OSError:
            self.close()

    @property
    def broken(self) -> bool:
        """True once closed, or when a torn frame could not be cut off: go on in a new journal."""
        return self._handle < 0

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1
        self._boxes = []


@dataclass(frozen=True)
class _Frame:
    number: int
    rows: int
    bodies: tuple[bytes, ...]
    bound: bytes


@dataclass(frozen=True)
class Journal:
    """A journal as read: nothing of it is open yet. `torn`: its last frame was cut by a crash and is not counted."""

    sequence: str
    period: str
    classes: tuple[ClassSeal, ...]
    frames: tuple[_Frame, ...]
    torn: bool

    @property
    def rows(self) -> int:
        return sum(f.rows for f in self.frames)

    @staticmethod
    def read(path: Path) -> Journal:
        """Read and cut a journal. Raises SealError for a changed, renamed or foreign file, FileNotFoundError when it is gone."""
        raw = path.read_bytes()
        head = _head(raw)
        try:
            value = json.loads(head)
            sequence, period = str(value["sequence"]), str(value["period"])
            classes = tuple(ClassSeal.read(c) for c in value["classes"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise SealError("bad-head", f"{path.name}: the head was changed or is not ours") from None
        if sequence != path.stem or period != path.parent.name:
            raise SealError("renamed", f"{path.name}: written as {sequence} of {period}; a copy would count its rows twice")
        frames, torn = _frames(raw, 8 + len(head), sha256(head).digest(), len(classes))
        return Journal(sequence, period, classes, tuple(frames), torn)

    def open(self, names: Sequence[str], release: Release) -> list[pa.Table]:
        """Open the named columns, one table per frame. Asks for one key per class touched. Raises SealError."""
        found = wanted(self.classes, names)
        keys = {i: release(seal.key_id, seal.wrapped) for i, seal in found.items()} if self.frames else {}
        tables = []
        for frame in self.frames:
            parts = []
            for i, seal in found.items():
                raw = open_box(keys[i], _NONCE.pack(i, frame.number), frame.bodies[i], frame.bound)
                parts.append(unpack_columns(raw, seal.columns))
            tables.append(join_columns(parts, names, frame.rows))
        return tables


def _head(raw: bytes) -> bytes:
    if len(raw) < 8 or raw[:4] != _MAGIC:
        raise SealError("not-sealed", "not a journal, or cut in its first bytes")
    (length,) = _LENGTH.unpack_from(raw, 4)
    if length > LONGEST_HEAD or 8 + length > len(raw):
        raise SealError("truncated", "the journal's head is cut")
    return raw[8 : 8 + length]


def _frames(raw: bytes, at: int, bound: bytes, classes: int) -> tuple[list[_Frame], bool]:
    """All whole frames, and whether the file ends inside one (a crash) or in unwritten zeros (a power cut)."""
    frames: list[_Frame] = []
    chain, last = bytes(32), 0
    while at < len(raw):
        head = raw[at : at + _HEAD.size]
        if len(head) < _HEAD.size or (not any(head) and not any(raw[at:])):
            return frames, True
        magic, number, rows, size, check = _HEAD.unpack(head)
        if magic != _FRAME or crc32(head[:-4]) != check or number <= last or size > LONGEST_BODY or size < classes * 4:
            raise SealError("changed", f"the journal was changed at byte {at}")
        end = at + _HEAD.size + size
        if end > len(raw):
            return frames, True
        bodies = _bodies(raw[at + _HEAD.size : end], classes)
        frames.append(_Frame(number, rows, bodies, bound + chain + head))
        chain = _linked(chain, raw[at : at + _HEAD.size + 4 * classes], bodies)
        last, at = number, end
    return frames, False


def _linked(chain: bytes, front: bytes, bodies: Sequence[bytes]) -> bytes:
    """The chain after one more frame. A body's tag stands for the body: no other body opens under it."""
    return sha256(chain + front + b"".join(b[-TAG:] for b in bodies)).digest()


def _bodies(raw: bytes, classes: int) -> tuple[bytes, ...]:
    lengths = struct.unpack_from(f">{classes}I", raw)
    at, bodies = 4 * classes, []
    if at + sum(lengths) != len(raw) or any(n < TAG for n in lengths):
        raise SealError("changed", "a frame's lengths do not add up")
    for length in lengths:
        bodies.append(raw[at : at + length])
        at += length
    return tuple(bodies)


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed or removed in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
