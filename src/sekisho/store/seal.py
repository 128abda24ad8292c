"""Sealing to a public half: who seals cannot open. Record batches are sealed column class by column class.

A data key is wrapped by an ephemeral X25519 exchange (RFC 7748), HKDF-SHA256 (RFC 5869) and AES-256-GCM (NIST SP 800-38D).
The key id and the version are bound in; bytes of another key, class, day or permit do not open.

    wrapped  = version(1) | ephemeral public(32) | AES-256-GCM(data key)(48)
    frame    = "SKB1" | length of head(4) | head (JSON) | sealed class | sealed class | ...
"""

from __future__ import annotations

import base64
import json
import os
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeAlias

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sekisho.store.errors import KeyRefused, SealError

Release: TypeAlias = Callable[[str, bytes], bytes]
"""Ask `keep` for one data key: (key id, wrapped) to 32 bytes. Raises what `keep` raises; the ledger entry comes first."""

Halves: TypeAlias = Callable[[str], bytes]
"""Key id to the 32 bytes of its X25519 public half."""

VERSION = 1
DATA_KEY = 32
NONCE = 12
TAG = 16
WRAPPED = 1 + 32 + DATA_KEY + TAG
LONGEST_HEAD = 1 << 16
LONGEST_BODY = 1 << 30
_MAGIC = b"SKB1"
_NOTE = b"SKN1"
_LENGTH = struct.Struct(">I")
_SMALL = 1 << 16
_ONE_THREAD = pa.ipc.IpcReadOptions(use_threads=False)


def wrap(public: bytes, key_id: str, dek: bytes) -> bytes:
    """Wrap a 32-byte data key to a public half. 81 bytes. Raises SealError for a half or a key of the wrong size."""
    if len(dek) != DATA_KEY or len(public) != 32:
        raise SealError("bad-key", f"a public half and a data key are 32 bytes each, got {len(public)} and {len(dek)}")
    ephemeral = X25519PrivateKey.generate()
    own = ephemeral.public_key().public_bytes_raw()
    box = _exchange(ephemeral, public, own, public, key_id)
    return bytes([VERSION]) + own + box.encrypt(bytes(NONCE), dek, _bound(key_id))


def unwrap(private: bytes, key_id: str, wrapped: bytes) -> bytes:
    """Undo `wrap`. Raises SealError when the bytes are of another key or id, cut or changed."""
    if len(wrapped) != WRAPPED or wrapped[0] != VERSION:
        raise SealError("not-wrapped", f"a wrapped key is {WRAPPED} bytes of version {VERSION}")
    key = X25519PrivateKey.from_private_bytes(private)
    own = wrapped[1:33]
    box = _exchange(key, own, own, key.public_key().public_bytes_raw(), key_id)
    try:
        return box.decrypt(bytes(NONCE), wrapped[33:], _bound(key_id))
    except InvalidTag:
        raise SealError("wrong-key", f"not wrapped to {key_id}, or changed since") from None


def _exchange(mine: X25519PrivateKey, other: bytes, ephemeral: bytes, recipient: bytes, key_id: str) -> AESGCM:
    """The one-time key of an exchange. The nonce may be zero: the key never seals twice."""
    try:
        shared = mine.exchange(X25519PublicKey.from_public_bytes(other))
    except ValueError:
        raise SealError("bad-key", "the exchange gave an all-zero secret: not an honest public half") from None
    salt = ephemeral + recipient
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=_bound(key_id)).derive(shared))


def _bound(key_id: str) -> bytes:
    return b"sekisho/wrap/%d/" % VERSION + key_id.encode()


@dataclass(frozen=True)
class ClassSeal:
    """One column class of a sealed frame: its key id, its wrapped data key, and the columns it holds, in order."""

    key_id: str
    wrapped: bytes
    columns: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        return {"key": self.key_id, "wrapped": base64.b64encode(self.wrapped).decode(), "columns": list(self.columns)}

    @staticmethod
    def read(value: Any) -> ClassSeal:
        columns = tuple(value["columns"])
        wrapped = base64.b64decode(value["wrapped"], validate=True)
        if not isinstance(value["key"], str) or not columns or not all(isinstance(c, str) for c in columns):
            raise SealError("bad-head", "a class without key id or columns")
        return ClassSeal(value["key"], wrapped, columns)


