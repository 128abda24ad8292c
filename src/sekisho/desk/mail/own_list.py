"""Files of our own that the operator fetches or exports: a block list, the register of mail accounts; read again when they have changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from sekisho.wire import block_list, mail_accounts
from sekisho.wire.block_list import BlockList
from sekisho.wire.cursor import FormError
from sekisho.wire.mail_accounts import MailAccounts

AHEAD = timedelta(minutes=10)
"""A file may seem so much newer than now; beyond it nobody knows how old it is."""
T = TypeVar("T")


@dataclass
class OwnFile(Generic[T]):
    """`path`: None where the operator named none. `code`: why it cannot be used; empty where it can."""

    path: Path | None = None
    found: T | None = None
    code: str = ""
    _seen: tuple[int, int, int] | None = None
    word: ClassVar[str]
    largest: ClassVar[int]

    def __post_init__(self) -> None:
        self.code = f"{self.word}-absent"

    def read(self, raw: bytes) -> T:
        """Raises FormError."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Never raises: a file that cannot be read, or says something else, is none."""
        try:
            said = self.path.stat() if self.path else None
        except OSError:
            said = None
        seen = (said.st_mtime_ns, said.st_size, said.st_ino) if said else None
        if seen != self._seen:
            self.found, self.code = self._read()
            self._seen = seen

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
        if self.found is None or self._seen is None:
            return None, self.code
        age = now - datetime.fromtimestamp(self._seen[0] / 1e9, now.tzinfo)
        return (self.found, "") if -AHEAD <= age <= timedelta(hours=hours) else (None, f"{self.word}-stale")


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
