"""What anybody may know of an installation, without `keep`: how to verify its permits and its ledger, and where the book in force lies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sekisho.desk.settings import Settings
from sekisho.law import package

BOOKS = "books"
POINTER = "in-force"


@dataclass(frozen=True)
class Public:
    """What anybody may know of this installation: how to verify its permits and its ledger."""

    permits: bytes
    ledger: str
    origin: str

    @property
    def key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.permits)


def read_public(folder: Path) -> Public:
    said = json.loads((folder / "public.json").read_text(encoding="utf-8"))
    return Public(bytes.fromhex(said["permits"]), said["ledger"], said["origin"])


def book_place(settings: Settings) -> Path:
    """Where the book in force lies, for whoever only asks the gate: as `keep` says, or the shipped one where it never ran."""
    folder = settings.folder / BOOKS
    try:
        named = (folder / POINTER).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return settings.book
    return folder / named if package.DIGEST.fullmatch(named) and (folder / named).is_dir() else settings.book
