"""Figures become series: one value for each minute, no row lost, none counted for another."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.flows.figures import address, plotted

ROUTER = (b"\0" * 10 + b"\xff\xff" + bytes([192, 0, 2, 1])).hex()


def row(
    minute: int, prefix: str = "198.51.100.0/24", direction: int = 0, octets: int | None = 10, interface: int | None = 2
) -> dict[str, Any]:
    at = f"2026-11-21T00:{minute:02d}:00.000000Z"
    names = {"minute": at, "exporter": ROUTER, "interface": interface, "prefix": prefix, "direction": direction}
    return names | {"octets": octets, "packets": 1, "flows": 1}


def figures(*rows: dict[str, Any], **counters: int) -> dict[str, Any]:
    return plotted({"permit": "p", "rows": list(rows), "counters": {k.replace("_", "."): v for k, v in counters.items()}})


def test_nothing_measured_is_an_empty_picture() -> None:
    assert figures() == {"permit": "p", "minutes": [], "series": [], "interfaces": [], "counters": []}


def test_a_refusal_stays_a_refusal() -> None:
    assert plotted({"error": {"code": "away"}}) == {"error": {"code": "away"}}


def test_each_prefix_and_direction_is_a_series_with_a_value_for_every_minute() -> None:
    found = figures(row(0), row(2, direction=1), row(2, "2001:db8::/32"))
    assert len(found["minutes"]) == 2
    assert [(s["prefix"], s["direction"], s["octets"]) for s in found["series"]] == [
        ("198.51.100.0/24", "in", [0, 10]),
        ("198.51.100.0/24", "out", [10, 0]),
        ("2001:db8::/32", "out", [0, 10]),
    ]


def test_interfaces_are_added_up_by_direction() -> None:
    found = figures(row(0), row(1, direction=1, octets=5), row(1, interface=3))
    assert found["interfaces"] == [
        {"exporter": "192.0.2.1", "interface": 2, "octets_in": 5, "octets_out": 10},
        {"exporter": "192.0.2.1", "interface": 3, "octets_in": 0, "octets_out": 10},
    ]


def test_what_an_exporter_did_not_say_counts_nothing() -> None:
    found = figures(row(0, octets=None, interface=None))
    assert found["series"][0]["octets"] == [0]
    assert found["interfaces"][0]["interface"] == 0


def test_refused_datagrams_are_shown_by_their_reason() -> None:
    """Every counter of the decoder that is no plain count is a refusal."""
    (one,) = figures(row(0), flows_records=100, flows_datagrams=10, flows_truncated=2, sealed=9)["counters"]
    assert one["records"] == 100
    assert one["refused"] == {"truncated": 2}


def test_addresses_are_written_as_people_write_them() -> None:
    assert address(ROUTER) == "192.0.2.1"
    assert address("20010db8" + "0" * 24) == "2001:db8::"
    assert address(None) == address("") == "-"


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["a", "b"]), st.integers(0, 1), st.integers(0, 10**12)), max_size=30))
def test_sums_over_series_and_interfaces_are_the_sums_over_rows(seen: list[tuple[int, str, int, int]]) -> None:
    found = figures(*(row(m, p, d, o) for m, p, d, o in seen))
    total = sum(o for *_, o in seen)
    assert sum(sum(s["octets"]) for s in found["series"]) == total
    assert sum(i["octets_in"] + i["octets_out"] for i in found["interfaces"]) == total
