"""An application as a plan declares it: by protocol and ports, which stand in every packet's header and in every flow record.

    [scope.application]
    tcp = ["6881-6889", "51413"]
    udp = ["6881-6889"]

What a flow record does not tell (what a packet says, how long it is) declares nothing: there could be no data of that very application.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from sekisho.effects.ports import PROTOCOLS, Span, read_span
from sekisho.effects.prefix_sets import BadScope
from sekisho.law.words import Value

WORD = "application"
MOST_SPANS = 32

Application = tuple[tuple[str, Span], ...]
"""Protocol and ports; a packet is of it if either of its ports is one of these."""


def read_application(scope: Mapping[str, Value]) -> Application:
    """Raises BadScope for a scope without one, and for one known by anything but protocol and ports."""
    said = scope.get(WORD)
    if not isinstance(said, Mapping) or not said:
        raise BadScope(f"scope.{WORD}", said)
    if unknown := sorted(set(said) - set(PROTOCOLS)):
        raise BadScope(f"scope.{WORD}.{unknown[0]}", said[unknown[0]])
    found = sorted((p, read_span(one, f"scope.{WORD}.{p}")) for p, spans in said.items() for one in _several(spans, p))
    if len(found) > MOST_SPANS or any(a[0] == b[0] and b[1][0] <= a[1][1] for a, b in pairwise(found)):
        raise BadScope(f"scope.{WORD}", said)
    return tuple(found)


def header_only(scope: Mapping[str, Value]) -> bool:
    """Whether protocol and ports are all that declares it. Where anything else does, somebody would have to read on."""
    said = scope.get(WORD)
    return isinstance(said, Mapping) and bool(said) and set(said) <= set(PROTOCOLS)


def _several(spans: Value, protocol: str) -> tuple[Value, ...]:
    if not isinstance(spans, tuple) or not spans:
        raise BadScope(f"scope.{WORD}.{protocol}", spans)
    return spans
