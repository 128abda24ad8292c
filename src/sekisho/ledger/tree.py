"""Merkle trees of RFC 6962, cut into the tiles of C2SP tlog-tiles. Pure functions; no files, no clock.

A subtree hash is addressed by (height, index): the root of the leaves [index * 2**height, (index + 1) * 2**height).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = 32
EMPTY = hashlib.sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""Gives the hash at (height, index)."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 2**k sibling hashes, k >= 0."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def fold(hashes: Sequence[bytes], right: bytes | None = None) -> bytes | None:
    """Fold siblings, and what lies to the right of them, into one root; None where there is nothing at all."""
    end = len(hashes)
    size = 1
    while end:
        if end & size:
            left = perfect_root(hashes[end - size : end])
            right = left if right is None else node_hash(left, right)
            end -= size
        size <<= 1
    return right


@dataclass(frozen=True)
class Tile:
    """Where a tile lies: level, index in the level, and width (1 to 256 hashes)."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """`tile/L/N[.p/W]`, relative to the log (C2SP tlog-tiles)."""
        return _tile_path(str(self.level), self.index, self.width)

    @property
    def bundle(self) -> str:
        """`tile/entries/N[.p/W]`: the entries under this level-0 tile."""
        return _tile_path("entries", self.index, self.width)


def _tile_path(level: str, index: int, width: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < WIDTH else "")


def edge_tiles(size: int) -> list[Tile]:
    """The partial tiles at the right edge of a tree, lowest level first. Full tiles are not among them."""
    return [Tile(level, size >> HEIGHT * (level + 1), width) for level in range(levels(size)) if (width := size >> HEIGHT * level & 255)]


def levels(size: int) -> int:
    """How many tile levels a tree of `size` leaves has."""
    count = 0
    while size >> HEIGHT * count:
        count += 1
    return count


def new_tiles(old: int, new: int) -> list[Tile]:
    """Every tile a log of `new` leaves has to write beyond one of `old`, lowest level first (C2SP tlog-tiles)."""
    tiles = []
    for level in range(levels(new)):
        was, now = old >> HEIGHT * level, new >> HEIGHT * level
        if was == now:
            continue
        tiles += [Tile(level, n) for n in range(was >> HEIGHT, now >> HEIGHT)]
        if now & 255:
            tiles.append(Tile(level, now >> HEIGHT, now & 255))
    return tiles


class Edge:
    """The right edge of a growing tree: for each tile level, the hashes not yet in a full tile. `size` counts leaves."""

    def __init__(self, rows: Sequence[Sequence[bytes]] = (), size: int = 0) -> None:
        self.rows = [list(row) for row in rows]
        self.size = size

    def copy(self) -> Edge:
        """An edge that grows apart from this one."""
        return Edge(self.rows, self.size)

    def push(self, leaf: bytes) -> Iterator[tuple[Tile, list[bytes]]]:
        """Add a leaf's hash; yields each tile that became full, with its hashes. Must be exhausted."""
        self.size += 1
        return self._push(0, leaf)

    def _push(self, level: int, value: bytes) -> Iterator[tuple[Tile, list[bytes]]]:
        if level == len(self.rows):
            self.rows.append([])
        row = self.rows[level]
        row.append(value)
        if len(row) == WIDTH:
            self.rows[level] = []
            yield Tile(level, (self.size >> HEIGHT * (level + 1)) - 1), row
            yield from self._push(level + 1, perfect_root(row))

    def root(self) -> bytes:
        """The root of the tree so far."""
        right: bytes | None = None
        for row in self.rows:
            right = fold(row, right)
        return EMPTY if right is None else right


def range_root(low: int, high: int, subtree: Subtree) -> bytes:
    """The root over leaves [low, high), where `low` is a multiple of the power of two that covers the range."""
    right: bytes | None = None
    end, height = high, 0
    while end > low:
        if end >> height & 1 or end - (1 << height) == low:
            left = subtree(height, (end >> height) - 1)
            right = left if right is None else node_hash(left, right)
            end -= 1 << height
        height += 1
    return EMPTY if right is None else right


def _split(count: int) -> int:
    """The largest power of two smaller than `count` (RFC 6962 §2.1)."""
    return 1 << (count - 1).bit_length() - 1


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, leaf's sibling first (RFC 6962 §2.1.1).

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(range_root(middle, high, subtree))
            high = middle
        else:
            path.append(range_root(low, middle, subtree))
            low = middle
    return path[::-1]


def consistency(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of `old` leaves is a prefix of that of `new` (RFC 6962 §2.1.2). Raises IndexError for sizes out of order."""
    if not 0 <= old <= new:
        raise IndexError(f"a tree of {old} leaves is no prefix of one of {new}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    low, high, whole = 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(range_root(middle, high, subtree))
            high = middle
        else:
            path.append(range_root(low, middle, subtree))
            low, whole = middle, False
    if not whole:
        path.append(range_root(low, high, subtree))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that `leaf` (its hash) is number `index` under `root` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and value == root


def check_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `path` proves that the tree under `new_root` continues the one under `old_root` (RFC 9162 §2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not path and (old_root == EMPTY if old == 0 else old_root == new_root)
    proof = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not proof:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = proof[0]
    for value in proof[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = node_hash(value, first), node_hash(value, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, value)
        node, last = node >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
