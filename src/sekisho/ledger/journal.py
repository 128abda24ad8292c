"""What a writer keeps beside the public files: the lock, and which step from tree to tree it is in the middle of."""

from __future__ import annotations

import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from sekisho.ledger.disk import Disk
from sekisho.ledger.faults import Busy

NAME = "writer"
MAGIC = "sekisho-ledger-writer/1"
LENGTH = 128


@dataclass(frozen=True)
class Intent:
    """A step begun: from `old` leaves to `new`. A tree of `old` leaves was signed before this was written."""

    old: int
    new: int

    def encode(self) -> bytes:
        """A fixed length, so that it is always overwritten in place; with a sum, so that half of it is nothing."""
        line = f"{MAGIC} {self.old} {self.new}"
        return f"{line} {hashlib.sha256(line.encode()).hexdigest()[:32]}".ljust(LENGTH - 1).encode() + b"\n"

    @classmethod
    def decode(cls, data: bytes) -> Intent | None:
        """The step in `data`, or None when there is none whole."""
        words = data[:LENGTH].decode("ascii", "replace").split()
        if len(words) != 4 or not (words[1].isdecimal() and words[2].isdecimal()):
            return None
        intent = cls(int(words[1]), int(words[2]))
        return intent if intent.encode() == data else None


class Journal:
    """The open, locked `writer` file of a log. Raises Busy when another process holds it."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self.disk = disk
        self.fd = os.open(root / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self.fd)
            raise Busy(f"{root}: another process writes this log; stop it first, or read without opening for writing") from None

    def read(self) -> Intent | None:
        """The last step noted, or None."""
        return Intent.decode(os.pread(self.fd, LENGTH + 1, 0))

    def note(self, intent: Intent) -> None:
        """Note a step before it is begun."""
        self.disk.overwrite(self.fd, intent.encode())

    def close(self) -> None:
        """Let another process write."""
        os.close(self.fd)
