"""A clock that jumped stops minting, and goes on stopping until a start with a sound one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.clock import TOLERANCE, Clock, ClockJumped
from sekisho.desk.outside import KeepSaidNo
from tests.desk.office import THEN, Office, Watch


def clock(watch: Watch, **last: float) -> Clock:
    return Clock(THEN + timedelta(**last) if last else None, watch.wall, watch.ticks)


def test_time_that_passes_evenly_is_sure() -> None:
    watch = Watch()
    mine = clock(watch)
    for _ in range(3):
        watch.wind(hours=1)
        assert mine.sure() == watch.at


@pytest.mark.parametrize("seconds", [6, -6, 3600, -3600])
def test_a_step_of_wall_time_either_way_stops_minting_for_good(seconds: int) -> None:
    watch = Watch()
    mine = clock(watch)
    watch.jump(seconds=seconds)
    with pytest.raises(ClockJumped) as jumped:
        mine.sure()
    assert jumped.value.by == timedelta(seconds=seconds)
    watch.jump(seconds=-seconds)
    with pytest.raises(ClockJumped):
        mine.sure()
    assert mine.now() == watch.at, "the time may still be read"


def test_slow_drift_is_followed() -> None:
    """A disciplined clock is slewed by little and often; after a thousand readings it is far from where it began."""
    watch = Watch()
    mine = clock(watch)
    for _ in range(1000):
        watch.wind(seconds=60)
        watch.jump(milliseconds=30)
        mine.sure()


def test_a_start_before_the_last_time_written_down_is_a_jump() -> None:
    with pytest.raises(ClockJumped):
        clock(Watch(), minutes=10).sure()
    clock(Watch(), minutes=-10).sure()


@given(st.lists(st.tuples(st.integers(0, 3600), st.integers(-250, 250)), max_size=20))
def test_no_steps_that_together_stay_within_tolerance_stop_anything(steps: list[tuple[int, int]]) -> None:
    watch = Watch()
    mine = clock(watch)
    for passed, off in steps:
        watch.wind(seconds=passed)
        watch.jump(milliseconds=off)
        mine.sure()
    assert mine.jump is None


@given(st.integers(1, 10**6), st.booleans())
def test_every_step_beyond_tolerance_is_noticed(more: int, back: bool) -> None:
    watch = Watch()
    mine = clock(watch)
    by = TOLERANCE + timedelta(milliseconds=more)
    watch.at += -by if back else by
    mine.now()
    assert mine.jump is not None


def test_with_a_jumped_clock_the_last_signature_mints_nothing_and_is_not_kept(founded: Office) -> None:
    """The refusal names the jump; what is already signed for stays as it was."""
    plan = founded.propose()
    founded.supply(plan)
    founded.confirm(plan)
    founded.approve(plan, "reviewer-a")
    founded.watch.jump(seconds=30)
    with pytest.raises(KeepSaidNo, match="clock-jumped"):
        founded.approve(plan, "reviewer-b")
    assert founded.permits() == []
    assert founded.terminal.call("overview")["notices"][0]["code"] == "clock-jumped"
