"""Three facts are read off the counts, and err towards no."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sekisho.measures.ip25b import LATELY, origin

HOUR: Mapping[str, int] = {
    "dynamic": 1000, "others": 50_000, "dynamic_bulk": 900, "other_bulk": 10, "dynamic_over": 300, "others_over": 20_000,
}  # fmt: skip


def facts(*hours: Mapping[str, int]) -> tuple[object, object, object] | None:
    found = origin([{"hour": "2026-11-20T13:00:00+00:00", "found": h} for h in hours])
    return found and tuple(found[w] for w in ("hardly_from_fixed", "comes_from_dynamic", "uniform_rate_control_enough"))


def test_bulk_mail_from_dynamic_ranges_that_a_limit_would_not_stop_is_what_the_block_needs() -> None:
    found = origin([{"hour": "2026-11-20T13:00:00+00:00", "found": HOUR}])
    assert found == {
        "messages": 910, "from_fixed_permille": 10, "from_dynamic_permille": 989, "hardly_from_fixed": True, "comes_from_dynamic": True,
        "uniform_rate_control_enough": False, "measured_to": "2026-11-20",
    }  # fmt: skip


@pytest.mark.parametrize(("change", "said"), [
    ({"other_bulk": 47}, (True, True, False)), ({"other_bulk": 48}, (False, True, False)),
    ({"dynamic_over": 810}, (True, True, False)), ({"dynamic_over": 810, "others_over": 500}, (True, True, True)),
    ({"dynamic_over": 809, "others_over": 500}, (True, True, False)), ({"dynamic_over": 810, "others_over": 501}, (True, True, False)),
    ({"dynamic_bulk": 0, "dynamic_over": 0}, (False, False, False)),
    (dict.fromkeys(HOUR, 0), (True, False, True)),
])  # fmt: skip
def test_each_fact_falls_at_its_own_number(change: Mapping[str, int], said: tuple[bool, bool, bool]) -> None:
    assert facts({**HOUR, **change}) == said


def test_a_week_of_hours_is_looked_at_and_where_nobody_counted_nothing_is_said() -> None:
    quiet = dict.fromkeys(HOUR, 0)
    assert facts(HOUR, *[quiet] * (LATELY - 1)) == (True, True, False)
    assert facts(HOUR, *[quiet] * LATELY) == (True, False, True)
    assert facts() is None
    assert origin([{"hour": "2026-11-20T13:00:00+00:00", "messages": 5}]) is None
