"""What equipment tells of itself becomes a closed list of totals, whatever stands beside it; anything else is one named error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire import counters
from sekisho.wire.cursor import FormError

Decoder = Callable[[bytes], dict[str, int]]
DECODERS: dict[str, Decoder] = {
    "unbound": counters.unbound,
    "bind": counters.bind,
    "dnsdist": counters.dnsdist,
    "kea": counters.kea,
    "wifi": counters.wifi,
}
UNBOUND = b"""thread0.num.queries=7
total.num.queries=1000
total.num.cachehits=700
total.num.cachemiss=300
total.recursion.time.avg=0.031415
num.query.type.A=600
num.query.type.AAAA=300
num.query.type.TYPE65399=2
num.query.type.AXFR=1
num.query.ipv6=400
num.answer.rcode.NOERROR=990
"""
BIND = {
    "boot-time": "2026-11-22T00:00:00Z",
    "nsstats": {"Requestv4": 60, "Requestv6": 40, "ReqTCP": 3},
    "qtypes": {"A": 70, "AAAA": 29, "LOC": 1},
    "views": {
        "_default": {"resolver": {"cachestats": {"CacheHits": 999, "QueryHits": 80, "QueryMisses": 20}}},
        "_bind": {"resolver": {"cachestats": {"QueryHits": 5, "QueryMisses": 5}}},
    },
}
DNSDIST = [
    {"name": "queries", "type": "StatisticItem", "value": 50},
    {"name": "cache-hits", "type": "StatisticItem", "value": 30},
    {"name": "cache-misses", "type": "StatisticItem", "value": 20},
    {"name": "latency-avg100", "type": "StatisticItem", "value": 1.5},
]
KEA = [
    {
        "result": 0,
        "arguments": {
            "subnet[1].assigned-addresses": [[212, "2026-11-22 09:00:00.000000"], [211, "2026-11-22 08:59:00.000000"]],
            "subnet[2].assigned-nas": [[30, "2026-11-22 09:00:00.000000"]],
            "pkt4-received": [[9999, "2026-11-22 09:00:00.000000"]],
        },
    }
]
WIFI = {"devices": 412, "zones": {"hall-a": 200, "lounge": 12}}


def told(value: object) -> bytes:
    return json.dumps(value).encode()


def test_unbound_tells_totals_and_types_it_does_not_know_are_others() -> None:
    assert counters.unbound(UNBOUND) == {
        "queries": 1000,
        "cache.hits": 700,
        "cache.misses": 300,
        "queries.ipv6": 400,
        "qtype.A": 600,
        "qtype.AAAA": 300,
        "qtype.OTHER": 3,
    }


def test_bind_tells_the_same_in_its_own_words_and_its_own_view_is_left_out() -> None:
    assert counters.bind(told(BIND)) == {
        "queries": 100,
        "queries.ipv6": 40,
        "cache.hits": 80,
        "cache.misses": 20,
        "qtype.A": 70,
        "qtype.AAAA": 29,
        "qtype.OTHER": 1,
    }


def test_dnsdist_tells_it_as_a_list_or_as_an_older_object() -> None:
    wanted = {"queries": 50, "cache.hits": 30, "cache.misses": 20}
    assert counters.dnsdist(told(DNSDIST)) == wanted
    assert counters.dnsdist(told({str(d["name"]): d["value"] for d in DNSDIST})) == wanted


def test_kea_tells_how_many_addresses_are_assigned_in_all() -> None:
    assert counters.kea(told(KEA)) == {"leases": 242}


def test_a_kea_that_refuses_is_no_zero() -> None:
    with pytest.raises(FormError, match="refused"):
        counters.kea(told([{"result": 1, "text": "unknown command"}]))


def test_the_wifi_file_is_a_number_of_devices_and_numbers_by_part_of_the_venue() -> None:
    assert counters.wifi(told(WIFI)) == {"devices": 412, "zone.hall-a": 200, "zone.lounge": 12}


@pytest.mark.parametrize(
    "wrong",
    [
        {"devices": 3, "clients": ["02:00:00:00:00:01"]},
        {"zones": {"02:00:00:00:00:01": 1}},
        {"zones": {"Taro Yamada": 1}},
        {"zones": {f"z{n}": 1 for n in range(25)}},
        {"devices": -1},
        {"devices": True},
        {"devices": 1.5},
        {"zones": [1]},
        [],
    ],
)
def test_a_wifi_file_with_anything_about_anybody_in_it_is_refused_whole(wrong: object) -> None:
    with pytest.raises(FormError):
        counters.wifi(told(wrong))


def test_an_interface_tells_octets_in_and_out() -> None:
    assert counters.octets(b"123\n", b"456\n") == {"octets.in": 123, "octets.out": 456}
    with pytest.raises(FormError):
        counters.octets(b"-1\n", b"0\n")


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)
@pytest.mark.parametrize("wrong", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b"{}", b"[]", b"null", b" " * ((1 << 20) + 1)])
def test_what_is_no_answer_is_one_named_error(decoder: Decoder, wrong: bytes) -> None:
    with pytest.raises(FormError) as why:
        decoder(wrong)
    assert why.value.code


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)
@given(data=st.binary(max_size=400))
def test_no_bytes_raise_anything_else(decoder: Decoder, data: bytes) -> None:
    check(decoder, data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["result", "arguments", "nsstats", "qtypes", "views", "devices", "zones", "name", "value", "queries", "x"]), inner
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("decoder", [counters.bind, counters.dnsdist, counters.kea, counters.wifi])
@given(value=JSON)
def test_no_json_raises_anything_else(decoder: Decoder, value: Any) -> None:
    check(decoder, told(value))


@given(st.text(max_size=40))
def test_a_name_is_known_only_from_the_closed_list(name: str) -> None:
    listed = name in counters.CUMULATIVE | counters.LEVELS
    assert counters.known(name) == (listed or counters.ZONE.fullmatch(name) is not None)


@pytest.mark.parametrize("name", ["www.example.com", "192.0.2.1", "02:00:00:00:00:01", "qtype.example", "client.7", "zone.", "zone.A"])
def test_nothing_that_names_anybody_or_anything_looked_up_is_a_counter(name: str) -> None:
    assert not counters.known(name)


def check(decoder: Decoder, data: bytes) -> None:
    """Every value a count, every name known; or FormError."""
    try:
        found = decoder(data)
    except FormError:
        return
    assert all(counters.known(n) and 0 <= v <= counters.MOST for n, v in found.items())
