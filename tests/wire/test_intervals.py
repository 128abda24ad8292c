"""Who held an address when: the hard cases a real server wrote, and that no history whatever gives a wrong name."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.wire.exporters import address_bytes
from sekisho.wire.intervals import Ambiguous, Assignment, Conflict, Index, Interval, Named, NoRecord, holder, intervals
from sekisho.wire.radius_detail import DetailReader


def at(clock: str) -> int:
    """A time of day on 28 February 2026, UTC, in milliseconds."""
    hour, minute, second = (int(p) for p in clock.split(":"))
    return int(datetime(2026, 2, 28, hour, minute, second, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(scope="module")
def known(shared_data: Path) -> list[Interval]:
    reader = DetailReader()
    reader.feed((shared_data / "abuse" / "radius-accounting" / "freeradius-3.2.1-hardcases.detail").read_bytes())
    reader.close()
    return intervals(reader.take())


def test_an_index_gives_the_same_answers(known: list[Interval]) -> None:
    """For every address of the log, inside prefixes too."""
    index = Index(known)
    for one in known:
        inside = (int.from_bytes(one.address) | (1 << (128 - one.prefix_length)) - 1).to_bytes(16)
        assert sorted(index.covering(inside), key=repr) == sorted((i for i in known if i.covers(inside)), key=repr)


def answer(known: list[Interval], address: str, first: str, last: str | None = None, margin: int = 0) -> str:
    """The user's number, or the kind of answer."""
    said = holder(known, address_bytes(address), at(first), at(last or first), margin * 1000)
    return said.user[:7] if isinstance(said, Named) else type(said).__name__


@pytest.mark.parametrize(
    ("address", "when", "margin", "expected"),
    [
        ("203.0.113.10", "16:30:00", 60, "user001"),  # a clean session
        ("203.0.113.10", "16:59:58", 1, "user001"),  # just before the address changes hands
        ("203.0.113.10", "16:59:58", 10, "Ambiguous"),  # the same, with a clock that may be 10 s off
        ("203.0.113.10", "17:00:02", 0, "NoRecord"),  # in the four seconds between two holders
        ("203.0.113.10", "17:00:02", 5, "Ambiguous"),
        ("203.0.113.10", "17:30:00", 0, "Ambiguous"),  # user002 has only a Start: possible, not proven
        ("203.0.113.10", "18:00:30", 0, "NoRecord"),  # the NAS restarted, nobody logged in yet
        ("203.0.113.10", "14:59:59", 0, "NoRecord"),
        ("203.0.113.11", "16:00:00", 60, "user003"),  # Stop lost: proven up to the last Interim
        ("203.0.113.11", "17:00:00", 0, "Ambiguous"),  # between the last Interim and the next holder
        ("203.0.113.12", "15:20:00", 60, "user005"),  # Start lost: told by the session time
        ("203.0.113.12", "15:10:00", 60, "NoRecord"),
        ("203.0.113.13", "16:06:00", 10, "user006"),  # Stop written late
        ("203.0.113.13", "16:06:45", 0, "NoRecord"),
        ("203.0.113.15", "15:30:00", 60, "user009"),  # address only in Interim
        ("203.0.113.15", "15:06:41", 0, "Ambiguous"),  # logged in, address not yet told
        ("203.0.113.16", "17:13:20", 0, "user012"),  # a bare Stop proves one instant
        ("203.0.113.16", "17:13:00", 0, "Ambiguous"),
        ("2001:db8:1000:42::1", "16:30:00", 60, "user001"),  # an address inside a delegated prefix
        ("2001:db8:1900::9", "15:06:43", 0, "user009"),  # before the prefix changed
        ("2001:db8:1900::9", "15:30:00", 0, "Ambiguous"),  # it changed at some time before the next Interim
        ("2001:db8:1a00::9", "15:30:00", 0, "Ambiguous"),
        ("2001:db8:1a00::9", "16:06:43", 0, "user009"),
        ("2001:db8:1c00:8000::1", "16:00:00", 0, "Ambiguous"),  # IPv6 only, Start only
        ("2001:db8:ffff::1", "16:00:00", 0, "NoRecord"),
        ("203.0.113.99", "16:00:00", 0, "NoRecord"),
    ],
)
def test_the_hard_cases_of_a_real_log(known: list[Interval], address: str, when: str, margin: int, expected: str) -> None:
    """One question to the log of a real server for each way an attribution goes wrong."""
    assert answer(known, address, when, margin=margin) == expected


