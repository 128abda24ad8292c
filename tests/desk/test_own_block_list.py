"""A listed source is refused by recipients who agreed; by our own copy of a list, which is none once it is older than the plan says."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.config import ConfigError, read_settings
from sekisho.desk.mail.own_list import AHEAD, WAIT, OwnList
from sekisho.effects.source_block import MEASURE
from sekisho.law.consent import Notice
from sekisho.law.words import Act, Element
from sekisho.wire.block_list import BlockList, read_block_list
from tests.conftest import BUSY
from tests.desk.office import Office
from tests.desk.test_answer_mail import DUNNO
from tests.desk.test_consents import withdraw
from tests.desk.test_mail_recipients import BOB, CAROL, SAID, Grey, agrees

BLOCK_SHOWN = "拒否リストにある送信元からあなたに届くメールを受け取りません。断っても料金やサービスは変わりません。"
BLOCKED: dict[str, Any] = {
    **SAID, "purpose": MEASURE, "elements": frozenset({Element.PARTY}), "acts": frozenset({Act.USE}),
    "notice": Notice("rbl-consent", "1", hashlib.sha256(BLOCK_SHOWN.encode()).hexdigest(), "ja"),
}  # fmt: skip
LISTED, FREE = "203.0.113.237", "203.0.113.25"


class Blocking(Grey):
    """A server with our copy of a list."""

    def write(self, text: str = "203.0.113.0/24\n!203.0.113.25\n", hours_old: float = 0) -> None:
        path = self.office.home / "lists" / "sources.txt"
        fresh = path.with_suffix(".new")
        fresh.write_text(text, "ascii")
        at = self.office.watch.at.timestamp() - hours_old * 3600
        os.utime(fresh, (at, at))
        fresh.replace(path)
        self.hear()


@pytest.fixture(scope="module")
def permitted(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("rbl") / "home")
    (office.home / "lists").mkdir()
    settings = office.home / "sekisho.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[policy]\nblock_list = "lists/sources.txt"\n', "utf-8")
    office.open()
    bob = agrees(office, BOB, BLOCK_SHOWN, **BLOCKED)
    permit = office.stand("rbl")["reject"]
    office.close()
    return office.home, permit, bob


@pytest.fixture
def server(permitted: tuple[Path, str, str], tmp_path: Path) -> Iterator[Blocking]:
    office = Office(permitted[0]).copied(tmp_path / "rbl")
    made = Blocking(office, tmp_path / "counts.db", permitted[1])
    made.write()
    yield made
    made.counts.close()
    office.close()


def test_where_nobody_agreed_nothing_is_permitted(founded: Office) -> None:
    assert founded.stand("rbl") == {}


def test_a_listed_source_is_refused_by_who_agreed_alone(server: Blocking) -> None:
    assert server.comes(BOB, LISTED).startswith(b"action=554 5.7.1 ")
    assert server.comes(BOB, f"::ffff:{LISTED}").startswith(b"action=554 ")
    assert server.comes(CAROL, LISTED) == DUNNO
    assert [server.comes(BOB, client) for client in (FREE, "198.51.100.7", "2001:db8::1", "unknown", "")] == [DUNNO] * 5
    assert server.comes(BOB, LISTED, sasl_username="bob") == DUNNO, "an account that signed in is nobody's matter"


def test_a_consent_taken_back_works_with_the_next_word(server: Blocking, permitted: tuple[Path, str, str]) -> None:
    withdraw(server.office, permitted[2])
    server.hear()
    assert server.comes(BOB, LISTED) == DUNNO


@pytest.mark.parametrize("old", [48.1, -(AHEAD.total_seconds() + 60) / 3600])
def test_a_list_older_than_the_plan_says_or_from_the_future_is_none_and_the_console_says_that_nothing_is_answered(
    server: Blocking, old: float
) -> None:
    server.tell()
    assert server.stage()["answered"]
    server.write(hours_old=old)
    assert server.comes(BOB, LISTED) == DUNNO
    assert server.answering.counters["list-stale"] == 1
    server.tell()
    assert not server.stage()["answered"]
    assert server.written(server.permit) == 2, "its end is written down, as its beginning was"
    server.write(hours_old=47.9)
    assert server.comes(BOB, LISTED) != DUNNO


def test_a_list_grows_old_while_nobody_touches_it(server: Blocking) -> None:
    server.office.watch.wind(hours=49)
    server.hear()
    assert server.comes(BOB, LISTED) == DUNNO


@pytest.mark.parametrize(
    ("text", "code"), [("", "list-empty"), ("203.0.113.0/24\nnonsense\n", "list-bad-line"), ("0.0.0.0/0\n", "list-bad-line")]
)
def test_a_list_that_cannot_be_read_whole_is_none(server: Blocking, text: str, code: str) -> None:
    server.write(text)
    assert server.comes(BOB, LISTED) == DUNNO
    assert server.answering.counters[code] == 1


def test_a_list_that_is_gone_is_none_and_another_in_its_place_is_read(server: Blocking) -> None:
    (server.office.home / "lists" / "sources.txt").unlink()
    server.hear()
    assert server.comes(BOB, LISTED) == DUNNO
    server.write("198.51.100.7\n")
    assert server.comes(BOB, LISTED) == DUNNO
    assert server.comes(BOB, "198.51.100.7") != DUNNO


def test_where_none_is_named_there_is_none(server: Blocking) -> None:
    own = OwnList()
    own.refresh()
    assert own.at(server.office.watch.at, 1) == (None, "list-absent")


def test_no_source_and_no_recipient_is_kept(server: Blocking) -> None:
    server.comes(BOB, LISTED)
    server.tell()
    (said,) = (server.stage(),)
    assert (said["asked"], said["refused"], said["agreed"]) == (1, 1, 1)
    server.counts._db.execute("pragma wal_checkpoint(truncate)")
    seen = server.path.read_bytes() + b"".join(p.read_bytes() for p in (server.office.home / "state").rglob("*") if p.is_file())
    for word in (LISTED.encode(), BOB.encode()):
        assert word not in seen


def test_the_list_lies_in_a_folder_of_its_own(tmp_path: Path, server: Blocking) -> None:
    """Its folder is opened to the process: the state must not be in it."""
    text = (server.office.home / "sekisho.toml").read_text("utf-8")
    for place in ("sources.txt", "state/policy/sources.txt"):
        (tmp_path / "bad.toml").write_text(text.replace("lists/sources.txt", place), "utf-8")
        with pytest.raises(ConfigError) as no:
            read_settings(tmp_path / "bad.toml")
        assert "policy.block_list" in str(no.value.args)


def test_a_long_list_is_read_beside_and_the_one_before_it_counts_until_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who hears permits does not wait; a file that is gone is none at once, whatever is being read."""
    path, may_go_on, now = tmp_path / "sources.txt", threading.Event(), datetime.now(UTC)
    path.write_text("203.0.113.0/24\n", "ascii")
    own = OwnList(path)
    own.refresh()
    before, _ = own.at(now, 1)
    assert before is not None

    def slowly(raw: bytes) -> BlockList:
        may_go_on.wait(10)
        return read_block_list(raw)

    monkeypatch.setattr(own, "read", slowly)
    path.write_text("198.51.100.0/24\n192.0.2.7\n", "ascii")
    began = time.monotonic()
    own.refresh()
    own.refresh()
    assert time.monotonic() - began < 2 * WAIT + BUSY
    assert own.at(now, 1) == (before, ""), "the one before it"
    may_go_on.set()
    assert own._reading is not None
    own._reading.join(10)
    found, _ = own.at(now, 1)
    assert found is not None
    assert found.names("192.0.2.7")
    path.unlink()
    own.refresh()
    assert own.at(now, 1) == (None, "list-absent")
