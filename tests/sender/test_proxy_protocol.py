"""The first bytes of a connection from a trusted proxy: PROXY v1 and v2, whole or in pieces, never longer than allowed."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho_sender.nodes import Unreadable
from sekisho_sender.proxy_protocol import LONGEST_V2, SIGNATURE, Proxied, parse
from sekisho_sender.record import address

V4, V6 = st.ip_addresses(v=4), st.ip_addresses(v=6)
PORT = st.integers(0, 65535)
TLV = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=4)


def version2(body: bytes, command: int = 0x21, family: int = 0x11, size: int | None = None) -> bytes:
    return SIGNATURE + bytes([command, family]) + (len(body) if size is None else size).to_bytes(2) + body


def ends(a: str, b: str, ports: tuple[int, int] = (51234, 443)) -> bytes:
    return b"".join(ipaddress.ip_address(ip).packed for ip in (a, b)) + b"".join(port.to_bytes(2) for port in ports)


KNOWN = ends("203.0.113.9", "192.0.2.33")
SAID = (address("203.0.113.9", 51234), address("192.0.2.33", 443))


@given(st.tuples(V4, V4) | st.tuples(V6, V6), PORT, PORT, TLV, st.binary(max_size=20))
def test_version_2_gives_both_ends_its_tlvs_and_its_own_length(
    pair: tuple[ipaddress.IPv4Address, ipaddress.IPv4Address], sport: int, port: int, tlvs: list[tuple[int, bytes]], rest: bytes
) -> None:
    told = b"".join(bytes([kind]) + len(value).to_bytes(2) + value for kind, value in tlvs)
    header = version2(ends(str(pair[0]), str(pair[1]), (sport, port)) + told, family=0x11 if pair[0].version == 4 else 0x21)
    found = parse(header + rest)
    assert found == Proxied(
        address(str(pair[0]), sport or None), address(str(pair[1]), port or None), False, 2, len(header), tuple((k, v) for k, v in tlvs)
    )
    assert all(parse(header[:cut]) is None for cut in range(len(header)))


@given(st.tuples(V4, V4) | st.tuples(V6, V6), PORT, PORT, st.binary(max_size=20))
def test_version_1_gives_both_ends_and_its_own_length(pair: tuple[ipaddress.IPv4Address, ...], sport: int, port: int, rest: bytes) -> None:
    line = f"PROXY TCP{pair[0].version} {pair[0]} {pair[1]} {sport} {port}\r\n".encode()
    expected = Proxied(address(str(pair[0]), sport or None), address(str(pair[1]), port or None), False, 1, len(line))
    assert parse(line + rest) == expected
    assert all(parse(line[:cut]) is None for cut in range(len(line)))


@given(
    st.binary(max_size=200) | st.binary(max_size=120).map(lambda b: SIGNATURE + b) | st.binary(max_size=120).map(lambda b: b"PROXY " + b)
)
def test_no_bytes_do_anything_but_parse_wait_or_be_unreadable(data: bytes) -> None:
    try:
        found = parse(data)
    except Unreadable:
        return
    assert found is None or found.length <= len(data)


@pytest.mark.parametrize(
    "header",
    [version2(b"", command=0x20, family=0), version2(KNOWN, command=0x20), version2(b"junk of any kind", command=0x20),
     version2(b"", family=0x00), version2(KNOWN, family=0x00), b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n"],
)  # fmt: skip
def test_a_connection_of_the_proxy_itself_names_nobody(header: bytes) -> None:
    found = parse(header + b"GET / HTTP/1.1\r\n")
    assert found is not None
    assert (found.source, found.destination, found.local, found.length) == (None, None, True, len(header))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (version2(KNOWN[:-1]), "too-short"),
        (version2(KNOWN, family=0x21), "too-short"),
        (version2(KNOWN, command=0x31), "version-or-command"),
        (version2(KNOWN, command=0x22), "version-or-command"),
        (version2(KNOWN, family=0x12), "family"),
        (version2(bytes(216), family=0x31), "family"),
        (version2(KNOWN + b"\x04"), "tlv"),
        (version2(KNOWN + b"\x04\x00\x09abc"), "tlv"),
        (version2(KNOWN, size=LONGEST_V2 + 1), "too-long"),
        (b"GET / HTTP/1.1\r\n", "not-proxy"),
        (b"\r\n\r\n\x00\r\nQUIX\n", "not-proxy"),
        (b"\x16\x03\x01\x02\x00", "not-proxy"),
        (b"proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n", "not-proxy"),
        (b"PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n", "not-proxy"),
        (b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n", "not-proxy"),
        (b"PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n", "not-proxy"),
        (b"PROXY TCP4 1.1.1.1 2.2.2.2 +1 2\r\n", "not-proxy"),
        (b"PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n", "not-proxy"),
        ("PROXY TCP4 1.1.1.1 2.2.2.2 ١ 2\r\n".encode(), "not-proxy"),
        (b"PROXY TCP4 ::1 ::2 1 2\r\n", "address"),
        (b"PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n", "address"),
        (b"PROXY TCP6 fe80::1%eth0 ::2 1 2\r\n", "address"),
        (b"PROXY TCP4 1.1.1.1 2.2.2.2 70000 2\r\n", "port"),
        (b"PROXY UNKNOWN\x00\r\n", "not-proxy"),
        (b"PROXY TCP4 " + b"1" * 96, "too-long"),
    ],
)
def test_a_header_that_is_wrong_ends_the_connection(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=f"^{why}$"):
        parse(data)


def test_the_longest_line_of_version_1_is_107_bytes() -> None:
    """The specification's worst case is accepted; one byte more is not waited for."""
    full = "ffff:" * 7 + "ffff"
    line = f"PROXY UNKNOWN {full} {full} 65535 65535".encode().ljust(105) + b"\r\n"
    found = parse(line)
    assert found is not None
    assert found.length == 107
    with pytest.raises(Unreadable, match="too-long"):
        parse(line[:-2] + b" \r\n")


def test_a_length_is_believed_only_up_to_its_bound_and_the_request_behind_it_is_left_alone() -> None:
    assert parse(version2(KNOWN, size=LONGEST_V2) + bytes(100)) is None
    found = parse(version2(KNOWN) + b"\x04\x00\x01a")
    assert found is not None
    assert (found.source, found.destination) == SAID
    assert found.tlvs == ()
