"""What a proxy wrote is read completely or not at all: RFC 7239, X-Forwarded-For, and ends of connections in their spellings."""

from __future__ import annotations

import ipaddress
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sekisho_sender.forwarded import Element, parse, parse_list
from sekisho_sender.nodes import End, Unreadable, bare, node, viewer

V4, V6 = st.ip_addresses(v=4), st.ip_addresses(v=6).filter(lambda ip: ip.ipv4_mapped is None)
PORT = st.integers(1, 65535)
TOKENS = st.text(string.ascii_letters + string.digits + "!#$%&'*+.^_`|~-", min_size=1, max_size=12)
NASTY = st.text(st.sampled_from('for=by;,:"\\[]_ \t16.٣é\r\n%x'), max_size=40)


def test_the_examples_of_rfc_7239_are_read() -> None:
    """Section 4: capital letters, IPv6 with a port, several parameters, two elements, obfuscated and unknown nodes."""
    assert parse('For="[2001:db8:cafe::17]:4711"')[0].end("for") == End("2001:db8:cafe::17", 4711)
    (one,) = parse("for=192.0.2.60;proto=http;by=203.0.113.43")
    assert one.pairs == (("for", "192.0.2.60"), ("proto", "http"), ("by", "203.0.113.43"))
    assert [e.end("for").ip for e in parse("for=192.0.2.43, for=198.51.100.17")] == ["192.0.2.43", "198.51.100.17"]
    assert [e.end("for").why for e in parse('for=_hidden, for=_SEVKISEK, for=unknown, for="_gazonk"')] == ["obfuscated"] * 2 + [
        "unknown",
        "obfuscated",
    ]
    assert [e.end("for").ip for e in parse("for=192.0.2.43,for=198.51.100.17;by=203.0.113.60;proto=http;host=example.com")] == [
        "192.0.2.43", "198.51.100.17",
    ]  # fmt: skip


@given(V4 | V6, PORT, V4 | V6, PORT)
def test_what_nginx_writes_comes_back(source: ipaddress.IPv4Address, sport: int, here: ipaddress.IPv4Address, port: int) -> None:
    def written(ip: ipaddress.IPv4Address, number: int) -> str:
        return f'"{ip}:{number}"' if ip.version == 4 else f'"[{ip}]:{number}"'

    (one,) = parse(f"for={written(source, sport)};by={written(here, port)};proto=https")
    assert (one.end("for"), one.end("by")) == (End(str(source), sport), End(str(here), port))


@given(
    st.lists(
        st.tuples(TOKENS, st.text(string.printable.strip(), max_size=12)), min_size=1, max_size=4, unique_by=lambda pair: pair[0].lower()
    )
)
def test_any_header_of_the_grammar_is_read_as_it_was_meant(pairs: list[tuple[str, str]]) -> None:
    text = ";".join(f'{name}="{"".join(chr(92) + c if c in chr(34) + chr(92) else c for c in value)}"' for name, value in pairs)
    assert parse(text) == (Element(tuple((name.lower(), value) for name, value in pairs), text),)


@given(NASTY)
@example('for="203.0.113.9:51234";host="x";for="6.6.6.6:1"')
def test_no_text_does_anything_but_parse_or_be_unreadable(text: str) -> None:
    for reader in (parse, node, bare, viewer, lambda t: parse_list(t, with_port=True)):
        try:
            reader(text)
        except Unreadable:
            continue


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('for="203.0.113.9:51234";host="x";for="6.6.6.6:1"', "repeated"),
        ("for=1.1.1.1;FOR=2.2.2.2", "repeated"),
        ("for=1.1.1.1;by=2.2.2.2;By=3.3.3.3", "repeated"),
        ("for=1.1.1.1 ;x=1;X=2", "repeated"),
        ('for="1.1.1.1', "not-forwarded"),
        ('for="1.1.1.1"x', "not-forwarded"),
        ('for="1.1.1.1" by=2.2.2.2', "not-forwarded"),
        ("for = 1.1.1.1", "not-forwarded"),
        ("for", "not-forwarded"),
        ("for=", "not-forwarded"),
        ("=1.1.1.1", "not-forwarded"),
        ("for=192.0.2.1:80", "not-forwarded"),
        ("for=[::1]", "not-forwarded"),
        ('for="x\\', "not-forwarded"),
        ('for="\x7f"', "not-forwarded"),
        ('for="1.1.1.1"\r\n', "not-forwarded"),
        ("for=é", "not-forwarded"),
        ("1.1.1.1", "not-forwarded"),
        ("for=1.1.1.1," * 33, "too-many"),
        ("for=1.1.1.1" + " " * 4096, "too-long"),
    ],
)
def test_what_is_not_completely_rfc_7239_is_unreadable(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=f"^{why}$"):
        parse(text)


