"""One spelling for what is signed: each kind of value has one, and what has two or none is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.law.canonical import canonical, digest, plain


class Colour(Enum):
    RED = "red"


class Size(IntEnum):
    SMALL = 1


class Word(StrEnum):
    YES = "yes"


class Text(str):
    __slots__ = ()


@dataclass(frozen=True)
class Pair:
    b: Any
    a: Any


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (-(10**30), "-1" + "0" * 30),
        ("関所 \n", '"関所 \\n"'),
        (Text("a"), '"a"'),
        (Colour.RED, '"red"'),
        (Size.SMALL, "1"),
        (Word.YES, '"yes"'),
        (b"\x00\xff", '"00ff"'),
        (date(2026, 11, 2), '"2026-11-02"'),
        (datetime(2026, 11, 2, 3, 4, 5, 6, UTC), '"2026-11-02T03:04:05.000006Z"'),
        (datetime(2026, 11, 2, 3, tzinfo=timezone(timedelta(hours=9))), '"2026-11-01T18:00:00.000000Z"'),
        (timedelta(seconds=90, milliseconds=999), '"PT90S"'),
        (timedelta(days=1), '"PT86400S"'),
        ((1, "a", (2,)), '[1,"a",[2]]'),
        ([1, [2]], "[1,[2]]"),
        ({"b": 1, "a": {"d": 1, "c": 2}}, '{"a":{"c":2,"d":1},"b":1}'),
        (MappingProxyType({"b": 1, "a": Word.YES}), '{"a":"yes","b":1}'),
        (frozenset({"b", "a", Word.YES}), '["a","b","yes"]'),
        ({10, 9}, "[10,9]"),
        (Pair(1, Pair((), {})), '{"a":{"a":{},"b":[]},"b":1}'),
        (Pair(Colour.RED, frozenset({Colour.RED})), '{"a":["red"],"b":"red"}'),
    ],
)
def test_each_kind_of_value_has_one_spelling(value: Any, spelled: str) -> None:
    assert canonical(value) == spelled.encode()
    assert digest(value) == hashlib.sha256(spelled.encode()).hexdigest()


@pytest.mark.parametrize("value", [1.5, float("nan"), object(), 1j, iter(()), (0.0,), {"a": 1.0}, Pair(1.0, 2), {"a": {1.5}}])
def test_what_has_no_single_spelling_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no single spelling for"):
        canonical(value)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError, match="without a zone"):
        canonical({"at": datetime(2026, 11, 2)})  # noqa: DTZ001 - what is refused


def test_values_come_out_as_plain_ones_whatever_class_they_had() -> None:
    """A subclass that prints itself otherwise must not get its own spelling signed."""
    assert type(plain(Colour.RED)) is str
    assert type(plain(Word.YES)) is str
    assert type(plain(Size.SMALL)) is int


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(JSON)
def test_what_was_spelled_reads_back_and_is_spelled_the_same_again(value: Any) -> None:
    again = json.loads(canonical(value))
    assert again == value
    assert canonical(again) == canonical(value)
