"""Two people write to each other through us, by a real Postfix both ways: neither's address nor server stands in any byte the other gets.

They were asked, both typed the code of their mail, the desk opened the talk and a reviewer approved it. What leaks elsewhere (quotes,
signatures, headers, bounces, away notes, replies to all) stays here. Sources: SimpleLogin issues 2608, 733, 993; RFC 3834.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import smtplib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sekisho.desk import compare
from sekisho.desk.clock import Clock
from sekisho.desk.talking import pass_on
from sekisho.desk.talking.own_said import LONGEST_ANSWER, believed
from sekisho.faces.processes.act import TALK
from sekisho.faces.processes.returns import Child
from sekisho.faces.words.talk import held_for
from sekisho.law.talk import Fate
from sekisho.wire.mail_shown import shown
from sekisho.wire.own_words import read_own_words
from tests.desk import mailing, talking
from tests.desk.office import Office
from tests.desk.talking import DOMAIN, Talk
from tests.desk.test_campaign_sending import killable, wait_for
from tests.effects.conftest import Sink, listening
from tests.postfix import Running, postfix

MORE = f"""\
virtual_mailbox_domains = example.net {DOMAIN}
virtual_mailbox_maps = inline:{{ {{ @example.net = returns/ }} {{ @{DOMAIN} = talks/ }} }}
"""
MANY = 25


class Town:
    """An office, its mail server, what reaches the servers of the two, and the talk between them."""

    def __init__(self, office: Office, server: Running, sink: Sink, talk: Talk) -> None:
        self.office, self.server, self.sink, self.talk = office, server, sink, talk

    @property
    def box(self) -> Path:
        return self.server.at / "mail" / "talks"

    def writes(self, writer: int, text: str, to: str = "", **headers: str) -> None:
        """A side's own mail server hands their mail to ours."""
        made, mine = EmailMessage(policy=MAIL_POLICY), self.talk.people[writer]
        made["From"], made["To"] = f"{mine.name} <{mine.mail}>", to or self.talk.aliases[1 - writer]
        for name, value in headers.items():
            made[name.replace("_", "-")] = value
        made["Message-ID"] = made["Message-ID"] or f"<{time.monotonic_ns()}@{mine.mail.partition('@')[2]}>"
        made.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.server.port, f"mx.{mine.mail.partition('@')[2]}") as client:
            client.sendmail(mine.mail, [self.talk.aliases[1 - writer]], made.as_bytes())

    def lies(self, count: int = 1) -> None:
        wait_for(lambda: len(list((self.box / "new").iterdir())) >= count)

    def turn(self) -> dict[str, int]:
        """`act` takes in what lies there and passes on what may go; outcome to how many."""
        counts, outside = dict[str, int](), self.office.outside("act")
        with Child(TALK, believed, longest=LONGEST_ANSWER) as child:
            pass_on.take_in(outside, pass_on.TakeIn(child))
            for name in outside.keep.call("talk-mails"):
                done = asyncio.run(pass_on.carry_out(outside, pass_on.PassOn(name, child, held_for)))
                outside.keep.call("talk-mail-done", passing=name, outcome=done.outcome, reply=done.reply, why=done.why)
                counts[done.outcome] = counts.get(done.outcome, 0) + 1
        return counts

    def passes(self, writer: int, text: str, **headers: str) -> bytes:
        """Written and passed on: what reaches the other's server."""
        before = len(self.sink.mails)
        self.writes(writer, text, **headers)
        self.lies()
        assert self.turn() == {"accepted": 1}
        return self.arrived(before + 1)

    def arrived(self, count: int) -> bytes:
        wait_for(lambda: len(self.sink.mails) >= count)
        return self.sink.mails[-1][2]

    def held(self) -> dict[str, Any]:
        (one,) = talking.held(self.office)
        return one

    def says_nothing_of(self, side: int, raw: bytes) -> None:
        """Whoever reads it learns neither address, nor server, name or number of the other: as it stands, nor encoded in any way."""
        person = self.talk.people[side]
        server = person.mail.partition("@")[2]
        whole = raw + b"\n" + body(raw).encode()
        assert shown(raw, [person.mail]) == {}
        for secret in (person.mail, server, person.name, *person.fields.values()):
            assert secret.encode() not in whole, secret


