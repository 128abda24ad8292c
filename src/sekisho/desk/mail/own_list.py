"""Files of our own that the operator fetches or exports: a block list, the register of mail accounts; read again when they have changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import ClassVar, Generic, TypeAlias, TypeVar

from sekisho.wire import block_list, mail_accounts
from sekisho.wire.block_list import BlockList
from sekisho.wire.cursor import FormError
from sekisho.wire.mail_accounts import MailAccounts

AHEAD = timedelta(minutes=10)
"""A file may seem so much newer than now; beyond it nobody knows how old it is."""
WAIT = 0.2
"""Seconds that whoever asks waits for a file that has changed: permits are heard in the same thread, twice a second."""
Seen: TypeAlias = tuple[int, int, int] | None
"""When a file was written, its size and its number; None where there is none."""
T = TypeVar("T")


@dataclass
class OwnFile(Generic[T]):
    """`path`: None where the operator named none. While a new file is read, the one before it counts, as long as it is not too old.

    Held as one: what was found, why nothing was (empty where something was), and which file it is.
    """

    path: Path | None = None
    _held: tuple[T | None, str, Seen] = field(init=False)
    _reading: Thread | None = field(default=None, repr=False)
    word: ClassVar[str]
    largest: ClassVar[int]

    def __post_init__(self) -> None:
        self._held = (None, f"{self.word}-absent", None)

    @property
    def found(self) -> T | None:
        """However old."""
        return self._held[0]

    def read(self, raw: bytes) -> T:
        """Raises FormError."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Never raises: a file that cannot be read, or says something else, is none. Who asks waits for a small file, not for a large."""
        if self._reading is not None and self._reading.is_alive():
            return
        try:
            said = self.path.stat() if self.path else None
        except OSError:
            said = None
        seen = (said.st_mtime_ns, said.st_size, said.st_ino) if said else None
        if seen is None:
            self._held = (None, f"{self.word}-absent", None)
        elif seen != self._held[2]:
            self._reading = Thread(target=self._take, args=(seen,), daemon=True)
            self._reading.start()
            self._reading.join(WAIT)

    def _take(self, seen: Seen) -> None:
        self._held = (*self._read(), seen)

    def _read(self) -> tuple[T | None, str]:
        try:
            if self.path is None:
                return None, f"{self.word}-absent"
            with self.path.open("rb") as file:
                return self.read(file.read(self.largest + 1)), ""
        except OSError:
            return None, f"{self.word}-absent"
        except FormError as no:
            return None, f"{self.word}-{no.code}"

    def at(self, now: datetime, hours: int) -> tuple[T | None, str]:
        """What it says, where it is not older than that; otherwise why there is none."""
        found, code, seen = self._held
        if found is None or seen is None:
            return None, code
        age = now - datetime.fromtimestamp(seen[0] / 1e9, now.tzinfo)
        return (found, "") if -AHEAD <= age <= timedelta(hours=hours) else (None, f"{self.word}-stale")


class OwnList(OwnFile[BlockList]):
    """Our own copy of a block list."""

    word = "list"
    largest = block_list.LARGEST

    def read(self, raw: bytes) -> BlockList:
        """Raises FormError."""
        return block_list.read_block_list(raw)


class OwnAccounts(OwnFile[MailAccounts]):
    """The day each of our mail accounts was opened, and its plan."""

    word = "accounts"
    largest = mail_accounts.LARGEST

    def read(self, raw: bytes) -> MailAccounts:
        """Raises FormError."""
        return mail_accounts.read_mail_accounts(raw)
