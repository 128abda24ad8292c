"""Closing a record so that this machine cannot open it again: format `sks1`. Needs the extra `seal` (cryptography).

    sks1 = b"sks1" | key id 16 | ephemeral X25519 public key 32 | nonce 12 | AES-256-GCM ciphertext with its tag 16

The key id is the first 16 bytes of SHA-256 of the officers' raw public key. HKDF-SHA256 of the shared secret (no salt, info =
b"sekisho-sender/1" + ephemeral + public) gives 64 bytes: the AES key and, in the second half, the key of the record's blind index. The
canonical record is the plain text, bound to its kind, subject and id. The ephemeral private key is gone when `seal` returns. Whoever holds
only this module and `sender-keys.json` opens nothing, and compares nothing.

The blind index says whether the record came from an address that somebody already knows, to whoever holds the day's private key. It stands
on nothing else: two records of one address share no digit of it, the service has no secret that could be tried, and when the officers
destroy the key of the day, what is left of it is noise, in every copy of the table there is.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sekisho_sender.record import Record, SubjectKind, canonical, packed

MAGIC = b"sks1"
INFO = b"sekisho-sender/1"
SCHEMA = "sekisho.sender-keys/1"
INDEX = "sks1:"
HEAD = len(MAGIC) + 16 + 32 + 12
DAY_US = 86_400_000_000
JST = timezone(timedelta(hours=9))
JST_US = 32_400_000_000


class CannotSeal(ValueError):
    """There is no key to close the record with, or the key file is not one. The post is refused: nothing is kept in the open."""


@dataclass(frozen=True, slots=True)
class DayKey:
    """One public key: for records of `kind` seen on `day` (of Japan). The officers destroy its private half on `until`."""

    kind: SubjectKind
    day: str
    public: bytes
    until: str

    @property
    def id(self) -> bytes:
        return key_id(self.public)


@dataclass(frozen=True, slots=True)
class Closed:
    """A record as `sks1`, and its blind index; None where no address is known."""

    sealed: bytes
    index: str | None


@dataclass(frozen=True, slots=True)
class Keyring:
    """The public keys of one service, by kind and day."""

    service: str
    keys: Mapping[tuple[SubjectKind, str], DayKey]

    def of(self, kind: SubjectKind, seen_us: int) -> DayKey:
        """The key of that day. Raises CannotSeal when there is none: a key of another day would live too long or die too soon."""
        day = day_of(seen_us)
        key = self.keys.get((kind, day))
        if key is None:
            last = max((d for k, d in self.keys if k == kind), default="none")
            raise CannotSeal(f"{self.service}: no key for {kind} of {day} (the last one is of {last}); have the node write the keys again")
        return key


@lru_cache(64)
def key_id(public: bytes) -> bytes:
    return hashlib.sha256(public).digest()[:16]


def day_of(seen_us: int) -> str:
    """The day of Japan, as 2026-11-22, of a moment in microseconds since 1970 in UTC."""
    return of_number((seen_us + JST_US) // DAY_US)


@lru_cache(64)
def of_number(days: int) -> str:
    """The date that is so many days after 1 January 1970. A service asks for the same few all day."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + days).isoformat()


def bound(kind: str, subject: str, record_id: str) -> bytes:
    """What a sealed record is bound to: moved to another post, it no longer opens."""
    return f'{{"id":{quoted(record_id)},"kind":{quoted(kind)},"subject":{quoted(subject)}}}'.encode()


def seal(record: Record, keyring: Keyring) -> bytes:
    """The record, closed to the officers' key of its day. Raises CannotSeal; never returns anything readable."""
    return closed_to(record, keyring.of(record.subject_kind, record.sender.seen_us)).sealed


def closed_to(record: Record, key: DayKey) -> Closed:
    """`seal`, once the key of the record's day was looked up, and the blind index."""
    return closed(record, key.public, X25519PrivateKey.generate(), os.urandom(12))


@lru_cache(64)
def of_day(public: bytes) -> X25519PublicKey:
    """A day's key, read once: reading costs as much as using it."""
    return X25519PublicKey.from_public_bytes(public)


