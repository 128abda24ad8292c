"""A line is found when its terminal called a listed server again and again, and not before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.measures.infected_notice import InfectedNotice
from sekisho.measures.registry import EVERY
from sekisho.store.schema import SHAPES, column_class
from tests.measures.rows import found

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SERVER, OTHER = b"\0" * 10 + b"\xff\xff" + bytes([203, 0, 113, 66]), b"\x20\x01\x0d\xb8" + b"\0" * 12
MEASURE = InfectedNotice()


def contact(token: str, second: float, peer: bytes = SERVER, port: int = 8443) -> dict[str, Any]:
    return {"token": token, "peer": peer, "peer_port": port, "start": NOON + timedelta(seconds=second)}


def test_a_line_that_calls_again_and_again_is_found_once_with_first_last_and_counts() -> None:
    assert found(MEASURE, [contact("t", 0), contact("t", 60), contact("t", 30, OTHER)]) == [
        {"token": "t", "first": NOON, "last": NOON + timedelta(seconds=60), "contacts": 3, "servers": 2}
    ]


def test_fewer_contacts_than_declared_are_no_finding() -> None:
    """A scan may have met the server by chance."""
    assert MEASURE.contacts == 3
    assert found(MEASURE, [contact("t", 0), contact("t", 60)]) == []


def test_the_same_moment_seen_twice_is_one_contact() -> None:
    """Two exporters, or the two directions of one conversation, are no second call."""
    assert found(MEASURE, [contact("t", 0), contact("t", 0), contact("t", 60)]) == []


def test_contacts_of_two_lines_are_not_added_up() -> None:
    assert found(MEASURE, [contact("a", 0), contact("a", 60), contact("b", 120)]) == []


def test_two_lines_are_two_findings_in_the_order_of_their_tokens() -> None:
    """The order says nothing about who was first."""
    rows = [contact(t, s) for t in ("z", "a") for s in (0, 60, 120)]
    assert [f["token"] for f in found(MEASURE, rows)] == ["a", "z"]


def test_a_row_without_a_start_is_no_contact() -> None:
    assert found(MEASURE, [contact("t", 0), contact("t", 60), contact("t", 90) | {"start": None}]) == []


@pytest.mark.parametrize("least", [1, 2, 10])
def test_an_operator_may_ask_for_more_or_fewer_contacts(least: int) -> None:
    rows = [contact("t", s) for s in range(least)]
    assert len(found(InfectedNotice(least), rows)) == 1
    assert found(InfectedNotice(least), rows[1:]) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=30))
def test_a_line_is_found_exactly_when_it_called_at_three_different_moments(calls: list[tuple[str, int]]) -> None:
    """Held against the definition written out plainly."""
    moments = {t: {s for u, s in calls if u == t} for t, _ in calls}
    expected = {t: len(m) for t, m in moments.items() if len(m) >= 3}
    assert {f["token"]: f["contacts"] for f in found(MEASURE, [contact(*c) for c in calls])} == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=20), st.sampled_from("abc"))
def test_what_others_do_changes_nothing_for_a_line(calls: list[tuple[str, int]], token: str) -> None:
    """A finding about one token depends on its own rows only."""
    mine = [contact(*c) for c in calls if c[0] == token]
    with_others = [f for f in found(MEASURE, [contact(*c) for c in calls]) if f["token"] == token]
    assert with_others == found(MEASURE, mine)


def test_the_look_is_not_shown_the_line_nor_its_port() -> None:
    """Who it was is opened by another step, once."""
    assert MEASURE.look == ("hits", ("token", "peer", "peer_port", "start"))


def test_contacts_of_subscribers_lie_in_a_class_of_their_own() -> None:
    """The step that matches holds no key that opens a mail address."""
    contacts = next(s for s in MEASURE.streams if s.name == "contacts")
    assert {column_class(SHAPES["contacts"].schema, c) for c in contacts.columns} == {"contact"}
    others = {column_class(SHAPES[s.shape].schema, c) for m in EVERY.values() for s in m.streams if s.name != "contacts" for c in s.columns}
    assert "contact" not in others


def test_only_hits_of_flows_are_kept() -> None:
    assert {s.rows for s in MEASURE.streams if s.source == "flows"} == {"hits"}


def test_tokens_of_two_days_or_two_purposes_cannot_be_joined() -> None:
    """A line is another token under another key; each purpose and day has its own (tests/store shows it through a view)."""
    from sekisho.store.view import token_of

    keys = [bytes([n]) * 32 for n in range(3)]
    assert len({token_of(k, SERVER) for k in keys}) == 3
    assert len({token_of(keys[0], line) for line in (SERVER, OTHER)}) == 2
