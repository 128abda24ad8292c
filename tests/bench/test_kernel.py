"""The bench of the reconciler runs on a real kernel and tells one line for each kind of round."""

from __future__ import annotations

import os

import pytest

from bench import kernel
from tests.conftest import need


def test_each_kind_of_round_is_told_and_the_worst_is_held_against_the_aim() -> None:
    if os.geteuid() != 0:
        pytest.skip("a network namespace needs root: run the tests as root to have it")
    need("ip", "nft")
    result = kernel.measure(1)
    told = kernel.table_of(result)
    filters = ("a filter, every line off", "a filter, nothing new", "a filter, one line on again", "a filter, 100 lines on again")
    for what in (*filters, "every switch written", "none changed", "a hundred thrown", "a thousand on again", "shaping, volumes"):
        assert told.count(what) == 1
    assert "10,000 lines" in told
    (aim,) = result["aims"] if isinstance(result["aims"], list) else ()
    assert aim.startswith(("reached", "not reached"))
