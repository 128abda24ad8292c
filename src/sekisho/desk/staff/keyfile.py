"""A person's key file: Ed25519, for signing at the terminal. Passkeys sign in the console."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.gate.people import Signature, challenge


@dataclass(frozen=True)
class KeyFile:
    """Whose it is, and the private half. Never printed."""

    person: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def sign(self, statement: object) -> Signature:
        """This person's signature over a statement."""
        return Signature(self.person, self.private.sign(challenge(statement)))

    def write(self, path: Path) -> None:
        """Into a new file for its owner only. Raises FileExistsError."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"person": self.person, "private": self.private.private_bytes_raw().hex()}, file)
            file.write("\n")


def read_key(path: Path) -> KeyFile:
    """Raises ValueError for a file that is none."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return KeyFile(str(said["person"]), Ed25519PrivateKey.from_private_bytes(bytes.fromhex(said["private"])))
    except (KeyError, TypeError, json.JSONDecodeError) as why:
        raise ValueError(f"{path} is not a key file") from why
