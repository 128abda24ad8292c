"""Mail straight from dynamic ranges is refused once three facts were counted, and no longer than they hold; nobody's address is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.config import ConfigError, read_settings
from sekisho.desk.permitting import remeasure
from sekisho.measures.ip25b import BULK
from tests.desk.office import Office
from tests.desk.test_answer_mail import DUNNO, Server, asked
from tests.desk.test_mail_recipients import BOB

DYNAMIC, FIXED, SENDER = "203.0.113.{}", "192.0.2.200", "192.0.2.3"


class Ranges(Server):
    """A server with our copy of what other providers published."""

    def comes(self, client: str, **more: str) -> bytes:
        words = {"protocol_state": "RCPT", "sender": "alice@far.example", "recipient": BOB, "client_address": client, **more}
        (said,) = self.answering.answer([asked("", **words)])
        return said

    def bulk(self, messages: int = BULK + 20) -> None:
        """What one dynamic network sends in an hour."""
        for number in range(messages):
            self.comes(DYNAMIC.format(200 + number % 40))

    def write(self, text: str = "203.0.113.0/24\n192.0.2.0/28\n", hours_old: float = 0) -> None:
        path = self.office.home / "lists" / "dynamic.txt"
        fresh = path.with_suffix(".new")
        fresh.write_text(text, "ascii")
        at = self.office.watch.at.timestamp() - hours_old * 3600
        os.utime(fresh, (at, at))
        fresh.replace(path)
        self.hear()

    def origins(self) -> dict[str, Any]:
        with self.office.turn() as world:
            row = records.one(world.db, records.FIGURES, measure="ip25b")
            return dict(records.body(row)["rows"][-1]["found"]) if row else {}

    def block(self) -> str:
        """What was counted, told; and the plan that stands on it. Its permit; empty where it is refused."""
        self.tell()
        permit = self.office.stand("ip25b").get("block-inbound-25", "")
        self.hear()
        return permit


@pytest.fixture(scope="module")
def _counting(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("ip25b") / "home")
    (office.home / "lists").mkdir()
    settings = office.home / "sekisho.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[policy]\ndynamic_ranges = "lists/dynamic.txt"\n', "utf-8")
    office.open()
    office.stand("ip25b-count")
    office.close()
    return office.home


@pytest.fixture
def server(_counting: Path, tmp_path: Path) -> Iterator[Ranges]:
    """It counts; nothing is refused yet."""
    office = Office(_counting).copied(tmp_path / "ip25b")
    made = Ranges(office, tmp_path / "counts.db", next(p["id"] for p in office.permits() if p["step"] == "count-origins"))
    made.write()
    yield made
    made.counts.close()
    office.close()


def test_nobody_may_refuse_what_nobody_counted(founded: Office) -> None:
    assert founded.stand("ip25b") == {}


@pytest.mark.parametrize(("dynamic", "fixed", "permitted"), [(1, 0, False), (BULK, BULK, False), (BULK - 1, 0, False), (BULK, 5, True)])
def test_what_was_counted_decides(server: Ranges, dynamic: int, fixed: int, permitted: bool) -> None:
    """No bulk mail from there: no. Bulk mail from elsewhere as well: no."""
    server.bulk(dynamic)
    assert [server.comes(FIXED) for _ in range(fixed)] == [DUNNO] * fixed
    assert bool(server.block()) == permitted


@pytest.fixture
def blocking(server: Ranges) -> Ranges:
    server.bulk()
    server.permit = server.block()
    return server


def test_a_dynamic_source_is_refused_with_its_reason_and_everybody_else_passes(blocking: Ranges) -> None:
    said = blocking.comes(DYNAMIC.format(231))
    assert said.startswith(b"action=554 5.7.1 ")
    assert b"https://www.example.net/ip25b" in said
    for client in (FIXED, SENDER, "198.51.100.7", "unknown", ""):
        assert blocking.comes(client) == DUNNO, client
    assert blocking.comes(DYNAMIC.format(231), sasl_username="bob") == DUNNO
    assert blocking.comes(DYNAMIC.format(231), protocol_state="END-OF-MESSAGE") == DUNNO


def test_an_address_the_list_lets_in_passes_with_the_next_word(blocking: Ranges) -> None:
    blocking.write("203.0.113.0/24\n!203.0.113.231\n")
    assert blocking.comes(DYNAMIC.format(231)) == DUNNO
    assert blocking.comes(DYNAMIC.format(232)) != DUNNO


@pytest.mark.parametrize(("text", "old", "code"), [
    ("203.0.113.0/24\n", 48.1, "list-stale"), ("", 0, "list-empty"), ("203.0.113.0/24\nnonsense\n", 0, "list-bad-line"),
])  # fmt: skip
def test_an_old_or_spoiled_list_refuses_nobody_and_the_console_says_that_nothing_is_answered(
    blocking: Ranges, text: str, old: float, code: str
) -> None:
    blocking.write(text, old)
    assert blocking.comes(DYNAMIC.format(231)) == DUNNO
    assert blocking.answering.counters[code] == 2, "once for each step"
    blocking.tell()
    assert {s["answered"] for s in blocking.office.terminal.call("mail-stages")["stages"]} == {False}


def test_the_counting_goes_on_beside_the_block_and_when_it_is_withdrawn_the_block_has_lost_its_ground(blocking: Ranges) -> None:
    before = blocking.origins()["dynamic_bulk"]
    blocking.bulk(5)
    blocking.tell()
    assert blocking.origins()["dynamic_bulk"] == before + 5
    count = next(p["id"] for p in blocking.office.permits() if p["step"] == "count-origins")
    blocking.office.withdraw(count)
    with blocking.office.turn() as world:
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 1
    blocking.hear()
    assert blocking.comes(DYNAMIC.format(231)) == DUNNO


def test_no_address_and_no_recipient_is_kept_and_networks_are_gone_with_the_hour(blocking: Ranges) -> None:
    blocking.comes(FIXED)
    blocking.tell()
    blocking.counts._db.execute("pragma wal_checkpoint(truncate)")
    kept = (p for p in (blocking.office.home / "state").rglob("*") if p.is_file() and p.suffix != ".toml")  # the case book has examples
    seen = blocking.path.read_bytes() + b"".join(p.read_bytes() for p in kept)
    for word in (DYNAMIC.format(231).encode(), FIXED.encode(), b"203.0.113.0/24", BOB.encode()):
        assert word not in seen
    hour = blocking.origins()
    assert {k: hour[k] for k in ("dynamic", "others", "dynamic_bulk", "other_bulk")} == {
        "dynamic": BULK + 20, "others": 1, "dynamic_bulk": BULK + 20, "other_bulk": 0,
    }  # fmt: skip
    blocking.office.watch.wind(hours=1)
    blocking.hear()
    blocking.tell()
    assert blocking.counts._db.execute("SELECT count(*) FROM sent").fetchone() == (0,)


def test_the_list_lies_in_a_folder_of_its_own(tmp_path: Path, server: Ranges) -> None:
    text = (server.office.home / "sekisho.toml").read_text("utf-8").replace("lists/dynamic.txt", "dynamic.txt")
    (tmp_path / "bad.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as no:
        read_settings(tmp_path / "bad.toml")
    assert "policy.dynamic_ranges" in str(no.value.args)
