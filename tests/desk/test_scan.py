"""Attached files are shown to a real clamd: what it says stands with the file, and what it did not see is shown to it later."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import scans
from sekisho.desk.cases import scan_file
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.settings import Scan
from sekisho.faces.processes.channel import frame, read_frame
from sekisho.faces.processes.scan import turn
from sekisho.ledger.entry import Entry
from tests.desk import scanner
from tests.desk.caseload import CLAIM, Caseload
from tests.desk.office import Office

needed = scanner.needed


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a scanner that is there for the whole module."""
    with scanner.running(scanner.prepared()) as path:
        yield path


@pytest.fixture
def load(founded: Office) -> Caseload:
    return Caseload(founded, texts=False)


def set_up(load: Caseload, path: Path, seconds: int = 20) -> None:
    settings = load.office.home / "sekisho.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + f'\n[scan]\nsocket = "{path}"\nseconds = {seconds}\n', encoding="utf-8")
    load.office.reopen()


def attached(load: Caseload, *contents: bytes) -> tuple[str, list[str]]:
    """A case, and its files in their order."""
    matter = load.open("deletion-inquiry", CLAIM)
    files = []
    for content in contents:
        load.office.watch.wind(seconds=1)
        files.append(load.attach(matter, content=content, name="証拠.txt"))
    return matter, files


def turns(load: Caseload, most: int = 9) -> Counter[str]:
    """What the scanning process counts until nothing waits."""
    counters: Counter[str] = Counter()
    world = load.office.outside("scan")
    for _ in range(most):
        if turn(world, counters) > 0:
            break
    return counters


def said(load: Caseload, matter: str) -> list[tuple[str, str, str]]:
    return [(a["scan"]["state"], a["scan"]["why"], a["scan"]["name"]) for a in load.case(matter)["attachments"]]


def entries(load: Caseload, kind: str) -> list[dict[str, Any]]:
    log = load.office.world.log
    return [e for e in (json.loads(Entry.decode(raw).encode()) for raw in log.entries(0, log.size)) if e["type"] == kind]


@needed
def test_each_file_is_scanned_once_and_what_was_said_is_entered_with_it(load: Caseload, place: Path) -> None:
    set_up(load, place)
    matter, files = attached(load, b"a plain claim", scanner.EICAR, b"x" * (scanner.MOST + 9))
    counted = turns(load)
    assert said(load, matter) == [("clean", "", ""), ("found", "", scanner.NAME), ("unscanned", "too-large", "")]
    assert (counted["clean"], counted["found"], counted["unscanned"], counted["away"]) == (1, 1, 1, 0)
    assert [e["ids"]["attachment"] for e in entries(load, "scanned")] == files
    assert load.case(matter)["attachments"][0]["scan"]["by"].startswith("ClamAV ")
    assert load.call("overview")["scan"] == {"state": "here", "waiting": 0, "found": 1}
    assert load.call("compare")["differences"] == []
    size = load.office.world.log.size
    turns(load)
    load.office.watch.wind(days=2)
    turns(load)
    assert load.office.world.log.size == size  # nobody asks again about what was answered


@needed
def test_a_found_file_stays_sealed_and_is_taken_out_only_by_who_says_that_it_is_dangerous(load: Caseload, place: Path) -> None:
    set_up(load, place)
    _, (file,) = attached(load, scanner.EICAR)
    before = load.call("attachment", attachment=file)
    assert before["name"] == "証拠.txt"
    turns(load)
    with pytest.raises(KeepSaidNo) as why:
        load.call("attachment", attachment=file)
    assert (why.value.code, why.value.detail["found"]) == ("attachment-dangerous", scanner.NAME)
    taken = load.call("attachment", attachment=file, dangerous=True)
    assert bytes.fromhex(taken["content"]) == scanner.EICAR
    assert (taken["name"], taken["media"], taken["found"]) == ("DANGER-証拠.txt.danger", "application/octet-stream", scanner.NAME)


def test_without_a_scanner_every_file_says_so_and_the_case_goes_on(load: Caseload) -> None:
    matter, (file,) = attached(load, b"a plain claim")
    assert said(load, matter) == [("unscanned", "none", "")]
    assert load.call("overview")["scan"] == {"state": "none", "waiting": 1, "found": 0}
    assert load.call("overview")["notices"] == []
    assert load.call("attachment", attachment=file)["content"] == b"a plain claim".hex()


@needed
def test_while_the_scanner_is_away_nothing_waits_for_it_and_when_it_is_back_all_is_scanned(load: Caseload) -> None:
    here = scanner.prepared()
    set_up(load, here / "clamd.sock")
    matter, _ = attached(load, b"first", scanner.EICAR)
    assert said(load, matter) == [("unscanned", "away", "")] * 2  # no scanning process ever reported
    assert turns(load)["away"] == 1
    assert said(load, matter) == [("unscanned", "away", "")] * 2
    assert load.call("overview")["notices"] == [{"code": "scanner-away", "args": {"files": 2}}]
    assert entries(load, "scanned") == []
    with scanner.running(here):
        turns(load, most=1)
        assert said(load, matter)[1] == ("unscanned", "waiting", "")
        turns(load)
    assert said(load, matter) == [("clean", "", ""), ("found", "", scanner.NAME)]


