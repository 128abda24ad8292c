"""A plain web request of a device that has not answered is led to the page that asks; nothing else waits, and nothing is read of it.

`scope` of the permit: `interface` (where attendees come in), `port` (of the page on this machine). Ends within seconds when nobody
renews it: then the network is simply open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.effects.nft import Chain, Member, Rule, Set, Table, kind_of, reads
from sekisho.effects.prefix_sets import BadScope
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Value

MEASURE, STEP = "event-portal", "lead-to-portal"
ROWS = "unanswered-plain-web"
ELEMENTS = frozenset({Element.HEADER})
"""All that the rules look at of a communication: the port it is sent to."""
TABLE = "sekisho_portal"
WEB = 80
HEART = 10
"""Seconds that the rules of a permit outlive whoever last renewed them."""
INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}")
TO_NAT = kind_of(type="nat", hook="prerouting", prio=-100, policy="accept")
LET: tuple[str, Any] = ("return", {"return": None})
TCP: tuple[str, Any] = ("meta l4proto tcp", {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "tcp"}})
COUNT: tuple[str, Any] = ("counter", {"counter": None})


@dataclass(frozen=True)
class Redirect:
    """A permit read."""

    permit: str
    until: datetime
    interface: str
    port: int


def compile_redirect(permit: Permit) -> Redirect:
    """Raises BadScope for a scope that is not of this step's form."""
    return Redirect(permit.id, permit.until, *read_scope(permit.scope))


def read_scope(scope: Mapping[str, Value]) -> tuple[str, int]:
    """Interface and port. Raises BadScope."""
    interface, port = scope.get("interface"), scope.get("port")
    if scope.get("rows") != ROWS:
        raise BadScope("scope.rows", scope.get("rows"))
    if not isinstance(interface, str) or not INTERFACE.fullmatch(interface):
        raise BadScope("scope.interface", interface)
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 1 << 16 or port == WEB:
        raise BadScope("scope.port", port)
    return interface, port


def table(redirects: Iterable[Redirect], answered: Iterable[str], now: datetime) -> Table:
    """What should stand in the kernel at `now`. `answered`: hardware addresses that are let through, "02:00:00:00:00:01"."""
    sets: dict[str, Set] = {}
    chains: dict[str, Chain] = {}
    entries: list[Rule] = []
    let = sorted(set(answered))
    for one in sorted(redirects, key=lambda r: r.permit):
        left = int((one.until - now).total_seconds() // 1)
        if left <= 0:
            continue
        name = one.permit.replace("-", "_")
        sets[f"{name}_live"] = Set(kind_of(type="inet_proto", flags=["timeout"]), {"tcp": Member(one.permit, min(left, HEART))})
        member = Member(one.permit, left)
        sets[f"{name}_answered"] = Set(kind_of(type="ether_addr", flags=["timeout"]), dict.fromkeys(let, member))
        entries.append(_rule(one.permit, [_port(), _live(name), _from(one.interface), _jump(name)]))
        leads = [TCP, COUNT, (f"redirect to :{one.port}", {"redirect": {"port": one.port}})]
        chains[name] = Chain("{}", (_rule(one.permit, [_answered(name), LET]), _rule(one.permit, leads)))
    return Table(sets, {**({"prerouting": Chain(TO_NAT, tuple(entries))} if entries else {}), **chains}, name=TABLE)


def _port() -> tuple[str, Any]:
    return f"tcp dport {WEB}", _is({"payload": {"protocol": "tcp", "field": "dport"}}, WEB)


def _live(name: str) -> tuple[str, Any]:
    return f"meta l4proto @{name}_live", _is({"meta": {"key": "l4proto"}}, f"@{name}_live")


def _from(interface: str) -> tuple[str, Any]:
    return f'iifname "{interface}"', _is({"meta": {"key": "iifname"}}, interface)


def _answered(name: str) -> tuple[str, Any]:
    return f"ether saddr @{name}_answered", _is({"payload": {"protocol": "ether", "field": "saddr"}}, f"@{name}_answered")


def _jump(name: str) -> tuple[str, Any]:
    return f"jump {name}", {"jump": {"target": name}}


def _is(left: Any, right: Any) -> Any:
    return {"match": {"op": "==", "left": left, "right": right}}


def _rule(permit: str, parts: list[tuple[str, Any]]) -> Rule:
    return Rule(permit, reads(p[1] for p in parts), " ".join(p[0] for p in parts))
