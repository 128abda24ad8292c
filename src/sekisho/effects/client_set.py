"""Whose questions the resolver tells of: devices that agreed are led to a port of its own for what they agreed to, and nobody else is.

A device is known by hardware address and address together, in every packet; a borrowed address is nobody's. Each member ends by itself
within HEART seconds of whoever renewed it last. The guard stays: that port hears nobody who is not a member, whatever happens to us.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from sekisho.effects.nft import Chain, Member, Rule, Set, Table, kind_of, reads
from sekisho.effects.prefix_sets import FIELDS, seconds_left

TABLE = "sekisho_clients"
DNS = 53
GRAIN = 5
"""Members are renewed together, every so many seconds; each lives for more than one GRAIN and at most two."""
HEART = 2 * GRAIN
GUARD = "guard"
TO_NAT = kind_of(type="nat", hook="prerouting", prio=-100, policy="accept")
TO_US = kind_of(type="filter", hook="input", prio=0, policy="accept")
Part = tuple[str, Any]
"""Of a rule: in nft's words, and as nft tells it."""
BOTH: Part = ("meta l4proto { tcp, udp }", {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": {"set": ["tcp", "udp"]}}})
OURS: Part = (
    "fib daddr type local",
    {"match": {"op": "==", "left": {"fib": {"result": "type", "flags": ["daddr"]}}, "right": "local"}},
)
"""Questions to this machine alone: who asks another resolver is not led here."""
COUNT: Part = ("counter", {"counter": None})
ACCEPT: Part = ("accept", {"accept": None})
NOBODY: Sequence[tuple[str, Part]] = (
    ("udp", ("reject", {"reject": {"type": "icmpx", "expr": "port-unreachable"}})),
    ("tcp", ("reject with tcp reset", {"reject": {"type": "tcp reset"}})),
)


@dataclass(frozen=True)
class Client:
    """One address of one device. `agreed`: the name of the port it is led to; `permits`: what carries that, until `until`."""

    hardware: str
    address: str
    agreed: str
    permits: tuple[str, ...]
    until: datetime


def ports(purposes: Sequence[str], first: int) -> Mapping[str, int]:
    """A port for each combination of purposes, by its name "one+other", in an order that does not change when a purpose is added."""
    names = ("+".join(p for bit, p in enumerate(purposes) if mask & 1 << bit) for mask in range(1, 1 << len(purposes)))
    return dict(zip(names, count(first), strict=False))


def table(interface: str, led: Mapping[str, int], clients: Iterable[Client], now: datetime) -> Table:
    """What should stand in the kernel at `now`. `led`: port by what was agreed to. The chains are the same whoever agrees."""
    members: dict[str, dict[str, Member]] = {_name(port, version): {} for port in led.values() for version in FIELDS}
    for one in clients:
        left = min(seconds_left(one.until, now), HEART - int(now.timestamp()) % GRAIN)
        if left > 0:
            address = ipaddress.ip_address(one.address)
            members[_name(led[one.agreed], address.version)][f"{one.hardware} . {address}"] = Member(" ".join(one.permits), left)
    sets = {name: Set(_kind(version), members[name]) for port in led.values() for version in FIELDS if (name := _name(port, version))}
    lead = tuple(_lead(interface, agreed, port, version) for agreed, port in led.items() for version in FIELDS)
    guard = tuple(rule for port in led.values() for rule in _guard(port))
    return Table(sets, {"lead": Chain(TO_NAT, lead), GUARD: Chain(TO_US, guard)}, name=TABLE)


def standing(there: Table | None) -> Mapping[str, int]:
    """How many members each permit has in the kernel."""
    found: dict[str, int] = {}
    for one in there.sets.values() if there else ():
        for member in one.members.values():
            for permit in member.whose.split():
                found[permit] = found.get(permit, 0) + 1
    return found


def _name(port: int, version: int) -> str:
    return f"clients{version}_{port}"


def _kind(version: int) -> str:
    return kind_of(type=["ether_addr", FIELDS[version][1]], flags=["timeout"])


def _lead(interface: str, agreed: str, port: int, version: int) -> Rule:
    come: Part = (f'iifname "{interface}"', _is({"meta": {"key": "iifname"}}, interface))
    to: Part = (f"redirect to :{port}", {"redirect": {"port": port}})
    return _rule(agreed, (come, OURS, BOTH, _port("th", DNS), _member(port, version), COUNT, to))


def _guard(port: int) -> Iterator[Rule]:
    for version in FIELDS:
        yield _rule(GUARD, (BOTH, _port("th", port), _member(port, version), ACCEPT))
    for protocol, refused in NOBODY:
        yield _rule(GUARD, (_port(protocol, port), COUNT, refused))


def _port(protocol: str, port: int) -> Part:
    return f"{protocol} dport {port}", _is({"payload": {"protocol": protocol, "field": "dport"}}, port)


def _member(port: int, version: int) -> Part:
    protocol, name = FIELDS[version][0], _name(port, version)
    both = [{"payload": {"protocol": p, "field": "saddr"}} for p in ("ether", protocol)]
    return f"ether saddr . {protocol} saddr @{name}", _is({"concat": both}, f"@{name}")


def _is(left: Any, right: Any) -> Any:
    return {"match": {"op": "==", "left": left, "right": right}}


def _rule(whose: str, parts: Sequence[Part]) -> Rule:
    return Rule(whose, reads(p[1] for p in parts), " ".join(p[0] for p in parts))
