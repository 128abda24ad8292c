"""Follows FreeRADIUS's detail file from where it was left off."""

from __future__ import annotations

import json
from datetime import tzinfo
from pathlib import Path

from sekisho.wire.intervals import Assignment
from sekisho.wire.radius_detail import DetailReader

READ_AT_ONCE = 1 << 20


class AccountingLog:
    """Follows FreeRADIUS's detail file from where it was left. What was sealed is marked only after it is on disk.

    `zone`: of the lines that begin a record. None where the operator did not declare it; they then tell no time.
    """

    def __init__(self, path: Path | None, marker: Path, zone: tzinfo | None = None) -> None:
        self.path, self.marker = path, marker
        self.reader = DetailReader(server_zone=zone)
        self.inode, self.offset = _marked(marker)
        self._whole = self.offset
        self._marked = (self.inode, self.offset)

    def take(self) -> list[Assignment]:
        """Rows of whole records that came since the last call: first the rest of a file that was rotated away, then the new one."""
        if self.path is None:
            return []
        rotated = self._rotated()
        if rotated is not None:
            self._read(rotated)
        if rotated is None or self._at_end(rotated):
            self._follow()
        return self.reader.take()

    def _follow(self) -> None:
        if self.path is None or not self.path.is_file():
            return
        known = self.path.stat()
        if known.st_ino != self.inode or self.offset > known.st_size:
            self.reader.close()
            self.inode, self.offset, self._whole = known.st_ino, 0, 0
        self._read(self.path)

    def _rotated(self) -> Path | None:
        """The file we were reading, where it lies beside the log under another name now."""
        if self.path is None or not self.inode or (self.path.is_file() and self.path.stat().st_ino == self.inode):
            return None
        for other in self.path.parent.iterdir():
            if other.name.startswith(self.path.name) and other.is_file() and other.stat().st_ino == self.inode:
                return other
        return None

    def _at_end(self, file: Path) -> bool:
        """Whether nothing whole is left in a file nobody writes to any more."""
        with file.open("rb") as log:
            log.seek(self.offset)
            return b"\n\n" not in log.read(READ_AT_ONCE)

    def _read(self, file: Path) -> None:
        """Up to the last whole record. One that is longer than a reading is handed over in pieces: the reader refuses it and goes on."""
        with file.open("rb") as log:
            log.seek(self.offset)
            data = log.read(READ_AT_ONCE)
        whole = data.rfind(b"\n\n") + 2 if b"\n\n" in data else 0
        if whole:
            self._whole = self.offset + whole
        elif len(data) == READ_AT_ONCE:
            whole = len(data)
        self.reader.feed(data[:whole])
        self.offset += whole

    def mark(self) -> None:
        """Remember up to which whole record the log was read, atomically."""
        if (self.inode, self._whole) == self._marked:
            return
        self._marked = (self.inode, self._whole)
        fresh = self.marker.with_suffix(".new")
        fresh.write_text(json.dumps({"inode": self.inode, "offset": self._whole}), encoding="utf-8")
        fresh.replace(self.marker)


def _marked(marker: Path) -> tuple[int, int]:
    """Where the log was left. A marker that cannot be read means its start: rows read twice can be told, rows never read cannot."""
    try:
        said = json.loads(marker.read_text(encoding="utf-8"))
        return int(said["inode"]), max(0, int(said["offset"]))
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0
