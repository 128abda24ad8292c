"""Accounts act alike when they are of one kin and send at the same hours; how much each sends says nothing, and few are no group."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sekisho.desk.mail.alike import NOBODY, Alike, find_alike

TEN = Alike(members=10, each=5, together=500, alike=900)
NIGHT = [0] * 20 + [20, 30, 10, 0]
"""A day by hours: all within three hours of the night."""


def curves(*rows: list[int]) -> NDArray[np.int64]:
    return np.array(rows, np.int64).reshape(-1, 24)


def people(many: int, seed: int = 0) -> NDArray[np.int64]:
    """Whoever writes a mail now and then, each at hours of their own."""
    return np.random.default_rng(seed).poisson(0.5, (many, 24)).astype(np.int64)


def group(rows: NDArray[np.int64], kin: list[int], test: Alike = TEN) -> list[int]:
    return [int(n) for n in find_alike(rows, np.array(kin, np.int64), test)]


def test_twelve_that_send_at_one_time_are_found_and_whoever_writes_by_hand_beside_them_is_not() -> None:
    rows = np.concatenate([curves(*[NIGHT] * 12), people(200)])
    assert group(rows, [0] * 12 + [1] * 200) == [0] * 12 + [NOBODY] * 200


def test_in_one_kin_the_one_who_keeps_other_hours_is_left_out() -> None:
    day = [30, 20, 10] + [0] * 21
    assert group(curves(*[NIGHT] * 12, day), [0] * 13) == [0] * 12 + [NOBODY]


def test_how_much_is_sent_does_not_matter_only_when() -> None:
    more = [5 * n for n in NIGHT]
    assert group(curves(*[NIGHT] * 9, more), [0] * 10) == [0] * 10


@pytest.mark.parametrize(("rows", "kin"), [
    ([NIGHT] * 9, [0] * 9), ([NIGHT] * 12, [*range(12)]), ([NIGHT] * 12, [NOBODY] * 12),
    ([[0] * 20 + [1, 2, 1, 0]] * 200, [0] * 200), ([[0] * 20 + [2, 3, 1, 0]] * 12, [0] * 12), ([[0] * 24] * 12, [0] * 12), ([], []),
])  # fmt: skip
def test_too_few_of_no_kin_too_little_each_or_together_are_no_group(rows: list[list[int]], kin: list[int]) -> None:
    assert group(curves(*rows), kin) == [NOBODY] * len(kin)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 3), st.lists(st.integers(0, 9), min_size=24, max_size=24)), max_size=40), st.integers(500, 1000))
def test_whatever_was_sent_a_group_is_of_one_kin_and_as_large_as_the_plan_says(found: list[tuple[int, list[int]]], alike: int) -> None:
    kin, rows = [k for k, _ in found], curves(*[row for _, row in found])
    said = group(rows, kin, Alike(3, 2, 10, alike))
    for one in {g for g in said if g != NOBODY}:
        members = [n for n, g in enumerate(said) if g == one]
        assert {kin[n] for n in members} == {one}
        assert len(members) >= 3
        assert int(rows[members].sum()) >= 10
        assert int(rows[members].sum(axis=1).min()) >= 2
