"""The root key: 32 random bytes, kept only as an age file that any one of its custodians can open. Everything else is derived from it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pyrage

ROOT = "root.age"


class CannotUnlock(Exception):
    """The root key was not opened: no such file, not a custodian's identity, or another installation's."""


def make_root(folder: Path, custodians: Sequence[str]) -> bytes:
    """A new root, sealed to the custodians' age recipients (age1...). Raises FileExistsError, ValueError."""
    if not custodians:
        raise ValueError("a root key needs a custodian")
    recipients = [pyrage.x25519.Recipient.from_str(c) for c in custodians]
    root = os.urandom(32)
    handle = os.open(folder / ROOT, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pyrage.encrypt(root, recipients))
        file.flush()
        os.fsync(file.fileno())
    return root


def is_recipient(text: str) -> bool:
    """Whether this is an age recipient (age1...)."""
    try:
        pyrage.x25519.Recipient.from_str(text)
    except (ValueError, pyrage.RecipientError):
        return False
    return True


def unlock(folder: Path, identity: str) -> bytes:
    """The root, opened with one custodian's identity (AGE-SECRET-KEY-...). Raises CannotUnlock."""
    try:
        root = pyrage.decrypt((folder / ROOT).read_bytes(), [pyrage.x25519.Identity.from_str(identity.strip())])
    except (OSError, ValueError, pyrage.DecryptError, pyrage.IdentityError) as why:
        raise CannotUnlock(str(why)) from why
    if len(root) != 32:
        raise CannotUnlock("not a root key")
    return bytes(root)


def new_custodian() -> tuple[str, str]:
    """A fresh age key pair: (identity to keep secret, recipient to seal to)."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())