class Rude(threading.Thread):
    """Stands where clamd would, greets as it does, and then answers a file with `answer`; None: not at all."""

    def __init__(self, path: Path, answer: bytes | None) -> None:
        super().__init__(daemon=True)
        self.answer = answer
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.door.bind(str(path))
        self.door.listen(8)
        self.held: list[socket.socket] = []

    def run(self) -> None:
        while True:
            try:
                line, _ = self.door.accept()
            except OSError:
                return
            asked = line.recv(64)
            if asked.startswith(b"zPING"):
                line.sendall(b"PONG\0")
            elif asked.startswith(b"zVERSION"):
                line.sendall(b"ClamAV\x1b[31m 1\0")
            elif self.answer is not None:
                line.sendall(self.answer)
            else:
                self.held.append(line)
                continue
            line.close()


@pytest.fixture
def rude(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    stranger = Rude(tmp_path / "c.sock", request.param)
    stranger.start()
    yield tmp_path / "c.sock"
    stranger.door.close()


@pytest.mark.parametrize(
    ("rude", "why"),
    [
        (None, "slow"),
        (b"", "error"),
        (b"stream: OK", "error"),
        (b"stream: Can't allocate memory ERROR\0", "error"),
        (b"OK\0", "error"),
        (b"x" * 5000, "error"),
        (b"stream: Heuristics.Encrypted.PDF FOUND\0", "encrypted"),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", "limits"),
    ],
    indirect=["rude"],
)
def test_whatever_stands_at_the_socket_only_a_whole_ok_is_clean(rude: Path, why: str) -> None:
    found = scan_file.scanned(Scan(rude, 1), b"x" * 200_000)
    assert (found.state, found.why) == ("unscanned", why)


@pytest.mark.parametrize("rude", [b"stream: Can't allocate memory ERROR\0"], indirect=True)
def test_what_failed_at_the_scanner_is_tried_again_later_and_not_for_ever(load: Caseload, rude: Path) -> None:
    set_up(load, rude)
    matter, _ = attached(load, b"a plain claim")
    for _ in range(5):
        turns(load)
        turns(load)
        load.office.watch.wind(hours=2)
    assert len(entries(load, "scanned")) == scans.TRIES
    assert said(load, matter) == [("unscanned", "error", "")]
    assert load.case(matter)["attachments"][0]["scan"]["by"] == "ClamAV[31m 1"  # nothing that a terminal would obey


def test_what_was_unscanned_may_be_clean_the_next_time_and_then_it_stays(load: Caseload, tmp_path: Path) -> None:
    set_up(load, tmp_path / "none.sock")
    matter, (file,) = attached(load, b"a plain claim")
    channel = load.office.channel("scan")
    channel.call("scanned", attachment=file, state="unscanned", why="slow", by="x")
    channel.call("scanned", attachment=file, state="clean", by="x")
    assert said(load, matter) == [("clean", "", "")]
    with pytest.raises(KeepSaidNo, match="already-scanned"):
        channel.call("scanned", attachment=file, state="found", name="Late", by="x")
    load.office.watch.wind(hours=2)
    assert channel.call("next-scan") is None


@pytest.mark.parametrize(
    "verdict",
    [
        {"state": "clean", "name": "Virus"},
        {"state": "clean", "why": "slow"},
        {"state": "found"},
        {"state": "unscanned"},
        {"state": "unscanned", "why": "none"},
        {"state": "again"},
        {"state": "found", "name": "a\nb"},
        {"state": "found", "name": "x" * 101},
    ],
)
def test_a_scanning_process_that_was_taken_over_enters_nothing_but_verdicts(load: Caseload, verdict: dict[str, str]) -> None:
    _, (file,) = attached(load, b"a plain claim")
    with pytest.raises(KeepSaidNo, match="not-a-verdict"):
        load.office.channel("scan").call("scanned", attachment=file, by="x", **verdict)
    assert entries(load, "scanned") == []


def test_a_file_that_is_gone_from_the_disk_does_not_hold_up_the_others(load: Caseload, tmp_path: Path) -> None:
    set_up(load, tmp_path / "none.sock")
    matter, files = attached(load, b"first", b"second")
    (load.office.world.settings.folder / "keep" / "files" / files[0]).unlink()
    asked = load.office.channel("scan").call("next-scan")
    assert (asked["attachment"], asked["content"]) == (files[1], b"second".hex())
    assert said(load, matter)[0] == ("unscanned", "unreadable", "")
    assert len(entries(load, "scanned")) == 1


@needed
def test_the_scanning_process_shut_in_as_it_is_reaches_the_scanner_and_tells_what_it_said(load: Caseload, place: Path) -> None:
    """Started as the supervisor starts it; this test stands where `keep` would, at the other end of its channel."""
    set_up(load, place)
    mine, its = socket.socketpair()
    command = [sys.executable, "-m", "sekisho.faces.processes.scan", str(load.office.home / "sekisho.toml"), str(its.fileno())]
    scanning = subprocess.Popen(command, pass_fds=[its.fileno()], stderr=subprocess.PIPE)
    its.close()
    heard: list[dict[str, Any]] = []
    try:
        mine.settimeout(20)
        while not heard or heard[-1]["method"] != "report":
            heard.append(read_frame(mine))
            file = {"attachment": "attachment-0", "content": scanner.EICAR.hex()}
            mine.sendall(frame({"result": file if heard[-1]["method"] == "next-scan" else None}))
    finally:
        scanning.kill()
        said = scanning.communicate()[1].decode()
        mine.close()
    assert [h["method"] for h in heard] == ["next-scan", "scanned", "report"], said
    verdict = heard[1]["params"]
    assert (verdict["attachment"], verdict["state"], verdict["name"]) == ("attachment-0", "found", scanner.NAME)
    assert heard[2]["params"] == {"process": "scan", "counters": {"found": 1, "away": 0}}
