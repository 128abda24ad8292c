"""The drill over real SMTP: made-up people, a real mailing-list tool, a real sink; what it did is named, mail by mail."""

from __future__ import annotations

from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP

from examples.contractor import list_tool, mailman
from examples.contractor.list_tool import HOST, ListTool
from sekisho.desk.entrusting.drill_script import Door, Result, Script, made_up
from sekisho.faces.processes import sink
from sekisho.faces.processes.drilling import Server
from sekisho.faces.unsafe.demo import free_port
from sekisho.law import tool
from sekisho.law.tool import Clear, Ran, Step
from tests.desk.tooling import declaration, questions
from tests.desk.tooling import drill as recorded

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OURS = "drill.example.jp"
LIST = f"list@{list_tool.DOMAIN}"
DOORS = {
    Step.SIGN_UP: Door(f"join@{list_tool.DOMAIN}", "subscribe"),
    Step.POST: Door(LIST, "hello"),
    Step.DELETE: Door(f"desk@{list_tool.DOMAIN}", "please delete me"),
    Step.UNSUBSCRIBE: Door(f"leave@{list_tool.DOMAIN}", "unsubscribe"),
}
QUIET = 0.02


@dataclass
class Basin:
    """The sink in a process of its own, and the folder it fills."""

    folder: Path
    port: int


@pytest.fixture(scope="module")
def basin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Basin]:
    folder = tmp_path_factory.mktemp("sink")
    with sink.running(folder, HOST, 0, OURS) as port:
        yield Basin(folder, port)


def drilled(basin: Basin, people: dict[str, str] | None = None, **switches: Any) -> Result:
    for old in basin.folder.glob("*.json"):
        old.unlink()
    with list_tool.running(ListTool(basin.port, **switches)) as port:
        post = Server((HOST, port), OURS)
        return Script(DOORS, people or made_up(OURS), post, sink.Mails(basin.folder, QUIET), lambda: AT).run()


def functions(found: Result) -> set[str]:
    return {h.function for h in found.heard}


def verdict(found: Result, on: tuple[str, ...]) -> Clear:
    said = declaration("entrustment-0", "desk", AT, on=on)
    facts = {"ran": found.ran, "heard": found.heard, "mails": found.mails, "canaries": found.canaries, "report": found.report}
    return tool.verdict(said, recorded("entrustment-0", "tool-0", "desk", AT, **facts), questions().each)


@pytest.fixture(scope="module")
def marathon(basin: Basin) -> Result:
    """As it happened in 2024: the tool deals every mail out to all, as it came."""
    return drilled(basin, lists=True)


def test_an_undeclared_list_function_is_caught_and_named_with_its_mails(marathon: Result) -> None:
    dealt = [h for h in marathon.heard if h.function == "list-mail" and h.step is Step.POST]
    assert [(h.actor, h.to) for h in dealt] == [("a", "b"), ("a", "c")]
    assert all(len(h.mail) == 64 for h in dealt)
    assert verdict(marathon, ("announcement",)) is Clear.CAUGHT


def test_whose_address_each_mail_shows_and_where_is_told(marathon: Result) -> None:
    shows = [h for h in marathon.heard if h.shows and h.step is Step.POST]
    assert {(h.to, h.shows, h.where) for h in shows} == {("b", ("a",), "header from"), ("c", ("a",), "header from")}


def test_replies_to_the_list_are_another_function(marathon: Result) -> None:
    assert {h.step for h in marathon.heard if h.function == "reply-to-all"} == {Step.REPLY_ALL, Step.REPLY}


def test_declaring_it_on_does_not_help_since_no_entrustment_allows_it(marathon: Result) -> None:
    assert verdict(marathon, tuple(functions(marathon))) is Clear.FORBIDDEN


def test_with_the_function_off_the_drill_passes(basin: Basin) -> None:
    found = drilled(basin, welcomes=True)
    assert functions(found) == {"welcome-mail"}
    assert (found.ran[Step.POST], found.ran[Step.SIGN_UP], found.mails) == (Ran.REFUSED, Ran.MAIL, 3)
    assert verdict(found, ("announcement", "welcome-mail")) is Clear.CLEAR


