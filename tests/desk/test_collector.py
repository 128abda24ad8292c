"""The collector as it runs: from a socket to rows on the disk, what it says about bad input, and what a kill costs."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.decode import PER_DATAGRAM, free_port, pool, template
from bench.sealed import Watched, made
from sekisho.desk.config import ConfigError, read_settings
from sekisho.desk.flows.figures import exporters
from sekisho.desk.flows.intake import MOST_EXPORTERS, Intake
from sekisho.faces.processes import collect
from sekisho.faces.processes.collect import Collector, Complaints
from sekisho.store.journal import Journal
from tests.desk.office import Office, settings_text

DATAGRAMS = pool()[:400]


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Watched]:
    """A collector with one permit for all columns, running in a thread."""
    collector = made(tmp_path, free_port())
    collector.bound = threading.Event()
    runs = threading.Thread(target=collector.run)
    runs.start()
    assert collector.bound.wait(20)
    yield collector
    collector.going = False
    runs.join(20)


def send(collector: Collector, datagrams: list[bytes]) -> None:
    host, _, port = collector.settings.intake.flows.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for datagram in datagrams:
            out.sendto(datagram, (host, int(port)))


def until(true: Any, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(true())


def test_what_came_is_on_the_disk_within_a_second_and_nothing_is_missing(bare: Watched) -> None:
    send(bare, [template(), *DATAGRAMS])
    assert until(lambda: bare.intake.counters["sealed"] == len(DATAGRAMS) * PER_DATAGRAM)
    journals = [Journal.read(p) for p in bare.settings.folder.rglob("*.journal")]
    assert sum(j.rows for j in journals) == len(DATAGRAMS) * PER_DATAGRAM


def test_an_orderly_end_seals_what_had_come_by_then(bare: Watched) -> None:
    """Also what still lay in the kernel's buffer."""
    send(bare, [template(), *DATAGRAMS])
    bare.going = False
    assert until(lambda: bare.intake.counters["sealed"] == len(DATAGRAMS) * PER_DATAGRAM)


def test_bad_input_is_counted_by_exporter_and_said_once(bare: Watched, capfd: pytest.CaptureFixture[str]) -> None:
    """One line for the exporter and reason, however many datagrams; nothing good is lost."""
    send(bare, [template(), *[b"\0\x09cut off"] * 20, *DATAGRAMS[:10], *[b"\0\x09cut off"] * 20])
    assert until(lambda: bare.intake.totals().get("exporter.127.0.0.1.truncated") == 40)
    assert until(lambda: bare.intake.counters["sealed"] == 10 * PER_DATAGRAM)
    time.sleep(2.5)  # a report is due
    said = [line for line in capfd.readouterr().err.splitlines() if "truncated" in line]
    assert len(said) == 1
    assert said[0].startswith("collect-0: exporter 127.0.0.1: truncated: ")


def test_a_complaint_is_repeated_after_a_minute_and_only_if_there_is_more() -> None:
    complaints, bad = Complaints("collect-1"), {"exporter.192.0.2.1.truncated": 3, "exporter.192.0.2.1.records": 9, "sealed": 9}
    assert complaints.lines(bad, 1.0) == ["collect-1: exporter 192.0.2.1: truncated: 3 since last said, 3 in all"]
    more = bad | {"exporter.192.0.2.1.truncated": 8}
    assert complaints.lines(more, 30.0) == []
    assert complaints.lines(more, 61.5) == ["collect-1: exporter 192.0.2.1: truncated: 5 since last said, 8 in all"]
    assert complaints.lines(more, 999.0) == []


def test_what_the_kernel_dropped_is_said_too() -> None:
    assert Complaints("collect-0").lines({"kernel-drops": 7}, 1.0) == ["collect-0: exporter *: kernel-drops: 7 since last said, 7 in all"]


def test_however_many_senders_there_are_reports_and_complaints_stay_bounded(office: Office) -> None:
    """A flood of made-up senders: the first lines go to those that told most, the rest is summed."""
    intake = office.intake()
    for number in range(500):
        intake.feed((f"198.51.{number >> 8}.{number & 255}", 9), b"\0\x07", 0)
    intake.feed(("192.0.2.1", 9), template(), 0)
    intake.feed(("192.0.2.1", 9), DATAGRAMS[0], 0)
    totals = intake.totals()
    named = {n.removeprefix("exporter.").rpartition(".")[0] for n in totals if n.startswith("exporter.")}
    assert len(named) == MOST_EXPORTERS + 1
    assert {"192.0.2.1", "*"} <= named
    assert sum(c for n, c in totals.items() if n.startswith("exporter.") and n.endswith("wrong-version")) == 500
    assert len(Complaints("collect-0").lines(totals, 1.0)) <= MOST_EXPORTERS + 1


