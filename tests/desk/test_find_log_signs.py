"""Signs in the sending log: a share of recipients that are nobody's, and a password guessed from where mail then came."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sekisho.desk.mail import sending_log
from sekisho.desk.mail.log_file import LogFile
from sekisho.desk.mail.sending_log import Counting, SendingLog, found, guessed, refusing
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.sending_log import HOLD_LOG, LogStage
from sekisho.measures.hijack_signs import LOG_TEST, log_signs, tried_log
from sekisho.wire.mail_accounts import MailAccounts
from sekisho.wire.mail_log import Ended, HandedIn, LogInFailed, Removed, Said

NOW = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
STAGE = LogStage("permit-a", HOLD_LOG, NOW + timedelta(days=7), "pass", 5, 300, 3, 30, 12)
REGISTER = MailAccounts({"old": (date(2020, 1, 1), "basic"), "new": (date(2026, 11, 20), "basic")})
HOME, AWAY = "10.0.0.1", "198.18.7.9"


class Office:
    """Who counts, and what was counted."""

    def __init__(self, path: Path) -> None:
        self.path, self.counts, self.counters = path, MailCounts(path), Counter[str]()
        self.log = SendingLog(LogFile(None, self.counters), self.counters)
        self.stages = [Counting(STAGE, lambda word: hmac.new(b"key", word.casefold().encode(), hashlib.sha256).digest()[:16])]
        self.now = NOW

    def says(self, *said: Said) -> None:
        self.log.count(said, self.stages, REGISTER, self.counts, self.now)

    def mail(self, account: str, client: str = HOME, gone: int = 0, there: int = 0, queue: str = "Q1") -> None:
        ends = [Ended(queue, refused=True)] * gone + [Ended(queue, refused=False)] * there
        self.says(HandedIn(queue, account, client), *ends, Removed(queue))

    def fails(self, account: str, client: str, times: int) -> None:
        self.says(*[LogInFailed(account, client)] * times)

    def found(self) -> dict[str, Any]:
        return found(STAGE, self.counts, self.now)[1]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "counts.db")
    yield made
    made.counts.close()


@pytest.mark.parametrize(("tried", "refused", "sign"), [
    ([5], [5], True), ([4], [4], False), ([16], [5], True), ([17], [5], False), ([5, 5], [3, 3], False), ([1000, 6], [5, 5], True),
])  # fmt: skip
def test_many_and_a_large_share_within_one_hour(tried: list[int], refused: list[int], sign: bool) -> None:
    (said,) = refusing(np.array([tried], np.int64), np.array([refused], np.int64), 5, 300)
    assert bool(said) is sign


@pytest.mark.parametrize(("mails", "failed", "sign"), [
    ([0, 1], [3, 0], True), ([1, 0], [3, 0], True), ([1, 0], [0, 3], False), ([0, 1], [2, 2], False), ([0, 0], [9, 9], False),
])  # fmt: skip
def test_a_password_is_guessed_where_mail_comes_after_the_failures(mails: list[int], failed: list[int], sign: bool) -> None:
    (said,) = guessed(np.array([mails], np.int64), np.array([failed], np.int64), 3)
    assert bool(said) is sign


def test_each_sign_names_its_account_and_a_settled_one_counts_as_a_mistake(office: Office) -> None:
    office.mail("new", gone=5, there=2)
    office.fails("old", AWAY, 3)
    office.mail("OLD", "198.18.7.77", there=1, queue="Q2")
    assert office.found() == {
        "log_signs": 2, "refusing": 1, "guessed": 1, "log_seen": 2, "recipients": 8, "nobodys": 5, "failures": 3,
        "settled": 1, "matched": 1,
        **{word: getattr(STAGE, word) for word in LOG_TEST},
    }  # fmt: skip


def test_who_types_somebody_elses_name_makes_no_sign_of_it(office: Office) -> None:
    office.fails("old", AWAY, 500)
    office.mail("old", HOME, there=1)
    assert (office.found()["failures"], office.found()["log_signs"]) == (500, 0)


def test_names_that_are_nobodys_account_are_not_kept_and_one_hour_has_a_bound(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending_log, "MOST_FAILED", 10)
    office.fails("stranger", AWAY, 7)
    for n in range(20):
        office.fails("old", f"198.18.{n}.1", 2)
    assert len(office.counts.columns("permit-a")[0]) == 10
    assert (office.counters["mail-log-no-account"], office.counters["mail-log-too-many"]) == (7, 20)


def test_a_number_used_again_is_the_newer_mails_and_unknown_ones_are_nobodys(office: Office) -> None:
    office.says(HandedIn("Q", "old", HOME), Ended("Q", refused=False), HandedIn("Q", "new", HOME), Ended("Q", refused=True), Removed("Q"))
    office.says(Ended("Q", refused=True), Ended("other", refused=True))
    assert (office.found()["recipients"], office.found()["nobodys"]) == (2, 1)


def test_mails_in_the_queue_have_a_bound(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending_log, "MOST_QUEUED", 2)
    office.says(*(HandedIn(f"Q{n}", "new", HOME) for n in range(3)))
    office.says(*(Ended(f"Q{n}", refused=True) for n in range(3)))
    assert office.found()["nobodys"] == 2


def test_a_sign_is_over_after_the_hours_it_holds(office: Office) -> None:
    office.mail("new", gone=9)
    office.now += timedelta(hours=11)
    assert office.found()["refusing"] == 1
    office.now += timedelta(hours=1)
    assert (office.found()["refusing"], office.found()["log_seen"]) == (0, 0)


def test_no_name_address_or_recipient_stands_on_the_disk(office: Office) -> None:
    office.mail("carol@isp.example", gone=5)
    office.fails("new", AWAY, 5)
    office.counts.commit()
    office.counts._db.execute("pragma wal_checkpoint(truncate)")
    raw = office.path.read_bytes()
    assert not [word for word in (b"carol", b"isp.example", b"198.18", b"10.0.0", b"Q1") if word in raw]


def test_without_a_permit_what_was_in_memory_is_gone(office: Office) -> None:
    office.says(HandedIn("Q", "new", HOME))
    assert office.log.read(wanted=False) == []
    office.says(Ended("Q", refused=True))
    assert office.found()["nobodys"] == 0


def row(**said: int) -> dict[str, Any]:
    test = {"refused": 5, "refused_permille": 300, "failed": 3, "young_days": 30, "held_hours": 12}
    of = {"log_signs": 0, "log_seen": 9, "settled": 0, "matched": 0, **test, **said}
    return {"of": {"permit-a": {"messages": 1, "found": of}, "permit-b": {"messages": 5, "found": {"signs": 7, "signs_messages": 7}}}}


def test_what_was_tried_is_the_newest_test_alone_and_rounds_up() -> None:
    assert log_signs({"of": {}}) == {}
    assert tried_log([row()]) is None, "nobody settled sent, so nothing was tried"
    said = tried_log([row(failed=9, settled=9, matched=9), row(settled=300, log_signs=4), row(settled=2001, matched=1)])
    assert said is not None
    assert (said["signs"], said["settled"], said["matched"], said["permille"]) == (4, 2001, 1, 1)
    assert {said[w] for w in LOG_TEST} == {5, 300, 3, 30, 12}