def body(raw: bytes) -> str:
    return str(message_from_bytes(raw, policy=MAIL_POLICY).get_content()).replace("\r\n", "\n")


def own(raw: bytes) -> str:
    """The words of the other one, above our own."""
    return body(raw).partition("\n\n-----")[0]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Sink]]:
    sink = Sink()
    with listening(sink) as onward, postfix(onward.port, 200_000, MORE) as running:
        box = running.at / "mail" / "talks"
        shutil.copytree(running.returns, box)
        for folder in (box, *box.iterdir()):
            os.chown(folder, running.returns.stat().st_uid, -1)
        yield running, sink


@pytest.fixture(scope="module")
def _begun(server: tuple[Running, Sink], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Talk]:
    running, _ = server
    office = Office(tmp_path_factory.mktemp("two") / "home").found()
    office.close()
    more = {"talks": running.at / "mail" / "talks", "talk_domain": DOMAIN}
    mailing.set_up(office, running.port, log=running.log, postfix=running.at / "etc", settle_seconds=1, **more)
    office.watch.at -= timedelta(minutes=5)  # each signature winds it on; the permit must live by the real clock too
    office.open()
    talk = talking.begun(office)
    office.close()
    return office.home, talk


@pytest.fixture
def town(_begun: tuple[Path, Talk], server: tuple[Running, Sink], tmp_path: Path) -> Iterator[Town]:
    office = Office(_begun[0]).copied_closed(tmp_path / "home")
    mailing.set_up_clock(office)
    office.watch.wind(seconds=30)
    one = Town(office.open(), *server, _begun[1])
    one.sink.mails.clear()
    one.sink.answers.clear()
    for path in one.box.glob("*/*"):
        path.unlink()
    yield one
    office.close()


def test_they_write_to_each_other_and_neither_learns_where_the_other_is(town: Town) -> None:
    raw = town.passes(0, "鍵を拾いました。\nお持ちですか", Subject="鍵", Reply_To=town.talk.people[0].mail, X_Originating_IP="192.0.2.7")
    town.says_nothing_of(0, raw)
    assert own(raw) == "鍵を拾いました。\nお持ちですか"
    sender, to, _ = town.sink.mails[-1]
    assert (sender, to) == (town.talk.aliases[0], [town.talk.people[1].mail])
    got = message_from_bytes(raw, policy=MAIL_POLICY)
    answer = f"はい、私のです。\n\nOn Sunday, {town.talk.people[1].name} <{town.talk.people[1].mail}> wrote:\n"
    answer += "".join(f"> {line}\n" for line in [got["From"], got["To"], *body(raw).splitlines()]) + f"-- \n{town.talk.people[1].mail}\n"
    back = town.passes(1, answer, In_Reply_To=str(got["Message-ID"]), Cc=str(got["From"]))
    town.says_nothing_of(1, back)
    assert own(back) == "はい、私のです。"
    assert not list((town.box / "new").iterdir()), "what was taken in lies nowhere in the clear"
    with town.office.turn() as world:
        assert not list(compare.carry_out(world, compare.Compare()).differences)


def test_what_gives_somebody_away_is_held_and_goes_on_only_without_it(town: Town) -> None:
    town.writes(0, f"明日の10時に。\n{town.talk.people[0].mail} まで\nよろしく")
    town.lies()
    assert town.turn() == {"held": 1}
    one = town.held()
    assert ([(why["code"], why["where"]) for why in one["why"]], town.sink.mails) == (
        [("address", "line 2"), ("hidden", "line 2"), ("host", "line 2")],
        [],
    )
    words = read_own_words(bytes.fromhex(talking.read_held(town.office, str(one["id"]))["raw"]))
    assert words.text.split("\n")[1] == f"{town.talk.people[0].mail} まで"
    talking.settled(town.office, str(one["id"]), Fate.RELEASE, [1])
    assert town.turn() == {"held": 1}, "the machine looks once more, and a person cannot wave it through"
    talking.settled(town.office, str(one["id"]), Fate.RELEASE, [2])
    assert town.turn() == {"accepted": 1}
    raw = town.arrived(1)
    town.says_nothing_of(0, raw)
    assert own(raw) == "明日の10時に。\n[…]\nよろしく"


