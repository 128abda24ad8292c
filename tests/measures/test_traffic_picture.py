"""Sums by minute, interface, prefix and direction. Nobody's address is in what comes in, nor in what goes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.law.words import Element
from sekisho.measures.traffic_picture import TrafficPicture
from sekisho.store.schema import SHAPES, element
from tests.measures.rows import found

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROUTER = b"\0" * 10 + b"\xff\xff" + bytes([192, 0, 2, 1])
MEASURE = TrafficPicture()
SUMMED = ("packets", "octets", "flows")


def row(minute: int = 0, prefix: str = "198.51.100.0/24", direction: int = 0, interface: int = 2, octets: int = 100) -> dict[str, Any]:
    at = NOON + timedelta(minutes=minute)
    names = {"minute": at, "exporter": ROUTER, "interface": interface, "prefix": prefix, "direction": direction}
    return names | {"packets": 1, "octets": octets, "flows": 1}


def test_rows_of_one_minute_prefix_interface_and_direction_become_one() -> None:
    assert found(MEASURE, [row(octets=100), row(octets=50)]) == [row() | {"packets": 2, "octets": 150, "flows": 2}]


def test_minutes_prefixes_interfaces_and_directions_stay_apart() -> None:
    rows = [row(), row(minute=1), row(prefix="2001:db8::/32"), row(direction=1), row(interface=3)]
    assert len(found(MEASURE, rows)) == 5


def test_protocols_are_added_up() -> None:
    """The look is not shown the protocol, so nobody can tell two apart in the figures."""
    assert MEASURE.look is not None
    assert "protocol" not in MEASURE.look[1]


def test_figures_come_in_the_order_of_time() -> None:
    assert [f["minute"] for f in found(MEASURE, [row(minute=m) for m in (2, 0, 1)])] == [NOON + timedelta(minutes=m) for m in (0, 1, 2)]


def test_no_column_carries_a_party_or_a_counterpart() -> None:
    """Declared so, and so by the schema's own elements."""
    (stream,) = MEASURE.streams
    carried = {element(SHAPES[stream.shape].schema, c) for c in stream.columns}
    assert not carried & {Element.PARTY, Element.COUNTERPART, Element.CONTENT, Element.PLACE}


def test_a_finding_asks_for_nothing() -> None:
    assert MEASURE.proposes() == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 2**40)), max_size=30))
def test_nothing_is_lost_and_nothing_is_counted_twice(seen: list[tuple[int, int, int]]) -> None:
    rows = [row(minute=m, direction=d, octets=o) for m, d, o in seen]
    answer = found(MEASURE, rows)
    for name in SUMMED:
        assert sum(a[name] for a in answer) == sum(r[name] for r in rows)