def pack_columns(batch: pa.RecordBatch | pa.Table, columns: Sequence[str], compression: Literal["lz4"] | None = "lz4") -> bytes:
    """The columns as one Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    part = batch.select(list(columns))
    with pa.ipc.new_stream(sink, part.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as out:
        out.write(part)
    return sink.getvalue().to_pybytes()


def unpack_columns(raw: bytes, columns: Sequence[str]) -> pa.Table:
    """Undo `pack_columns`. Raises SealError when what is inside is not these columns."""
    try:
        with pa.ipc.open_stream(pa.BufferReader(raw), options=_ONE_THREAD if len(raw) < _SMALL else None) as stream:
            table = stream.read_all()
    except pa.ArrowException:
        raise SealError("bad-columns", "the opened bytes are not an Arrow stream: the writer was wrong") from None
    if table.schema.names != list(columns):
        raise SealError("bad-columns", "the opened columns are not those the head names: the writer was wrong")
    return table


def wanted(classes: Iterable[ClassSeal], names: Sequence[str]) -> dict[int, ClassSeal]:
    """The classes that hold the named columns, by index. Raises SealError when a name is in none."""
    found = {i: c for i, c in enumerate(classes) if set(c.columns) & set(names)}
    absent = set(names) - {n for c in found.values() for n in c.columns}
    if absent:
        raise SealError("no-column", f"not sealed in here: {', '.join(sorted(absent))}")
    return found


def join_columns(parts: Sequence[pa.Table], names: Sequence[str], rows: int) -> pa.Table:
    """Put opened classes side by side and keep the named columns, in that order. Raises SealError when rows differ."""
    if any(p.num_rows != rows for p in parts):
        raise SealError("bad-rows", "the classes of one frame differ in length: the writer was wrong")
    columns = {n: p.schema.field(n) for p in parts for n in p.schema.names}
    arrays = {n: p.column(n) for p in parts for n in p.schema.names}
    return pa.Table.from_arrays([arrays[n] for n in names], schema=pa.schema([columns[n] for n in names]))


def seal_batch(batch: pa.RecordBatch | pa.Table, classes: Mapping[Sequence[str], tuple[str, bytes]], bound: bytes = b"") -> bytes:
    """Seal each column class under a data key of its own.

    `classes` maps the columns of a class to its key id and public half; every column must be in exactly one class.
    `bound` must be said again to open. Raises SealError otherwise.
    """
    named = [n for columns in classes for n in columns]
    if sorted(named) != sorted(batch.schema.names):
        raise SealError("bad-classes", "every column must be in exactly one class")
    keys = [os.urandom(DATA_KEY) for _ in classes]
    seals = [ClassSeal(k, wrap(half, k, dek), tuple(cols)) for (cols, (k, half)), dek in zip(classes.items(), keys, strict=True)]
    bodies = [pack_columns(batch, s.columns) for s in seals]
    head = _head(seals, batch.num_rows, [len(b) + TAG for b in bodies])
    bound = sha256(head).digest() + bound
    sealed = [AESGCM(k).encrypt(bytes(NONCE), b, bound + bytes([i])) for i, (k, b) in enumerate(zip(keys, bodies, strict=True))]
    return b"".join([_MAGIC, _LENGTH.pack(len(head)), head, *sealed])


def _head(seals: Sequence[ClassSeal], rows: int, lengths: Sequence[int]) -> bytes:
    head = json.dumps({"rows": rows, "lengths": list(lengths), "classes": [s.plain() for s in seals]}, separators=(",", ":")).encode()
    if len(head) > LONGEST_HEAD:
        raise SealError("bad-classes", "too many columns for one frame")
    return head


@dataclass(frozen=True)
class SealedBatch:
    """A sealed frame as read: nothing of it is open yet."""

    rows: int
    classes: tuple[ClassSeal, ...]
    bodies: tuple[bytes, ...]
    bound: bytes

    @staticmethod
    def parse(raw: bytes, bound: bytes = b"") -> SealedBatch:
        """Read the frame's head and cut the bodies. Raises SealError for anything that is not one whole frame."""
        if len(raw) < 8 or raw[:4] != _MAGIC:
            raise SealError("not-sealed", "not a sealed batch, or cut in its first bytes")
        (length,) = _LENGTH.unpack_from(raw, 4)
        if length > LONGEST_HEAD or 8 + length > len(raw):
            raise SealError("truncated", "the head is cut")
        head = raw[8 : 8 + length]
        try:
            value = json.loads(head)
            classes = tuple(ClassSeal.read(c) for c in value["classes"])
            lengths, rows = [int(n) for n in value["lengths"]], int(value["rows"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise SealError("bad-head", "the head was changed or is not ours") from None
        return SealedBatch(rows, classes, _cut(raw, 8 + length, lengths, len(classes)), sha256(head).digest() + bound)

    def open(self, names: Sequence[str], release: Release) -> pa.Table:
        """Open only the classes of the named columns. Raises SealError, or what `release` raises."""
        parts = []
        for i, seal in wanted(self.classes, names).items():
            raw = open_box(release(seal.key_id, seal.wrapped), bytes(NONCE), self.bodies[i], self.bound + bytes([i]))
            parts.append(unpack_columns(raw, seal.columns))
        return join_columns(parts, names, self.rows)


def _cut(raw: bytes, at: int, lengths: Sequence[int], classes: int) -> tuple[bytes, ...]:
    if len(lengths) != classes or any(n < TAG or n > LONGEST_BODY for n in lengths) or at + sum(lengths) != len(raw):
        raise SealError("truncated", "the frame's length is not what its head says")
    bodies = []
    for length in lengths:
        bodies.append(raw[at : at + length])
        at += length
    return tuple(bodies)


def open_box(key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
    """AES-256-GCM open. Raises SealError when the key is another's or a byte was changed, never gives garbage."""
    if len(key) != DATA_KEY:
        raise SealError("bad-key", "the released key is not 32 bytes")
    try:
        return AESGCM(key).decrypt(nonce, sealed, bound)
    except InvalidTag:
        raise SealError("changed", "the sealed bytes were changed, or the key is another's") from None


def open_batch(raw: bytes, names: Sequence[str], unwrap: Release, bound: bytes = b"") -> pa.Table:
    """Open the named columns of a sealed batch. Asks for one key per column class touched, none other. Raises SealError."""
    return SealedBatch.parse(raw, bound).open(names, unwrap)


def seal_note(public: bytes, key_id: str, note: bytes) -> bytes:
    """Seal a small blob (a recipient for `act`) to a public half."""
    dek = os.urandom(DATA_KEY)
    return _NOTE + wrap(public, key_id, dek) + AESGCM(dek).encrypt(bytes(NONCE), note, _NOTE + key_id.encode())


def open_note(private: bytes | Release, key_id: str, sealed: bytes) -> bytes:
    """Undo `seal_note`, with the private half itself (`act`) or by asking `keep`. Raises SealError."""
    if len(sealed) < len(_NOTE) + WRAPPED + TAG or sealed[:4] != _NOTE:
        raise SealError("not-sealed", "not a sealed note, or cut")
    wrapped, body = sealed[4 : 4 + WRAPPED], sealed[4 + WRAPPED :]
    dek = unwrap(private, key_id, wrapped) if isinstance(private, bytes) else private(key_id, wrapped)
    return open_box(dek, bytes(NONCE), body, _NOTE + key_id.encode())


def only(allowed: Iterable[str], release: Release) -> Release:
    """`release`, but for these key ids; asking for another raises KeyRefused before `keep` hears of it."""
    ids = frozenset(allowed)

    def narrowed(key_id: str, wrapped: bytes) -> bytes:
        if key_id not in ids:
            raise KeyRefused("foreign-key", f"{key_id} does not belong to this stream and these days")
        return release(key_id, wrapped)

    return narrowed
