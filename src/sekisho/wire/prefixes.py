"""Longest-prefix and exact look-ups of many addresses at once. Addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Octets: TypeAlias = NDArray[np.uint8]
Network: TypeAlias = IPv4Network | IPv6Network

_MAPPED = 0xFFFF
_MOST = 65_536


def octets_of(column: pa.ChunkedArray[Any] | pa.Array[Any]) -> Octets:
    """A binary(16) Arrow column as shape (rows, 16) bytes; null becomes all zero."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if len(array) == 0:
        return np.zeros((0, 16), np.uint8)
    values: Any = array.buffers()[1]  # a binary(16) array always has its second buffer
    data: Octets = np.frombuffer(values, np.uint8).reshape(-1, 16)[array.offset : array.offset + len(array)]
    return np.where(there(array).reshape(-1, 1), data, np.uint8(0)) if array.null_count else data


def there(column: pa.ChunkedArray[Any] | pa.Array[Any]) -> NDArray[np.bool_]:
    """Where a column is not null."""
    valid: Any = column.is_valid()
    return np.asarray(valid.to_numpy() if isinstance(valid, pa.ChunkedArray) else valid.to_numpy(zero_copy_only=False), np.bool_)


def halves(addresses: Octets) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Upper and lower 64 bits of each address, in the machine's order."""
    wide = np.ascontiguousarray(addresses).view(">u8").astype(np.uint64)
    return wide[:, 0], wide[:, 1]


@dataclass(frozen=True, eq=False)
class _Ranges:
    """Disjoint ranges over 64-bit numbers: `owners[i]` holds from `starts[i]` on, -1 nobody."""

    starts: NDArray[np.uint64]
    owners: NDArray[np.int32]

    def find(self, values: NDArray[np.uint64]) -> NDArray[np.int32]:
        return self.owners[np.searchsorted(self.starts, values, side="right") - 1]


def _ranges(spans: list[tuple[int, int, int]]) -> _Ranges:
    """Spans (first, last, owner), nested or apart as prefixes are, to disjoint ranges: the innermost wins."""
    starts, owners = [0], [-1]
    inside: list[tuple[int, int]] = []

    def note(at: int, owner: int) -> None:
        if starts[-1] == at:
            owners[-1] = owner
        elif at < 1 << 64:
            starts.append(at)
            owners.append(owner)

    def close(before: int) -> None:
        while inside and inside[-1][0] < before:
            last, _ = inside.pop()
            note(last + 1, inside[-1][1] if inside else -1)

    for first, last, owner in sorted(spans, key=lambda s: (s[0], -s[1])):
        close(first)
        note(first, owner)
        inside.append((last, owner))
    close(1 << 65)
    return _Ranges(np.array(starts, np.uint64), np.array(owners, np.int32))


class Prefixes:
    """The operator's own prefixes. `labels[i]` is the text of prefix i, as given but in canonical form."""

    def __init__(self, cidrs: Iterable[str]) -> None:
        """Raises ValueError for text that is no prefix, for host bits set, and for more than 65,536 prefixes."""
        networks = sorted({ip_network(c) for c in cidrs}, key=lambda n: (n.version, int(n.network_address), n.prefixlen))
        if len(networks) > _MOST:
            raise ValueError(f"{len(networks)} prefixes; at most {_MOST} are kept")
        self.labels = tuple(str(n) for n in networks)
        numbered = list(enumerate(networks))
        self._four = _ranges([_span(n, i, 0) for i, n in numbered if n.version == 4])
        self._six = _ranges([_span(n, i, 64) for i, n in numbered if n.version == 6 and n.prefixlen <= 64])
        self._long = [(i, n) for i, n in sorted(numbered, key=lambda p: p[1].prefixlen) if n.version == 6 and n.prefixlen > 64]

    def find(self, addresses: Octets) -> NDArray[np.int32]:
        """The index of the longest prefix that holds each address, -1 where none does."""
        high, low = halves(addresses)
        mapped = (high == 0) & (low >> np.uint64(32) == _MAPPED)
        if mapped.all():
            return self._four.find(low & np.uint64(0xFFFFFFFF))
        found = np.where(mapped, self._four.find(low & np.uint64(0xFFFFFFFF)), self._six.find(high))
        for index, network in self._long:
            upper, first = divmod(int(network.network_address), 1 << 64)
            last = first + network.num_addresses - 1
            found[~mapped & (high == np.uint64(upper)) & (low >= np.uint64(first)) & (low <= np.uint64(last))] = index
        return found.astype(np.int32, copy=False)


def _span(network: Network, owner: int, shift: int) -> tuple[int, int, int]:
    first = int(network.network_address)
    return first >> shift, first + network.num_addresses - 1 >> shift, owner
