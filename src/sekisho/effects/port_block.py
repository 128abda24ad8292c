"""Port 25 outward is refused to lines with dynamic addresses, but for the operator's own mail servers and lines that were opened.

`scope` of the permit: `ranges` (prefixes that dynamic addresses are given from), `own_mail` (addresses), `static` (prefixes in the
ranges that are given for good). Ends within seconds when nobody renews it: then port 25 is open again, as the law has it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sekisho.effects.nft import Chain, Member, Rule, Set, Table, kind_of, reads
from sekisho.gate.permit import Permit
from sekisho.law.words import Value

STEP = "block-port-25"
PORT = 25
HEART = 10
"""Seconds that the rules of a permit outlive whoever last renewed them."""
FORWARD = kind_of(type="filter", hook="forward", prio=0, policy="accept")
FIELDS = {4: ("ip", "ipv4_addr"), 6: ("ip6", "ipv6_addr")}
TCP: tuple[str, Any] = ("meta l4proto tcp", {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "tcp"}})
RESET = "tcp reset"
REFUSE: tuple[str, Any] = (f"counter reject with {RESET}", {"reject": {"type": RESET}})
LET: tuple[str, Any] = ("return", {"return": None})

Prefix = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadScope(ValueError):
    """The permit's scope cannot be made into rules: `where` names the word, `said` what stands there."""

    code = "bad-scope"

    def __init__(self, where: str, said: object) -> None:
        super().__init__(where, said)
        self.where = where
        self.said = str(said)[:80]


@dataclass(frozen=True)
class Opened:
    """A line that may send directly all the same: its prefix, until when, and the id of the signed exception."""

    id: str
    prefix: str
    until: datetime


@dataclass(frozen=True)
class Block:
    """A permit read: which prefixes it is about."""

    permit: str
    until: datetime
    ranges: tuple[Prefix, ...]
    own_mail: tuple[Prefix, ...]
    static: tuple[Prefix, ...]
    opened: tuple[Opened, ...] = field(default=())


def compile_block(permit: Permit, opened: Iterable[Opened] = ()) -> Block:
    """Raises BadScope for a scope that is not of this step's form."""
    return Block(permit.id, permit.until, *read_scope(permit.scope), tuple(opened))


def read_scope(scope: Mapping[str, Value]) -> tuple[tuple[Prefix, ...], tuple[Prefix, ...], tuple[Prefix, ...]]:
    """Ranges, own mail servers and static prefixes. Raises BadScope."""
    ranges = _prefixes(scope, "ranges")
    if not ranges:
        raise BadScope("scope.ranges", "")
    static = _prefixes(scope, "static")
    for one in static:
        if not any(one.version == r.version and one.subnet_of(r) for r in ranges):  # type: ignore[arg-type] # versions are equal
            raise BadScope("scope.static", one)
    return ranges, _prefixes(scope, "own_mail"), static


def _prefixes(scope: Mapping[str, Value], word: str) -> tuple[Prefix, ...]:
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


def table(blocks: Iterable[Block], now: datetime) -> Table:
    """What should stand in the kernel at `now`: nothing of a permit that is over."""
    sets: dict[str, Set] = {}
    chains: dict[str, Chain] = {}
    entries: list[Rule] = []
    for block in sorted(blocks, key=lambda b: b.permit):
        left = _seconds(block.until, now)
        if left <= 0:
            continue
        name = block.permit.replace("-", "_")
        sets[f"{name}_live"] = Set(kind_of(type="inet_proto", flags=["timeout"]), {"tcp": Member(block.permit, min(left, HEART))})
        rules: list[Rule] = []
        for suffix, side, verdict, members in _groups(block, now):
            for (version, length), group in sorted(members.items()):
                its = f"{name}_{suffix}{version}_{length}"
                sets[its] = Set(kind_of(type=FIELDS[version][1], flags=["timeout"]), group)
                rules.append(_rule(block.permit, [TCP, _in(version, length, side, its), verdict]))
        chains[name] = Chain("{}", tuple(rules))
        entries.append(_entry(block.permit, name))
    return Table(sets, {**({"forward": Chain(FORWARD, tuple(entries))} if entries else {}), **chains})


Members = dict[tuple[int, int], dict[str, Member]]


def _groups(block: Block, now: datetime) -> list[tuple[str, str, tuple[str, Any], Members]]:
    """In the order of the rules: what is let through first, what is refused last."""
    left = _seconds(block.until, now)
    whole = Member(block.permit, left)
    opened: Members = {}
    for one in block.opened:
        if (its := min(left, _seconds(one.until, now))) > 0:
            prefix = ipaddress.ip_network(one.prefix)
            opened.setdefault((prefix.version, prefix.prefixlen), {})[str(prefix.network_address)] = Member(f"{block.permit} {one.id}", its)
    return [
        ("mail", "daddr", LET, _same(block.own_mail, whole)),
        ("static", "saddr", LET, _same(block.static, whole)),
        ("open", "saddr", LET, opened),
        ("range", "saddr", REFUSE, _same(block.ranges, whole)),
    ]


def _same(prefixes: Iterable[Prefix], member: Member) -> Members:
    found: Members = {}
    for one in prefixes:
        found.setdefault((one.version, one.prefixlen), {})[str(one.network_address)] = member
    return found


def _in(version: int, length: int, side: str, name: str) -> tuple[str, Any]:
    """That one side's prefix of this length is in a set: in nft's words, and as nft tells it."""
    protocol = FIELDS[version][0]
    payload: Any = {"payload": {"protocol": protocol, "field": side}}
    whole = ipaddress.ip_network(("0.0.0.0/" if version == 4 else "::/") + str(length))
    words = f"{protocol} {side}"
    if length != whole.max_prefixlen:
        words, payload = f"{words} & {whole.netmask} ==", {"&": [payload, str(whole.netmask)]}
    return f"{words} @{name}", {"match": {"op": "==", "left": payload, "right": f"@{name}"}}


def _entry(permit: str, name: str) -> Rule:
    port = (f"tcp dport {PORT}", {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": PORT}})
    live = (f"meta l4proto @{name}_live", {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": f"@{name}_live"}})
    return _rule(permit, [port, live, (f"jump {name}", {"jump": {"target": name}})])


def _rule(permit: str, parts: list[tuple[str, Any]]) -> Rule:
    counter = [{"counter": None}] if parts[-1] is REFUSE else []
    told = [*(p[1] for p in parts[:-1]), *counter, parts[-1][1]]
    return Rule(permit, reads(told), " ".join(p[0] for p in parts))


def _seconds(until: datetime, now: datetime) -> int:
    return int((until - now).total_seconds() // 1)
