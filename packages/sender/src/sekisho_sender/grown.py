"""Files of one JSON object a line that only grow, and survive a kill at any moment."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sekisho_sender.record import canonical


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One writer at a time; others wait."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read_whole(file: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a file of ours, none when it is not there. A torn last line is what a kill left; `append` cuts it off."""
    if not file.exists():
        return
    with file.open("rb") as lines:
        for raw in lines:
            if raw.endswith(b"\n"):
                yield json.loads(raw)


def append(file: Path, rows: list[dict[str, Any]]) -> None:
    """Add the lines and have them on the disk before returning."""
    if not rows:
        return
    cut_torn_line(file)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as out:
        out.write(b"".join(canonical(row) + b"\n" for row in rows))
        out.flush()
        os.fsync(out.fileno())


def cut_torn_line(file: Path) -> None:
    if not file.exists():
        return
    size = file.stat().st_size
    with file.open("rb+") as there:
        end = size
        while end:
            start = max(0, end - 65536)
            there.seek(start)
            found = there.read(end - start).rfind(b"\n")
            if found >= 0:
                end = start + found + 1
                break
            end = start
        if end != size:
            there.truncate(end)