def test_even_a_welcome_must_have_been_declared(basin: Basin) -> None:
    assert verdict(drilled(basin, welcomes=True), ("announcement",)) is Clear.CAUGHT


def test_who_is_told_that_somebody_joined_is_noticed_by_what_the_mail_shows(basin: Basin) -> None:
    found = drilled(basin, joins=True)
    assert {(h.to, h.shows) for h in found.heard if h.function == "quotes-shown"} == {("a", ("b",)), ("a", ("c",)), ("b", ("c",))}


def test_a_list_that_hides_its_writers_is_still_a_list(basin: Basin) -> None:
    found = drilled(basin, lists=True, hides=True)
    assert "list-mail" in functions(found)
    assert "sender-shown" not in functions(found)


def test_who_left_and_still_gets_mail_is_noticed(basin: Basin) -> None:
    found = drilled(basin, lists=True, forgets=False)
    assert {h.to for h in found.heard if h.function == "mail-after-leaving"} == {"b"}
    assert "mail-after-leaving" not in functions(drilled(basin, lists=True))


def test_a_tool_that_is_not_there_fails_the_step_and_nothing_was_learnt(basin: Basin) -> None:
    script = Script(DOORS, made_up(OURS), Server((HOST, 1), OURS), sink.Mails(basin.folder, 0.01), lambda: AT)
    for old in basin.folder.glob("*.json"):
        old.unlink()
    found = script.run()
    assert set(found.ran.values()) == {Ran.FAILED}
    assert verdict(found, ("announcement",)) is Clear.SHORT


def test_the_sink_takes_mail_for_its_own_domain_and_relays_nothing(basin: Basin) -> None:
    server = Server((HOST, basin.port), "x.example")
    assert not server.send("a@x.example", "somebody@elsewhere.example", b"Subject: x\r\n\r\nx\r\n")
    assert server.send("a@x.example", f"somebody@{OURS}", b"Subject: x\r\n\r\nx\r\n")


def test_the_example_of_mailman_listens_on_this_machine_alone_and_starts_only_what_a_drill_needs(tmp_path: Path) -> None:
    """Mailman itself is tried by hand (docs/tool-drill.md): it takes half a minute to start."""
    said = ConfigParser(interpolation=None)
    said.read(mailman.settings(tmp_path, 8024, 8025), "utf-8")
    assert {said["mta"]["lmtp_host"], said["mta"]["smtp_host"]} == {HOST}
    assert (said["mta"]["lmtp_port"], said["mta"]["smtp_port"]) == ("8024", "8025")
    assert {n.removeprefix("runner.") for n in said if n.startswith("runner.") and said[n]["start"] == "no"} == set(mailman.IDLE)
    assert (tmp_path / "var").is_dir()


@pytest.mark.parametrize(("lists", "answer"), [(("runners@",), 250), ((), 550)])
def test_what_stands_before_mailman_passes_on_what_it_says_to_a_mail(lists: tuple[str, ...], answer: int) -> None:
    """By LMTP, as Mailman takes it: it answers for each receiver after the final dot."""
    taken: list[bytes] = []

    class Behind:
        async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802 - the name that aiosmtpd calls
            if not address.startswith(lists):
                return "550 no such list"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
            taken.append(envelope.content)
            return "250 OK"

    class ByLmtp(Controller):
        def factory(self) -> LMTP:
            return LMTP(self.handler)

    behind = ByLmtp(Behind(), hostname=HOST, port=free_port())
    front = Controller(mailman.Front(behind.port), hostname=HOST, port=free_port())
    behind.start()
    front.start()
    try:
        server = Server((HOST, front.port), "drill.example.jp")
        assert server.send("a@drill.example.jp", mailman.LIST, b"Subject: hello\r\n\r\nhello\r\n") is (answer == 250)
    finally:
        front.stop()
        behind.stop()
    assert len(taken) == len(lists)
