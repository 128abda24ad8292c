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

from sekisho.effects.nft import Chain, Member, Rule, Set, kind_of, reads
from sekisho.effects.prefix_sets import FIELDS, HEART, BadScope, Members, Prefix, inside, prefixes, same_member, seconds_left
from sekisho.gate.permit import Permit
from sekisho.law.words import Value

STEP = "block-port-25"
ROAMED = "block-roamed"
"""The owner of the lines does it: nothing of it stands in this kernel."""
PORT = 25
TCP: tuple[str, Any] = ("meta l4proto tcp", {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "tcp"}})
RESET = "tcp reset"
REFUSE: tuple[str, Any] = (f"counter reject with {RESET}", {"reject": {"type": RESET}})
LET: tuple[str, Any] = ("return", {"return": None})

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
    ranges = prefixes(scope, "ranges")
    if not ranges:
        raise BadScope("scope.ranges", "")
    static = prefixes(scope, "static")
    for one in static:
        if not any(one.version == r.version and one.subnet_of(r) for r in ranges):  # type: ignore[arg-type] # versions are equal
            raise BadScope("scope.static", one)
    return ranges, prefixes(scope, "own_mail"), static


def rules(block: Block, now: datetime) -> tuple[dict[str, Set], dict[str, Chain], Rule]:
    """Its sets and chains, and the rule that leads to them."""
    left = seconds_left(block.until, now)
    name = block.permit.replace("-", "_")
    sets = {f"{name}_live": Set(kind_of(type="inet_proto", flags=["timeout"]), {"tcp": Member(block.permit, min(left, HEART))})}
    found: list[Rule] = []
    for suffix, side, verdict, members in _groups(block, now):
        for (version, length), group in sorted(members.items()):
            its = f"{name}_{suffix}{version}_{length}"
            sets[its] = Set(kind_of(type=FIELDS[version][1], flags=["timeout"]), group)
            found.append(_rule(block.permit, [TCP, inside(version, length, side, its), verdict]))
    return sets, {name: Chain("{}", tuple(found))}, _entry(block.permit, name)


def _groups(block: Block, now: datetime) -> list[tuple[str, str, tuple[str, Any], Members]]:
    """In the order of the rules: what is let through first, what is refused last."""
    left = seconds_left(block.until, now)
    whole = Member(block.permit, left)
    opened: Members = {}
    for one in block.opened:
        if (its := min(left, seconds_left(one.until, now))) > 0:
            prefix = ipaddress.ip_network(one.prefix)
            opened.setdefault((prefix.version, prefix.prefixlen), {})[str(prefix.network_address)] = Member(f"{block.permit} {one.id}", its)
    return [
        ("mail", "daddr", LET, same_member(block.own_mail, whole)),
        ("static", "saddr", LET, same_member(block.static, whole)),
        ("open", "saddr", LET, opened),
        ("range", "saddr", REFUSE, same_member(block.ranges, whole)),
    ]


def _entry(permit: str, name: str) -> Rule:
    port = (f"tcp dport {PORT}", {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": PORT}})
    live = (f"meta l4proto @{name}_live", {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": f"@{name}_live"}})
    return _rule(permit, [port, live, (f"jump {name}", {"jump": {"target": name}})])


def _rule(permit: str, parts: list[tuple[str, Any]]) -> Rule:
    counter = [{"counter": None}] if parts[-1] is REFUSE else []
    told = [*(p[1] for p in parts[:-1]), *counter, parts[-1][1]]
    return Rule(permit, reads(told), " ".join(p[0] for p in parts))
