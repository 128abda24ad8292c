"""From canonical JSON to our words and back: one spelling, and nothing but what was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.gate.people import Approval, Confirmation, Signature, Withdrawal
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical, digest, plain
from sekisho.law.reading import DEEPEST, ReadingError, read
from sekisho.law.words import Act, Duty, Element, Evidence, Kind, Plan, Regime, Role, Step, Value, VouchedBy, Voucher

NOW = datetime(2026, 11, 21, 12, 0, 0, 1, UTC)
STEP = Step("match", Kind.MATCH, frozenset({Act.USE, Act.LEARN}), frozenset({Element.PARTY}), "infected-notice", frozenset({"operator"}))

texts = st.text(max_size=20)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | texts,
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
evidences = st.builds(
    Evidence,
    kind=texts,
    value=st.dictionaries(texts, values, max_size=4),
    purpose=texts,
    voucher=st.builds(Voucher, by=st.sampled_from(VouchedBy), who=texts, role=st.none() | st.sampled_from(Role), person=texts),
    at=moments,
    until=st.none() | moments,
)
plans = st.builds(
    Plan,
    measure=texts,
    actor=texts,
    proposer=texts,
    regime=st.sampled_from(Regime),
    steps=st.just((STEP,)),
    day=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    until=moments,
    scope=st.dictionaries(texts, values, max_size=4),
    facts=st.dictionaries(texts, values, max_size=2),
    evidence=st.lists(evidences, max_size=3).map(tuple),
)
statements = st.one_of(
    st.builds(Approval, plan=texts, shown=texts, person=texts, at=moments),
    st.builds(Withdrawal, permit=texts, person=texts, reason=texts, at=moments),
    st.builds(Confirmation, case=texts, measure=texts, book=texts, reasons=texts, person=texts, at=moments, until=moments),
    st.builds(Signature, person=texts, signature=st.binary(max_size=8), client_data=st.binary(max_size=8)),
)


def through_json(value: object) -> Any:
    return json.loads(canonical(value))


@given(plans)
def test_a_plan_comes_back_with_the_same_digest(plan: Plan) -> None:
    """What was signed can be read again and signed again: the digest is of the meaning, not of a Python object."""
    again = read(Plan, through_json(plan))
    assert digest(again) == digest(plan)
    assert canonical(again) == canonical(plan)


@given(statements)
def test_what_people_sign_comes_back_as_it_was(statement: object) -> None:
    assert read(type(statement), through_json(statement)) == statement


@given(values)
def test_a_free_value_is_read_as_it_was_written(value: Any) -> None:
    """Facts and evidence hold anything but floats; lists come back as tuples, mappings as what nobody can fill."""
    again = read(dict[str, Value], {"it": through_json(value)})
    assert canonical(again["it"]) == canonical(value)
    assert not isinstance(again, dict)


def test_the_order_of_sets_and_keys_changes_no_digest() -> None:
    one = {"b": 1, "a": frozenset({"y", "x"})}
    other = {"a": frozenset({"x", "y"}), "b": 1}
    assert canonical(one) == canonical(other) == b'{"a":["x","y"],"b":1}'


def test_the_same_moment_in_two_zones_is_one_spelling() -> None:
    """Japan's noon is three o'clock in the morning, and signed as that."""
    tokyo = datetime(2026, 11, 21, 21, 0, 0, 1, timezone(timedelta(hours=9)))
    assert canonical(tokyo) == canonical(NOW) == b'"2026-11-21T12:00:00.000001Z"'


@pytest.mark.parametrize("unspeakable", [1.0, float("nan"), datetime(2026, 1, 1), object(), {1.5: "x"}.keys(), b"x".__class__])  # noqa: DTZ001 - the point
def test_what_has_no_single_spelling_is_not_signed(unspeakable: object) -> None:
    """Floats, times without a zone, and whatever else could be spelled in two ways."""
    with pytest.raises(TypeError):
        canonical(unspeakable)


def broken(key: str, value: object) -> dict[str, Any]:
    said: dict[str, Any] = plain(
        Plan("m", "o", "p", Regime.TBA, (STEP,), date(2026, 11, 21), NOW, {"list": "x"}, {}, ())
    )
    return {**said, key: value}


@pytest.mark.parametrize(
    ("key", "value", "path", "code"),
    [
        ("measure", 7, "measure", "not-str"),
        ("measure", None, "measure", "not-str"),
        ("regime", "none", "regime", "not-Regime"),
        ("steps", "all", "steps", "not-a-list"),
        ("steps", [{}], "steps[0].name", "missing"),
        ("day", "21.11.2026", "day", "not-date"),
        ("until", "2026-11-21T12:00:00", "until", "not-datetime"),
        ("scope", ["x"], "scope", "not-an-object"),
        ("scope", {"a": 1.5}, "scope.a", "not-a-value"),
        ("colour", "red", "colour", "unknown-key"),
    ],
)
def test_what_does_not_fit_is_named_by_its_path(key: str, value: object, path: str, code: str) -> None:
    """Who wrote the JSON learns where, and what was wrong there."""
    with pytest.raises(ReadingError) as no:
        read(Plan, broken(key, value))
    assert (no.value.path, no.value.code) == (path, code)


def test_true_is_no_number_and_one_is_no_truth() -> None:
    """A count given as `true` would be 1 in Python; a permit is not made of accidents."""
    for given_, path in (({"do": "x", "within": 5, "words": {}}, "within"), ({"do": True, "within": "PT5S", "words": {}}, "do")):
        with pytest.raises(ReadingError) as no:
            read(Duty, given_)
        assert no.value.path == path
    assert read(Duty, {"do": "x", "within": "PT5S", "words": {"en": "w"}}).within == timedelta(seconds=5)


def test_a_missing_field_is_never_filled_in() -> None:
    """A permit with one word taken away is no permit, whichever word it is."""
    whole = plain(Permit("p", "plan", "m", STEP, {}, (), "b", NOW, NOW, (), (), False, False))
    assert read(Permit, whole).id == "p"
    for key in (f.name for f in fields(Permit) if f.default is MISSING and f.default_factory is MISSING):
        with pytest.raises(ReadingError) as no:
            read(Permit, {k: v for k, v in whole.items() if k != key})
        assert (no.value.path, no.value.code) == (key, "missing")


def nested(depth: int) -> Any:
    value: Any = "bottom"
    for _ in range(depth):
        value = {"in": value}
    return value


def test_depth_is_bounded() -> None:
    """Nobody makes the reader call itself to death."""
    assert isinstance(read(dict[str, Value], {"it": nested(DEEPEST - 4)}), Mapping)
    with pytest.raises(ReadingError, match="too-deep"):
        read(dict[str, Value], {"it": nested(DEEPEST + 4)})


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize("said", ["RED", "Red", " red", "", None, 1])
def test_an_enum_word_is_taken_only_as_it_is_spelled(said: object) -> None:
    with pytest.raises(ReadingError):
        read(Colour, said)
    assert read(Colour, "red") is Colour.RED


FIELDS = [frozenset(kind.__dataclass_fields__) for kind in (Approval, Confirmation, Withdrawal, Evidence, Plan)]


def test_no_two_kinds_of_statement_have_the_same_fields() -> None:
    """A signature over one kind is none over another: their JSON can never be the same bytes."""
    assert len(set(FIELDS)) == len(FIELDS)
    assert not any(a < b or b < a for a in FIELDS for b in FIELDS)
