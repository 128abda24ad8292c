"""The mail server's log is read from the moment somebody may, over rotation, truncation and half lines; without that, not an octet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.desk.mail import log_file
from sekisho.desk.mail.log_file import LogFile
from sekisho.wire.mail_log import Removed


def line(number: int) -> str:
    return f"Nov 23 02:33:45 relay postfix/qmgr[7009]: {number:08}: removed\n"


class Log:
    """A log, and who reads it."""

    def __init__(self, path: Path) -> None:
        self.path, self.counters = path, Counter[str]()
        self.file = LogFile(path, self.counters)

    def writes(self, *numbers: int) -> None:
        self.adds("".join(map(line, numbers)))

    def adds(self, text: str) -> None:
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(text)

    def read(self) -> list[int]:
        found = self.file.read()
        assert all(isinstance(one, Removed) for one in found)
        return [int(one.queue) for one in found if isinstance(one, Removed)]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log(tmp_path / "mail.log")
    made.writes(1, 2)
    yield made
    made.file.close()


def test_what_was_written_before_somebody_might_look_is_never_read(log: Log) -> None:
    assert log.read() == []
    log.writes(3)
    assert (log.read(), log.read()) == ([3], [])
    log.file.close()
    log.writes(4)
    assert log.read() == [], "nobody was allowed to while it was written"
    log.writes(5)
    assert log.read() == [5]


def test_a_half_line_waits_for_its_end_and_one_that_began_before_us_is_nobodys(log: Log) -> None:
    log.adds(line(3)[:30])
    assert log.read() == []
    log.adds(line(3)[30:] + line(4)[:-1])
    assert log.read() == [], "the third began before anybody might look"
    log.adds("\n")
    assert log.read() == [4]


def test_what_was_written_to_the_old_file_is_read_before_the_new_one(log: Log) -> None:
    log.read()
    log.writes(3)
    old = log.path.rename(log.path.with_name("mail.log.1"))
    with old.open("a", encoding="utf-8") as stream:
        stream.write(line(4))
    assert log.read() == [3, 4]
    assert (log.read(), log.counters["mail-log-unreadable"]) == ([], 0), "the new one is not there yet"
    with old.open("a", encoding="utf-8") as stream:
        stream.write(line(5))
    log.writes(6)
    old.unlink()
    assert (log.read(), log.read(), log.read()) == ([5], [6], [])


def test_half_a_line_of_the_old_file_is_not_glued_to_the_new_one(log: Log) -> None:
    log.read()
    log.adds(line(3)[:-10])
    log.read()
    log.path.rename(log.path.with_name("mail.log.1"))
    log.writes(4)
    assert log.read() == [4]


def test_a_file_that_became_shorter_begins_anew(log: Log) -> None:
    log.writes(3, 4)
    log.read()
    log.path.write_text(line(5), "utf-8")
    assert log.read() == [5]


def test_a_log_that_is_not_there_is_counted_and_read_once_it_comes(log: Log, tmp_path: Path) -> None:
    absent = Log(tmp_path / "later.log")
    assert (absent.read(), absent.counters["mail-log-unreadable"]) == ([], 1)
    absent.writes(1)
    assert absent.read() == []
    absent.writes(2)
    assert absent.read() == [2]
    absent.file.close()
    assert LogFile(None, log.counters).read() == []


def test_so_much_is_read_at_once_and_no_more(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.read()
    log.writes(*range(10, 30))
    monkeypatch.setattr(log_file, "AT_ONCE", 10 * len(line(1)) + 5)
    assert (log.read(), log.read(), log.read()) == (list(range(10, 20)), list(range(20, 30)), [])


def test_foreign_octets_and_endless_lines_are_passed_over(log: Log) -> None:
    log.read()
    with log.path.open("ab") as stream:
        stream.write(b"\xff\x00\x1b[2J" * 5000 + b"\n" + b"\xfe" * 50 + b"\n")
    log.writes(3)
    assert (log.read(), log.counters["mail-log-too-long"]) == ([3], 1)
