"""A list of names by category: what counts as a name, what spoils the list, and how many of other names it would take."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import dns.name
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from house.source import ROOT
from sekisho.wire.cursor import FormError
from sekisho.wire.name_list import LARGEST, in_wire, read_name_list, read_names

LIST = b"""# a remark
[malware]
updates.malware.example
[phishing]   # another
Phishing.Example.
xn--80ak6aa92e.example   # of letters that look alike
"""
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=2, max_size=5).map(".".join)


def code(raw: bytes) -> tuple[str, str]:
    with pytest.raises(FormError) as bad:
        read_name_list(raw)
    return bad.value.code, bad.value.detail


def test_names_stand_under_their_category_in_small_letters_and_without_the_last_dot() -> None:
    listed = read_name_list(LIST)
    assert listed.names == {"malware": {"updates.malware.example"}, "phishing": {"phishing.example", "xn--80ak6aa92e.example"}}
    assert listed.counts() == {"malware": 1, "phishing": 2}
    assert listed.digest == hashlib.sha256(LIST).hexdigest()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", ("empty", "")),
        (b"# nothing\n", ("empty", "")),
        (b"[malware]\n", ("empty", "")),
        (b"[malware]\na.example\n[phishing]\n", ("empty", "")),
        (b"a.example\n[malware]\n", ("no-category", "line 1")),
        (b"[malware]\na.example\n[malware]\nb.example\n", ("twice", "line 3")),
        (b"[malware]\nexample\n", ("bad-line", "line 2")),
        (b"[malware]\na.example\n0.0.0.0 b.example\n", ("bad-line", "line 3")),
        (b"[malware]\n*.example.net\n", ("bad-line", "line 2")),
        (b"[malware]\nhttp://a.example/x\n", ("bad-line", "line 2")),
        (b"[malware]\n-a.example\n", ("bad-line", "line 2")),
        (b"[malware]\na..example\n", ("bad-line", "line 2")),
        (b"[malware]\n" + b"a" * 64 + b".example\n", ("bad-line", "line 2")),
        (b"[malware]\n" + b"a.".join([b""] * 130) + b"example\n", ("bad-line", "line 2")),
        (b"[Malware]\na.example\n", ("no-category", "line 1")),
        ("[malware]\n例え.example\n".encode(), ("not-text", "octet 10")),
        (b"#" * (LARGEST + 1), ("too-large", "")),
    ],
)
def test_a_line_that_is_no_name_spoils_the_whole_list(raw: bytes, said: tuple[str, str]) -> None:
    assert code(raw) == said


def test_how_many_of_other_names_it_would_take_counts_names_below_and_no_likeness() -> None:
    listed = read_name_list(LIST)
    own = ["phishing.example", "www.phishing.example", "notphishing.example", "phishing.example.net", "example", "malware.example"]
    assert listed.met(own) == {"malware": 0, "phishing": 2}


@settings(max_examples=30)
@given(st.sets(NAMES, min_size=1, max_size=20), st.sets(NAMES, min_size=1, max_size=20))
def test_the_dry_run_counts_what_a_resolver_would_filter(listed: set[str], own: set[str]) -> None:
    """By dnspython's own notion of a name below another."""
    raw = "\n".join(["[any]", *sorted(listed)]).encode()
    under = [dns.name.from_text(n) for n in listed]
    expected = sum(any(dns.name.from_text(n).is_subdomain(u) for u in under) for n in own)
    assert read_name_list(raw).met(own) == {"any": expected}


@given(NAMES)
def test_a_name_is_written_as_dns_writes_it(name: str) -> None:
    assert in_wire(name) == dns.name.from_text(name).to_wire()


def test_names_of_ones_own_are_names_alone() -> None:
    assert read_names(b"a.example\nB.example.  # ours\n") == {"a.example", "b.example"}
    for bad in (b"[malware]\na.example\n", b"\n"):
        with pytest.raises(FormError):
            read_names(bad)


@given(st.binary(max_size=200))
def test_any_octets_are_a_list_or_its_one_error(raw: bytes) -> None:
    with suppress(FormError):
        assert all(read_name_list(raw).counts().values())


def test_the_example_is_a_list() -> None:
    assert read_name_list((ROOT / "examples/lists/names.txt").read_bytes()).counts() == {"malware": 2, "phishing": 3}
