"""What may be asked of one value, predicate by predicate: what holds, and everything near it that does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.gate.predicates import PREDICATES, holds, plainly
from sekisho.law import checks
from sekisho.law.words import Act, Element, Kind, Plan, Regime, Step, Value
from tests.gate.books import DAY, NOW, PROPOSER

STEP = Step("match", Kind.MATCH, frozenset({Act.LEARN}), frozenset({Element.PARTY}), "notice")
SCOPE = MappingProxyType({"list": "a-digest", "fields": ("name", "mail"), "days": 14, "none": None})
PLAN = Plan("measure", "operator", PROPOSER, Regime.TBA, (STEP,), DAY, NOW + timedelta(days=1), SCOPE)


def day(days: int) -> str:
    return (DAY + timedelta(days=days)).isoformat()


def asked(predicate: Any, value: Any) -> bool:
    return holds(predicate, value, PLAN, STEP)


@pytest.mark.parametrize(
    ("predicate", "value"),
    [
        ("text", "text"),
        (True, True),
        (False, False),
        (3, 3),
        (("a", "b"), ("a", "b")),
        ({"is": 3}, 3),
        ({"is": False}, False),
        ({"least": 3}, 3),
        ({"least": 3}, 4),
        ({"most": 3}, 3),
        ({"most": 3}, 2),
        ({"least": 1, "most": 3}, 2),
        ({"among": ("a", "b")}, "b"),
        ({"has": ("a",)}, ("a", "b")),
        ({"only": ("a", "b")}, ("a",)),
        ({"only": ("a", "b")}, ("b", "a")),
        ({"scope": "list"}, "a-digest"),
        ({"scope": "fields"}, ("mail", "name", "more")),
        ({"scope": "days"}, 14),
        ({"by-day": True}, day(0)),
        ({"by-day": True}, day(-1)),
        ({"before-day": True}, day(-1)),
        ({"within-days": 3}, day(0)),
        ({"within-days": 3}, day(-3)),
        ({"within-days": 0}, day(0)),
        ({"days-ago": 8}, day(-8)),
        ({"days-ago": 8}, day(-9)),
        ({"step": True}, "notice"),
        ({"step": True}, ("billing", "notice")),
    ],
)
def test_what_is_asked_holds(predicate: Value, value: Value) -> None:
    assert asked(predicate, value) is True


@pytest.mark.parametrize(
    ("predicate", "value"),
    [
        ("text", "other"),
        (True, 1),
        (1, True),
        (0, False),
        ("3", 3),
        (("a",), ["a"]),
        (None, None),
        ({"is": None}, None),
        ({}, "anything"),
        ({"unheard-of": True}, "anything"),
        ({"is": 3, "unheard-of": True}, 3),
        ({"least": 3, "most": 5}, 6),
        ({"least": 3, "most": 5}, 2),
        ({"is": 1}, True),
        ({"least": 3}, 2),
        ({"least": 3}, True),
        ({"least": True}, 3),
        ({"least": "3"}, 3),
        ({"least": 3}, "4"),
        ({"most": 3}, 4),
        ({"most": 3}, False),
        ({"most": None}, 1),
        ({"among": ("a", "b")}, "c"),
        ({"among": ()}, "a"),
        ({"among": "abc"}, "a"),
        ({"among": (1,)}, True),
        ({"has": ("a", "c")}, ("a", "b")),
        ({"has": ()}, ("a",)),
        ({"has": ("a",)}, "a"),
        ({"only": ("a",)}, ("a", "b")),
        ({"only": ("a",)}, ()),
        ({"only": ("a",)}, "a"),
        ({"only": (1,)}, (True,)),
        ({"scope": "list"}, "another-digest"),
        ({"scope": "fields"}, ("mail",)),
        ({"scope": "fields"}, "name"),
        ({"scope": "days"}, "14"),
        ({"scope": "unsaid"}, "a-digest"),
        ({"scope": "none"}, "None"),
        ({"scope": True}, "a-digest"),
        ({"scope": MappingProxyType({"list": 1})}, "a-digest"),
        ({"scope": ("list",)}, "a-digest"),
        ({"by-day": True}, day(1)),
        ({"by-day": False}, day(-1)),
        ({"by-day": 1}, day(-1)),
        ({"by-day": True}, 20200101),
        ({"before-day": True}, day(0)),
        ({"before-day": True}, day(1)),
        ({"before-day": False}, day(-1)),
        ({"before-day": True}, ("2019-01-01",)),
        ({"within-days": 3}, day(-4)),
        ({"within-days": 3}, day(1)),
        ({"within-days": True}, day(-1)),
        ({"within-days": "3"}, day(-1)),
        ({"within-days": 3}, "no day"),
        ({"within-days": 3}, 20200101),
        ({"within-days": -1}, day(0)),
        ({"days-ago": 8}, day(-7)),
        ({"days-ago": 0}, day(1)),
        ({"days-ago": -5}, day(1)),
        ({"days-ago": True}, day(-9)),
        ({"days-ago": 8}, "no day"),
        ({"step": True}, "billing"),
        ({"step": True}, ("billing",)),
        ({"step": False}, "notice"),
        ({"step": 1}, "notice"),
        ({"step": True}, 1),
    ],
)
def test_what_is_near_it_does_not_hold(predicate: Value, value: Value) -> None:
    assert asked(predicate, value) is False


def test_the_purpose_asked_for_is_the_steps_own() -> None:
    other = replace(STEP, purpose="billing")
    assert holds({"step": True}, "billing", PLAN, other)
    assert not holds({"step": True}, "notice", PLAN, other)


def test_every_predicate_has_an_example_that_holds_and_one_that_does_not() -> None:
    for test in (test_what_is_asked_holds, test_what_is_near_it_does_not_hold):
        rows = test.pytestmark[0].args[1]  # type: ignore[attr-defined] # set by pytest
        named = {name for predicate, _ in rows if isinstance(predicate, dict) for name in predicate}
        assert named & checks.PREDICATES == set(PREDICATES)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from([day(0), day(-1), "a-digest"]),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=2), inner, max_size=2).map(MappingProxyType),
    max_leaves=4,
)


@given(st.sampled_from(sorted(PREDICATES)), ANY, ANY)
def test_any_question_about_any_value_is_answered_yes_or_no(name: str, wanted: Value, value: Value) -> None:
    assert asked({name: wanted}, value) in (True, False)
    assert asked({name: wanted}, None) is False


def test_a_fact_nobody_gave_is_nothing_and_every_predicate_must_hold() -> None:
    assert plainly({"given": True}, "x")
    assert not plainly({"given": True}, None)
    assert not plainly(None, None)
    assert not plainly({"is": 1, "least": 5}, 1)
