"""A list of networks that send unwanted mail, as block lists are handed out to be kept: one address or prefix a line (rbldns-data(8)).

`!` before it: not listed, whatever else the file says. `:a:text`, `$…` are for name servers; `#` and `;` begin a remark. A line that is
none of these spoils the whole list: of half a list nobody knows which half.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from sekisho.wire.cursor import FormError

WHO = "block-list"
LARGEST = 64 << 20
SHORTEST = {4: 8, 6: 16}
"""A prefix shorter than this would be a mistake (rbldns-data(8) has 8, too)."""
OCTETS = {str(n): n for n in range(256)}
SIZES = {str(n): 1 << 32 - n for n in range(SHORTEST[4], 33)}
"""Addresses under a prefix of version 4, by how its length is written."""
Span: TypeAlias = tuple[int, int, int]
"""Version, first and last address."""
Spans: TypeAlias = tuple[list[int], list[int]]
"""First and last address of each span, in order, none touching another."""


@dataclass(frozen=True)
class BlockList:
    """`entries`: lines that list something. `spans`, `spared`: by version of the address."""

    entries: int
    spans: dict[int, Spans] = field(repr=False)
    spared: dict[int, Spans] = field(repr=False)

    def names(self, address: str) -> bool:
        """Whether the list names it. What is no address, it does not; one of version 4 written as 6 is one of 4."""
        if (number := _number(address)) is not None:
            return self._lists(4, number)
        try:
            one = ipaddress.ip_address(address)
        except ValueError:
            return False
        one = (one.ipv4_mapped if one.version == 6 else None) or one
        return self._lists(one.version, int(one))

    def _lists(self, version: int, number: int) -> bool:
        return _in(self.spans[version], number) and not _in(self.spared[version], number)


def read_block_list(raw: bytes) -> BlockList:
    """Raises FormError: too-large, not-text, bad-line (with its number), empty."""
    if len(raw) > LARGEST:
        raise FormError(WHO, "too-large")
    try:
        lines = raw.decode("ascii", "strict").splitlines()
    except UnicodeDecodeError as why:
        raise FormError(WHO, "not-text", f"octet {why.start}") from why
    listed: list[Span] = []
    spared: list[Span] = []
    for number, line in enumerate(lines, 1):
        if (plain := _plain(line)) is not None:
            listed.append(plain)
            continue
        words = line.split("#")[0].split(";")[0].split()
        if not words or (words[0][0] in ":$" and not words[0].startswith("::")):
            continue
        entry = words[0].partition(":")[0] if "." in words[0] else words[0]
        (spared if entry.startswith("!") else listed).append(_network(entry.lstrip("!"), number))
    if not listed:
        raise FormError(WHO, "empty")
    return BlockList(len(listed), *({v: _spans((a, b) for w, a, b in side if w == v) for v in SHORTEST} for side in (listed, spared)))


def _plain(line: str) -> Span | None:
    """What nearly every line is, an address or prefix of version 4 and nothing else; None: to be read with care."""
    address, slash, length = line.partition("/")
    first, size = _number(address), SIZES.get(length) if slash else 1
    return None if first is None or size is None or first % size else (4, first, first + size - 1)


def _number(address: str) -> int | None:
    """An address of version 4, as nearly every one is; None: to be read with care."""
    try:
        one, two, three, four = address.split(".")
        return OCTETS[one] << 24 | OCTETS[two] << 16 | OCTETS[three] << 8 | OCTETS[four]
    except (KeyError, ValueError):
        return None


def _network(entry: str, line: int) -> Span:
    try:
        found = ipaddress.ip_network(entry)
    except ValueError as why:
        raise FormError(WHO, "bad-line", f"line {line}") from why
    if found.prefixlen < SHORTEST[found.version]:
        raise FormError(WHO, "bad-line", f"line {line}")
    return found.version, int(found.network_address), int(found.broadcast_address)


def _spans(networks: Iterable[tuple[int, int]]) -> Spans:
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in sorted(networks):
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts


def _in(spans: Spans, number: int) -> bool:
    firsts, lasts = spans
    at = bisect_right(firsts, number) - 1
    return at >= 0 and number <= lasts[at]