@pytest.mark.parametrize("writer", [0, 1])
def test_a_returned_mail_tells_its_writer_where_and_nothing_else(town: Town, writer: int) -> None:
    town.writes(writer, "Call me:\n+44 20 7946 0999")
    town.lies()
    town.turn()
    talking.settled(town.office, str(town.held()["id"]), Fate.RETURN)
    assert town.turn() == {"accepted": 1}
    raw = town.arrived(1)
    assert town.sink.mails[-1][:2] == (town.talk.aliases[1 - writer], [town.talk.people[writer].mail])
    town.says_nothing_of(1 - writer, raw)
    assert {"ja": "2行目：電話番号", "en": "line 2: a telephone number"}[town.talk.people[writer].language] in body(raw)
    assert "7946" not in body(raw)
    assert [t["mails"] for t in town.office.terminal.call("talks")] == [{"returned": 1}]


def test_a_bounce_and_an_away_note_go_to_nobody(town: Town) -> None:
    town.sink.answers["RCPT"] = "550 5.1.1 no such person"
    town.writes(0, "鍵を拾いました。")
    town.lies()
    assert town.turn() == {"accepted": 1}
    town.lies()  # the bounce, to the alias that the mail was from
    town.sink.answers.clear()
    town.writes(1, "I am away until Monday.", Auto_Submitted="auto-replied")
    town.lies(2)
    assert town.turn() == {"held": 2}
    assert {"machine"} <= set.intersection(*({why["code"] for why in h["why"]} for h in talking.held(town.office)))
    assert town.sink.mails == []
    for one in talking.held(town.office):
        with pytest.raises(Exception, match="cannot-be-released"):
            talking.settled(town.office, one["id"], Fate.RELEASE)
        talking.settled(town.office, one["id"], Fate.DROP)
    assert (town.turn(), talking.held(town.office)) == ({}, [])


def test_one_press_of_the_button_that_a_mail_leads_to_ends_it(town: Town) -> None:
    raw = town.passes(0, "鍵を拾いました。")
    (link,) = re.findall(r"http://\S+/consent\?code=\S+", body(raw))
    (code,) = parse_qs(urlsplit(link).query)["code"]
    town.writes(0, "もしもし")
    town.lies()
    town.office.channel("show").call("my-consent", code=code)  # whatever opens the page ends nothing
    assert [t["state"] for t in town.office.terminal.call("talks")] == ["open"]
    town.office.channel("show").call("withdraw-my-consent", code=code)
    assert town.turn() == {}
    assert [t["state"] for t in town.office.terminal.call("talks")] == ["withdrawn"]
    assert len(town.sink.mails) == 1
    assert len(list((town.box / "cur").iterdir())) == 1, "it lies there for a person, and went to nobody"


def test_when_the_permit_ends_nothing_more_is_passed_on(town: Town) -> None:
    town.passes(0, "鍵を拾いました。")
    town.office.withdraw(town.talk.permit)
    town.writes(1, "はい")
    town.lies()
    assert town.turn() == {}
    assert len(town.sink.mails) == 1


def test_killed_in_the_middle_nothing_goes_twice_and_nothing_is_lost(town: Town, tmp_path: Path) -> None:
    """Kill -9 of the real process; the next asks the server's log and queue by Message-ID, before it passes anything on."""
    town.office.world.clock = Clock(None, lambda: datetime.now(UTC), time.monotonic)  # two processes, one time
    talking.put(town.box, *(talking.mail(town.talk, n % 2, f"word {n}", n) for n in range(MANY)))
    with killable(town.office, tmp_path) as (process, _):
        wait_for(lambda: len(town.sink.mails) > 3)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    with killable(town.office, tmp_path):
        wait_for(lambda: sum(mails(town).values()) == MANY and not mails(town).keys() & {"waiting", "begun", "unsure"}, 60)
    counts = mails(town)
    wait_for(lambda: len(town.sink.mails) >= counts["passed"])
    words = [own(raw) for _, _, raw in town.sink.mails]
    assert len(set(words)) == len(words), "somebody read a word twice"
    assert counts["passed"] + counts.get("unknown", 0) == MANY
    assert len(words) >= counts["passed"]
    assert not list((town.box / "new").iterdir())


def mails(town: Town) -> dict[str, int]:
    (one,) = town.office.terminal.call("talks")
    return dict(one["mails"])
