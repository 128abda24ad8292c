"""Where the parts of a stream lie, and which of them count. Names say nothing but the day of receipt.

    <folder>/<digest of permit and stream>/<period>/<sequence>.journal | <sequence>.segment

A segment replaces the journal of the same sequence: where both are (a crash came in between), only the segment counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sekisho.store.errors import StoreError

JOURNAL = ".journal"
SEGMENT = ".segment"
_PERIOD = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRIES = 20


@dataclass(frozen=True, order=True)
class Part:
    """One file of a stream."""

    period: str
    sequence: str
    path: Path

    @property
    def is_segment(self) -> bool:
        return self.path.suffix == SEGMENT


def stream_folder(folder: Path, permit_id: str, stream: str) -> Path:
    """Where a permit's stream lies."""
    return folder / sha256(f"sekisho/stream/{permit_id}/{stream}".encode()).hexdigest()[:32]


def periods(folder: Path, permit_id: str, stream: str) -> tuple[str, ...]:
    """The days a stream has parts of, oldest first."""
    home = stream_folder(folder, permit_id, stream)
    return tuple(sorted(p.name for p in home.iterdir() if _PERIOD.fullmatch(p.name))) if home.is_dir() else ()


def segments(folder: Path, permit_id: str, stream: str, days: Iterable[str]) -> tuple[Part, ...]:
    """The parts that count, oldest day first. A writer may rotate meanwhile: listed until two listings agree."""
    home = stream_folder(folder, permit_id, stream)
    chosen = sorted(set(days))
    if any(_PERIOD.fullmatch(d) is None for d in chosen):
        raise StoreError("bad-period", "a period is a day such as 2026-11-21")
    before = None
    for _ in range(_TRIES):
        now = {d: frozenset(p.name for p in (home / d).iterdir()) if (home / d).is_dir() else frozenset() for d in chosen}
        if now == before:
            return tuple(part for d in chosen for part in _counting(home / d, now[d]))
        before = now
    raise StoreError("restless", f"{home} changed {_TRIES} times while it was listed: try again")


def _counting(folder: Path, names: frozenset[str]) -> list[Part]:
    done = {n.removesuffix(SEGMENT) for n in names if n.endswith(SEGMENT)}
    left = {n.removesuffix(JOURNAL) for n in names if n.endswith(JOURNAL)} - done
    names_left = {s: s + JOURNAL for s in left} | {s: s + SEGMENT for s in done}
    return [Part(folder.name, s, folder / names_left[s]) for s in sorted(names_left)]


def remove_period(folder: Path, permit_id: str, stream: str, period: str) -> int:
    """Take away the files of a day whose keys are destroyed: nobody can open them any more. How many went."""
    home = stream_folder(folder, permit_id, stream) / period
    if _PERIOD.fullmatch(period) is None or not home.is_dir():
        return 0
    files = list(home.iterdir())
    for file in files:
        file.unlink()
    home.rmdir()
    return len(files)
