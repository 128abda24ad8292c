"""A sender record has one spelling, and its values are valid from birth."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho_sender.record import Address, Hop, Record, Sender, SubjectKind, address, canonical, read

PORTS = st.none() | st.integers(1, 65535)
ADDRESSES = st.builds(lambda ip, port: address(str(ip), port), st.ip_addresses(), PORTS)
HOPS = st.builds(Hop, st.text(max_size=20), st.text(max_size=20), st.text(max_size=40), st.booleans())
SENDERS = st.builds(
    Sender, st.none() | ADDRESSES, st.none() | ADDRESSES, st.integers(0, 2**53), st.text(max_size=20), st.text(max_size=20),
    st.text(max_size=20), st.booleans(), st.lists(HOPS, max_size=3).map(tuple),
)  # fmt: skip
RECORDS = st.builds(
    Record, st.text(max_size=20), st.sampled_from(SubjectKind), st.text(max_size=20), SENDERS, st.text(max_size=8), st.text(max_size=8),
    st.text(max_size=40), st.text(max_size=20), st.none() | st.integers(-(2**40), 2**40), st.text(max_size=20),
)  # fmt: skip
KNOWN = Record(
    "r1", SubjectKind.POST, "投稿-7",
    Sender(
        address("203.0.113.9", 51234), address("2001:db8::5"), 1_795_000_000_000_001, "unix", "forwarded", "destination-port:not-said",
        tampered=False, chain=(Hop("unix", "forwarded", 'for="203.0.113.9:51234"', trusted=True),),
    ),
)  # fmt: skip


@given(RECORDS)
def test_a_record_comes_back_from_its_bytes_as_it_was(record: Record) -> None:
    assert read(canonical(record)) == record


@given(RECORDS)
def test_a_record_is_spelled_as_any_json_writer_spells_it(record: Record) -> None:
    told = json.dumps(asdict(record), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(record) == told.encode()


def test_the_spelling_of_a_known_record_does_not_change() -> None:
    assert canonical(KNOWN).decode() == (
        '{"account":"","clock_offset_us":null,"host":"","http":"","id":"r1","sender":{"chain":[{"header":"forwarded","peer":"unix",'
        '"raw":"for=\\"203.0.113.9:51234\\"","trusted":true}],"destination":{"ip":"2001:db8::5","port":null},"hop":"unix",'
        '"reading":"forwarded","seen_us":1795000000000001,"source":{"ip":"203.0.113.9","port":51234},"tampered":false,'
        '"why_empty":"destination-port:not-said"},"subject":"投稿-7","subject_kind":"post","transport":"","user_agent":""}'
    )


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"null", b'{"id":"r1"}', b" " + canonical(KNOWN), canonical(KNOWN).replace(b"51234", b"0"), b"\xff", b'{"sender":[]}',
     canonical(KNOWN).replace(b'"host":""', b'"host":5'), canonical(KNOWN).replace(b"0001,", b"0001.5,"), b"[" * 9000],
)  # fmt: skip
def test_other_bytes_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        read(text)


@pytest.mark.parametrize("port", [0, -1, 65536, True, "80", 80.0])
def test_a_port_that_cannot_be_is_refused_and_zero_is_none_of_them(port: object) -> None:
    with pytest.raises(ValueError, match="port"):
        Address("192.0.2.1", port)  # type: ignore[arg-type] # what is passed is what is tested


@pytest.mark.parametrize("text", ["", "192.0.2", "192.0.2.256", "fe80::1%eth0", "١٩٢.0.2.1", "[::1]", "192.0.2.1:80", "192.0.2.01", " ::1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        address(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:0::1", "2001:db8::1"), ("::FFFF:C000:201", "192.0.2.1"), ("192.0.2.1", "192.0.2.1")],
)
def test_an_address_has_one_spelling(text: str, said: str) -> None:
    assert address(text, 1).ip == said
    if text != said:
        with pytest.raises(ValueError, match="spelling"):
            Address(text, 1)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_clothes_is_the_ipv4_address(ip: ipaddress.IPv4Address) -> None:
    assert address(f"::ffff:{ip}", 5) == address(str(ip), 5)


@pytest.mark.parametrize(("ip", "port", "said"), [("::1", 5, "[::1]:5"), ("::1", None, "[::1]"), ("192.0.2.1", None, "192.0.2.1")])
def test_an_address_is_shown_as_in_a_link(ip: str, port: int | None, said: str) -> None:
    assert str(address(ip, port)) == said
