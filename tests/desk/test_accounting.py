"""The accounting log is followed through growth, rotation, truncation and restart, and no record is lost or read twice."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.desk.flows import accounting
from sekisho.desk.flows.accounting import AccountingLog


def record(number: int, kind: str = "Start") -> str:
    at = datetime(2026, 11, 21, 20, number // 60 % 60, number % 60, tzinfo=UTC)
    return (
        f"{at:%a %b %d %H:%M:%S %Y}\n"
        f'\tAcct-Status-Type = {kind}\n\tUser-Name = "user{number}"\n\tAcct-Session-Id = "{number:08x}"\n'
        f"\tNAS-IP-Address = 192.0.2.9\n\tFramed-IP-Address = 198.51.100.{number % 250 + 1}\n"
        f'\tEvent-Timestamp = "{at:%b %d %Y %H:%M:%S} UTC"\n\tTimestamp = {int(at.timestamp())}\n\n'
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "detail"


def follow(path: Path) -> AccountingLog:
    return AccountingLog(path, path.with_name("marker.json"))


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as log:
        log.write(text)


def users(log: AccountingLog) -> list[str | None]:
    """Everything there is to read now."""
    found: list[str | None] = []
    while rows := log.take():
        found += [r.user for r in rows]
    return found


def test_no_log_is_no_rows(path: Path) -> None:
    assert AccountingLog(None, path).take() == []
    assert follow(path).take() == []


def test_what_grows_is_read_once(path: Path) -> None:
    log = follow(path)
    append(path, record(1))
    assert users(log) == ["user1"]
    append(path, record(2) + record(3))
    assert users(log) == ["user2", "user3"]
    assert users(log) == []


def test_half_a_record_waits_for_its_other_half(path: Path) -> None:
    log, whole = follow(path), record(1)
    append(path, whole[:70])
    assert users(log) == []
    append(path, whole[70:-1])
    assert users(log) == [], "the empty line that ends it is not there yet"
    append(path, whole[-1:])
    assert users(log) == ["user1"]


def test_a_log_that_was_rotated_is_read_from_its_start(path: Path) -> None:
    log = follow(path)
    append(path, record(1))
    assert users(log) == ["user1"]
    path.rename(path.with_name("detail.1"))
    append(path, record(2))
    assert users(log) == ["user2"]


def test_what_came_between_the_last_reading_and_the_rotation_is_read_too(path: Path) -> None:
    """The file under the old name still holds it."""
    log = follow(path)
    append(path, record(1))
    assert users(log) == ["user1"]
    append(path, record(2))
    path.rename(path.with_name("detail.1"))
    append(path, record(3))
    assert sorted(str(u) for u in users(log)) == ["user2", "user3"]


def test_a_log_that_was_cut_to_nothing_is_read_from_its_start(path: Path) -> None:
    log = follow(path)
    append(path, record(1) + record(2))
    assert users(log) == ["user1", "user2"]
    os.truncate(path, 0)
    append(path, record(3))
    assert users(log) == ["user3"]


def test_a_restart_after_the_mark_goes_on_where_it_was(path: Path) -> None:
    log = follow(path)
    append(path, record(1))
    assert users(log) == ["user1"]
    log.mark()
    append(path, record(2))
    assert users(follow(path)) == ["user2"]


def test_a_restart_before_the_mark_reads_again_what_was_not_sealed(path: Path) -> None:
    """Nothing is lost: what nobody marked may have died with the collector."""
    log = follow(path)
    append(path, record(1))
    assert users(log) == ["user1"]
    assert users(follow(path)) == ["user1"]


def test_a_restart_after_a_rotation_reads_the_rest_of_the_old_log_and_the_new_one_whole(path: Path) -> None:
    log = follow(path)
    append(path, record(1))
    assert users(log) == ["user1"]
    log.mark()
    append(path, record(2))
    path.rename(path.with_name("detail.1"))
    append(path, record(3))
    assert users(follow(path)) == ["user2", "user3"]


def test_a_marker_that_was_cut_off_is_no_reason_to_stop(path: Path) -> None:
    """The log is then read from its start: doubled rows can be told by session and status, lost ones cannot."""
    append(path, record(1))
    path.with_name("marker.json").write_text('{"inode": 1', encoding="utf-8")
    assert users(follow(path)) == ["user1"]


def test_the_marker_is_not_written_when_nothing_moved(path: Path) -> None:
    log = follow(path)
    append(path, record(1))
    users(log)
    log.mark()
    written = log.marker.stat().st_mtime_ns
    log.mark()
    assert log.marker.stat().st_mtime_ns == written


def test_one_record_longer_than_a_reading_does_not_stop_the_rest(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line without end is given up, counted, and what follows is read."""
    monkeypatch.setattr(accounting, "READ_AT_ONCE", 1 << 12)
    append(path, "garbage " * 2000 + "\n\n" + record(1))
    log = follow(path)
    found: list[str | None] = []
    for _ in range(20):
        found += [r.user for r in log.take()]
    assert found == ["user1"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(1, 400), max_size=12),
    restarts=st.sets(st.integers(0, 12)),
    size=st.sampled_from([512, 1 << 12, 1 << 20]),
)
def test_however_it_is_cut_and_restarted_every_record_is_read_once(path: Path, cuts: list[int], restarts: set[int], size: int) -> None:
    """The log grows in pieces of any length; the follower may end and start again after any of them."""
    for old in path.parent.iterdir():
        old.unlink()
    text, found, at = "".join(record(n) for n in range(8)), [], 0
    log = follow(path)
    before, accounting.READ_AT_ONCE = accounting.READ_AT_ONCE, size
    try:
        for number, cut in enumerate([*cuts, len(text)]):
            append(path, text[at : at + cut])
            at += cut
            found += users(log)
            log.mark()
            if number in restarts:
                log = follow(path)
    finally:
        accounting.READ_AT_ONCE = before
    assert found == [f"user{n}" for n in range(8)]
