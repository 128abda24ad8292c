"""Reading a log's folder as C2SP tlog-tiles lays it out: hash tiles and entry bundles."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from sekisho.ledger.faults import Damaged, EntryRefused, Wrong
from sekisho.ledger.tree import EMPTY, HASH, HEIGHT, WIDTH, Edge, Tile, edge_tiles, leaf_hash, levels, perfect_root, range_root

MAX_ENTRY = 65_535
MAX_BUNDLE = WIDTH * (2 + MAX_ENTRY)


def pack(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry behind its length, two bytes big-endian. Raises EntryRefused for one too long."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise EntryRefused(f"an entry holds at most {MAX_ENTRY} bytes, this one {len(entry)}; keep the body elsewhere and commit to it")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def unpack_head(data: bytes, count: int) -> tuple[list[bytes], int]:
    """As many of the first `count` entries of a bundle as are whole, and where they end."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < count:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            break
        entries.append(data[at + 2 : end])
        at = end
    return entries, at


def unpack(data: bytes, count: int, where: object) -> list[bytes]:
    """The `count` entries of a bundle. Raises Damaged when it holds less or more."""
    entries, end = unpack_head(data, count)
    if len(entries) < count:
        raise Damaged(Wrong.TRUNCATED, where, f"the bundle ends within entry {len(entries)} of {count}")
    if end != len(data):
        raise Damaged(Wrong.TRUNCATED, where, f"bytes left over after {count} entries")
    return entries


class Files:
    """The tiles and bundles under one folder. Answers are checked for length, not for truth."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _read(self, path: str, full: str) -> tuple[bytes, Path]:
        for name in (path, full):
            try:
                with (self.root / name).open("rb") as file:
                    return file.read(MAX_BUNDLE + 1), self.root / name
            except (FileNotFoundError, NotADirectoryError):
                continue
        raise Damaged(Wrong.MISSING, self.root / path, "the checkpoint needs this file")

    def hashes(self, tile: Tile) -> list[bytes]:
        """The hashes of a tile; where the partial one is gone, the head of the full one (C2SP tlog-tiles). Raises Damaged."""
        full = Tile(tile.level, tile.index)
        data, where = self._read(tile.path, full.path)
        width = tile.width if where == self.root / tile.path else WIDTH
        if len(data) != width * HASH:
            raise Damaged(Wrong.TRUNCATED, where, f"{len(data)} bytes where {width * HASH} belong")
        return [data[at : at + HASH] for at in range(0, tile.width * HASH, HASH)]

    def bundle(self, tile: Tile) -> list[bytes]:
        """The entries under a level-0 tile. Raises Damaged."""
        data, where = self._read(tile.bundle, Tile(0, tile.index).bundle)
        return unpack(data, tile.width if where == self.root / tile.bundle else WIDTH, where)[: tile.width]

    def bundle_head(self, tile: Tile) -> list[bytes]:
        """As many of the entries under a level-0 tile as can be read."""
        try:
            return unpack_head(self._read(tile.bundle, Tile(0, tile.index).bundle)[0], tile.width)[0]
        except Damaged:
            return []

    def older(self, name: str, width: int) -> Iterator[tuple[int, Path, bytes]]:
        """Width, path and bytes of the partial files `name`.p/W narrower than `width`."""
        folder = self.root / f"{name}.p"
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.name.isdecimal() and int(file.name) < width:
                with suppress(FileNotFoundError), file.open("rb") as opened:
                    yield int(file.name), file, opened.read(MAX_BUNDLE + 1)

    def edge(self, size: int, root: bytes) -> Edge:
        """The right edge of the tree of `size` leaves. Raises Damaged when it does not come to `root`."""
        rows: list[list[bytes]] = [[] for _ in range(levels(size))]
        for tile in edge_tiles(size):
            rows[tile.level] = self.hashes(tile)
        edge = Edge(rows, size)
        if edge.root() != root:
            raise Damaged(Wrong.ALTERED, self.root / "tile", f"the tiles at the edge do not come to the signed root of {size} leaves")
        return edge

    def last_bundle(self, edge: Edge) -> list[bytes]:
        """The entries of the unfinished bundle, checked against the edge; with it the last full bundle is looked at. Raises Damaged."""
        if not edge.size:
            return []
        tail = Tile(0, (edge.size - 1) >> HEIGHT, (edge.size - 1 & 255) + 1)
        entries = self.bundle(tail)
        got = [leaf_hash(e) for e in entries]
        signed = edge.rows[0] if tail.width < WIDTH else self.hashes(tail)
        if tail.width == WIDTH and perfect_root(signed) != self.hashes(Tile(1, tail.index >> HEIGHT, (tail.index & 255) + 1))[-1]:
            raise Damaged(Wrong.ALTERED, self.root / tail.path, "does not come to the hash above it")
        for number, (mine, theirs) in enumerate(zip(got, signed, strict=True)):
            if mine != theirs:
                raise Damaged(Wrong.ALTERED, self.root / tail.bundle, f"entry {(tail.index << HEIGHT) + number} is not what was signed")
        return entries if tail.width < WIDTH else []

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """Entries [start, end) as they lie on disk. Raises Damaged."""
        for index in range(start >> HEIGHT, (end + 255) >> HEIGHT):
            first = index << HEIGHT
            yield from self.bundle(Tile(0, index, min(WIDTH, end - first)))[max(0, start - first) :]

    def beyond(self, size: int) -> Path | None:
        """A file past the edge of a tree of `size` leaves, if one is there."""
        for level in range(levels(size) + 1):
            index, width = size >> HEIGHT * (level + 1), size >> HEIGHT * level & 255
            for here in (Tile(level, index), Tile(level, index + 1)):
                for name in (here.path, here.bundle) if level == 0 else (here.path,):
                    if (self.root / name).exists():
                        return self.root / name
                    limit = width if here.index == index else 0
                    folder = self.root / f"{name}.p"
                    if folder.is_dir():
                        wider = sorted(f for f in folder.iterdir() if not f.name.isdigit() or int(f.name) > limit)
                        if wider:
                            return wider[0]
        return None


class Subtrees:
    """Hashes of subtrees of a tree of `size` leaves, from its tiles; the last tiles read are kept."""

    def __init__(self, files: Files, size: int, keep: int = 64) -> None:
        self.files = files
        self.size = size
        self.keep = keep
        self._tiles: OrderedDict[Tile, list[bytes]] = OrderedDict()

    def __call__(self, height: int, index: int) -> bytes:
        """The hash at (height, index). Raises Damaged."""
        level, within = divmod(height, HEIGHT)
        first = index << within
        count = min(WIDTH, (self.size >> HEIGHT * level) - (first >> HEIGHT << HEIGHT))
        row = self._row(Tile(level, first >> HEIGHT, count))
        at = first & 255
        return perfect_root(row[at : at + (1 << within)])

    def _row(self, tile: Tile) -> list[bytes]:
        if tile not in self._tiles:
            self._tiles[tile] = self.files.hashes(tile)
            if len(self._tiles) > self.keep:
                self._tiles.popitem(last=False)
        return self._tiles[tile]


def root_at(subtrees: Subtrees, size: int) -> bytes:
    """The root of the first `size` leaves."""
    return range_root(0, size, subtrees) if size else EMPTY
