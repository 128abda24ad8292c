"""An application is known by protocol and ports: on the words of a scope, then as rules in the kernel and as sums of flows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.flows.volumes import ClassVolumes
from sekisho.desk.kernel_rules import table
from sekisho.effects import shaping
from sekisho.effects.application import Application, header_only, read_application
from sekisho.effects.nft import Chain
from sekisho.effects.ports import PROTOCOLS
from sekisho.effects.prefix_sets import BadScope
from sekisho.effects.shaping import Shape, read_shape
from sekisho.wire.orient import addresses
from tests.effects.test_shaping import NOW, SCOPE

P2P: Mapping[str, Any] = MappingProxyType({"tcp": ("6881-6889", "51413"), "udp": ("6881-6889",)})
SPANS = st.dictionaries(
    st.sampled_from(["tcp", "udp"]),
    st.tuples(st.integers(1, 0xFFFF), st.integers(1, 0xFFFF)).map(sorted).map(lambda e: (f"{e[0]}-{e[1]}",)),
    min_size=1,
)


def shape(application: object = P2P, **changed: Any) -> Shape:
    scope = {**SCOPE, "may_leave": True, **changed, "application": application}
    return read_shape("permit-0000000000000001", NOW + timedelta(days=90), scope, measure=shaping.OF_CLASS)


def chain(made: Mapping[str, Chain], end: str) -> Chain:
    return next(c for n, c in made.items() if n != "forward" and n.removeprefix("permit_0000000000000001") == end)


def test_it_is_read_by_protocol_and_ports_both_ends_included() -> None:
    assert read_application({"application": P2P}) == (("tcp", (6881, 6889)), ("tcp", (51413, 51413)), ("udp", (6881, 6889)))


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        "tcp 6881",
        *({"tcp": s} for s in ((), "6881", ("",), ("0",), ("65536",), ("2-1",), ("1-2-3",), (6881,), ("-5",), ("1-5", "5-9"), ("7", "7"))),
        {"sctp": ("6881",)},
        {"tcp": ("6881",), "pattern": ("13426974546f7272656e74",)},
        {"tcp": ("6881",), "lengths": ("100-200",)},
        {"tcp": tuple(str(2 * n + 1) for n in range(33))},
    ],
    ids=repr,
)
def test_what_is_no_application_by_ports_makes_no_rule_and_no_sum(said: object) -> None:
    with pytest.raises(BadScope, match=r"scope\.application"):
        shape(said)


def test_only_protocol_and_ports_are_header_facts() -> None:
    assert header_only({"application": P2P})
    assert not any(header_only(s) for s in ({}, {"application": {}}, {"application": "tcp"}, {"application": {**P2P, "pattern": ("13",)}}))


def test_heavy_users_are_not_shaped_by_application_nor_an_application_without_one() -> None:
    """A plan of one measure is no plan of the other."""
    with pytest.raises(BadScope, match=r"scope\.application"):
        read_shape("permit-0000000000000001", NOW + timedelta(days=90), {**SCOPE, "application": P2P})
    with pytest.raises(BadScope, match=r"scope\.application"):
        read_shape("permit-0000000000000001", NOW + timedelta(days=90), SCOPE, measure=shaping.OF_CLASS)


def test_only_packets_of_its_ports_come_to_the_tests_and_none_of_them_comes_back() -> None:
    """Both sides of each span; who left and later fragments are let go before; the tests are those of heavy users, and no others."""
    made = table([shape()], NOW).chains
    first, tests = chain(made, ""), chain(made, "_tests")
    words = [r.text for r in first.rules]
    assert all("return" in w for w in words[:6])
    assert "frag-off" in words[4]
    assert [w.rpartition(" goto ")[0] for w in words[6:]] == [
        f"{span[0]} {side} {span[1]}"
        for span in (("tcp", "6881-6889"), ("tcp", "51413"), ("udp", "6881-6889"))
        for side in ("dport", "sport")
    ]
    assert not any("jump" in w for w in words), "a packet with both ports of it is counted once"
    everything = read_shape("permit-0000000000000001", NOW + timedelta(days=90), {**SCOPE, "may_leave": True})
    assert tests.rules == chain(table([everything], NOW).chains, "").rules[4:]


@given(SPANS)
def test_no_rule_looks_beyond_the_header(application: Mapping[str, Any]) -> None:
    made = table([shape(application)], NOW)
    assert not any("@ih" in r.text or "@th" in r.text or "@nh" in r.text for c in made.chains.values() for r in c.rules)


class Permitted:
    """As much of a permit as intake reads."""

    scope: Mapping[str, Any] = MappingProxyType({"ranges": ("198.51.100.0/24",), "application": P2P})


Flow = tuple[int | None, int | None, int | None, int | None]
"""Protocol, the line's port, the other side's, octets."""
AT = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)


def flows(*each: Flow) -> pa.Table:
    return pa.table({
        "line": addresses("198.51.100.20" for _ in each),
        "protocol": pa.array([f[0] for f in each], pa.uint8()),
        "line_port": pa.array([f[1] for f in each], pa.uint16()),
        "peer_port": pa.array([f[2] for f in each], pa.uint16()),
        "start": pa.array([AT for _ in each], pa.timestamp("ms", "UTC")),
        "octets": pa.array([f[3] for f in each], pa.uint64()),
    })  # fmt: skip


def summed(*each: Flow) -> tuple[int, int]:
    (row,) = ClassVolumes(Permitted()).rows(flows(*each)).to_pylist()  # type: ignore[arg-type] # it reads the scope alone
    assert set(row) == {"line", "start", "octets", "of_class"}, "no port leaves"
    return int(row["octets"] or 0), int(row["of_class"] or 0)


@pytest.mark.parametrize(
    ("flow", "counts"),
    [
        ((6, 40000, 6881, 100), True),
        ((6, 6889, 40000, 100), True),
        ((17, 6885, 6885, 100), True),
        ((6, 40000, 51413, 100), True),
        ((17, 40000, 51413, 100), False),
        ((6, 40000, 6890, 100), False),
        ((6, 40000, 6880, 100), False),
        ((1, 6881, 6881, 100), False),
        ((6, None, None, 100), False),
        ((None, 6881, 6881, 100), False),
    ],
)
def test_a_flow_is_of_it_by_protocol_and_either_port(flow: Flow, counts: bool) -> None:
    assert summed(flow) == (100, 100 if counts else 0)


@given(
    st.lists(
        st.tuples(st.sampled_from([None, 1, 6, 17]), *(st.none() | st.integers(0, 0xFFFF) for _ in range(2)), st.integers(0, 1 << 40)),
        min_size=1,
    )
)
def test_a_lines_hour_is_one_row_and_the_application_is_never_more_than_all(each: list[Flow]) -> None:
    octets, of_class = summed(*each)
    assert octets == sum(f[3] or 0 for f in each)
    assert of_class == sum(f[3] or 0 for f in each if taken(read_application(Permitted.scope), f))


def taken(application: Application, flow: Flow) -> bool:
    """The same, flow by flow."""
    return any(PROTOCOLS[p] == flow[0] and any(port is not None and a <= port <= b for port in flow[1:3]) for p, (a, b) in application)
