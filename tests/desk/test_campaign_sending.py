"""A campaign through a real Postfix into a real sink (D1.4): one recipient each, nobody else in any byte, and what a kill leaves."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP as MAIL_POLICY
from pathlib import Path
from typing import Any

import dkim
import pytest

from sekisho.desk.clock import Clock
from sekisho.desk.messages import deliver
from sekisho.desk.messages.batches import Mailing
from sekisho.desk.outside import KeepSaidNo
from sekisho.faces.processes.channel import frame, read_frame
from sekisho.law.reading import read
from tests.desk import mailing
from tests.desk.office import Office
from tests.effects.conftest import Sink, listening
from tests.postfix import Running, postfix

MANY = 300


@dataclass
class Post:
    """An office, its mail server, and where mail ends."""

    office: Office
    server: Running
    sink: Sink

    def send(self) -> dict[str, int]:
        """What `act` does in one turn; outcomes to how many."""
        outside, counts = self.office.outside("act"), dict[str, int]()

        async def turn() -> None:
            await deliver.ask_server(outside, deliver.AskServer())
            for one in outside.keep.call("mailings"):
                done = await deliver.carry_out(outside, deliver.Deliver(read(Mailing, one)))
                counts.update(done.counts)

        asyncio.run(turn())
        return counts

    def arrived(self, count: int) -> list[tuple[str, list[str], bytes]]:
        """The first so many, once they are there; the sink is emptied."""
        for _ in range(300):
            if len(self.sink.mails) >= count:
                break
            time.sleep(0.1)
        taken, self.sink.mails[:] = list(self.sink.mails), []
        return taken


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Sink]]:
    sink = Sink()
    with listening(sink) as onward, postfix(onward.port, 200_000) as running:
        yield running, sink


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    return mailing.signing_key(tmp_path_factory.mktemp("dkim"))


@pytest.fixture
def post(_founded: Path, tmp_path: Path, server: tuple[Running, Sink], signing: tuple[Path, bytes]) -> Iterator[Post]:
    running, sink = server
    office = Office(_founded).copied_closed(tmp_path / "post")
    more = {"log": running.log, "postfix": running.at / "etc", "settle_seconds": 1, "dkim_selector": "s1", "dkim_key": signing[0]}
    mailing.set_up(office, running.port, **more)
    office.open()
    sink.mails.clear()
    yield Post(office, running, sink)
    office.close()


def test_each_gets_one_mail_with_nobody_else_in_any_byte(post: Post, signing: tuple[Path, bytes]) -> None:
    listed = mailing.people(MANY)
    made = mailing.approved(post.office, people=listed)
    assert post.send() == {"accepted": MANY}
    mails = post.arrived(MANY)
    assert sorted(to[0] for _, to, _ in mails) == sorted(p.mail for p in listed)
    assert {len(to) for _, to, _ in mails} == {1}
    names = {p.mail: p for p in listed}
    for _, (mail,), raw in mails:
        got = message_from_bytes(raw, policy=MAIL_POLICY)
        plain = got.get_body(("plain",))
        assert plain is not None
        readable = raw + b"".join(p.get_payload(decode=True) or b"" for p in got.walk() if not p.is_multipart())
        seen = {word.split(b"@")[0].split(b"<")[-1] for word in readable.split() if b"@mail.example" in word}
        assert seen == {mail.split("@")[0].encode()}
        assert names[mail].name in plain.get_content()
        assert got["To"].addresses[0].display_name == names[mail].name
    assert mailing.shown(post.office, made["campaign"])["counts"] == {"accepted": MANY}
    raw = mails[0][2]
    assert dkim.verify(raw, dnsfunc=lambda *_args, **_more: signing[1])
    assert not dkim.verify(raw.replace(b"Reply-To: desk@", b"Reply-To: disk@"), dnsfunc=lambda *_args, **_more: signing[1])


def test_the_same_recipient_gets_the_same_bytes_each_time(post: Post) -> None:
    """Which is why a mail that was under way can be recognised: nothing in it is of the moment it was sent."""
    made = mailing.approved(post.office, people=mailing.people(1))
    assert post.send() == {"accepted": 1}
    ((_, _, first),) = post.arrived(1)
    with post.office.turn() as world:
        world.db.exec_driver_sql("update campaign_recipients set state = 'waiting' where campaign = ?", (made["campaign"],))
    post.office.watch.wind(minutes=2)
    assert post.send() == {"accepted": 1}
    ((_, _, second),) = post.arrived(1)
    assert own_part(first) == own_part(second)


def own_part(raw: bytes) -> bytes:
    """From our own signature on, below what servers put on top."""
    return raw[raw.index(b"DKIM-Signature:") :]


def test_no_more_go_in_a_minute_than_were_approved(post: Post) -> None:
    mailing.approved(post.office, people=mailing.people(30), per_minute=12)
    assert post.send() == {"accepted": 12}
    assert post.send() == {}
    post.office.watch.wind(seconds=61)
    assert post.send() == {"accepted": 12}
    assert len(post.arrived(24)) == 24


def test_a_withdrawn_permit_stops_the_next_mail(post: Post) -> None:
    made = mailing.approved(post.office, people=mailing.people(30), per_minute=12)
    assert post.send() == {"accepted": 12}
    post.office.watch.wind(seconds=61)
    post.office.withdraw(made["permit"])
    assert post.send() == {}
    assert mailing.shown(post.office, made["campaign"])["status"] == "stopped"
    assert len(post.arrived(12)) == 12


def test_outside_its_window_nothing_goes(post: Post) -> None:
    at = post.office.watch.at
    mailing.approved(post.office, people=mailing.people(3), since=at + timedelta(hours=1), until=at + timedelta(hours=2))
    assert post.send() == {}
    post.office.watch.wind(hours=1, minutes=1)
    assert post.send() == {"accepted": 3}
    post.office.watch.wind(hours=1)
    mailing_left = post.office.channel("act").call("mailings")
    assert mailing_left == []
    assert len(post.arrived(3)) == 3


def test_a_row_that_was_laid_into_the_records_is_sent_nothing_and_stops_all(post: Post) -> None:
    """Somebody who writes in the database adds one recipient: the set is not the approved one any more."""
    made = mailing.approved(post.office, people=mailing.people(5))
    with post.office.turn() as world:
        world.db.exec_driver_sql(
            "insert into campaign_recipients (campaign, number, leaf, pseudonym, box, language, state)"
            " select campaign, 5, ?, 'x', box, language, 'waiting' from campaign_recipients where number = 0",
            (b"\1" * 32,),
        )
    with pytest.raises(KeepSaidNo) as no:
        post.send()
    assert no.value.code == "changed-since-approval"
    assert made["persons"] == 5


def test_a_box_exchanged_for_another_is_not_of_the_set(post: Post) -> None:
    """Twice the first person, under the second one's number: `act` opens the box, finds another leaf, and sends nothing."""
    mailing.approved(post.office, people=mailing.people(2))
    with post.office.turn() as world:
        first = "select box from campaign_recipients where number = 0"
        world.db.exec_driver_sql(f"update campaign_recipients set box = ({first}) where number = 1")
    assert post.send() == {"accepted": 1, "unsendable": 1}
    assert len(post.arrived(1)) == 1


