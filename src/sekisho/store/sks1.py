"""Sealed sender records as services write them (`sks1`). `keep` makes a record's key; the `work` child opens the record with it.

    sks1 = "sks1" | key id(16) | ephemeral X25519 public(32) | nonce(12) | AES-256-GCM(record as canonical JSON, tag 16)

The key id is the first 16 bytes of the SHA-256 of the day's public half. HKDF-SHA256 (RFC 5869) of the shared secret, without salt, info =
"sekisho-sender/1" | ephemeral | public half, gives 64 bytes: the record's key, and the key of its blind index. Kind, subject and id of the
record are bound in: moved to another post it does not open.

The blind index, `sks1:` and 32 hex digits, is the start of HMAC-SHA256 of the packed address. Its key tells whether a record came from an
address that is known already, and opens nothing. It goes with the key of the day.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sekisho.law.canonical import canonical
from sekisho.store.errors import SealError

MAGIC = b"sks1"
HEAD = len(MAGIC) + 16 + 32 + 12
TAG = 16
LONGEST = 1 << 18
INDEX = re.compile(r"sks1:[0-9a-f]{32}")


@dataclass(frozen=True)
class Parts:
    """A sealed record, taken apart."""

    key_id: bytes
    ephemeral: bytes
    nonce: bytes
    text: bytes


def parts(sealed: bytes) -> Parts:
    """Raises SealError for bytes that are no `sks1`."""
    if not HEAD + TAG <= len(sealed) <= LONGEST or not sealed.startswith(MAGIC):
        raise SealError("not-a-record", "not a sealed sender record (sks1)")
    return Parts(sealed[4:20], sealed[20:52], sealed[52:64], sealed[64:])


def head_of(sealed: bytes) -> bytes:
    """What names the key of a sealed record, without anything of the record. Raises SealError for bytes that are no `sks1`."""
    if len(sealed) < HEAD or not sealed.startswith(MAGIC):
        raise SealError("not-a-record", "not a sealed sender record (sks1)")
    return sealed[:HEAD]


def name_of(public: bytes) -> bytes:
    """How a sealed record names the key it was sealed to."""
    return sha256(public).digest()[:16]


def named(sealed: bytes) -> bytes:
    """Which key a sealed record, or its head, asks for. Raises SealError."""
    return head_of(sealed)[4:20]


def record_key(private: bytes, sealed: bytes) -> bytes:
    """The key of one record, from the day's private half (32 bytes). Raises SealError when it was sealed to another."""
    parts(sealed)
    return _keys(private, sealed)[:32]


def index_key(private: bytes, head: bytes) -> bytes:
    """The key of one record's blind index, from the day's private half and the record's head. Raises SealError."""
    return _keys(private, head)[32:]


def came_from(index: str, key: bytes, ip: str) -> bool:
    """Whether a record with this blind index came from this address."""
    made = hmac.digest(key, ipaddress.ip_address(ip).packed, "sha256")[:16].hex()
    return hmac.compare_digest(index.encode(), f"sks1:{made}".encode())


def _keys(private: bytes, sealed: bytes) -> bytes:
    head = head_of(sealed)
    ephemeral = head[20:52]
    key = X25519PrivateKey.from_private_bytes(private)
    public = key.public_key().public_bytes_raw()
    if name_of(public) != named(head):
        raise SealError("wrong-key", "sealed to another key")
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    except ValueError:
        raise SealError("bad-key", "the exchange gave an all-zero secret: not an honest record") from None
    return HKDF(SHA256(), 64, None, b"sekisho-sender/1" + ephemeral + public).derive(shared)


def open_record(sealed: bytes, key: bytes, kind: str, subject: str, identity: str) -> Mapping[str, Any]:
    """The record. Raises SealError when it was changed, or is of another post, kind or id."""
    found = parts(sealed)
    bound = canonical({"kind": kind, "subject": subject, "id": identity})
    try:
        told = json.loads(AESGCM(key).decrypt(found.nonce, found.text, bound))
    except (InvalidTag, ValueError):
        raise SealError("wrong-key", "the record was changed, or is not of this post") from None
    except RecursionError:
        raise SealError("not-a-record", "what was sealed is no sender record") from None
    if not isinstance(told, dict):
        raise SealError("not-a-record", "what was sealed is no sender record")
    return told
