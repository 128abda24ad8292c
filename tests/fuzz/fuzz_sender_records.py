"""Fuzz what is handed on and kept about senders: python tests/fuzz/fuzz_sender_records.py -runs=20000

Invariant: a signed hand-over header, a line of an access log and a sealed record are read completely or refused in their own words, also
when the right secret signed nonsense, or the right key sealed it.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sekisho_sender", "sekisho.store.sks1"]):
    from sekisho.store.errors import SealError
    from sekisho.store.sks1 import index_key, name_of, open_record, parts, record_key
    from sekisho_sender.frontlog import Line, read_numbered
    from sekisho_sender.handover import MemoryReplays, NotHandedOver, encoded, tag, verify
    from sekisho_sender.record import Record, SubjectKind, canonical, read
    from sekisho_sender.seal import day_of

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SECRET = bytes(range(32))
PRIVATE = bytes(range(32))
PUBLIC = X25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
EPHEMERAL = X25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
SENDER = {
    "source": {"ip": "192.0.2.1", "port": 80}, "destination": None, "seen_us": 1, "hop": "", "reading": "socket", "why_empty": "",
    "tampered": False, "chain": [],
}  # fmt: skip
LINE = {
    "schema": "sekisho.sender-log/1", "request": "0" * 32, "ended": "1.5", "took": "0.1", "source": "192.0.2.1", "source_port": "80",
    "destination": "192.0.2.2", "destination_port": "443", "peer": "", "method": "POST", "path": "/", "status": "200", "http": "1.1",
    "transport": "tcp", "agent": "", "front": "a",
}  # fmt: skip
BODY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
REQUEST = {"sender": SENDER, "request_id": "a", "transport": "", "http": "", "user_agent": ""}
HANDED = {"request": REQUEST, "method": "GET", "path": "/", "body": BODY, "end": 2, "nonce": "n"}
WRONG = [None, True, 5, -1, 2**70, 1.5, "", "x", "\ud800", [], {}, "192.0.2.9", "99999", ["x"], {"ip": "1"}]


def changed(told: object, data: bytes) -> object:
    """The value with something else at the place the bytes choose."""
    if not data or not isinstance(told, dict) or not told:
        return WRONG[data[0] % len(WRONG)] if data else told
    name = sorted(told)[data[0] % len(told)]
    if data[-1] % 7 == 0:
        return {key: value for key, value in told.items() if key != name}
    return {**told, name: changed(told[name], data[1:])}


def written(told: object, data: bytes) -> bytes:
    """Its JSON with one place changed, or the bytes themselves."""
    return data[1:] if data[:1] < b"\x40" else json.dumps(changed(told, data[1:])).encode()


def handed(data: bytes) -> None:
    now, replays = 1, MemoryReplays()
    for header in (data.decode("latin-1"), signed(written(HANDED, data))):
        with suppress(NotHandedOver):
            found = verify([header], "GET", "/", b"", [SECRET], replays, now)
            record = found.record(SubjectKind.POST, "1")
            assert read(canonical(record)) == record, "handed over what is no record"


def signed(inside: bytes) -> str:
    text = encoded(inside)
    return f"1.{text}.{encoded(tag(text, SECRET))}"


def logged(data: bytes) -> None:
    found = read_numbered(Path("log"), 1, written(LINE, data) or b"x")
    if isinstance(found, Line):
        record = Record("r", SubjectKind.POST, found.request, found.sender, found.transport, found.http, found.user_agent)
        assert read(canonical(record)) == record, "read what is no record"
        day_of(found.sender.seen_us)
        assert all(isinstance(one, str) for one in (found.request, found.method, found.path, found.front)), "no text"


def sealed(data: bytes) -> None:
    with suppress(SealError):
        parts(data)
        record_key(PRIVATE, data)
    with suppress(SealError):
        assert len(index_key(PRIVATE, data)) == 32, "no key"
    honest = b"sks1" + name_of(PUBLIC) + EPHEMERAL + bytes(12)
    key = record_key(PRIVATE, honest + bytes(16))
    bound = canonical({"kind": "post", "subject": "1", "id": "r"})
    text = honest + AESGCM(key).encrypt(bytes(12), written({"id": "r", "sender": SENDER}, data), bound)
    with suppress(SealError):
        assert isinstance(open_record(text, key, "post", "1", "r"), dict), "no record"
    with suppress(SealError):
        open_record(text, key, "post", "2", "r")
        raise AssertionError("opened for another post")


def one_input(data: bytes) -> None:
    if data:
        (handed, logged, sealed)[data[0] % 3](data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
