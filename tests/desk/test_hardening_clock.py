"""A clock that somebody moves, in one step or in many, ends nothing, destroys nothing and mints nothing; and that it moved is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk import records
from sekisho.desk.clock import GAP, TOLERANCE, Clock, ClockJumped
from sekisho.desk.opening import open_world
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import remeasure, retire
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.office import ROOT_KEY, Office, Watch

RETIRED = {"expired": 0, "destroyed": 0}


def keep_house(office: Office) -> dict[str, int]:
    with office.turn() as world:
        remeasure.carry_out(world, remeasure.Remeasure())
        return dict(retire.carry_out(world, retire.Retire()))


def jumps(office: Office) -> int:
    return [Entry.decode(e).type for e in office.world.log.entries()].count(EntryType.CLOCK_JUMP)


def last_seen(office: Office) -> str | None:
    with office.turn() as world:
        return records.meta(world.db, "clock")


@pytest.mark.parametrize("by", [timedelta(days=3000), timedelta(days=-3000)], ids=["forward", "backward"])
def test_a_glitch_ends_no_permit_and_destroys_no_key(office: Office, by: timedelta) -> None:
    """To the year 2035 and back: when the clock is mended everything is as it was."""
    key = f"{next(p['id'] for p in office.permits() if p['step'] == 'record')}/party/2026-11-21"
    half = office.channel("collect").call("half", key_id=key)
    office.watch.at += by
    assert keep_house(office).items() >= RETIRED.items()
    office.watch.at -= by
    office.reopen()
    assert {p["state"] for p in office.permits()} == {"in-force"}
    assert office.channel("collect").call("half", key_id=key) == half


def test_what_is_over_is_refused_all_the_same_while_the_clock_is_unsure(office: Office) -> None:
    """Not ended is not prolonged: whoever checks a permit holds it against the time it names."""
    permit = next(p["id"] for p in office.permits() if p["step"] == "record")
    office.watch.jump(days=3000)
    keep_house(office)
    with pytest.raises(KeepSaidNo, match="ended"):
        office.channel("collect").call("half", key_id=f"{permit}/party/2026-11-21")
    assert office.channel("collect").call("standing") == []


def test_a_jump_is_written_when_it_happens_and_once(office: Office) -> None:
    before = jumps(office)
    keep_house(office)
    office.watch.jump(hours=1)
    for _ in range(5):
        keep_house(office)
    assert jumps(office) == before + 1


def test_the_last_time_seen_is_not_moved_by_a_clock_that_jumped(office: Office) -> None:
    keep_house(office)
    before = last_seen(office)
    office.watch.jump(days=10)
    for _ in range(3):
        office.watch.wind(seconds=60)
        keep_house(office)
    assert last_seen(office) == before


def test_a_walk_in_small_steps_is_a_jump_too() -> None:
    """A stranger on the wire who answers our time requests moves us by four seconds a minute."""
    watch = Watch()
    mine = Clock(None, watch.wall, watch.ticks)
    with pytest.raises(ClockJumped):
        for _ in range(3):
            watch.wind(seconds=60)
            watch.jump(seconds=4)
            mine.sure()


@given(st.integers(1, 3600), st.floats(-500e-6, 500e-6))
def test_a_clock_slewed_as_ntpd_slews_is_followed_for_ever(every: int, rate: float) -> None:
    watch = Watch()
    mine = Clock(None, watch.wall, watch.ticks)
    for _ in range(200):
        watch.wind(seconds=every)
        watch.jump(seconds=every * rate)
        mine.sure()


@given(st.integers(1, 600), st.floats(700e-6, 0.5), st.booleans())
def test_whatever_moves_faster_is_noticed_before_it_gained_a_minute(every: int, rate: float, back: bool) -> None:
    watch = Watch()
    mine = Clock(None, watch.wall, watch.ticks)
    gained = 0.0
    while mine.jump is None:
        watch.wind(seconds=every)
        step = -every * rate if back else every * rate
        watch.jump(seconds=step)
        gained += abs(step)
        mine.now()
        assert gained < TOLERANCE.total_seconds() * 4 + abs(step), "still nothing noticed"


def test_a_start_long_after_the_last_time_is_a_jump_until_a_custodian_accepts() -> None:
    watch = Watch()
    asleep = watch.at - GAP - timedelta(minutes=1)
    with pytest.raises(ClockJumped):
        Clock(asleep, watch.wall, watch.ticks).sure()
    assert Clock(asleep, watch.wall, watch.ticks, accept=True).sure() == watch.at
    assert Clock(watch.at - GAP + timedelta(minutes=1), watch.wall, watch.ticks).sure() == watch.at


@pytest.mark.parametrize("last", [datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)], ids=["far after", "before"])
def test_what_a_custodian_accepted_is_written_and_holds_from_then_on(founded: Office, last: datetime) -> None:
    """Refused once, accepted once; the next start is an ordinary one."""
    with founded.turn() as world:
        records.set_meta(world.db, "clock", records.stamp(last))
    before = jumps(founded)
    sure = []
    for accept in (False, True, False):
        founded.close()
        world = open_world(founded.settings, ROOT_KEY, accept_clock=accept)
        sure.append(world.clock.jump is None)
        founded.world = world
    assert sure == [False, True, True]
    assert jumps(founded) == before + 2


def test_the_custodians_word_goes_by_the_command_line_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    """`sekisho run --accept-clock` hands it to `keep`, and nothing else does."""
    from pathlib import Path

    from sekisho.faces.processes import supervise

    asked: list[list[str]] = []

    def spawn(role: str, argv: list[str], *_given: object) -> None:
        asked.append(argv)
        raise InterruptedError(role)

    monkeypatch.setattr(supervise, "_spawn", spawn)
    monkeypatch.setattr(supervise, "read_settings", lambda _path: None)
    monkeypatch.setattr(supervise, "_own_folders", lambda _settings: None)
    for accept in (False, True):
        with pytest.raises(InterruptedError):
            supervise.Supervisor.start(Path("x"), b"", accept_clock=accept)
    assert ["--accept-clock" in argv for argv in asked] == [False, True]
