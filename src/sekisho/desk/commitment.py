"""The commitment to a set of recipients: an RFC 6962 tree over salted leaves, sorted by hash: the order of a list says nothing.

Whoever approves signs the root. Whoever sends opens one recipient and asks whether this very person, address, language and fields are a
leaf under that root; nobody added later is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sekisho.law.campaign import Recipient
from sekisho.law.canonical import canonical
from sekisho.ledger.tree import check_inclusion, inclusion, leaf_hash, node_hash, range_root


def leaf(person: Recipient) -> bytes:
    """The leaf of one recipient: 32 bytes that nobody can guess an address from, for want of the salt."""
    return leaf_hash(b"sekisho recipient\x00" + canonical(person))


def ordered(people: Iterable[Recipient]) -> list[tuple[bytes, Recipient]]:
    """Leaf and recipient, as they are numbered."""
    return sorted(((leaf(p), p) for p in people), key=lambda pair: pair[0])


def root(leaves: Sequence[bytes]) -> str:
    """The commitment, in hex."""
    return range_root(0, len(leaves), _levels(tuple(leaves)).at).hex()


@lru_cache(maxsize=2)
def _levels(leaves: tuple[bytes, ...]) -> _Levels:
    return _Levels(leaves)


def paths(leaves: tuple[bytes, ...], numbers: Iterable[int]) -> list[tuple[str, ...]]:
    """The audit path of each of these leaves, in hex. Raises IndexError for a number that is not there."""
    levels = _levels(leaves)  # once: to find it again takes as long as the set is large
    return [tuple(h.hex() for h in inclusion(number, len(leaves), levels.at)) for number in numbers]


def belongs(person: Recipient, number: int, size: int, way: Iterable[str], committed: str) -> bool:
    """Whether this recipient, to the last byte, is number `number` of the `size` that were approved."""
    try:
        return check_inclusion(leaf(person), number, size, [bytes.fromhex(h) for h in way], bytes.fromhex(committed))
    except ValueError:
        return False


class _Levels:
    """Every perfect subtree of a tree, made once."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.rows = [list(leaves)]
        while len(self.rows[-1]) > 1:
            below = self.rows[-1]
            self.rows.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])

    def at(self, height: int, index: int) -> bytes:
        return self.rows[height][index]
