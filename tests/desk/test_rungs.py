"""The ladder of an incident: called by mail rung by rung, in the ledger before it leaves, until somebody says that they have it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from sekisho.desk.incidents import call, rungs
from sekisho.desk.incidents.rungs import Call, CallRungs
from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.desk.public import read_public
from sekisho.faces.words.incident import CALLED
from sekisho.law.reading import read
from sekisho.ledger.entry import Entry
from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.desk.rooming import Rooming
from tests.desk.test_carry_out import Server, server

__all__ = ["server"]
LADDER = '[incident]\nladder = ["15=desk <duty@example.jp>", "30=legal-officer <legal@example.jp>", "60=responsible-window"]\n'


@pytest.fixture
def office(_adopted: Path, tmp_path: Path, server: Server) -> Iterator[Office]:
    found = Office(_adopted).copied_closed(tmp_path / "office")
    settings = found.home / "sekisho.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + f"port = {server.port}\n" + LADDER, encoding="utf-8")
    found.open().watch.wind(minutes=5)
    yield found
    found.close()


@pytest.fixture
def room(office: Office) -> Rooming:
    return Rooming(Caseload(office, texts=False))


@dataclass
class Line:
    """The channel of `act`; `before` is called right before `keep` is asked the second time."""

    office: Office
    before: Callable[[], object] = lambda: None
    asked: int = field(default=0)

    def call(self, method: str, **params: object) -> Any:
        self.asked += 1
        if self.asked == 1:
            self.before()
        return self.office.channel("act").call(method, **params)


def tick(office: Office) -> int:
    """What `keep` does every few seconds; how many calls it wrote down."""
    with office.turn() as world, world.request():
        return dict(rungs.carry_out(world, CallRungs())).get("calls", 0)


def waits(office: Office) -> list[Call]:
    return [read(Call, c) for c in office.channel("act").call("ladder-calls")]


def act(office: Office, before: Callable[[], object] = lambda: None) -> list[str]:
    """What `act` does with all that waits; the outcomes, as `keep` was told."""
    found = []
    for one in waits(office):
        line = Line(office, before)
        outside = Outside(office.settings, cast("Any", line), read_public(office.settings.folder), lambda: office.watch.at)
        done = asyncio.run(call.carry_out(outside, call.MailCall(one, CALLED[one.language])))
        office.channel("act").call("ladder-told", call=one.id, outcome=done.outcome, reply=done.reply)
        found.append(done.outcome)
    return found


def minutes(office: Office, count: int) -> None:
    office.watch.wind(minutes=count)


def test_the_first_rung_is_called_at_once_and_the_next_when_nobody_had_it_in_time(room: Rooming, office: Office, server: Server) -> None:
    room.open()
    assert waits(office) == [], "nothing leaves before it stands in the ledger"
    size = office.world.log.size
    assert tick(office) == 1
    assert [Entry.decode(e).type.value for e in office.world.log.entries(size, office.world.log.size)] == ["reminded"]
    assert act(office) == ["accepted"]
    assert [to for to, _ in server.mails] == [["duty@example.jp"]]
    assert (tick(office), act(office)) == (0, []), "called once, whatever is asked again"
    minutes(office, 14)
    assert tick(office) == 0
    minutes(office, 1)
    assert (tick(office), act(office)) == (1, ["accepted"])
    assert server.mails[1][0] == ["legal@example.jp"]
    shown = room.room()["ladder"]
    assert [(r["role"], r["mail"], r["called"] is not None) for r in shown] == [
        ("desk", "accepted", True),
        ("legal-officer", "accepted", True),
        ("responsible-window", "", False),
    ]
    assert room.load.case(room.matter)["told"] == []


def test_the_mail_says_a_number_a_role_and_an_hour_and_nothing_of_what_happened(room: Rooming, office: Office, server: Server) -> None:
    room.open(what="森 花さんの住所が漏れた")
    tick(office)
    act(office)
    (_, mail) = server.mails[0]
    assert room.room()["number"] in mail
    assert "窓口担当" in mail
    assert "森" not in mail
    assert "漏れた" not in mail


@pytest.mark.parametrize("who", ["desk", "officer"])
def test_whoever_says_that_they_have_it_stops_what_was_not_called_yet(room: Rooming, office: Office, server: Server, who: str) -> None:
    room.known()
    tick(office)
    act(office)
    minutes(office, 10)
    room.do("acknowledge", who)
    minutes(office, 500)
    assert (tick(office), act(office)) == (0, [])
    assert len(server.mails) == 1


def test_a_call_that_was_written_down_and_answered_before_its_mail_left_is_not_sent(room: Rooming, office: Office, server: Server) -> None:
    room.known()
    tick(office)
    assert len(waits(office)) == 1
    assert act(office, before=lambda: room.do("acknowledge")) == ["stopped"]
    assert server.mails == []
    assert waits(office) == []


def test_what_the_mail_server_puts_off_is_tried_again_and_what_it_refuses_is_shown(room: Rooming, office: Office, server: Server) -> None:
    room.open()
    tick(office)
    server.answers["RCPT"] = "450 4.2.0 later"
    assert act(office) == ["deferred"]
    server.answers["RCPT"] = "550 5.1.1 nobody here"
    assert act(office) == ["refused"]
    assert waits(office) == []
    assert room.room()["ladder"][0]["mail"] == "refused"
    minutes(office, 15)
    assert tick(office) == 1, "the next rung is called all the same"


def test_a_node_that_slept_calls_every_rung_that_is_due_and_none_twice(room: Rooming, office: Office, server: Server) -> None:
    room.open()
    minutes(office, 45)
    assert tick(office) == 3
    office.reopen()
    assert tick(office) == 0
    assert act(office) == ["accepted", "accepted"]
    assert room.room()["ladder"][2]["mail"] == "none", "the room says that this rung has no address"
    assert office.terminal.call("compare")["differences"] == []


def test_an_incident_that_is_over_calls_nobody_and_what_was_never_called_is_told_by_nobody(room: Rooming, office: Office) -> None:
    room.known()
    room.do("no-incident", "officer")
    minutes(office, 500)
    assert tick(office) == 0
    with pytest.raises(KeepSaidNo) as why:
        office.channel("act").call("ladder-told", call="0" * 64, outcome="accepted", reply=250)
    assert why.value.code == "unknown-call"