@pytest.mark.parametrize("text", ["", " ", ",", " , ,, ", "\t"])
def test_a_header_with_nothing_in_it_says_nothing(text: str) -> None:
    assert parse(text) == ()


def test_only_what_stands_before_other_parameters_counts() -> None:
    """Behind `host` and `proto` may stand what a client put into them."""
    (one,) = parse('for="192.0.2.1:5";host="x";by="6.6.6.6:1"')
    assert one.end("for") == End("192.0.2.1", 5)
    assert one.end("by") == End(None, None, "behind-other-parameters")
    assert not one.is_plain
    assert parse('proto=https;for="6.6.6.6:1"')[0].end("for").ip is None
    assert parse("for=192.0.2.1;by=192.0.2.2;proto=https")[0].is_plain
    assert not parse('for=192.0.2.1;proto="https, for=6.6.6.6"')[0].is_plain


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("192.0.2.1", End("192.0.2.1", None, why_port="not-said")),
        ("192.0.2.1:", End("192.0.2.1", None, why_port="not-said")),
        ("192.0.2.1:0", End("192.0.2.1", None, why_port="zero")),
        ("192.0.2.1:_web", End("192.0.2.1", None, why_port="obfuscated")),
        ("192.0.2.1:65535", End("192.0.2.1", 65535)),
        ("[2001:DB8::1]", End("2001:db8::1", None, why_port="not-said")),
        ("[::ffff:192.0.2.1]:9", End("192.0.2.1", 9)),
        ("unknown", End(None, None, "unknown")),
        ("UNKNOWN:80", End(None, None, "unknown")),
        ("_x.y-z", End(None, None, "obfuscated")),
    ],
)
def test_a_node_says_what_it_says_and_why_not(text: str, end: End) -> None:
    assert node(text) == end


@pytest.mark.parametrize(
    "text",
    ["192.0.2.1:65536", "192.0.2.1:+80", "192.0.2.1: 80", "192.0.2.1:٨٠", "192.0.2.1:8_0", "192.0.2.1:080000", "192.0.2.1 ",
     "192.0.2.1:80:1",      "[192.0.2.1]:80", "[2001:db8::1]80", "[2001:db8::1", "2001:db8::1",
     "2001:db8::1:8080", "[fe80::1%eth0]:1", "[fe80::1%25eth0]:1", "::1",
     "192.0.2.1%eth0", "192.0.2", "0300.0.2.1", "3221225985", "0x7f.1", "localhost", "_", "_a b", "unknownx",
     "", ":80", "[]:80", "x" * 200],
)  # fmt: skip
def test_what_is_nearly_a_node_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        node(text)


def test_an_ipv6_address_without_brackets_is_read_only_where_no_port_can_follow() -> None:
    assert bare("2001:db8::1:8080") == End("2001:db8::1:8080", None, why_port="not-said")
    with pytest.raises(Unreadable):
        parse_list("2001:db8::1:8080", with_port=True)
    assert viewer("2001:db8::1:8080") == End("2001:db8::1", 8080)
    assert viewer("[2001:db8::1]:8080") == End("2001:db8::1", 8080)


@given(V4 | V6, PORT)
def test_a_viewer_address_always_ends_in_its_port(ip: ipaddress.IPv4Address, port: int) -> None:
    assert viewer(f"{ip}:{port}") == End(str(ip), port)


@pytest.mark.parametrize(
    "text", ["192.0.2.1", "192.0.2.1:x", "2001:db8::", "unknown", ":80", ":", "", "192.0.2.1:_p", "1.1.1.1:1, 2.2.2.2:2"]
)
def test_a_viewer_address_without_a_port_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        viewer(text)


def test_a_list_is_read_to_its_last_element_or_not_at_all() -> None:
    assert [end.ip for end, _ in parse_list("198.51.100.1, [2001:db8::1]:5,\t192.0.2.1:80", with_port=True)] == [
        "198.51.100.1",
        "2001:db8::1",
        "192.0.2.1",
    ]
    assert parse_list("", with_port=True) == ()
    for text in ("1.1.1.1,", ",1.1.1.1", "1.1.1.1,,2.2.2.2", "evil, 192.0.2.1:80", "1.1.1.1;2.2.2.2", "1.1.1.1," * 33, " " * 4097):
        with pytest.raises(Unreadable):
            parse_list(text, with_port=True)