@contextmanager
def killable(office: Office, at: Path) -> Iterator[tuple[subprocess.Popen[bytes], threading.Event]]:
    """The real `act` process, its channel answered from this office; the event is set when a batch was taken."""
    ours, theirs = socket.socketpair()
    taken = threading.Event()

    def answer() -> None:
        channel = office.channel("act")
        try:
            while True:
                asked = read_frame(ours)
                try:
                    found: Any = {"result": channel.call(asked["method"], **asked["params"])}
                except KeepSaidNo as no:
                    found = {"error": {"code": no.code, "detail": dict(no.detail)}}
                ours.sendall(frame(found))
                if asked["method"] == "take-batch" and found.get("result", {}).get("people"):
                    taken.set()
        except (EOFError, OSError):
            return

    with (at / "act.log").open("ab") as log:
        command = [sys.executable, "-m", "sekisho.faces.processes.act", str(office.home / "sekisho.toml"), str(theirs.fileno())]
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    theirs.close()
    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield process, taken
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)
        ours.close()
        thread.join(5)


def test_killed_in_the_middle_none_is_lost_and_none_goes_twice(post: Post, tmp_path: Path) -> None:
    """Kill -9 while a batch is under way; the next process asks the server's log and queue by Message-ID before it sends anything."""
    made = mailing.approved(post.office, people=mailing.people(MANY))
    post.office.world.clock = Clock(None, lambda: datetime.now(UTC), time.monotonic)  # two processes, one time
    with killable(post.office, tmp_path) as (process, taken):
        assert taken.wait(30), (tmp_path / "act.log").read_text(encoding="utf-8")
        wait_for(lambda: len(post.sink.mails) > 20)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    begun = mailing.shown(post.office, made["campaign"])["counts"]
    assert begun.get("begun", 0) > 0, begun
    assert begun.get("waiting", 0) > 0, begun
    with killable(post.office, tmp_path) as _:
        wait_for(lambda: not mailing.shown(post.office, made["campaign"])["counts"].keys() & {"waiting", "begun", "unsure"}, 60)
    counts = mailing.shown(post.office, made["campaign"])["counts"]
    time.sleep(0.5)
    got = [to[0] for _, to, _ in post.arrived(counts["accepted"])]
    assert len(got) == len(set(got)), "somebody got two"
    assert counts["accepted"] + counts.get("unknown", 0) == MANY
    assert len(got) >= counts["accepted"]
    assert len(mailing.shown(post.office, made["campaign"])["unknown"]) == counts.get("unknown", 0)


def wait_for(holds: Any, seconds: float = 30) -> None:
    for _ in range(int(seconds * 20)):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("it did not come about")


def test_without_a_log_what_was_under_way_is_listed_and_never_sent_again(post: Post) -> None:
    """Whoever cannot ask does not guess."""
    made = mailing.approved(post.office, people=mailing.people(3))
    taken = post.office.channel("act").call("take-batch", campaign=made["campaign"])
    assert len(taken["people"]) == 3
    post.office.channel("act").call("act-starts")
    with pytest.raises(KeepSaidNo) as no:
        post.office.channel("act").call("take-batch", campaign=made["campaign"])
    assert no.value.code == "ask-the-server-first"
    settings = post.office.home / "sekisho.toml"
    kept = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith("log = ")]
    settings.write_text("\n".join(kept), encoding="utf-8")
    assert post.send() == {}
    shown = mailing.shown(post.office, made["campaign"])
    assert shown["counts"] == {"unknown": 3}
    assert len(shown["unknown"]) == 3
    assert post.send() == {}
    assert json.dumps(shown).count("@mail.example") == 0
