"""A contractor runs a campaign from its first word to its totals and never holds an address: in no answer, in no reply of a server.

Row D1.2: "a contractor can run a campaign without ever holding an address".
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from sekisho.desk.messages import deliver
from sekisho.law.entrustment import What
from sekisho.law.reading import read
from tests.desk import contracting, mailing
from tests.desk.office import Office
from tests.desk.submitting import DOMAIN, mail, submitting
from tests.desk.test_entrust import move
from tests.effects.conftest import Sink, listening

PEOPLE = mailing.people(60)
ADDRESS = re.compile(r"[\w.+-]+@(?!people\.invalid)[\w.-]+")


@pytest.fixture
def server() -> Iterator[tuple[Sink, int]]:
    sink = Sink()
    with listening(sink) as relay:
        yield sink, relay.port


@pytest.fixture
def office(tmp_path: Path, server: tuple[Sink, int]) -> Iterator[Office]:
    founded = Office(tmp_path / "home").found()
    founded.close()
    mailing.set_up(founded, server[1])
    yield founded.open()
    founded.close()


def send(office: Office) -> dict[str, int]:
    """Every campaign that may be sent now; what became of its mails."""
    world, found = office.outside("act"), dict[str, int]()
    for asked in world.keep.call("mailings"):
        done = asyncio.run(deliver.carry_out(world, deliver.Deliver(read(deliver.Mailing, asked))))
        found |= {name: found.get(name, 0) + count for name, count in done.counts.items()}
    return found


def test_a_campaign_of_a_contractor_from_its_first_word_to_its_totals(office: Office, server: tuple[Sink, int]) -> None:
    row = contracting.agency(office)
    made = contracting.admit(office, row, PEOPLE)
    seen = [json.dumps(made)]

    with submitting(office) as door:
        code, said = door.send(made["token"], mail())
        seen.append(said)
        assert code == 250
        seen.append(door.send(made["token"], mail(), "hanako@mail.example")[1])
        seen.append(json.dumps(contracting.mine(office, made["token"])))
        assert send(office) == {}, "nothing leaves before somebody of ours approved it"

        campaign = contracting.handed_in(office)[-1]["campaign"]
        contracting.approved(office, campaign)
        assert send(office) == {"accepted": 60}
        told = contracting.mine(office, made["token"])["mailings"][0]
        assert (told["status"], told["counts"]["delivered"]) == ("sent", 60)
        seen.append(json.dumps(told))

        move(office, row, What.ENDED, "officer", reason="the race is over")
        with door.client() as client:
            client.ehlo()
            code, words = client.docmd("AUTH", "PLAIN " + _plain(made["token"]))
        assert (code, b"opens nothing" in words) == (535, True)
        seen.append(words.decode())

    for answer in seen:
        assert not ADDRESS.search(answer), answer
        assert not [p for p in PEOPLE if p.name in answer or p.fields["number"] in answer]
    _each_got_one_and_nobody_elses(server[0])


def _plain(token: str) -> str:
    return b64encode(b"\0agency\0" + token.encode()).decode("ascii")


def _each_got_one_and_nobody_elses(sink: Sink) -> None:
    assert sorted(to for _, (to,), _ in sink.mails) == sorted(p.mail for p in PEOPLE)
    for _, (to,), raw in sink.mails:
        got = message_from_bytes(raw, policy=SMTP)
        assert got["To"].addresses[0].addr_spec == to
        assert b"agency.example" not in raw, "no header of what was handed in passes"
        text = got.get_body(("plain",)).get_content()
        assert not [p for p in PEOPLE if p.mail != to and (p.mail in text or p.name in text)]
        assert DOMAIN.encode() not in raw


def test_the_contractors_person_can_approve_nothing(office: Office) -> None:
    made = contracting.admit(office, contracting.agency(office), PEOPLE)
    contracting.hand_in(office, made["token"])
    shown = mailing.shown(office, contracting.handed_in(office)[-1]["campaign"])
    assert shown["by"] == made["admission"]
    assert shown["by"] not in {p["id"] for p in office.terminal.call("people")}, "whoever has no key signs nothing"
    mailing.papers(office, shown["plan"])
    assert office.approve(shown["plan"], "reviewer-a"), "somebody of ours does"
