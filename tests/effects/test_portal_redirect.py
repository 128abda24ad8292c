"""The rules that lead to an event's page: plain web requests of whoever has not answered, for as long as the permit, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.effects import nft
from sekisho.effects.nft import Change, change
from sekisho.effects.portal_redirect import HEART, ROWS, Redirect, read_scope, table
from sekisho.effects.prefix_sets import BadScope
from tests.effects.test_nft import Model

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SCOPE: dict[str, Any] = {"rows": ROWS, "interface": "wifi0", "port": 8088}
DEVICES = st.frozensets(st.integers(0, 255).map(lambda n: f"02:00:00:00:00:{n:02x}"), max_size=20)


def one(**span: float) -> Redirect:
    return Redirect("permit-00aa", NOW + timedelta(**(span or {"hours": 1})), "wifi0", 8088)


def test_the_scope_says_where_attendees_come_in_and_which_port_asks() -> None:
    assert read_scope(SCOPE) == ("wifi0", 8088)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("rows", "all"),
        ("rows", None),
        ("interface", ""),
        ("interface", 'wifi0" accept #'),
        ("interface", 5),
        ("interface", "a-name-of-sixteen"),
        ("port", 0),
        ("port", 80),
        ("port", 65536),
        ("port", True),
        ("port", "8088"),
    ],
)
def test_any_other_scope_becomes_no_rule(word: str, said: object) -> None:
    with pytest.raises(BadScope) as no:
        read_scope({**SCOPE, word: said})
    assert no.value.where == f"scope.{word}"


def test_nothing_but_port_80_of_that_interface_is_touched_and_nothing_is_dropped() -> None:
    words = nft.commands(Change(("table",)), table([one()], [], NOW))
    rules = [line for line in words.splitlines() if line.startswith("add rule")]
    (entry,) = (r.partition("prerouting ")[2] for r in rules if "prerouting" in r)
    assert entry == 'tcp dport 80 meta l4proto @permit_00aa_live iifname "wifi0" jump permit_00aa comment "permit-00aa"'
    assert not any(verdict in words for verdict in ("drop", "reject", "log", "queue"))
    assert words.count("redirect to :8088") == 1
    assert "policy accept" in words


def test_the_rules_live_by_a_heart_of_seconds_and_members_no_longer_than_the_permit() -> None:
    wanted = table([one(seconds=4)], ["02:00:00:00:00:01"], NOW)
    assert {m.left for s in wanted.sets.values() for m in s.members.values()} == {4}
    assert table([one()], [], NOW).sets["permit_00aa_live"].members["tcp"].left == HEART


def test_a_permit_that_is_over_leaves_nothing() -> None:
    assert not table([one(seconds=0)], ["02:00:00:00:00:01"], NOW).chains


@given(DEVICES, DEVICES)
def test_an_answer_more_or_less_changes_members_alone(before: frozenset[str], after: frozenset[str]) -> None:
    """No rule is written anew for an answer: a thousand of them are a thousand members."""
    kernel, first, then = Model(None), table([one()], before, NOW), table([one()], after, NOW)
    kernel.write(change(first, None), first)
    made = change(then, kernel.read())
    assert not made.anew
    assert set(made.gone.get("permit_00aa_answered", ())) == before - after
    assert set(made.fresh.get("permit_00aa_answered", {})) == after - before
