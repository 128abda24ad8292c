"""The sender of a request, told by a front end to a back end in one signed header: `Sekisho-Sender`.

    Sekisho-Sender: 1.<base64url of canonical JSON>.<base64url of HMAC-SHA256>

The JSON binds the sender to this request alone: method, path with query, SHA-256 of the body, an end 60 seconds ahead, a nonce that is
good once. An unsigned, altered, late or repeated header is refused, by number:

1. there is exactly one header   2. it has the form   3. one of the secrets signed it   4. it has not ended, nor lies too far ahead
5. method, path and body are this request's   6. its nonce is new
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets as random
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from sekisho_sender.at_hand import fitting
from sekisho_sender.capture import Captured
from sekisho_sender.record import Address, Hop, Sender, SubjectKind, canonical, read

HEADER = "sekisho-sender"
LIFE_US = 60_000_000
SKEW_US = 5_000_000
LONGEST = 16384


class Flaw(StrEnum):
    """What is wrong with a header; the number is that of the check."""

    MISSING = "1-missing"
    TWICE = "1-twice"
    FORM = "2-form"
    SIGNATURE = "3-signature"
    EXPIRED = "4-expired"
    AHEAD = "4-ahead"
    OTHER_REQUEST = "5-other-request"
    REPLAYED = "6-replayed"


class NotHandedOver(Exception):
    """Nobody we trust says who sent this request. The request is refused."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(f"Sekisho-Sender: {flaw.value}")
        self.flaw = flaw


class Replays(Protocol):
    """Remembers nonces until they end. `first` is true exactly once for a nonce, whichever worker asks."""

    def first(self, nonce: str, end_us: int, now_us: int) -> bool: ...


class MemoryReplays:
    """For a back end of one process."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._swept = 0
        self._lock = threading.Lock()

    def first(self, nonce: str, end_us: int, now_us: int) -> bool:
        with self._lock:
            if now_us - self._swept > LIFE_US:
                self._seen = {n: end for n, end in self._seen.items() if end + SKEW_US >= now_us}
                self._swept = now_us
            if nonce in self._seen:
                return False
            self._seen[nonce] = end_us
            return True


class FileReplays:
    """For several workers on one machine: an SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as db:
            db.execute("CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, end_us INTEGER NOT NULL) WITHOUT ROWID")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=10)

    def first(self, nonce: str, end_us: int, now_us: int) -> bool:
        with closing(self._open()) as db, db:
            db.execute("DELETE FROM nonce WHERE end_us < ?", (now_us - SKEW_US,))
            return db.execute("INSERT OR IGNORE INTO nonce VALUES (?, ?)", (nonce, end_us)).rowcount == 1


def sign(request: Captured, method: str, path: str, body: bytes, secret: bytes, now_us: int) -> str:
    """The header's value for one request. `path`: as on the request line, with its query. `now_us`: microseconds since 1970 in UTC."""
    told = {
        "request": asdict(fitting(request)),
        "method": method.upper(),
        "path": path,
        "body": hashlib.sha256(body).hexdigest(),
        "end": now_us + LIFE_US,
        "nonce": random.token_hex(16),
    }
    text = encoded(canonical(told))
    return f"1.{text}.{encoded(tag(text, secret))}"


def verify(
    headers: Sequence[str], method: str, path: str, body: bytes, secrets: Sequence[bytes], replays: Replays, now_us: int
) -> Captured:
    """What a front end with one of our secrets told for exactly this request. `headers`: every value the header came with.
    `secrets`: the living one first, then those being retired. Raises NotHandedOver."""
    if len(headers) != 1:
        raise NotHandedOver(Flaw.TWICE if headers else Flaw.MISSING)
    parts = headers[0].split(".")
    if len(headers[0]) > LONGEST or len(parts) != 3 or parts[0] != "1":
        raise NotHandedOver(Flaw.FORM)
    if not any(hmac.compare_digest(encoded(tag(parts[1], secret)).encode(), parts[2].encode()) for secret in secrets):
        raise NotHandedOver(Flaw.SIGNATURE)
    told, request = read_told(parts[1])
    if told["end"] < now_us:
        raise NotHandedOver(Flaw.EXPIRED)
    if told["end"] > now_us + LIFE_US + SKEW_US:
        raise NotHandedOver(Flaw.AHEAD)
    if tuple(told.get(name) for name in ("method", "path", "body")) != (method.upper(), path, hashlib.sha256(body).hexdigest()):
        raise NotHandedOver(Flaw.OTHER_REQUEST)
    if not replays.first(told["nonce"], told["end"], now_us):
        raise NotHandedOver(Flaw.REPLAYED)
    return request


def tag(text: str, secret: bytes) -> bytes:
    if len(secret) < 32:
        raise ValueError(f"the secret between front end and back end has {len(secret)} bytes; it needs at least 32")
    return hmac.new(secret, f"sekisho-sender/1.{text}".encode(), hashlib.sha256).digest()


def read_told(text: str) -> tuple[dict[str, Any], Captured]:
    """What stands in a header whose signature was right, whoever had the secret. Raises NotHandedOver for what `sign` never writes."""
    try:
        told = json.loads(decoded(text))
        if type(told["end"]) is not int or type(told["nonce"]) is not str:
            raise ValueError("an end is a number, and a nonce a text")
        return told, read_request(told["request"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotHandedOver(Flaw.FORM) from None


def read_request(request: dict[str, Any]) -> Captured:
    """The request that was handed over. Raises ValueError, KeyError or TypeError for one that gives no record."""
    told = request["sender"]
    ends = {end: None if told[end] is None else Address(**told[end]) for end in ("source", "destination")}
    sender = Sender(**{**told, **ends, "chain": tuple(Hop(**hop) for hop in told["chain"])})
    found = Captured(**{**request, "sender": sender})
    record = found.record(SubjectKind.POST, found.request_id)
    if read(canonical(record)) != record:
        raise ValueError("a value of another type than a record has")
    return found


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise NotHandedOver(Flaw.FORM) from None
