"""An auditor's reading of a whole log: every entry, every tile, the root, the signature, and that nothing went backwards.

Needs the folder and the public key line, nothing sealed and no lock; a log that is being written may be read.
Steps: (1) checkpoint and its signature, (2) bundles against level-0 tiles, (3) each tile against the one above it, (4) the
root against the checkpoint, (5) an older checkpoint against the same tree, (6) each entry's shape, (7) older partial files.
Where two files disagree, the one that does not come to the hash above it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sekisho.ledger.entry import Entry
from sekisho.ledger.faults import Damaged, EntryRefused, Wrong
from sekisho.ledger.files import Files, unpack_head
from sekisho.ledger.journal import NAME as WRITER
from sekisho.ledger.journal import Intent
from sekisho.ledger.note import Checkpoint, read_checkpoint
from sekisho.ledger.tree import EMPTY, HASH, HEIGHT, WIDTH, Edge, Tile, edge_tiles, leaf_hash, levels, perfect_root

MAX_PROBLEMS = 100
Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""


class About(StrEnum):
    """What a problem is about."""

    FILE = "file"  # a file that cannot be read as what it should be
    ENTRY = "entry"  # an entry is not what was signed
    SHAPE = "shape"  # an entry was signed that keep would never write
    TILE = "tile"  # a tile's hash is not that of what lies below it
    BELOW = "below"  # a tile and everything below it fit each other, and not what was signed
    OLDER = "older"  # a partial file is not the beginning of what followed it
    ROOT = "root"  # entries and tiles do not come to the signed root
    SEEN = "seen"  # the checkpoint seen earlier is not continued
    WRITER = "writer"  # the writer's note


@dataclass(frozen=True)
class Problem:
    """Something wrong: how, in which file (relative to the log), from which entry on where that can be told, and what it is about."""

    wrong: Wrong
    file: str
    index: int | None
    about: About


@dataclass(frozen=True)
class Report:
    """What a reading found. `problems` holds the first hundred, in the order of the log; `found` counts all."""

    size: int
    root: bytes
    entries: int
    problems: tuple[Problem, ...]
    found: int

    @property
    def ok(self) -> bool:
        """Whether the log is exactly what was signed."""
        return self.found == 0

    @property
    def first(self) -> Problem | None:
        """The first thing wrong, by entry."""
        return min(self.problems, key=lambda p: -1 if p.index is None else p.index, default=None)


@dataclass
class _Found:
    problems: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, wrong: Wrong, file: str, index: int | None, about: About) -> None:
        self.count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(wrong, file, index, about))

    def damaged(self, root: Path, error: Damaged, index: int | None) -> None:
        where = Path(error.where)
        self.add(error.wrong, str(where.relative_to(root)) if where.is_relative_to(root) else error.where, index, About.FILE)


def verify(
    path: Path,
    vkey: str,
    *,
    since: Checkpoint | None = None,
    shape: Callable[[bytes], object] | None = Entry.decode,
    progress: Progress | None = None,
) -> Report:
    """Read the log at `path` whole and say everything that is wrong with it. Never raises Damaged; OSError as the system does.

    `since` is a checkpoint seen (and verified) earlier; `shape` raises EntryRefused for bytes that are no entry, None takes any.
    """
    found = _Found()
    intent = _intent(path, found)
    try:
        signed = read_checkpoint(path, vkey)
    except Damaged as error:
        found.damaged(path, error, None)
        return Report(0, b"", 0, tuple(found.problems), found.count)
    if intent and intent.old > signed.size:
        found.add(Wrong.ROLLED_BACK, "checkpoint", None, About.WRITER)
    walk = _Walk(Files(path), signed, since, shape, found)
    for index in range((signed.size + WIDTH - 1) >> HEIGHT):
        walk.bundle(Tile(0, index, min(WIDTH, signed.size - (index << HEIGHT))))
        if progress:
            progress(min(signed.size, (index + 1) << HEIGHT), signed.size)
    walk.end()
    return Report(signed.size, signed.root, walk.entries, tuple(found.problems), found.count)


def _intent(path: Path, found: _Found) -> Intent | None:
    """Read before the checkpoint, so that a log being written does not look rolled back."""
    file = path / WRITER
    data = file.read_bytes() if file.is_file() else b""
    intent = Intent.decode(data)
    if data and intent is None:
        found.add(Wrong.MALFORMED, WRITER, None, About.WRITER)
    return intent


class _Walk:
    """One pass from the first entry to the last; `rows[l]` holds the hashes believed of the unfinished tile of level l."""

    def __init__(
        self, files: Files, signed: Checkpoint, since: Checkpoint | None, shape: Callable[[bytes], object] | None, found: _Found
    ) -> None:
        self.files = files
        self.signed = signed
        self.since = since
        self.shape = shape
        self.found = found
        self.entries = 0
        self.rows: list[list[bytes | None]] = [[] for _ in range(levels(signed.size) + 1)]
        self.done = [0] * len(self.rows)
        self.unsure: list[tuple[Tile, int]] = []
        self.edge_holds = self._edge_holds()
        if since and (since.origin != signed.origin or since.size > signed.size):
            wrong = Wrong.ORIGIN if since.origin != signed.origin else Wrong.ROLLED_BACK
            found.add(wrong, "checkpoint", None, About.SEEN)
            self.since = None
        elif since and since.size == 0 and since.root != EMPTY:
            self._fork()

    def _edge_holds(self) -> bool:
        try:
            self.files.edge(self.signed.size, self.signed.root)
        except Damaged:
            return False
        return True

    def bundle(self, tile: Tile) -> None:
        """Steps 2, 5, 6 and 7 for one bundle, and upwards when it is full."""
        first = tile.index << HEIGHT
        fault: Damaged | None = None
        try:
            entries = self.files.bundle(tile)
        except Damaged as error:
            fault, entries = error, self.files.bundle_head(tile)
        derived: list[bytes | None] = [leaf_hash(e) for e in entries]
        derived += [None] * (tile.width - len(entries))
        row = self._judge(tile, derived, quiet=fault is not None)
        good = [e if d == r else None for e, d, r in zip(entries, derived, row, strict=False)]
        if fault:
            self.found.damaged(self.files.root, fault, first + (good.index(None) if None in good else len(good)))
        self._shapes(first, good, tile)
        for width, file, data in self.files.older(Tile(0, tile.index).bundle, tile.width):
            read, end = unpack_head(data, width)
            self._older(file, tile, [leaf_hash(e) for e in read], row[:width], whole=end == len(data))
        if self.since and first < self.since.size <= first + tile.width:
            self._compare(self.since, [row[: self.since.size - first], *self.rows[1:]])
        if tile.width < WIDTH:
            self.rows[0] = row
        else:
            self._up(1, _root(row))

    def _up(self, level: int, value: bytes | None) -> None:
        row = self.rows[level]
        row.append(value)
        if len(row) == WIDTH:
            self.rows[level] = []
            believed = self._judge(Tile(level, self.done[level]), row)
            self.done[level] += 1
            self._up(level + 1, _root(believed))

    def end(self) -> None:
        """Steps 3 and 4 for the right edge."""
        for tile in edge_tiles(self.signed.size):
            if tile.level:
                self.rows[tile.level] = self._judge(tile, self.rows[tile.level])
        known = _known(self.rows)
        holds = known is not None and Edge(known).root() == self.signed.root
        for tile, at in self.unsure:
            self._tile_is_wrong(tile, at)
            if not holds:
                self._below(tile, at)
        if known is not None and not holds:
            self.found.add(Wrong.ALTERED, "checkpoint", None, About.ROOT)

    def _judge(self, tile: Tile, derived: Sequence[bytes | None], *, quiet: bool = False) -> list[bytes | None]:
        """Compare what lies below a tile with the tile; name who is wrong, return what to believe.

        `quiet`: what lies below was named already.
        """
        try:
            stored = self.files.hashes(tile)
        except Damaged as error:
            self.found.damaged(self.files.root, error, tile.index << HEIGHT * (tile.level + 1))
            return list(derived)
        differing = [i for i, (d, s) in enumerate(zip(derived, stored, strict=True)) if d is not None and d != s]
        believed = [s if d is None else d for d, s in zip(derived, stored, strict=True)]
        if differing and tile.width < WIDTH and not self.edge_holds:
            self.unsure.append((tile, differing[0]))
        elif differing:
            stored_holds, derived_holds = self._holds(tile, stored), self._holds(tile, believed)
            for i in differing if (stored_holds or not derived_holds) and not quiet else ():
                self._below(tile, i)
            if stored_holds:
                believed = stored
            else:
                self._tile_is_wrong(tile, differing[0])
        for width, file, data in self.files.older(Tile(tile.level, tile.index).path, tile.width):
            hashes = [data[at : at + HASH] for at in range(0, len(data), HASH)]
            self._older(file, tile, hashes, believed[:width], whole=len(data) == width * HASH)
        return list(believed)

    def _tile_is_wrong(self, tile: Tile, at: int) -> None:
        index = ((tile.index << HEIGHT) + at) << HEIGHT * tile.level
        self.found.add(Wrong.ALTERED, tile.path, index, About.TILE)

    def _below(self, tile: Tile, at: int) -> None:
        index = ((tile.index << HEIGHT) + at) << HEIGHT * tile.level
        if tile.level == 0:
            self.found.add(Wrong.ALTERED, tile.bundle, index, About.ENTRY)
        else:
            child = Tile(tile.level - 1, (tile.index << HEIGHT) + at)
            self.found.add(Wrong.ALTERED, child.path, index, About.BELOW)

    def _holds(self, tile: Tile, row: Sequence[bytes]) -> bool:
        """Whether a row comes to the hash above it; at the edge, which holds, only the stored row does."""
        if tile.width < WIDTH:
            return list(row) == self.files.hashes(tile)
        above, at = tile.index >> HEIGHT, tile.index & 255
        width = min(WIDTH, (self.signed.size >> HEIGHT * (tile.level + 1)) - (above << HEIGHT))
        try:
            return self.files.hashes(Tile(tile.level + 1, above, width))[at] == perfect_root(row)
        except Damaged:
            return False

    def _shapes(self, first: int, entries: Sequence[bytes | None], tile: Tile) -> None:
        for number, entry in enumerate(entries):
            self.entries += entry is not None
            if entry is None or self.shape is None:
                continue
            try:
                self.shape(entry)
            except EntryRefused:
                self.found.add(Wrong.MALFORMED, tile.bundle, first + number, About.SHAPE)

    def _older(self, file: Path, tile: Tile, got: Sequence[bytes], row: Sequence[bytes | None], *, whole: bool) -> None:
        """An older partial file must be the beginning of what followed it."""
        differing = [i for i, (g, r) in enumerate(zip(got, row, strict=False)) if r is not None and g != r]
        if differing or not whole or len(got) != len(row):
            at = differing[0] if differing else min(len(got), len(row))
            index = ((tile.index << HEIGHT) + at) << HEIGHT * tile.level
            self.found.add(Wrong.ALTERED, str(file.relative_to(self.files.root)), index, About.OLDER)

    def _compare(self, since: Checkpoint, rows: Sequence[Sequence[bytes | None]]) -> None:
        """Step 5, when the pass reaches the size of the older checkpoint."""
        known = _known(rows)
        if known is not None and Edge(known).root() != since.root:
            self._fork()

    def _fork(self) -> None:
        self.found.add(Wrong.FORKED, "checkpoint", None, About.SEEN)


def _root(row: Sequence[bytes | None]) -> bytes | None:
    known = [h for h in row if h is not None]
    return perfect_root(known) if len(known) == len(row) else None


def _known(rows: Sequence[Sequence[bytes | None]]) -> list[list[bytes]] | None:
    known = [[h for h in row if h is not None] for row in rows]
    return known if all(len(k) == len(r) for k, r in zip(known, rows, strict=True)) else None
