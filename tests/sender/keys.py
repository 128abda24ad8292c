"""Keys, senders and an opener for the tests. The opener stands here on purpose: the package itself cannot open what it sealed."""

from __future__ import annotations

import hmac
import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sekisho_sender.capture import Captured, carried
from sekisho_sender.record import Record, Sender, SubjectKind, address, canonical, read
from sekisho_sender.seal import day_of, key_id

SECRET = bytes(range(32))
NOON = 1_795_316_400_123_456
"""2026-11-22 12:00:00.123456 in Japan, in microseconds since 1970 in UTC."""


@dataclass
class Officers:
    """The other side: whoever holds the private halves."""

    private: dict[bytes, X25519PrivateKey] = field(default_factory=dict)
    entries: list[dict[str, str]] = field(default_factory=list)
    signer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def add(self, kind: str, day: str) -> None:
        key = X25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.private[key_id(public)] = key
        until = date.fromisoformat(day) + timedelta(days=181)
        self.entries.append({"kind": kind, "day": day, "public": public.hex(), "until": until.isoformat()})

    def file(self) -> bytes:
        """`sender-keys.json`, signed."""
        told = {"schema": "sekisho.sender-keys/1", "service": "chat", "keys": self.entries}
        return json.dumps({**told, "signature": self.signer.sign(canonical(told)).hex()}).encode()

    def open(self, sealed: bytes, kind: str, subject: str, record_id: str) -> Record:
        """The record in `sks1`; raises InvalidTag when anything about it was changed."""
        assert sealed[:4] == b"sks1"
        bound = canonical({"kind": kind, "subject": subject, "id": record_id})
        return read(AESGCM(self.keys(sealed)[:32]).decrypt(sealed[52:64], sealed[64:], bound))

    def keys(self, sealed: bytes) -> bytes:
        """The two keys of one record: of what is sealed, and of its blind index."""
        ephemeral, key = sealed[20:52], self.private[sealed[4:20]]
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        shared = key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        return HKDF(SHA256(), 64, None, b"sekisho-sender/1" + ephemeral + public).derive(shared)

    def index(self, sealed: bytes, ip: str) -> str:
        """The blind index of this address in the row of this sealed record."""
        return "sks1:" + hmac.new(self.keys(sealed)[32:], ip_address(ip).packed, "sha256").hexdigest()[:32]


def officers_of(*moments_us: int, kinds: tuple[SubjectKind, ...] = tuple(SubjectKind)) -> Officers:
    """Officers with a key of every kind for the days of these moments."""
    officers = Officers()
    for day in sorted({day_of(at) for at in moments_us}):
        for kind in kinds:
            officers.add(kind, day)
    return officers


def write_keys(folder: Path, officers: Officers) -> Path:
    file = folder / "sender-keys.json"
    file.write_bytes(officers.file())
    return file


def sender_at(seen_us: int = NOON, ip: str = "203.0.113.9", port: int | None = 51234) -> Sender:
    return Sender(
        source=address(ip, port),
        destination=address("198.51.100.7", 443),
        seen_us=seen_us,
        hop="127.0.0.1",
        reading="forwarded",
        why_empty="" if port else "source-port:not told",
        tampered=False,
    )


def request_at(seen_us: int = NOON, ip: str = "203.0.113.9", port: int | None = 51234) -> Captured:
    return Captured(sender_at(seen_us, ip, port), "7f3a" * 8, "tcp", "1.1", "Example/1.0")


def telling(request: Captured | None) -> AbstractContextManager[None]:
    """Inside, this is the request at hand."""
    return nullcontext() if request is None else carried(request)
