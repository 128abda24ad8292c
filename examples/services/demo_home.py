"""The folder a chat lives in: its database, its keys, its secrets. The keys made here are for trying only.

A real service takes `sender-keys.json` from its node: only the officers' node then has the private halves. Those of the demo keys lie
beside them in `unsafe-demo-officers.json`, so that a test can play the officers.
"""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sekisho_sender.keeping import Keeper
from sekisho_sender.record import SubjectKind
from sekisho_sender.seal import JST, KeyFile

DAYS = 3


@dataclass(frozen=True)
class Home:
    """A chat's folder. Files that are missing are made; `sender-keys.json` of a node is left as it is."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "chat.db"

    def secret(self, name: str) -> bytes:
        """32 random bytes that stay the same, readable by the owner only."""
        file = self.folder / name
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
            file.write_bytes(secrets.token_bytes(32))
        return file.read_bytes()

    @property
    def staff(self) -> str:
        """The path of the page on which the service's own people take a post down."""
        return f"/staff/{self.secret('staff.secret').hex()[:32]}"

    def keeper(self) -> Keeper:
        keys = self.folder / "sender-keys.json"
        if not keys.exists():
            make_unsafe_demo_keys(self.folder)
        return Keeper(KeyFile(keys).keyring)


def make_unsafe_demo_keys(folder: Path) -> None:
    """Keys for today and the next days."""
    today = datetime.now(UTC).astimezone(JST).date()
    public, private = [], {}
    for kind in SubjectKind:
        for ahead in range(DAYS):
            key = X25519PrivateKey.generate()
            raw = key.public_key().public_bytes_raw().hex()
            day, until = (today + timedelta(days=ahead)), today + timedelta(days=ahead + 181)
            public.append({"kind": kind.value, "day": day.isoformat(), "public": raw, "until": until.isoformat()})
            private[raw] = key.private_bytes_raw().hex()
    (folder / "unsafe-demo-officers.json").write_text(json.dumps(private), encoding="utf-8")
    told = {"schema": "sekisho.sender-keys/1", "service": "unsafe-demo-chat", "keys": public, "signature": ""}
    (folder / "sender-keys.json").write_text(json.dumps(told), encoding="utf-8")
    print(f"made unsafe demo keys in {folder}", file=sys.stderr)
