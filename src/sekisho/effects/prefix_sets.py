"""What rules in the kernel are made of, whatever the effect: prefixes read from a scope, each length in a plain hash set of its own."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from sekisho.effects.nft import Member
from sekisho.law.words import Value

HEART = 10
"""Seconds that the rules of a permit outlive whoever last renewed them."""
FIELDS = {4: ("ip", "ipv4_addr"), 6: ("ip6", "ipv6_addr")}

Prefix = ipaddress.IPv4Network | ipaddress.IPv6Network
Members = dict[tuple[int, int], dict[str, Member]]


class BadScope(ValueError):
    """The permit's scope cannot be made into rules: `where` names the word, `said` what stands there."""

    code = "bad-scope"

    def __init__(self, where: str, said: object) -> None:
        super().__init__(where, said)
        self.where = where
        self.said = str(said)[:80]


def prefixes(scope: Mapping[str, Value], word: str) -> tuple[Prefix, ...]:
    """The prefixes under that word of a scope; none where it is absent. Raises BadScope."""
    said = scope.get(word, ())
    if not isinstance(said, tuple):
        raise BadScope(f"scope.{word}", said)
    found: list[Prefix] = []
    for one in said:
        try:
            prefix = ipaddress.ip_network(one) if isinstance(one, str) else None
        except ValueError:
            prefix = None
        if prefix is None or not prefix.prefixlen:
            raise BadScope(f"scope.{word}", one)
        found.append(prefix)
    return tuple(found)


def read_lines(scope: Mapping[str, Value]) -> tuple[tuple[Prefix, ...], int]:
    """The ranges of lines, and how long a prefix each has of IPv6. Raises BadScope."""
    ranges = prefixes(scope, "ranges")
    if not ranges:
        raise BadScope("scope.ranges", "")
    for one, other in pairwise(sorted(ranges, key=lambda r: (r.version, r.network_address, r.prefixlen))):
        if one.version == other.version and one.overlaps(other):
            raise BadScope("scope.ranges", f"{one} {other}")
    length = number(scope, "line_v6", 128) if any(r.version == 6 for r in ranges) else 64
    return ranges, length


def number(scope: Mapping[str, Value], word: str, most: int) -> int:
    """A whole number under that word of a scope, from 1 to `most`. Raises BadScope."""
    said = scope.get(word)
    if not isinstance(said, int) or isinstance(said, bool) or not 0 < said <= most:
        raise BadScope(f"scope.{word}", said)
    return said


def same_member(prefixes: Iterable[Prefix], member: Member) -> Members:
    """Prefixes by family and length, each in a set of its own and all as one member."""
    found: Members = {}
    for one in prefixes:
        found.setdefault((one.version, one.prefixlen), {})[str(one.network_address)] = member
    return found


def inside(version: int, length: int, side: str, name: str) -> tuple[str, Any]:
    """That one side's prefix of this length is in a set: in nft's words, and as nft tells it."""
    protocol = FIELDS[version][0]
    payload: Any = {"payload": {"protocol": protocol, "field": side}}
    whole = ipaddress.ip_network(("0.0.0.0/" if version == 4 else "::/") + str(length))
    words = f"{protocol} {side}"
    if length != whole.max_prefixlen:
        words, payload = f"{words} & {whole.netmask} ==", {"&": [payload, str(whole.netmask)]}
    return f"{words} @{name}", {"match": {"op": "==", "left": payload, "right": f"@{name}"}}


def seconds_left(until: datetime, now: datetime) -> int:
    """Whole seconds from `now` to `until`."""
    return int((until - now).total_seconds() // 1)
