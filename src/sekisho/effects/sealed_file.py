"""One file to one party: sealed with age to its key, laid down whole, seen once. Nothing unsealed is ever written.

 (1) `seal`: in memory, to exactly one key
 (2) `lay`: under a name nobody takes it by, and on the disk
 (3) `show`: under its own name, where no file of that name is yet
What (2) laid and (3) never showed is taken away again (`undo`). The file is known by its digest.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

SUFFIX = ".csv.age"
NOT_SHOWN = ".laid"


class CannotSeal(Exception):
    """Nothing was sealed or laid: `code` is not-a-key or disk."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def seal(content: bytes, key: str) -> bytes:
    """Raises CannotSeal("not-a-key")."""
    import pyrage  # noqa: PLC0415 - loaded by who seals, not by every `act`

    try:
        return bytes(pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(key)]))
    except (ValueError, pyrage.RecipientError, pyrage.EncryptError) as why:
        raise CannotSeal("not-a-key") from why


def lay(folder: Path, name: str, sealed: bytes) -> str:
    """Its digest. What an earlier attempt laid is written over. Raises CannotSeal("disk")."""
    path = _laid(folder, name)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(sealed)
            out.flush()
            os.fsync(out.fileno())
        _sync(folder)
    except OSError as why:
        raise CannotSeal("disk") from why
    return sha256(sealed).hexdigest()


def show(folder: Path, name: str, digest: str) -> bool:
    """Whether the file of this digest stands under its own name now; if it did already, nothing is done. Never a second time."""
    laid, final = _laid(folder, name), path(folder, name)
    if _digest(final) == digest:
        undo(folder, name)
        return True
    if _digest(laid) != digest:
        return False
    try:
        os.link(laid, final)
        laid.unlink()
        _sync(folder)
    except OSError:
        return False
    return True


def undo(folder: Path, name: str) -> None:
    """Take away what was laid and not shown."""
    with suppress(OSError):
        _laid(folder, name).unlink()


def take_back(folder: Path, name: str) -> bool:
    """Take away what was shown and still lies there. Whether it did."""
    try:
        path(folder, name).unlink()
    except OSError:
        return False
    return True


def shown(folder: Path) -> list[str]:
    """The names of the files that lie there for their parties."""
    return sorted(p.name.removesuffix(SUFFIX) for p in folder.glob(f"*{SUFFIX}"))


def path(folder: Path, name: str) -> Path:
    """Where the party's file stands once it is shown."""
    return folder / f"{name}{SUFFIX}"


def _laid(folder: Path, name: str) -> Path:
    return folder / f"{name}{NOT_SHOWN}"


def _digest(file: Path) -> str:
    try:
        return sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
