"""Datagrams that came together are decoded together, with the result they would have had one by one."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.decode import FIELDS, ROW, flows, template
from sekisho.wire.flows import NAMES, FlowDecoder, Limits, Run, normalise

EXPORTER = ("192.0.2.1", 2055)
ROWS = flows(8, 7)


def v9(sequence: int, rows: int, uptime: int, domain: int = 0, kind: int = 256) -> bytes:
    body = ROWS[: rows * ROW.size]
    return struct.pack("!HHIIIIHH", 9, rows, uptime, 1_700_000_000, sequence, domain, kind, len(body) + 4) + body


def ipfix(sequence: int, rows: int, seconds: int, domain: int = 0, kind: int = 256) -> bytes:
    body = ROWS[: rows * ROW.size]
    return struct.pack("!HHIIIHH", 10, len(body) + 20, 1_700_000_000 + seconds, sequence, domain, kind, len(body) + 4) + body


def ipfix_template() -> bytes:
    body = struct.pack("!HHHH", 2, 8 + 4 * len(FIELDS), 256, len(FIELDS)) + b"".join(struct.pack("!HH", *f) for f in FIELDS)
    return struct.pack("!HHIII", 10, 16 + len(body), 1_700_000_000, 0, 0) + body


def outcome(decoder: FlowDecoder) -> tuple[list[dict[str, Any]], dict[Any, Any]]:
    rows = [r for b in decoder.take() for r in normalise(b, frozenset(NAMES)).to_pylist()]
    return rows, {k: dict(v) for k, v in decoder.counters.items()}


MADE = st.builds(
    lambda make, start, step, rows, stamps, odd: [make(start + i * step, rows, stamp, *odd.get(i, ())) for i, stamp in enumerate(stamps)],
    st.sampled_from([v9, ipfix]),
    st.integers(0, 1 << 31),
    st.sampled_from([0, 1, 2, 3]),
    st.integers(1, 3),
    st.lists(st.sampled_from([1000, 1000, 2000]), min_size=1, max_size=12),
    st.dictionaries(st.integers(0, 11), st.sampled_from([(1,), (0, 300)]), max_size=1),
)


@settings(max_examples=300, deadline=None)
@given(
    MADE,
    st.booleans(),
    st.sampled_from([4_000_000, 10]),
    st.none() | st.tuples(st.integers(0, 11), st.integers(0, 60), st.integers(0, 255)),
)
def test_a_run_is_what_its_datagrams_are_one_by_one(
    made: list[bytes], known: bool, ready_rows: int, broken: tuple[int, int, int] | None
) -> None:
    """Other domains, unknown templates, gaps, changing stamps, a changed byte, a full queue: the same rows and the same counts."""
    if broken and broken[0] < len(made):
        changed = bytearray(made[broken[0]])
        changed[broken[1]] = broken[2]
        made[broken[0]] = bytes(changed)
    together, apart = (FlowDecoder(Limits(ready_rows=ready_rows)) for _ in range(2))
    for decoder in (together, apart) if known else ():
        decoder.feed(EXPORTER, template(), 0)
        decoder.feed(EXPORTER, ipfix_template(), 0)
    together.feed_run(Run(EXPORTER, len(made[0]), len(made), b"".join(made), 5))
    for datagram in made:
        apart.feed(EXPORTER, datagram, 5)
    assert outcome(together) == outcome(apart)


def test_empty_datagrams_are_counted_one_by_one() -> None:
    decoder = FlowDecoder()
    decoder.feed_run(Run(EXPORTER, 0, 5, b"", 0))
    assert decoder.counters[EXPORTER] == {"datagrams": 5, "truncated": 5}