def test_one_router_on_many_ports_is_one_exporter(office: Office) -> None:
    intake = office.intake()
    for port in range(5):
        intake.feed(("2001:db8::1", port), b"\0\x07", 0)
    assert intake.totals()["exporter.2001:db8::1.wrong-version"] == 5


def test_only_the_operators_exporters_are_heard_where_they_are_named(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    named = replace(office.settings, intake=replace(office.settings.intake, exporters=("192.0.2.1",)))
    monkeypatch.setattr(Office, "settings", named)
    intake: Intake = office.intake()
    intake.feed(("192.0.2.1", 1), template(), 0)
    intake.feed(("192.0.2.2", 1), template(), 0)
    assert intake.totals()["exporter.192.0.2.1.templates"] == 1
    assert intake.totals()["exporter.*.unknown-exporter"] == 1


@pytest.mark.parametrize(
    ("line", "where", "code"),
    [
        ("exporters = ['192.0.2.0/24']", "intake.exporters: 192.0.2.0/24", "not-an-address"),
        ("exporters = [7]", "intake.exporters: 7", "not-an-address"),
        ("exporters = '192.0.2.1'", "intake.exporters", "not-a-list"),
        ("accounting_zone_minutes = 'JST'", "intake.accounting_zone_minutes", "not-a-zone"),
        ("accounting_zone_minutes = 900", "intake.accounting_zone_minutes", "not-a-zone"),
        ("accounting_zone_minutes = true", "intake.accounting_zone_minutes", "not-a-zone"),
    ],
)
def test_a_wrong_exporter_or_zone_is_named(tmp_path: Path, line: str, where: str, code: str) -> None:
    path = tmp_path / "sekisho.toml"
    path.write_text(settings_text().replace("[intake]\n", f"[intake]\n{line}\n"), encoding="utf-8")
    with pytest.raises(ConfigError) as no:
        read_settings(path)
    assert (no.value.where, no.value.code) == (where, code)


def test_exporters_are_shown_by_address_with_what_was_refused() -> None:
    shown = exporters({"exporter.192.0.2.1.records": 9, "exporter.192.0.2.1.no-template": 2, "exporter.*.truncated": 1, "flows.records": 9})
    assert shown == [
        {"exporter": "192.0.2.1", "records": 9, "datagrams": 0, "refused": {"no-template": 2}},
        {"exporter": "*", "records": 0, "datagrams": 0, "refused": {"truncated": 1}},
    ]


def collect_for_ever(folder: str, port: int, bound: Any) -> None:
    """A collector in a process of its own, to be killed."""
    collector = made(Path(folder), port)
    collector.bound = bound
    collector.run()


def test_a_killed_collector_loses_at_most_one_second_of_what_came(tmp_path: Path) -> None:
    """SIGKILL in the middle of steady traffic: every row but those of the last second is in a journal."""
    fresh, port = multiprocessing.get_context("spawn"), free_port()
    bound = fresh.Event()
    child = fresh.Process(target=collect_for_ever, args=(str(tmp_path), port, bound))
    child.start()
    sent: list[float] = []
    try:
        assert bound.wait(60)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(template(), ("127.0.0.1", port))
            began = time.monotonic()
            while time.monotonic() - began < 3:
                out.sendto(DATAGRAMS[len(sent) % len(DATAGRAMS)], ("127.0.0.1", port))
                sent.append(time.monotonic())
                time.sleep(0.001)
        killed = time.monotonic()
        child.kill()
        child.join(10)
    finally:
        child.kill()
    kept = sum(Journal.read(p).rows for p in tmp_path.rglob("*.journal"))
    assert kept >= PER_DATAGRAM * sum(at < killed - 1 for at in sent)
    assert kept <= PER_DATAGRAM * len(sent)


def test_without_a_permit_there_is_no_socket(founded: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "now", founded.watch.wall)
    collector = Collector(founded.settings, founded.channel("collect"), 0)  # type: ignore[arg-type]  # a channel is whatever answers
    collector._renew()
    assert not collector.listening