def test_the_window_must_lie_whole_with_one_holder(known: list[Interval]) -> None:
    """A day of which the holder had two hours names nobody."""
    assert answer(known, "203.0.113.10", "15:30:00", "16:30:00") == "user001"
    assert answer(known, "203.0.113.10", "15:30:00", "17:30:00") == "Ambiguous"
    assert answer(known, "203.0.113.12", "15:00:00", "16:00:00") == "Ambiguous"


def test_the_next_holder_is_told_by_its_distance(known: list[Interval]) -> None:
    """How far the nearest other holder is from the window, margin included."""
    said = holder(known, address_bytes("203.0.113.10"), at("16:59:50"), at("16:59:50"), 2000)
    assert isinstance(said, Named)
    assert said.spare_ms == 12_000
    assert [i.session for i in said.evidence] == ["A0000001"]


def test_repeated_and_shuffled_records_change_nothing(shared_data: Path) -> None:
    """The log twice, in any order, gives the same intervals."""
    reader = DetailReader()
    reader.feed((shared_data / "abuse" / "radius-accounting" / "freeradius-3.2.1-hardcases.detail").read_bytes())
    rows = reader.take()
    again = rows * 2
    random.Random(7).shuffle(again)
    assert sorted(intervals(rows), key=repr) == sorted(intervals(again), key=repr)


def event(status: str, clock: str, user: str, **more: object) -> Assignment:
    plain = {"address": address_bytes("203.0.113.1"), "prefix_length": 128, "nas": "bng1", "session": user, "session_seconds": None}
    return Assignment(user=user, status=status, at_ms=at(clock), **{**plain, **more})  # type: ignore[arg-type]  # a test's shorthand


def test_two_proven_holders_at_once_are_a_conflict() -> None:
    """Two BNGs with the same address, or overlapping leases: both are shown, nobody is named."""
    rows = [event("start", "10:00:00", "a"), event("stop", "12:00:00", "a")]
    rows += [event("start", "11:00:00", "b", nas="bng2"), event("stop", "13:00:00", "b", nas="bng2")]
    said = holder(intervals(rows), address_bytes("203.0.113.1"), at("11:30:00"), at("11:30:00"), 0)
    assert isinstance(said, Conflict)
    assert {i.user for i in said.candidates} == {"a", "b"}
    assert isinstance(holder(intervals(rows), address_bytes("203.0.113.1"), at("10:30:00"), at("10:30:00"), 0), Named)


def test_an_open_session_elsewhere_makes_a_name_ambiguous() -> None:
    """Another NAS says the address may have been there: possible is enough to name nobody."""
    rows = [event("start", "10:00:00", "a"), event("stop", "12:00:00", "a"), event("start", "09:00:00", "b", nas="bng2")]
    assert answer(intervals(rows), "203.0.113.1", "11:00:00") == "Ambiguous"


def test_silence_longer_than_the_interim_interval_ends_a_session() -> None:
    """Where the operator declares the interval, an open session is possible no longer than that."""
    rows = [event("start", "10:00:00", "a"), event("interim", "10:10:00", "a", session_seconds=600)]
    assert answer(intervals(rows), "203.0.113.1", "11:00:00") == "Ambiguous"
    assert answer(intervals(rows, interim_ms=900_000), "203.0.113.1", "11:00:00") == "NoRecord"


def test_a_session_number_used_again_does_not_join_two_sessions() -> None:
    """Stop and the next Start are lost, the number and the user are the same: the session time tells them apart."""
    rows = [event("start", "10:00:00", "a"), event("stop", "15:00:00", "a", session_seconds=600)]
    known = intervals(rows)
    assert answer(known, "203.0.113.1", "12:00:00") == "Ambiguous"
    assert answer(known, "203.0.113.1", "14:55:00") == "a"


def test_a_restart_of_the_nas_ends_what_was_open_and_nothing_on_another() -> None:
    """Accounting-On closes the possible span of its own NAS."""
    rows = [event("start", "10:00:00", "a"), event("on", "11:00:00", "a", address=None, prefix_length=None)]
    rows += [event("start", "10:00:00", "b", address=address_bytes("203.0.113.2"), nas="bng2")]
    assert answer(intervals(rows), "203.0.113.1", "11:30:00") == "NoRecord"
    assert answer(intervals(rows), "203.0.113.2", "11:30:00") == "Ambiguous"


def test_the_longest_assignment_decides_and_pools_are_no_holders() -> None:
    """A /64 inside another's /48 belongs to the /64's holder; a /16 in the log names nobody."""
    inner, outer, pool = (address_bytes(a) for a in ("2001:db8:1:2::", "2001:db8:1::", "2001::"))
    rows = []
    for user, address, length in (("inner", inner, 64), ("outer", outer, 48), ("pool", pool, 16)):
        rows += [event(s, c, user, address=address, prefix_length=length) for s, c in (("start", "10:00:00"), ("stop", "12:00:00"))]
    known = intervals(rows)
    assert answer(known, "2001:db8:1:2::9", "11:00:00") == "inner"
    assert answer(known, "2001:db8:1:3::9", "11:00:00") == "outer"
    assert answer(known, "2001:dead::9", "11:00:00") == "NoRecord"


