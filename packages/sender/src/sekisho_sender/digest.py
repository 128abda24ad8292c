"""A signed digest of the folder of sealed records, once a day: whoever was given yesterday's can tell that nothing before it was changed.

    FOLDER/digests.jsonl   one line a time: each file's length and SHA-256 up to there, the SHA-256 of the line before, an Ed25519 signature

Files only grow, so an old digest still holds for the first part of a file. Give each line to somebody else the same day (mail, print): a
signature made on this machine alone proves nothing against whoever took this machine over. Needs the extra `seal`.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sekisho_sender.grown import alone, append, read_whole
from sekisho_sender.record import canonical

SCHEMA = "sekisho.sender-digest/1"
DIGESTS = "digests.jsonl"
FIRST = "0" * 64


class NoKey(ValueError):
    """The key file holds no Ed25519 key."""


def signing_key(file: Path) -> Ed25519PrivateKey:
    """The key in this file (32 raw bytes), made there, for the owner only, when the file is not there."""
    if not file.exists():
        key = Ed25519PrivateKey.generate()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(key.private_bytes_raw())
        return key
    try:
        return Ed25519PrivateKey.from_private_bytes(file.read_bytes())
    except ValueError as wrong:
        raise NoKey(f"{file}: {wrong}") from None


def digest(folder: Path, key: Ed25519PrivateKey, now_us: int) -> dict[str, Any]:
    """Sign the folder as it is, add the line, and give it back. `now_us`: microseconds since 1970 in UTC."""
    with alone(folder):
        lines = list(read_whole(folder / DIGESTS))
        told = {
            "schema": SCHEMA,
            "at_us": now_us,
            "before": sha256(canonical(lines[-1])) if lines else FIRST,
            "files": {file.name: {"bytes": (size := whole_size(file)), "sha256": sha256_of(file, size)} for file in signed_files(folder)},
        }
        line = {**told, "signature": key.sign(canonical(told)).hex()}
        append(folder / DIGESTS, [line])
    return line


def signed_files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.glob("*.jsonl")) if file.name != DIGESTS]


def check(folder: Path, public: bytes, given: dict[str, Any] | None = None) -> list[str]:
    """What does not fit, in the order of the digests; nothing when all is as signed. `public`: the raw Ed25519 public key.
    `given`: a line somebody was handed; it has to stand among ours. Codes: `signature N`, `chain N`, `gone N FILE`, `shorter N FILE`,
    `changed N FILE`, `not-ours`."""
    found: list[str] = []
    before = FIRST
    lines = list(read_whole(folder / DIGESTS))
    for number, line in enumerate(lines, 1):
        if not is_signed(line, public):
            found.append(f"signature {number}")
            continue
        if line["before"] != before:
            found.append(f"chain {number}")
        before = sha256(canonical(line))
        found += (f"{fault} {number} {name}" for name, said in line["files"].items() if (fault := fault_of(folder / name, said)))
    if given is not None and given not in lines:
        found.append("not-ours")
    return found


def fault_of(file: Path, said: dict[str, Any]) -> str:
    if not file.exists():
        return "gone"
    if file.stat().st_size < said["bytes"]:
        return "shorter"
    return "" if sha256_of(file, said["bytes"]) == said["sha256"] else "changed"


def is_signed(line: dict[str, Any], public: bytes) -> bool:
    told = {name: value for name, value in line.items() if name != "signature"}
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(line["signature"]), canonical(told))
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return bool(line.get("schema") == SCHEMA)


def whole_size(file: Path) -> int:
    """Bytes up to the end of the last whole line."""
    with file.open("rb") as lines:
        return sum(len(raw) for raw in lines if raw.endswith(b"\n"))


def sha256_of(file: Path, size: int) -> str:
    seen, left = hashlib.sha256(), size
    with file.open("rb") as raw:
        while left and (part := raw.read(min(left, 1 << 20))):
            seen.update(part)
            left -= len(part)
    return seen.hexdigest()


def sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def read_given(text: str) -> dict[str, Any]:
    """A digest that somebody was handed. Raises ValueError."""
    told = json.loads(text)
    if not isinstance(told, dict):
        raise ValueError("a digest is one JSON object")
    return told
