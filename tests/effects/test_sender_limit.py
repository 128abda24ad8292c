"""So many messages of an account in so long: no more, no fewer, whatever their order, and after a kill too."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import BadScope
from sekisho.effects.sender_limit import COUNT, LIMIT, SLOTS, Limit, read_scope

P = "permit-a"
ALICE, BOB = b"a" * 16, b"b" * 16
END = datetime(2027, 1, 1, tzinfo=UTC)
NOON = 1_795_000_000


def limit(messages: int = 3, recipients: int = 0, window: int = 3600) -> Limit:
    return Limit(P, LIMIT, END, messages, recipients, window, "pass")


def test_what_is_over_the_limit_waits_and_nobody_else_does(counts: MailCounts) -> None:
    said = [limit().decide(ALICE, 1, NOON + n, counts) for n in range(5)]
    assert said == [True, True, True, False, False]
    assert limit().decide(BOB, 1, NOON, counts)


def test_recipients_are_a_limit_of_their_own(counts: MailCounts) -> None:
    both = limit(messages=10, recipients=100)
    assert both.decide(ALICE, 60, NOON, counts)
    assert not both.decide(ALICE, 41, NOON, counts)
    assert both.decide(ALICE, 40, NOON, counts)


def test_who_waited_may_send_again_when_the_window_has_passed(counts: MailCounts) -> None:
    for n in range(4):
        limit().decide(ALICE, 1, NOON + n, counts)
    assert not limit().decide(ALICE, 1, NOON + 3600 - 120, counts)
    assert limit().decide(ALICE, 1, NOON + 3600 + 60, counts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 5)), max_size=80), st.integers(1, 6), st.integers(60, 600))
def test_in_no_window_does_an_account_send_more_than_it_may(sent: list[tuple[int, int]], most: int, window: int) -> None:
    """Held against every message that was let go, one part of a window for rounding."""
    rule, counts, at, gone = limit(most, window=window), MailCounts(Path(":memory:")), NOON, []
    for pause, recipients in sent:
        at += pause
        if rule.decide(ALICE, recipients, at, counts):
            gone.append(at)
    counts.close()
    for one in gone:
        assert sum(one - (window - rule.part) < g <= one for g in gone) <= most


def test_a_killed_process_forgets_nothing_it_answered(tmp_path: Path) -> None:
    first = MailCounts(tmp_path / "counts.db")
    for n in range(3):
        assert limit().decide(ALICE, 1, NOON + n, first)
    first.commit()
    second = MailCounts(tmp_path / "counts.db")  # the first was never closed
    assert not limit().decide(ALICE, 1, NOON + 9, second)
    first.close()
    second.close()


def test_what_could_not_be_written_is_written_with_the_next(tmp_path: Path) -> None:
    counts, path = MailCounts(tmp_path / "counts.db"), tmp_path / "counts.db"
    counts._db.execute("pragma busy_timeout = 0")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    limit().decide(ALICE, 1, NOON, counts)
    with pytest.raises(sqlite3.Error):
        counts.commit()
    other.execute("rollback")
    counts.commit()
    assert other.execute("select messages, recipients from sent").fetchall() == [(1, 1)]
    other.close()
    counts.close()


def test_what_is_older_than_the_window_and_of_another_permit_goes_from_the_disk(counts: MailCounts, tmp_path: Path) -> None:
    rule = limit()
    rule.decide(ALICE, 1, NOON - 7200, counts)
    rule.decide(BOB, 1, NOON, counts)
    counts.add("permit-over", ALICE, 1, 1)
    counts.commit()
    counts.forget({P: rule.first(NOON)})
    with sqlite3.connect(tmp_path / "counts.db") as db:
        assert db.execute("select permit, token from sent").fetchall() == [(P, BOB)]
    assert counts.totals(P, 0) == (1, 1, 1)
    assert counts.totals("permit-over", 0) == (0, 0, 0)


def test_a_file_of_another_form_is_begun_anew(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "counts.db") as db:
        db.execute("create table sent (something text)")
    counts = MailCounts(tmp_path / "counts.db")
    assert limit().decide(ALICE, 1, NOON, counts)
    counts.commit()
    counts.close()


SCOPE: dict[str, Any] = {"messages": 500, "addressees": 1000, "window": 3600, "when_down": "pass"}


def test_a_scope_is_read_as_it_stands() -> None:
    assert read_scope(SCOPE, LIMIT) == (500, 1000, 3600, "pass")
    assert read_scope({"messages": 500, "when_down": "defer"}, LIMIT) == (500, 0, 3600, "defer")
    assert read_scope({}, COUNT) == (0, 0, 3600, "pass"), "counting limits nobody"


@pytest.mark.parametrize(
    ("where", "said"),
    [("messages", 0), ("messages", -1), ("messages", True), ("messages", "many"), ("window", SLOTS - 1), ("window", 10**6),
     ("addressees", -1), ("when_down", "reject"), ("when_down", 1)],
)  # fmt: skip
def test_a_scope_of_another_form_is_refused_by_the_word(where: str, said: object) -> None:
    with pytest.raises(BadScope) as no:
        read_scope({**SCOPE, where: said}, LIMIT)
    assert no.value.where == f"scope.{where}"


def test_a_limit_that_does_not_say_what_happens_when_we_are_down_is_none() -> None:
    with pytest.raises(BadScope) as no:
        read_scope({"messages": 500}, LIMIT)
    assert no.value.where == "scope.when_down"
