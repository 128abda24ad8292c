"""A sign is many networks within an hour, or many times what the account itself ever sent in one; who has no usual figures has no jump."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.desk.mail.hijack import crowded, jumped

USUAL = [5] * 20


def jump(*hours: int, lately: int = 2) -> bool:
    (found,) = jumped(np.array([hours], np.int64), 20, 100, 12, lately)
    return bool(found)


@pytest.mark.parametrize(("last", "sign"), [(101, True), (100, False), (99, False), (5, False)])
def test_a_jump_is_more_than_so_many_times_the_most_of_any_earlier_hour(last: int, sign: bool) -> None:
    assert jump(*USUAL, last) is sign


def test_who_always_sends_much_does_not_jump_and_who_sends_little_stays_under_the_least() -> None:
    assert not jump(*[400] * 20, 4000)
    assert not jump(*[1] * 20, 99)
    assert not jump(*USUAL, 60, 400), "the hour before belongs to what is usual: it grew in two hours"


def test_without_usual_figures_nobody_is_judged_by_them() -> None:
    assert not jump(*[0] * 9, *[5] * 11, 5000)
    assert jump(*[0] * 9, *[5] * 12, 5000)


def test_a_sign_lasts_so_many_hours_and_no_longer() -> None:
    assert jump(*USUAL, 500, 0)
    assert not jump(*USUAL, 500, 0, 0)


@pytest.mark.parametrize(("hours", "sign"), [([1, 8], True), ([8, 1], True), ([8, 1, 1], False), ([7, 7], False)])
def test_networks_are_counted_within_one_hour(hours: list[int], sign: bool) -> None:
    (found,) = crowded(np.array([hours], np.int64), 8, 2)
    assert bool(found) is sign
