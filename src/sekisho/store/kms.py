"""The only `KmsClient`: Parquet's modular encryption asks it to wrap keys (collector) and to unwrap them (a look).

Wrapping uses public halves; unwrapping asks `keep`. Each file has one key-encryption key per column class, so `release` is
asked once per class and file, whatever the number of columns. `double_wrapping=False`: we wrap once more ourselves, because
the factory would otherwise keep key-encryption keys in a cache of its own. One factory per file written and per look, never shared: a
factory remembers keys. Never touch `ParquetFile.metadata` of a sealed column: it aborts the process.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from threading import Lock
from weakref import ref

import pyarrow.parquet.encryption as pe
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.store.errors import KeyRefused, SealError, StoreError
from sekisho.store.seal import DATA_KEY, NONCE, TAG, WRAPPED, Halves, Release, open_box, wrap

_SMALLEST = WRAPPED + NONCE + 16 + TAG


class Held(dict[tuple[str, bytes], bytes]):
    """The class keys of one look, by key id and wrapped form. Lives as long as the factory that scans with it."""


class GateKms(pe.KmsClient):
    """Wraps to public halves when made with `halves`, unwraps through `release` when made with that; else refuses.

    Arrow never lets go of a client, so opened keys are not kept in it: it knows `held` by weak reference only.
    """

    def __init__(self, halves: Halves | None = None, release: Release | None = None, held: Held | None = None) -> None:
        super().__init__()
        self._halves, self._release = halves, release
        self._sealing: dict[str, tuple[bytes, bytes]] = {}
        self._held = None if held is None else ref(held)
        self._scanning = False
        self._lock = Lock()

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> str:
        """base64(wrapped class key | nonce | AES-256-GCM(data key)). Arrow stores key material as UTF-8."""
        if self._halves is None:
            raise KeyRefused("cannot-seal", "this client only opens")
        with self._lock:
            if master_key_identifier not in self._sealing:
                fresh = os.urandom(DATA_KEY)
                self._sealing[master_key_identifier] = fresh, wrap(self._halves(master_key_identifier), master_key_identifier, fresh)
            key, wrapped = self._sealing[master_key_identifier]
        nonce = os.urandom(NONCE)
        return base64.b64encode(wrapped + nonce + AESGCM(key).encrypt(nonce, key_bytes, master_key_identifier.encode())).decode()

    def unwrap_key(self, wrapped_key: str, master_key_identifier: str) -> bytes:  # type: ignore[override]  # the stubs say str, Arrow takes bytes
        """Undo `wrap_key`; asks `release` once per class key. Raises SealError, KeyRefused, or what `release` raises.

        Once a scan runs, it raises nothing and asks nobody: a Python error inside Arrow's threads can lock the process up for
        good (Arrow words it while holding a lock, and needs the interpreter for that). A key that was not held gives one
        that opens nothing, so that Arrow fails by itself, with an error or by aborting: a look is a process of its own.
        """
        try:
            return self._data_key(wrapped_key, master_key_identifier)
        except StoreError:
            if not self._scanning:
                raise
            return os.urandom(DATA_KEY)

    def _data_key(self, wrapped_key: str | bytes, key_id: str) -> bytes:
        try:
            raw = base64.b64decode(wrapped_key, validate=True)
        except ValueError:
            raise SealError("not-wrapped", "the file's key material is not base64") from None
        if len(raw) < _SMALLEST:
            raise SealError("not-wrapped", "the file's key material is cut")
        wrapped, nonce, sealed = raw[:WRAPPED], raw[WRAPPED : WRAPPED + NONCE], raw[WRAPPED + NONCE :]
        return open_box(self.hold(key_id, wrapped), nonce, sealed, key_id.encode())

    def hold(self, key_id: str, wrapped: bytes) -> bytes:
        """The class key of a file, asked for once. Raises what `release` raises."""
        with self._lock:
            held = None if self._held is None else self._held()
            if held is not None and (key_id, wrapped) in held:
                return held[key_id, wrapped]
            if held is None or self._release is None or self._scanning:
                raise KeyRefused("cannot-open", "this client only seals, or all keys of its look were asked for before")
            return held.setdefault((key_id, wrapped), self._release(key_id, wrapped))

    @property
    def wrapped(self) -> dict[str, bytes]:
        """The wrapped class keys of the file that is sealed, by key id."""
        with self._lock:
            return {key_id: wrapped for key_id, (_, wrapped) in self._sealing.items()}

    def scan(self) -> None:
        """From now on nobody is asked and nothing raised."""
        self._scanning = True

    def end(self) -> None:
        """Seal nothing and ask nobody any more."""
        with self._lock:
            self._halves = self._release = None
            self._sealing.clear()


class Sealing:
    """Encryption of one Parquet file: encrypted footer, AES-256-GCM, one key per column class."""

    def __init__(self, halves: Halves, footer: str, classes: Mapping[str, Sequence[str]]) -> None:
        self._client = client = GateKms(halves=halves)
        self._factory = pe.CryptoFactory(lambda _config: client)
        config = pe.EncryptionConfiguration(
            footer_key=footer,
            column_keys={key: list(columns) for key, columns in classes.items()},
            encryption_algorithm="AES_GCM_V1",
            plaintext_footer=False,
            double_wrapping=False,
            data_key_length_bits=256,
        )
        self.properties = self._factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
        self.wrapped = self._client.wrapped

    def close(self) -> None:
        self._client.end()
        self._factory.remove_cache_entries_for_all_tokens()