def test_a_session_without_a_user_names_nobody() -> None:
    """Proven, but nobody knows who."""
    rows = [event("start", "10:00:00", "a")._replace(user=None), event("stop", "12:00:00", "a")._replace(user=None)]
    said = holder(intervals(rows), address_bytes("203.0.113.1"), at("11:00:00"), at("11:00:00"), 0)
    assert isinstance(said, Ambiguous)
    assert said.why == "no-user"


def test_questions_that_make_no_sense_are_refused() -> None:
    """A window that ends before it begins, a negative margin."""
    for window in ((2, 1, 0), (1, 1, -1)):
        with pytest.raises(ValueError, match="window"):
            holder([], address_bytes("203.0.113.1"), *window)


class Held(NamedTuple):
    address: bytes
    user: str
    first: int
    last: int


ADDRESSES = [address_bytes("203.0.113.1"), address_bytes("203.0.113.2")]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Held], list[Assignment]]:
    """What really happened on one NAS, and a log of it with records lost, repeated and out of order, and numbers used again.

    Sessions last 11 s and longer: session times are trusted to 10 s.
    """
    times_told = draw(st.booleans())
    truth: list[Held] = []
    log: list[Assignment] = []
    for address in ADDRESSES:
        clock = 1_000_000
        for number in range(draw(st.integers(0, 5))):
            clock += draw(st.integers(0, 40)) * 1000
            user = draw(st.sampled_from("abc"))
            # session numbers repeat only where the NAS tells session times; without either nothing could tell two sessions apart
            session = draw(st.sampled_from(["s1", "s2"])) if times_told else f"{address.hex()}-{number}"
            steps = draw(st.lists(st.integers(11, 200), min_size=1, max_size=4))
            moments = [clock + 1000 * sum(steps[:i]) for i in range(len(steps) + 1)]
            truth.append(Held(address, user, moments[0], moments[-1]))
            for index, moment in enumerate(moments):
                status = "start" if index == 0 else "stop" if moment == moments[-1] else "interim"
                seconds = (moment - clock) // 1000 if times_told and index else None
                log.append(Assignment(address, 128, user, "bng1", session, status, moment, seconds))
            clock = moments[-1]
    kept = [row for row in log if draw(st.integers(0, 3))]
    repeated = kept + [row for row in kept if not draw(st.integers(0, 4))]
    return truth, draw(st.permutations(repeated))


@given(histories(), st.sampled_from(ADDRESSES), st.integers(900, 2200), st.integers(0, 100), st.integers(0, 30))
@settings(max_examples=500)
def test_no_history_gives_a_wrong_name(
    history: tuple[list[Held], list[Assignment]], address: bytes, second: int, length: int, margin: int
) -> None:
    """Whatever is lost, repeated or reordered: a name is given only for who really held the address during the whole window."""
    truth, log = history
    first, last = second * 1000, (second + length) * 1000
    known = intervals(log)
    said = holder(known, address, first, last, margin * 1000)
    assert holder(Index(known), address, first, last, margin * 1000) == said
    if isinstance(said, Named):
        his = [h for h in truth if h.address == address and h.user == said.user]
        seconds = range(first - margin * 1000, last + margin * 1000 + 1, 1000)
        assert [t for t in seconds if not any(h.first <= t <= h.last for h in his)] == []
    assert isinstance(said, Named | Ambiguous | Conflict | NoRecord)


@given(histories(), st.sampled_from(ADDRESSES), st.integers(1000, 2200))
def test_a_whole_log_names_everybody_inside_his_session(history: tuple[list[Held], list[Assignment]], address: bytes, second: int) -> None:
    """With nothing lost, an instant strictly inside one session is named: care is not the same as never answering."""
    truth, _ = history
    log = []
    for n, held in enumerate(truth):
        span = (held.last - held.first) // 1000
        log += [
            Assignment(held.address, 128, held.user, "bng1", f"{n}", s, t, x)
            for s, t, x in (("start", held.first, None), ("stop", held.last, span))
        ]
    said = holder(intervals(log), address, second * 1000, second * 1000, 0)
    inside = [h.user for h in truth if h.address == address and h.first < second * 1000 < h.last]
    if inside:
        assert isinstance(said, Named)
        assert [said.user] == inside
