"""A block list is read as rbldns-data(8) has it, whole or not at all."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.wire import block_list
from sekisho.wire.block_list import read_block_list
from sekisho.wire.cursor import FormError

LIST = b"""# from a list's publisher
:127.0.0.2:See https://list.example/$
$TTL 3600
203.0.113.0/24   ; a network
198.51.100.7
192.0.2.128/25:127.0.0.3:open relay
!203.0.113.25
2001:db8:1::/48
!2001:db8:1:2::/64

"""


def test_addresses_and_prefixes_are_named_and_what_is_spared_is_not() -> None:
    found = read_block_list(LIST)
    assert found.entries == 4
    named = ("203.0.113.1", "::ffff:203.0.113.1", "198.51.100.7", "192.0.2.129", "2001:db8:1::9")
    assert [found.names(a) for a in named] == [True] * 5
    other = ("203.0.113.25", "203.0.114.0", "198.51.100.6", "198.51.100.8", "192.0.2.127", "2001:db8:1:2::9", "2001:db8:2::", "unknown", "")
    assert [found.names(a) for a in other] == [False] * 9
    assert "203.0.113" not in repr(found)


@pytest.mark.parametrize(("raw", "code", "detail"), [
    (b"", "empty", ""), (b"# nothing\n!192.0.2.1\n", "empty", ""),
    (b"192.0.2.1\n192.0.2\n", "bad-line", "line 2"), (b"192.0.2.1/24\n", "bad-line", "line 1"), (b"192.0.2.1-9\n", "bad-line", "line 1"),
    (b"mail.example\n", "bad-line", "line 1"), (b"0.0.0.0/0\n", "bad-line", "line 1"), (b"8.0.0.0/7\n", "bad-line", "line 1"),
    (b"::/0\n", "bad-line", "line 1"), (b"2000::/15\n", "bad-line", "line 1"), (b"!\n", "bad-line", "line 1"),
    (b"\xff\n", "not-text", "octet 0"),
])  # fmt: skip
def test_half_a_list_is_none_and_the_error_says_which_line(raw: bytes, code: str, detail: str) -> None:
    with pytest.raises(FormError) as no:
        read_block_list(raw)
    assert (no.value.who, no.value.code, no.value.detail) == ("block-list", code, detail)


def test_a_file_that_is_too_large_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_list, "LARGEST", 9)
    assert read_block_list(b"10.0.0.0\n").entries == 1
    with pytest.raises(FormError, match="too-large"):
        read_block_list(b"10.0.0.0\n\n")


NETWORKS = st.builds(lambda n, length: IPv4Network((n, length), strict=False), st.integers(0, 2**32 - 1), st.integers(8, 32))


@settings(max_examples=100, deadline=None)
@given(st.lists(NETWORKS, min_size=1, max_size=20), st.lists(NETWORKS, max_size=5), st.data())
def test_it_names_what_a_line_holds_and_no_spared_one_does(listed: list[IPv4Network], spared: list[IPv4Network], data: Any) -> None:
    found = read_block_list("\n".join([*map(str, listed), *(f"!{n}" for n in spared)]).encode())
    edges = [int(a) + by for n in (*listed, *spared) for a in (n[0], n[-1]) for by in (-1, 0, 1)]
    number = data.draw(st.sampled_from(edges)) % 2**32
    one = ip_address(number)
    assert found.names(str(one)) == (any(one in n for n in listed) and not any(one in n for n in spared))


ODD = ("010.0.0.1", "10.0.0.1/", "10.0.0.0/08", "10.0.0.0/33", "10.0.0.0/7", "10.0.0.1/31", "1.2.3", "1.2.3.4.5", "256.1.1.1", "+1.2.3.4")


@pytest.mark.parametrize("line", [*ODD, "10.0.0.0/255.0.0.0", "10.0.0.0/8", "10.0.0.1/32", "10.0.0.1"])
def test_what_is_read_fast_says_what_is_read_with_care(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most lines are plain addresses and take a short way: it takes, and refuses, what the long one does."""

    def said() -> object:
        try:
            return read_block_list(line.encode())
        except FormError as no:
            return no.code

    fast = said()
    monkeypatch.setattr(block_list, "_plain", lambda _line: None)
    assert said() == fast
