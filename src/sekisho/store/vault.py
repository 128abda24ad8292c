"""Where the private halves lie. Runs in `keep` only.

One file per key, sealed under the root key; the file's name is the digest of the key id. A destroyed key leaves a tombstone,
and its id can never be made again. What the ledger says was destroyed is applied before anything is served, so an old
backup of this folder cannot bring a key back.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.store.errors import KeyGone, KeyRefused, SealError
from sekisho.store.seal import unwrap
from sekisho.store.sks1 import index_key, record_key

KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}/[a-z0-9][a-z0-9-]{0,63}/[0-9]{4}-[0-9]{2}-[0-9]{2}")
TOKEN = "token"
_BOUND = b"sekisho/vault/1/"
_LONGEST = 4096


@dataclass(frozen=True)
class _Kept:
    """What one key file holds. `until` is when the key's term ends."""

    id: str
    secret: bytes
    until: datetime


class Vault:
    """Key pairs by key id ("{permit}/{class}/{period}") and token keys by purpose and period.

    `root_key`: 32 bytes. `destroyed`: every key id the ledger says was destroyed. One process at a time holds the folder.
    """

    def __init__(self, path: Path, root_key: bytes, destroyed: Iterable[str], clock: Callable[[], datetime]) -> None:
        if len(root_key) != 32:
            raise SealError("bad-key", "the root key is 32 bytes")
        self._keys, self._gone = path / "keys", path / "destroyed"
        self._root = AESGCM(root_key)
        self._clock = clock
        self._halves: dict[str, tuple[bytes, datetime]] = {}
        self._lock = _lock(path / "lock")
        self._terms: dict[str, datetime] | None = None
        self.damaged: frozenset[str] = frozenset()
        """Names of key files that do not open: changed on the disk, or of another root key."""
        self.held: frozenset[str] = frozenset()
        """Key ids under a legal hold: `due` does not list them. A hold permits nothing: the gate decides who may use a held key."""
        for half_made in self._keys.glob("*.new"):
            _shred(half_made)
        self.apply_destructions(destroyed)

    @classmethod
    def create(cls, path: Path, root_key: bytes, clock: Callable[[], datetime]) -> Vault:
        """Make a new, empty vault. Raises FileExistsError where one is."""
        path.mkdir(mode=0o700, parents=True)
        for part in (path / "keys", path / "destroyed"):
            part.mkdir(mode=0o700)
        _sync_folder(path)
        return cls(path, root_key, (), clock)

    @classmethod
    def open(cls, path: Path, root_key: bytes, destroyed: Iterable[str], clock: Callable[[], datetime]) -> Vault:
        """Open a vault that exists; `destroyed` comes from the ledger and is applied first. Raises FileNotFoundError."""
        if not (path / "keys").is_dir() or not (path / "destroyed").is_dir():
            raise FileNotFoundError(f"no vault at {path}: it is made once, by `create`")
        return cls(path, root_key, destroyed, clock)

    def public_half(self, key_id: str, until: datetime) -> bytes:
        """The key's public half; the pair is made on first ask, with the end of its term. Raises KeyGone for a destroyed id."""
        self._must_live(key_id)
        if key_id not in self._halves:
            kept = self._read(key_id) or self._make(key_id, until)
            self._halves[key_id] = X25519PrivateKey.from_private_bytes(kept.secret).public_key().public_bytes_raw(), kept.until
        half, ends = self._halves[key_id]
        if ends <= self._clock():
            raise KeyGone("term-over", f"the term of {key_id} ended {ends.isoformat()}: nothing more is sealed to it")
        return half

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Open a wrapped data key. Raises KeyGone when destroyed, unknown or past its term, SealError when it does not fit."""
        return unwrap(self._live(key_id).secret, key_id, wrapped)

    def unwrap_all(self, key_id: str, wrapped: Iterable[bytes]) -> list[bytes]:
        """Open data keys that are all wrapped to one key. Raises as `unwrap` does."""
        secret = self._live(key_id).secret
        return [unwrap(secret, key_id, one) for one in wrapped]

    def opens(self, key_id: str) -> bytes | None:
        """The public half of a key that can still open something: alive, or past its term and held. None for any other."""
        try:
            secret = self._live(key_id).secret
        except KeyGone:
            return None
        return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()

    @staticmethod
    def file_of(key_id: str) -> str:
        """The name of the file a key lies in, here and in every copy of this folder."""
        return _name(key_id)

    def record_key(self, key_id: str, sealed: bytes) -> bytes:
        """The 32-byte key of one sealed sender record (`sks1`). Raises KeyGone as `unwrap` does, SealError for a record of another key."""
        return record_key(self._live(key_id).secret, sealed)

    def index_key(self, key_id: str, head: bytes) -> bytes:
        """The 32-byte key of one sender record's blind index, from the record's head. It opens nothing. Raises as `record_key` does."""
        return index_key(self._live(key_id).secret, head)

    def token_key(self, purpose: str, period: str, until: datetime) -> bytes:
        """The 32-byte key of one purpose's tokens in one period; it lives and dies like any other. Raises KeyGone."""
        key_id = token_key_id(purpose, period)
        self._must_live(key_id)
        if self._read(key_id) is None:
            self._make(key_id, until)
        return self._live(key_id).secret

    def destroy(self, key_id: str) -> None:
        """Destroy a key for good: tombstone first, then overwrite, fsync, unlink, fsync. Destroying twice is no error."""
        tombstone = self._gone / _name(key_id)
        if not tombstone.exists():
            _write(tombstone, b"")
        self._halves.pop(key_id, None)
        if self._terms is not None:
            self._terms.pop(key_id, None)
        _shred(self._keys / _name(key_id))

    def apply_destructions(self, ids: Iterable[str]) -> None:
        """Destroy again what was destroyed before, in whatever copy of the folder this is."""
        for key_id in ids:
            self.destroy(key_id)
        for tombstone in self._gone.iterdir():
            _shred(self._keys / tombstone.name)

    def key_ids(self) -> tuple[str, ...]:
        """Every key that lies here."""
        return tuple(self._by_term())

    def due(self, now: datetime) -> tuple[str, ...]:
        """Key ids whose term is over and that no hold keeps, oldest first. The caller writes the ledger, then destroys."""
        over = sorted((until, key_id) for key_id, until in self._by_term().items() if until <= now and key_id not in self.held)
        return tuple(key_id for _, key_id in over)

    def over(self, key_id: str) -> bool:
        """Whether the key's term is over: only a hold keeps it."""
        until = self._by_term().get(key_id)
        return until is not None and until <= self._clock()

    def _by_term(self) -> dict[str, datetime]:
        if self._terms is None:
            self._terms = self._read_terms()
        return self._terms

    def _read_terms(self) -> dict[str, datetime]:
        """The term of every key; a file that does not open is set aside by name, so that one never stops the others' end."""
        terms: dict[str, datetime] = {}
        for file in self._keys.iterdir():
            try:
                kept = self._decode(file)
            except SealError:
                self.damaged |= {file.name}
            else:
                terms[kept.id] = kept.until
        return terms

    def close(self) -> None:
        """Give the folder back. Closing twice is no error."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _must_live(self, key_id: str) -> None:
        if KEY_ID.fullmatch(key_id) is None:
            raise KeyRefused("bad-key-id", f"not a key id: {key_id!r}")
        if (self._gone / _name(key_id)).exists():
            raise KeyGone("destroyed", f"{key_id} was destroyed and is never made again")

    def _live(self, key_id: str) -> _Kept:
        self._must_live(key_id)
        kept = self._read(key_id)
        if kept is None:
            raise KeyGone("unknown-key", f"{key_id} was never made here")
        if kept.until <= self._clock() and key_id not in self.held:
            raise KeyGone("term-over", f"the term of {key_id} ended {kept.until.isoformat()}")
        return kept

    def _make(self, key_id: str, until: datetime) -> _Kept:
        if until <= self._clock():
            raise KeyGone("term-over", f"{key_id} would be born after its term")
        kept = _Kept(key_id, os.urandom(32), until.astimezone(UTC))
        body = json.dumps({"id": kept.id, "secret": kept.secret.hex(), "until": kept.until.isoformat()}).encode()
        nonce = os.urandom(12)
        _write(self._keys / _name(key_id), nonce + self._root.encrypt(nonce, body, _BOUND + _name(key_id).encode()))
        if self._terms is not None:
            self._terms[key_id] = kept.until
        return kept

    def _read(self, key_id: str) -> _Kept | None:
        try:
            return self._decode(self._keys / _name(key_id))
        except FileNotFoundError:
            return None

    def _decode(self, file: Path) -> _Kept:
        with file.open("rb") as source:
            raw = source.read(_LONGEST)
        try:
            value = json.loads(self._root.decrypt(raw[:12], raw[12:], _BOUND + file.name.encode()))
        except (InvalidTag, ValueError):
            raise SealError("bad-key-file", f"key file {file.name} was changed, or the root key is another's") from None
        return _Kept(value["id"], bytes.fromhex(value["secret"]), datetime.fromisoformat(value["until"]))


def token_key_id(purpose: str, period: str) -> str:
    """The key id of a purpose's token key, as the ledger names it."""
    return f"{TOKEN}/{purpose}/{period}"


def _name(key_id: str) -> str:
    return sha256(b"sekisho/key-id/" + key_id.encode()).hexdigest()


def _lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise KeyRefused("vault-in-use", f"another process holds {path.parent}: only one `keep` at a time") from None
    return handle


def _write(path: Path, body: bytes) -> None:
    """Whole or not at all, and on the disk when we return."""
    new = path.with_name(path.name + ".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, body)
        os.fsync(handle)
    finally:
        os.close(handle)
    new.rename(path)
    _sync_folder(path.parent)


def _shred(path: Path) -> None:
    """Overwrite, fsync, unlink, fsync the folder. A copy-on-write or flash disk may keep old blocks: the root key is what guards those."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.write(handle, os.urandom(os.fstat(handle).st_size))
        os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
