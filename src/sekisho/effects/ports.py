"""Ports in the words of a scope, and what rules in the kernel say of them. A later fragment carries none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from sekisho.effects.prefix_sets import BadScope
from sekisho.law.words import Value

PROTOCOLS = MappingProxyType({"tcp": 6, "udp": 17})
"""By name as the scope has it, the number of RFC 790 in a packet."""
LARGEST = 0xFFFF
LET: tuple[str, Any] = ("return", {"return": None})
FRAG_OFF = {"&": [{"payload": {"protocol": "ip", "field": "frag-off"}}, 0x1FFF]}
LATER: tuple[tuple[str, Any], ...] = (
    ("ip frag-off & 0x1fff != 0", {"match": {"op": "!=", "left": FRAG_OFF, "right": 0}}),
    ("frag frag-off != 0", {"match": {"op": "!=", "left": {"exthdr": {"name": "frag", "field": "frag-off"}}, "right": 0}}),
)
"""A later fragment carries no ports and no beginning: without these rules the kernel would take its data for them."""

Span = tuple[int, int]


def read_span(said: Value, where: str) -> Span:
    """From "6881-6889" or "25" to both ends, which are included. Raises BadScope."""
    first, dash, last = str(said).partition("-") if isinstance(said, str) else ("", "", "")
    ends = (first, last if dash else first)
    if not all(re.fullmatch("[0-9]{1,5}", e, re.ASCII) for e in ends):
        raise BadScope(where, said)
    begin, end = int(ends[0]), int(ends[1])
    if not 0 < begin <= end <= LARGEST:
        raise BadScope(where, said)
    return begin, end


def either_port(protocol: str, ports: Span) -> Iterator[tuple[str, Any]]:
    """That a packet goes to one of these ports, and that it comes from one."""
    for side in ("dport", "sport"):
        payload = {"payload": {"protocol": protocol, "field": side}}
        yield f"{protocol} {side} {in_words(ports)}", equals(payload, as_told(ports))


def in_words(span: Span) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


def as_told(span: Span) -> Any:
    return span[0] if span[0] == span[1] else {"range": list(span)}


def equals(left: Any, right: Any) -> Any:
    return {"match": {"op": "==", "left": left, "right": right}}
