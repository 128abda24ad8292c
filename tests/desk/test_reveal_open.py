"""What a child lets out of a record it opened: the network, or exactly the items; whatever else stood in the record stays in it."""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.desk.flows.release_key import Compared, ReleasedRecord
from sekisho.desk.posts.reveal_open import Network, seen
from sekisho.desk.reveals import BESIDE, KEPT_BY, KINDS, POST, STEPS, End, Sealed
from sekisho.law.canonical import plain
from sekisho.measures.disclosure_request import DisclosureRequest
from sekisho.measures.post_log_keeping import PostLogKeeping
from sekisho.store.errors import SealError
from tests.desk.posting import SEEN_US, sender_record

ITEMS = (
    "name",
    "address",
    "telephone",
    "mail",
    "post-address-and-port",
    "post-time",
    "terminal-identifier",
    "login-address-and-port",
    "login-time",
    "management-code",
    "browsing-history",
)
ADDRESSES = st.ip_addresses().map(str).filter(lambda ip: "%" not in ip)


def given_record(
    kind: str = "post",
    *,
    full: bool = True,
    items: tuple[str, ...] = ("post-address-and-port", "post-time"),
    others: tuple[Compared, ...] = (),
) -> ReleasedRecord:
    return ReleasedRecord(bytes(32), "chat", Sealed("rec", kind, "post-1", "2026-11-22", b"", ()), full, items, others)


@given(ADDRESSES, st.integers(1, 65535) | st.none(), st.lists(st.sampled_from(ITEMS), unique=True).map(tuple))
def test_a_first_view_never_tells_an_address_a_port_or_a_time(ip: str, port: int | None, items: tuple[str, ...]) -> None:
    view = seen(sender_record("rec", "post-1", source=(ip, port)), given_record(full=False, items=items), [])
    assert (view.source, view.destination, view.seen_us, view.clock_offset_us, view.host, view.digest) == (None, None, None, None, "", "")
    around = ipaddress.ip_network(view.prefix)
    assert ipaddress.ip_address(ip) in around
    assert around.prefixlen == (16 if around.version == 4 else 32)


def other(name: str, ip: str) -> Compared:
    """Another record of this address, as its row and its key tell it."""
    key = name.encode().ljust(32)
    return Compared(name, "sks1:" + hmac.new(key, ipaddress.ip_address(ip).packed, "sha256").hexdigest()[:32], key)


@settings(max_examples=30, deadline=None)
@given(ADDRESSES, st.lists(ADDRESSES, max_size=6))
def test_the_others_are_the_same_or_another_or_nobody_can_tell(ip: str, ips: list[str]) -> None:
    others = (*(other(f"rec-{n}", one) for n, one in enumerate([ip, *ips])), Compared("rec-gone", "", None))
    view = seen(sender_record("rec", "post-1", source=(ip, 1)), given_record(full=False, others=others), [])
    assert view.same_as == tuple(f"rec-{n}" for n, one in enumerate([ip, *ips]) if one == ip)
    assert view.not_compared == ("rec-gone",)
    unknown = seen(sender_record("rec", "post-1", source=None), given_record(others=others), [])
    assert (unknown.same_as, unknown.not_compared) == ((), ())


@given(kind=st.sampled_from(KINDS), items=st.lists(st.sampled_from(ITEMS), unique=True).map(tuple), known=st.booleans())
def test_exactly_what_is_asked_and_held_is_told(kind: str, items: tuple[str, ...], *, known: bool) -> None:
    source = ("203.0.113.9", 51234) if known else None
    view = seen(sender_record("rec", "post-1", kind, source=source), given_record(kind, items=items), [])
    mine = "post" if kind == "post" else "login"
    address, time = f"{mine}-address-and-port" in items and known, f"{mine}-time" in items
    assert view.source == (End("203.0.113.9", 51234) if address else None)
    assert (view.destination is not None) == address
    assert view.seen_us == (SEEN_US if time else None)
    assert set(view.held) | set(view.not_held) == set(items)
    assert not set(view.held) & set(view.not_held)
    assert set(view.held) <= {f"{mine}-address-and-port", f"{mine}-time"}


@given(full=st.booleans(), items=st.lists(st.sampled_from(ITEMS), unique=True).map(tuple))
def test_agent_account_and_the_way_of_the_request_never_leave_the_child(items: tuple[str, ...], *, full: bool) -> None:
    told = sender_record("rec", "post-1")
    told["sender"]["chain"] = [{"peer": "10.9.8.7", "header": "X-Forwarded-For", "raw": "6.6.6.6", "trusted": False}]
    said = json.dumps(plain(seen(told, given_record(full=full, items=items), [])))
    assert not [w for w in ("secret-agent", "acct-77", "10.9.8.7", "6.6.6.6", "10.0.0.1") if w in said]


@pytest.mark.parametrize(
    ("ip", "name"),
    [("203.0.113.9", "Example Mobile"), ("203.0.9.9", "Somebody wider"), ("192.0.2.1", ""), ("2001:db8::1", "Example Six"), ("::1", "")],
)
def test_the_operator_is_who_runs_the_longest_known_prefix(ip: str, name: str) -> None:
    known: list[tuple[Network, str]] = [
        (ipaddress.ip_network("203.0.0.0/16"), "Somebody wider"),
        (ipaddress.ip_network("203.0.113.0/24"), "Example Mobile"),
        (ipaddress.ip_network("2001:db8::/32"), "Example Six"),
    ]
    for order in (known, known[::-1]):
        assert seen(sender_record("rec", "post-1", source=(ip, 1)), given_record(full=False), order).operator == name


def without(record: Mapping[str, Any], *way: str) -> dict[str, Any]:
    """The record lacking one field."""
    found = {k: v for k, v in record.items() if k != way[0]}
    return {**record, way[0]: without(record[way[0]], *way[1:])} if len(way) > 1 else found


@pytest.mark.parametrize(
    "way", [("sender",), ("sender", "source"), ("sender", "seen_us"), ("sender", "tampered"), ("host",), ("clock_offset_us",)]
)
def test_a_record_that_lacks_a_field_is_none(way: tuple[str, ...]) -> None:
    with pytest.raises(SealError, match="not-a-record"):
        seen(without(sender_record("rec", "post-1"), *way), given_record(), [])


@pytest.mark.parametrize("ip", ["", "no address", "203.0.113.9:51234", "203.0.113.0/24", "203.0.113.256"])
def test_an_address_that_is_none_opens_nothing(ip: str) -> None:
    with pytest.raises(SealError, match="not-a-record"):
        seen(sender_record("rec", "post-1", source=(ip, 1)), given_record(), [])


def test_a_tampered_header_is_told_in_either_view() -> None:
    told = sender_record("rec", "post-1")
    told["sender"]["tampered"] = True
    assert all(seen(told, given_record(full=full), []).tampered for full in (False, True))


def test_only_steps_that_the_book_declares_open_records_and_each_kind_is_kept_by_one() -> None:
    """The two tables in `desk/reveals.py` name nothing that no measure declares."""
    declared = {(DisclosureRequest.name, s.name) for s in DisclosureRequest.steps}
    assert set(STEPS) <= declared
    assert ("disclosure-request", "use-received") not in STEPS
    assert {m.items for m in STEPS.values()} - {""} <= set(DisclosureRequest.words)
    assert {k for m in STEPS.values() for k in m.kinds} == set(KINDS) == {*POST, *BESIDE} == set(KEPT_BY)
    assert set(KEPT_BY.values()) <= {s.name for s in PostLogKeeping.steps}
