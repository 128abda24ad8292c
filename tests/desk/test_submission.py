"""Contractors hand in by real SMTP: aliases alone, a token of a row in force, and every refusal says what to do."""

from __future__ import annotations

import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.faces.processes.submission import MOST_OPEN, Handler
from sekisho.faces.processes.supervise import Supervisor
from tests.desk import contracting, mailing
from tests.desk.office import ROOT_KEY, Office
from tests.desk.submitting import DOMAIN, Submitting, mail, submitting

PEOPLE = mailing.people(12)


@pytest.fixture(scope="module")
def office(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("submission") / "home").open()
    yield office
    office.close()


@pytest.fixture(scope="module")
def made(office: Office) -> dict[str, str]:
    return contracting.admit(office, contracting.agency(office), PEOPLE)


@pytest.fixture(scope="module")
def door(office: Office) -> Iterator[Submitting]:
    with submitting(office) as found:
        yield found


def handed_in(office: Office) -> int:
    return len(contracting.handed_in(office))


def test_a_mail_to_everybody_becomes_a_campaign_in_both_languages(office: Office, made: dict[str, str], door: Submitting) -> None:
    code, said = door.send(made["token"], mail())
    assert (code, "12 people" in said) == (250, True)
    shown = mailing.shown(office, contracting.handed_in(office)[-1]["campaign"])
    assert set(shown["campaign"]["texts"]) == {"ja", "en"}
    assert shown["name"] == shown["campaign"]["texts"]["ja"]["subject"] == "整列のご案内 / Line-up"
    assert "整列は8時です" in shown["campaign"]["texts"]["ja"]["plain"]


def test_aliases_choose_people_and_one_of_another_set_takes_nothing(office: Office, made: dict[str, str], door: Submitting) -> None:
    first, second = (f"{alias.upper()}@{DOMAIN}" for alias in made["aliases"][:2])
    code, said = door.send(made["token"], mail(), first, second, first)
    assert (code, "2 people" in said) == (250, True)
    before = handed_in(office)
    code, said = door.send(made["token"], mail(), first, f"{'0' * 16}@{DOMAIN}")
    assert (code, said.split()[0], handed_in(office)) == (554, "5.1.1", before)


@pytest.mark.parametrize(
    "wrong",
    [
        PEOPLE[0].mail,
        f"runner0@{DOMAIN}",
        "everybody@mail.example",
        f"{'0' * 15}@{DOMAIN}",
        f"everybody%mail.example@{DOMAIN}",
        "everybody",
    ],
)
def test_any_address_that_is_no_alias_is_refused_and_named_what_to_write(made: dict[str, str], door: Submitting, wrong: str) -> None:
    code, said = door.send(made["token"], mail(), wrong)
    assert (code, f"everybody@{DOMAIN}" in said) == (550, True)


@pytest.mark.parametrize("header", ["To", "Cc", "Bcc", "Resent-To"])
def test_a_list_in_the_headers_is_refused_whole(office: Office, made: dict[str, str], door: Submitting, header: str) -> None:
    before = handed_in(office)
    code, said = door.send(made["token"], mail(**{header: f"everybody@{DOMAIN}, Hanako <hanako@mail.example>"}))
    assert (code, "names-people" in said, "hanako" in said, handed_in(office)) == (554, True, False, before)


def test_without_a_token_nobody_gets_past_the_door(made: dict[str, str], door: Submitting) -> None:
    with door.client() as client:
        client.ehlo()
        assert client.mail("sakurai@agency.example")[0] == 530
    for wrong in ("wrong", made["token"][:-1], made["token"] + "x", made["admission"]):
        with door.client() as client, pytest.raises(smtplib.SMTPAuthenticationError) as no:
            client.login("agency", wrong)
        assert no.value.smtp_code == 535


def test_a_row_that_ends_while_somebody_is_signed_in_ends_it_there(office: Office, door: Submitting) -> None:
    mine = contracting.admit(office, contracting.agency(office), PEOPLE)
    with door.client(mine["token"]) as client:
        contracting.shut(office, mine["admission"])
        client.mail("sakurai@agency.example")
        client.rcpt(f"everybody@{DOMAIN}")
        code, said = client.data(mail().as_bytes())
    assert (code, said.decode().split()[:2]) == (554, ["5.7.8", "admission-shut"])


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"Subject: x\r\n\r\nno way out\r\n", "no-text-in-language: en"),
        (b"\r\nno subject\r\n", "no-subject"),
        (b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n", "no-plain"),
        (b"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xff\xfe\r\n", "charset"),
        (b"Subject: x\r\nContent-Type: message/rfc822\r\n\r\nTo: a@mail.example\r\n\r\nx\r\n", "part"),
        (b"Subject: x\r\nContent-Type: application/x-sh\r\n\r\nrm\r\n", "part"),
    ],
)
def test_what_is_no_mailing_is_refused_with_the_reason(made: dict[str, str], door: Submitting, raw: bytes, why: str) -> None:
    code, said = door.send(made["token"], raw)
    assert (code, why in said) == (554, True), said


def test_what_the_look_finds_is_told_with_its_place(made: dict[str, str], door: Submitting) -> None:
    leaking = mail()
    part = leaking.get_payload()[0]  # type: ignore[union-attr,index] # a mixed mail's parts
    part.set_content("write to hanako@mail.example {{check_code}} {{check_url}} {{stop_url}}")  # type: ignore[union-attr] # an EmailMessage
    code, said = door.send(made["token"], leaking)
    assert (code, "foreign-address at ja: part 1" in said, "hanako" in said) == (554, True, False)


def test_what_arrives_is_counted(made: dict[str, str], door: Submitting) -> None:
    before = door.handler.counters["handed-in"]
    door.send(made["token"], mail())
    assert door.handler.counters["handed-in"] == before + 1
    assert door.handler.counters["address-refused"] > 0


@pytest.fixture
def today(_founded: Path, tmp_path: Path) -> Office:
    """An office whose clock is today's."""
    office = Office(_founded).copied_closed(tmp_path / "home")
    office.watch.at = datetime.now(UTC)
    return office


def test_the_confined_process_takes_a_mailing_by_itself_and_no_more_clients_than_it_can(today: Office) -> None:
    office = today.open()
    token = contracting.admit(office, contracting.agency(office), PEOPLE)["token"]
    office.close()
    with socket.create_server(("127.0.0.1", 0)) as free, socket.create_server(("127.0.0.1", 0)) as web:
        port, console = free.getsockname()[1], web.getsockname()[1]
    with (office.home / "sekisho.toml").open("a", encoding="utf-8") as stream:
        stream.write(f'\n[submission]\nlisten = "127.0.0.1:{port}"\n[console]\nport = {console}\n')
    supervisor = Supervisor.start(office.home / "sekisho.toml", ROOT_KEY)
    try:
        door = Submitting(port, Handler(office.outside("submission")))
        assert answered(lambda: door.send(token, mail()))[0] == 250
        assert door.send(token, mail(), PEOPLE[0].mail)[0] == 550
        with ExitStack() as stack:
            for _ in range(MOST_OPEN):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            with socket.create_connection(("127.0.0.1", port)) as one_more:
                one_more.settimeout(30)
                assert one_more.recv(100).startswith(b"421 ")
        assert answered(lambda: door.send(token, mail()))[0] == 250, "when they are gone there is room again"
    finally:
        supervisor.close()


def answered(call: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """Once it listens, or has room."""
    for _ in range(300):
        try:
            return call()
        except (OSError, smtplib.SMTPException):
            time.sleep(0.1)
    pytest.fail("nobody answered within half a minute")
