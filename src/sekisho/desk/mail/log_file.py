"""The mail server's log as a file that grows: what is new since the last time, over rotation and truncation. Nothing of it is kept.

What was written before somebody might look is never read. The file stays open in between: what is written to it after its name was
given to another one is read as well, whatever it is called then, or packed and gone.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sekisho.wire.mail_log import Lines, Said, read_line

AT_ONCE = 4 << 20
"""Octets of one reading; what is behind them waits for the next."""


@dataclass
class LogFile:
    """`path`: None where the operator named none. `counters` get a word for what could not be read."""

    path: Path | None
    counters: Counter[str]
    _file: BinaryIO | None = field(default=None, repr=False)
    _lines: Lines = field(default_factory=Lines)

    def close(self) -> None:
        """Nobody may read it any more: what comes until somebody may again is never read."""
        if self._file is not None:
            self._file.close()
        self._file = None
        self._lines.drop()

    def read(self) -> list[Said]:
        """What the log says new, AT_ONCE octets at most. Never raises."""
        if self.path is None:
            return []
        try:
            if self._file is None:
                self._file = self.path.open("rb", buffering=0)
                self._to_its_end(self._file)
            part = self._more(self._file)
            if not part and (fresh := self._another(self.path, self._file)) is not None:
                self._file.close()
                self._file = fresh
                self._lines.drop()
                part = self._more(fresh)
        except OSError:
            self.counters["mail-log-unreadable"] += 1
            return []
        found = [said for line in self._lines.feed(part) if (said := read_line(line)) is not None]
        self.counters += Counter({"mail-log-too-long": self._lines.too_long})
        self._lines.too_long = 0
        return found

    def _to_its_end(self, file: BinaryIO) -> None:
        """In the middle of a line, behind that line."""
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        self._lines.drop(within=file.read(1) not in (b"", b"\n"))

    def _more(self, file: BinaryIO) -> bytes:
        """A file that became shorter begins anew."""
        if os.fstat(file.fileno()).st_size < file.tell():
            file.seek(0)
            self._lines.drop()
        return file.read(AT_ONCE)

    @staticmethod
    def _another(path: Path, file: BinaryIO) -> BinaryIO | None:
        """The file that has the name now, where it is not the one that is open. None while there is none."""
        try:
            fresh = path.open("rb", buffering=0)
        except FileNotFoundError:
            return None
        if os.path.sameopenfile(fresh.fileno(), file.fileno()):
            fresh.close()
            return None
        return fresh
