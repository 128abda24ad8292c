"""Follows FreeRADIUS's detail file from where it was left off."""

from __future__ import annotations

import json
import os
from datetime import UTC
from pathlib import Path

from sekisho.wire.intervals import Assignment
from sekisho.wire.radius_detail import DetailReader

READ_AT_ONCE = 1 << 20


class AccountingLog:
    """Follows FreeRADIUS's detail file from where it was left. What was sealed is marked only after it is on disk."""

    def __init__(self, path: Path | None, marker: Path) -> None:
        self.path, self.marker = path, marker
        self.reader = DetailReader(server_zone=UTC)
        self.inode, self.offset = 0, 0
        self._marked = (0, 0)
        if marker.is_file():
            said = json.loads(marker.read_text(encoding="utf-8"))
            self.inode, self.offset = int(said["inode"]), int(said["offset"])

    def take(self) -> list[Assignment]:
        """Rows of whole records that came since the last call. A new file under the name is read from its start."""
        if self.path is None or not self.path.is_file():
            return []
        with self.path.open("rb") as log:
            inode = os.fstat(log.fileno()).st_ino
            if inode != self.inode or self.offset > os.fstat(log.fileno()).st_size:
                self.reader.close()
                self.inode, self.offset = inode, 0
            log.seek(self.offset)
            data = log.read(READ_AT_ONCE)
        whole = data.rfind(b"\n\n") + 2 if b"\n\n" in data else 0
        self.reader.feed(data[:whole])
        self.offset += whole
        return self.reader.take()

    def mark(self) -> None:
        """Remember how far the log was read, atomically."""
        if (self.inode, self.offset) == self._marked:
            return
        self._marked = (self.inode, self.offset)
        fresh = self.marker.with_suffix(".new")
        fresh.write_text(json.dumps({"inode": self.inode, "offset": self.offset}), encoding="utf-8")
        fresh.replace(self.marker)
