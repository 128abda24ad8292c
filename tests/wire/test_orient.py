"""Orientation by the operator's prefixes, the watchlist and the sums, against a slow row-by-row reading of the same rules."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.store.schema import FLOWS, SUMS
from sekisho.wire.orient import IN, OUT, Watchlist, addresses, match_list, orient, sums
from sekisho.wire.prefixes import Prefixes, octets_of

NEAR = [
    "10.0.0.1",
    "10.0.5.1",
    "10.1.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "2001:db8::1",
    "2001:db8:0:1::1",
    "2001:db8::5:1",
    "::1",
    "::ffff:0:0",
    "ffff::",
]
CIDRS = [
    "10.0.0.0/16",
    "10.0.5.0/24",
    "10.0.5.1/32",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::/64",
    "2001:db8::5:0/112",
    "2001:db8::5:1/128",
    "::/0",
    "fc00::/7",
]


def slow_prefix(address: str, cidrs: list[str]) -> str | None:
    parsed: Any = ip_address(address)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    inside = [n for n in map(ip_network, cidrs) if n.version == parsed.version and parsed in n]
    return str(max(inside, key=lambda n: n.prefixlen)) if inside else None


@given(st.lists(st.sampled_from(CIDRS), unique=True), st.lists(st.one_of(st.sampled_from(NEAR), st.ip_addresses().map(str)), min_size=1))
def test_the_longest_prefix_is_found_for_every_address(cidrs: list[str], texts: list[str]) -> None:
    """Nested prefixes of both families, some longer than 64 bits, at their first and last address too."""
    edges = [str(e) for c in cidrs for e in (ip_network(c)[0], ip_network(c)[-1])]
    own = Prefixes(cidrs)
    found = own.find(octets_of(addresses(texts + edges)))
    assert [own.labels[i] if i >= 0 else None for i in found] == [slow_prefix(t, cidrs) for t in texts + edges]


@given(
    st.lists(st.ip_addresses(v=4).flatmap(lambda a: st.integers(0, 32).map(lambda n: str(IPv4Network((a, n), strict=False)))), max_size=30)
)
def test_any_table_of_prefixes_finds_its_own_edges(cidrs: list[str]) -> None:
    """Random tables, looked up at the edge of every prefix."""
    own = Prefixes(cidrs)
    texts = [str(e) for c in cidrs for e in (ip_network(c)[0], ip_network(c)[-1])] or ["10.0.0.1"]
    found = own.find(octets_of(addresses(texts)))
    assert [own.labels[i] if i >= 0 else None for i in found] == [slow_prefix(t, cidrs) for t in texts]


def test_too_many_or_wrong_prefixes_are_refused() -> None:
    """Host bits set, text that is no prefix, and a table nobody has."""
    for wrong in (["10.0.0.1/8"], ["ten"], [str(n) for n in IPv6Network("2001:db8::/32").subnets(new_prefix=49)][:65_537]):
        with pytest.raises(ValueError, match=r"."):
            Prefixes(wrong)


def flows(rows: list[tuple[str, int, str, int]]) -> pa.Table:
    count = len(rows)
    columns: dict[str, Any] = {
        "src": addresses(r[0] for r in rows),
        "dst": addresses(r[2] for r in rows),
        "src_port": pa.array([r[1] for r in rows], pa.uint16()),
        "dst_port": pa.array([r[3] for r in rows], pa.uint16()),
        "protocol": pa.array([6] * count, pa.uint8()),
        "end": pa.array([i * 20_000 for i in range(count)], pa.timestamp("ms", "UTC")),
        "packets": pa.array(range(1, count + 1), pa.uint64()),
        "octets": pa.array([100] * count, pa.uint64()),
        "in_interface": pa.array([1] * count, pa.uint32()),
        "out_interface": pa.array([2] * count, pa.uint32()),
        "exporter": addresses(["192.0.2.1"] * count),
    }
    return pa.table(columns)


OWN = ["10.0.0.0/16", "2001:db8::/32"]
ROWS = [
    ("10.0.0.1", 50000, "198.51.100.7", 443),  # ours to them
    ("198.51.100.7", 443, "10.0.0.1", 50000),  # them to ours
    ("10.0.0.1", 40000, "10.0.0.2", 22),  # ours to ours
    ("203.0.113.1", 1, "198.51.100.7", 2),  # not ours
    ("2001:db8::1", 50001, "2001:db9::7", 8443),
]


def test_flows_are_turned_to_line_and_peer() -> None:
    """Own-to-own gives a row for each line, transit is dropped and counted, in the columns of the flows shape."""
    oriented = orient(flows(ROWS), Prefixes(OWN))
    table = oriented.table
    assert set(table.column_names) <= set(FLOWS.names)
    assert all(table.schema.field(n).type == FLOWS.field(n).type for n in table.column_names)
    got = Counter((text(r["line"]), r["line_port"], text(r["peer"]), r["peer_port"], r["direction"]) for r in table.to_pylist())
    assert got == Counter(
        [
            ("10.0.0.1", 50000, "198.51.100.7", 443, OUT),
            ("10.0.0.1", 50000, "198.51.100.7", 443, IN),
            ("10.0.0.1", 40000, "10.0.0.2", 22, OUT),
            ("10.0.0.2", 22, "10.0.0.1", 40000, IN),
            ("2001:db8::1", 50001, "2001:db9::7", 8443, OUT),
        ]
    )
    assert (oriented.transit, oriented.unknown) == (1, 0)


def text(address: bytes) -> str:
    parsed: Any = ip_address(address)
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def test_rows_without_addresses_are_no_ones_and_counted() -> None:
    """A record that tells no address is neither ours nor transit."""
    some = flows(ROWS[:2]).set_column(0, "src", pa.array([None, None], pa.binary(16)))
    oriented = orient(some, Prefixes(OWN))
    assert (oriented.table.num_rows, oriented.transit, oriented.unknown) == (0, 0, 2)


@given(
    st.lists(st.tuples(st.sampled_from(NEAR), st.integers(0, 5), st.sampled_from(NEAR), st.integers(0, 5)), max_size=20),
    st.sets(st.sampled_from(CIDRS)),
)
def test_no_row_is_lost_or_made_up(rows: list[tuple[str, int, str, int]], cidrs: set[str]) -> None:
    """Every own side gives exactly one row with the other side as peer; the rest is transit."""
    oriented = orient(flows(rows), Prefixes(cidrs))
    expected: Counter[tuple[str, int, str, int, int]] = Counter()
    transit = 0
    for src, sport, dst, dport in rows:
        a, b = (text(addresses([x])[0].as_py()) for x in (src, dst))
        ours = [slow_prefix(x, sorted(cidrs)) is not None for x in (src, dst)]
        expected.update([(a, sport, b, dport, OUT)] * ours[0] + [(b, dport, a, sport, IN)] * ours[1])
        transit += not any(ours)
    got = Counter((text(r["line"]), r["line_port"], text(r["peer"]), r["peer_port"], r["direction"]) for r in oriented.table.to_pylist())
    assert (got, oriented.transit) == (expected, transit)
    assert len(oriented.prefix) == oriented.table.num_rows


@given(
    st.lists(st.tuples(st.sampled_from(NEAR), st.integers(0, 3), st.sampled_from(NEAR), st.integers(0, 3)), max_size=20),
    st.lists(st.tuples(st.sampled_from(NEAR), st.one_of(st.none(), st.integers(0, 3)))),
)
def test_the_watchlist_matches_exactly_what_it_lists(rows: list[tuple[str, int, str, int]], listed: list[tuple[str, int | None]]) -> None:
    """An address with a port matches at that port, without one at any."""
    table = orient(flows(rows), Prefixes(["0.0.0.0/0", "::/0"])).table
    wanted = {(text(addresses([a])[0].as_py()), p) for a, p in listed}
    expected = [(text(r["peer"]), r["peer_port"]) in wanted or (text(r["peer"]), None) in wanted for r in table.to_pylist()]
    assert match_list(table, Watchlist(listed)).tolist() == expected


def test_a_flow_without_a_port_matches_only_entries_for_any_port() -> None:
    """Unknown is not the listed port, and an unknown peer is nobody."""
    table = orient(flows(ROWS[:2]), Prefixes(OWN)).table
    with_port, without = Watchlist([("198.51.100.7", 443)]), Watchlist([("198.51.100.7", None)])
    no_port = table.drop_columns(["peer_port"])
    null_port = no_port.append_column("peer_port", pa.array([None, 443], pa.uint16()))
    assert match_list(no_port, with_port).tolist() == [False, False]
    assert match_list(no_port, without).tolist() == [True, True]
    assert match_list(null_port, with_port).tolist() == [False, True]
    nobody = table.set_column(table.column_names.index("peer"), "peer", pa.array([None, None], pa.binary(16)))
    assert not match_list(nobody, Watchlist([("::", None), ("198.51.100.7", None)])).any()


@pytest.mark.parametrize("entry", [("nonsense", None), ("10.0.0.1", 65_536), ("10.0.0.1", -1)])
def test_a_wrong_watchlist_is_refused(entry: tuple[str, int | None]) -> None:
    """No address, no port: no list."""
    with pytest.raises(ValueError, match=r"."):
        Watchlist([entry])


def test_sums_have_the_shape_of_sums_and_no_address() -> None:
    """Added up to prefix and interface by minute, nothing lost, in the columns of the sums shape."""
    own = Prefixes(OWN)
    oriented = orient(flows(ROWS * 3), own)
    added = sums(oriented, own)
    assert added.schema.names == SUMS.names
    assert [f.type for f in added.schema] == [f.type for f in SUMS]
    rows = added.to_pylist()
    assert {r["prefix"] for r in rows} == set(OWN)
    assert sum(r["packets"] for r in rows) == sum(oriented.table["packets"].to_pylist())
    assert sum(r["flows"] for r in rows) == oriented.table.num_rows
    assert {(r["direction"], r["interface"]) for r in rows} == {(OUT, 1), (IN, 2)}
    assert min(r["minute"] for r in rows) == datetime(1970, 1, 1, tzinfo=UTC)
    assert len({(r["minute"], r["prefix"], r["direction"]) for r in rows}) == len(rows)


def test_nothing_in_gives_nothing_out_in_the_same_shape() -> None:
    """Empty tables keep their columns."""
    own = Prefixes([])
    oriented = orient(flows([]), own)
    assert oriented.table.num_rows == 0
    assert sums(oriented, own).schema.names == SUMS.names
    assert match_list(oriented.table, Watchlist([])).tolist() == []
    assert octets_of(addresses([])).shape == (0, 16)
    assert np.all(own.find(octets_of(addresses(NEAR))) == -1)
