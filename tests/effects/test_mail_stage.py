"""The network of an address is the same by the quick way and by the careful one, and what is no address has none."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.effects.account_stage import PREFIX
from sekisho.effects.mail_stage import network_of
from sekisho.wire.block_list import read_block_list

NEARLY = st.lists(st.sampled_from([*"0123456789", "25", "255", "256", "00", " ", "-", "٣", "x"]), min_size=1, max_size=3).map("".join)
WRITTEN = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=4).map(lambda one: f"::ffff:{one}"),
    st.lists(NEARLY, min_size=3, max_size=5).map(".".join),
    st.text(max_size=20),
)


def careful(address: str, prefix: int) -> str:
    """By the standard library alone."""
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return ""
    one = (one.ipv4_mapped if one.version == 6 else None) or one
    return str(ipaddress.ip_network((one, 24 if one.version == 4 else prefix), strict=False))


@given(WRITTEN, st.sampled_from([64, PREFIX]))
def test_whatever_a_mail_server_tells_the_quick_way_says_what_the_careful_one_does(address: str, prefix: int) -> None:
    assert network_of(address, prefix) == careful(address, prefix)


@given(WRITTEN)
def test_a_list_names_it_by_either_way(address: str) -> None:
    listed = read_block_list(b"0.0.0.0/8\n128.0.0.0/8\n192.0.0.0/8\n255.0.0.0/8\n!255.255.0.0/16\n2000::/16\n")
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        assert not listed.names(address)
        return
    one = (one.ipv4_mapped if one.version == 6 else None) or one
    assert listed.names(address) == listed.names(f"::ffff:{one}" if one.version == 4 else one.exploded)


@pytest.mark.parametrize(("address", "network"), [
    ("203.0.113.9", "203.0.113.0/24"), ("::ffff:203.0.113.9", "203.0.113.0/24"), ("255.255.255.255", "255.255.255.0/24"),
    ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("203.0.113.256", ""), ("203.0.113.09", ""), ("203.0.113.9\n", ""), ("unknown", ""), ("", ""),
])  # fmt: skip
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network