def closed(record: Record, public: bytes, once: X25519PrivateKey, nonce: bytes) -> Closed:
    """`closed_to` with its two random values handed in, for printed examples. Neither is ever used twice."""
    ephemeral = once.public_key().public_bytes_raw()
    shared = once.exchange(of_day(public))
    keys = HKDF(SHA256(), 64, None, INFO + ephemeral + public).derive(shared)
    text = AESGCM(keys[:32]).encrypt(nonce, canonical(record), bound(record.subject_kind, record.subject, record.id))
    source = record.sender.source
    index = None if source is None else blind_index(keys[32:], source.ip)
    return Closed(MAGIC + key_id(public) + ephemeral + nonce + text, index)


def sealed_key_id(sealed: bytes) -> bytes:
    """Which key a sealed record asks for. Raises ValueError for bytes that are no `sks1`."""
    if len(sealed) < HEAD + 16 or not sealed.startswith(MAGIC):
        raise ValueError("not a sealed sender record (sks1)")
    return sealed[4:20]


def blind_index(key: bytes, ip: str) -> str:
    """`sks1:` and 32 hex digits: the start of HMAC-SHA256 of the packed address. `key`: this one record's, 32 bytes."""
    keyed = HMAC(key, SHA256())
    keyed.update(packed(ip))
    return INDEX + keyed.finalize()[:16].hex()


def read_keyring(text: bytes, signer: bytes | None = None) -> Keyring:
    """The keyring in a `sender-keys.json`. `signer`: the node's raw Ed25519 public key; given, an unsigned or altered file is refused.
    Raises CannotSeal naming the entry that is wrong."""
    try:
        told = json.loads(text)
    except ValueError as wrong:
        raise CannotSeal(f"the key file is not JSON: {wrong}") from None
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise CannotSeal(f"the key file does not say schema {SCHEMA}")
    if signer is not None:
        check_signature(told, signer)
    service, entries = told.get("service"), told.get("keys")
    if not isinstance(service, str) or not isinstance(entries, list):
        raise CannotSeal("the key file names no service, or has no list of keys")
    keys: dict[tuple[SubjectKind, str], DayKey] = {}
    for number, entry in enumerate(entries, 1):
        key = read_key(entry, number)
        if (key.kind, key.day) in keys:
            raise CannotSeal(f"key {number}: a second key for {key.kind} of {key.day}")
        keys[key.kind, key.day] = key
    return Keyring(service, keys)


def read_key(entry: Any, number: int) -> DayKey:
    try:
        kind, day, until = SubjectKind(entry["kind"]), str(entry["day"]), str(entry["until"])
        public = bytes.fromhex(entry["public"])
        if datetime.fromisoformat(day).date().isoformat() != day or datetime.fromisoformat(until).date().isoformat() != until:
            raise ValueError("a day is written like 2026-11-22")
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public))  # a weak point is found here, not at a post
    except (KeyError, TypeError, ValueError) as wrong:
        raise CannotSeal(f"key {number} of the key file: {wrong!r}") from None
    return DayKey(kind, day, public, until)


def check_signature(told: dict[str, Any], signer: bytes) -> None:
    unsigned = {name: value for name, value in told.items() if name != "signature"}
    try:
        Ed25519PublicKey.from_public_bytes(signer).verify(bytes.fromhex(told["signature"]), canonical(unsigned))
    except (KeyError, TypeError, ValueError, InvalidSignature):
        raise CannotSeal("the key file is not signed by the node this service trusts; fetch it again and compare the node's key") from None


@dataclass
class KeyFile:
    """`sender-keys.json` on disk. It is read again when it changes, since the node writes new days into it.
    A file that can no longer be read is an error, not a reason to go on with old keys."""

    path: Path
    signer: bytes | None = None
    _read: tuple[tuple[int, int, int], Keyring] | None = field(default=None, repr=False)

    def keyring(self) -> Keyring:
        try:
            at = self.path.stat()
            stamp, read = (at.st_mtime_ns, at.st_size, at.st_ino), self._read
            if read is None or stamp != read[0]:
                self._read = read = stamp, read_keyring(self.path.read_bytes(), self.signer)
        except OSError as wrong:
            self._read = None
            raise CannotSeal(f"{self.path}: {wrong.strerror}; posts are refused until the node's key file is there") from None
        return read[1]
