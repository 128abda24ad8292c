"""Our own copy of a block list, read from a file that the operator fetches; read again when the file has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sekisho.wire.block_list import LARGEST, BlockList, read_block_list
from sekisho.wire.cursor import FormError

AHEAD = timedelta(minutes=10)
"""A file may seem so much newer than now; beyond it nobody knows how old it is."""


@dataclass
class OwnList:
    """`path`: None where the operator named none. `code`: why it cannot be used; empty where it can."""

    path: Path | None = None
    found: BlockList | None = None
    code: str = "list-absent"
    _seen: tuple[int, int, int] | None = None

    def refresh(self) -> None:
        """Never raises: a file that cannot be read, or says something else than a list, is no list."""
        try:
            said = self.path.stat() if self.path else None
        except OSError:
            said = None
        seen = (said.st_mtime_ns, said.st_size, said.st_ino) if said else None
        if seen != self._seen:
            self.found, self.code = self._read()
            self._seen = seen

    def _read(self) -> tuple[BlockList | None, str]:
        try:
            if self.path is None:
                return None, "list-absent"
            with self.path.open("rb") as file:
                return read_block_list(file.read(LARGEST + 1)), ""
        except OSError:
            return None, "list-absent"
        except FormError as no:
            return None, f"list-{no.code}"

    def at(self, now: datetime, hours: int) -> tuple[BlockList | None, str]:
        """The list, where it is not older than that; otherwise why there is none."""
        if self.found is None or self._seen is None:
            return None, self.code
        age = now - datetime.fromtimestamp(self._seen[0] / 1e9, now.tzinfo)
        return (self.found, "") if -AHEAD <= age <= timedelta(hours=hours) else (None, "list-stale")
