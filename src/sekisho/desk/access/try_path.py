"""The comparison of on and off on a path, repeated while a filter stands: in a child of `hold`, in a namespace without any link.

The child is made before `hold` gives up its rights, hears the filters in force, answers with one word. No communication is touched.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from sekisho.desk.access.try_parity import NoPath, TryParity, carry_out
from sekisho.effects.class_filter import Filter, read_filter
from sekisho.effects.prefix_sets import BadScope
from sekisho.law.canonical import canonical

SAME, DIFFERS = b"same", b"differs"
ROUNDS, CHUNKS = 100, 10
"""Questions and chunks of each line: fewer than at the terminal, for it is done again and again."""
TRIES = 3
"""Of a machine that is busy: what differs in time has to differ so often in a row."""
LARGEST = 1 << 17
NEVER = datetime.max.replace(tzinfo=UTC)
EXAMPLE: Mapping[str, Any] = {
    "ranges": ["198.51.100.0/24", "2001:db8:100::/48"],
    "line_v6": 64,
    "starts": "2000-01-01T00:00+00:00",
    "classes": {"example": {"title": {"ja": "例", "en": "Example"}, "protocol": "udp", "ports": "9", "others": 1, "wrong": 0}},
}
"""Tried where no filter is in force yet."""


def asked(scopes: Iterable[Mapping[str, Any]]) -> bytes:
    """The question: what the rules of each filter are made from."""
    return canonical([{k: scope[k] for k in EXAMPLE if k in scope} for scope in scopes])


def answer(said: bytes, now: datetime) -> bytes:
    """Whether a line gets the same with each of these filters on and off."""
    try:
        filters = [_filter(scope) for scope in json.loads(said) or [EXAMPLE]]
    except (KeyError, ValueError, TypeError, BadScope):
        return DIFFERS
    return SAME if all(_same(one, now) for one in filters) else DIFFERS


def serve(hears: socket.socket, clock: Any) -> None:
    """Answer until whoever asks is gone."""
    while said := hears.recv(LARGEST):
        hears.send(answer(said, clock()))


def _filter(scope: Mapping[str, Any]) -> Filter:
    return read_filter("", NEVER, {**scope, "ranges": tuple(scope["ranges"])})


def _same(one: Filter, now: datetime) -> bool:
    request = TryParity(one.ranges, one.line_v6, one.classes, ROUNDS, CHUNKS)
    for _ in range(TRIES):
        with suppress(NoPath, OSError):
            if all(path.same for path in carry_out(request, now)):
                return True
    return False
