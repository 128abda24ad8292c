"""A mail comes to one of our own: unless an approved campaign sent that very mail there, it names the list and the party it leaked from."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sekisho.desk.campaigns import R
from sekisho.desk.entrusting.canary_mail import of
from sekisho.law.campaign import Recipient
from tests.desk import mailing
from tests.desk.caseload import Caseload
from tests.desk.handing import CANARIES, Party, act, give, listed, permitted, prepared, sealed, tell
from tests.desk.office import Office, refused
from tests.desk.rooming import Rooming
from tests.desk.test_entrust import entrusted
from tests.desk.test_entrust import listed as register

MAIL = ("name", "mail")
STRANGER = {"message_id": "x@elsewhere.example", "domain": "elsewhere.example", "mail": "a" * 64}


def came(office: Office, who: str, **said: str) -> dict[str, Any]:
    office.watch.wind(seconds=1)
    return dict(office.terminal.call("canary-mail", who=who, **{**STRANGER, **said}))


def ours(party: Party, content: bytes) -> list[str]:
    """The addresses of our own people in a list that a party opened."""
    return [row[1] for row in party.opened(content).rows if row[1].endswith("@sink.example.jp")]


@pytest.fixture(scope="module")
def _given(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Two firms were each handed the same list, with other people of ours in each."""
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("given") / "home").open()
    known = {}
    agency, party = prepared(office)
    other, timing = entrusted(office, party="Live Timing Inc."), Party.new()
    tell(office, other, timing.key)
    for row, whose in ((agency, party), (other, timing)):
        hand_over = give(office, permitted(office, row, fields=MAIL, canaries=1))
        act(office)
        known[row] = (hand_over, ours(whose, sealed(office, hand_over))[0])
    office.close()
    return office.home, {"agency": known[agency], "timing": known[other], "row": agency}


@pytest.fixture
def given(_given: tuple[Path, dict[str, Any]], tmp_path: Path) -> Iterator[tuple[Office, dict[str, Any]]]:
    home, known = _given
    office = Office(home).copied_closed(tmp_path / "given").open()
    office.watch.wind(minutes=1)
    yield office, known
    office.close()


Given = tuple[Office, dict[str, Any]]


def test_each_hand_over_has_people_of_its_own(given: Given) -> None:
    _, known = given
    assert known["agency"][1] != known["timing"][1]


@pytest.mark.parametrize("whose", ["agency", "timing"])
def test_a_mail_nobody_approved_names_the_list_and_the_party(given: Given, whose: str) -> None:
    office, known = given
    hand_over, address = known[whose]
    said = came(office, address.upper())
    assert (said["known"], said["explained"], said["hand_over"]) == (True, False, hand_over)
    assert said["to"] == {"agency": "Sakura Agency", "timing": "Live Timing Inc."}[whose]
    leaks = {h["id"]: h["leaks"] for h in listed(office)}
    assert [(x["from"], x["mail"]) for x in leaks.pop(hand_over)] == [("elsewhere.example", "a" * 64)]
    assert list(leaks.values()) == [[]]


def test_the_register_says_of_which_firm_something_leaked(given: Given) -> None:
    office, known = given
    came(office, known["agency"][1])
    assert {e["entrustment"]["party"]: e["leaked"] for e in register(office).values()} == {"Sakura Agency": 1, "Live Timing Inc.": 0}


def test_a_leak_is_to_be_seen_to_until_an_incident_names_the_row_it_came_from(given: Given) -> None:
    """Another incident, of another firm, does not make it go away."""
    office, known = given
    came(office, known["agency"][1])
    room = Rooming(Caseload(office)).known(leaked_by="")
    assert [(d["call"], d["party"]) for d in office.terminal.call("entrustments")["due"]] == [("list-leaked", "Sakura Agency")]
    notices = {n["code"]: n for n in office.terminal.call("overview")["notices"]}
    assert notices["list-leaked"]["names"] == ["Sakura Agency"]
    room.do("update", leaked_by=known["row"])
    assert office.terminal.call("entrustments")["due"] == []


def test_the_same_mail_twice_is_one_alert_and_another_is_another(given: Given) -> None:
    office, known = given
    for mail in ("a" * 64, "a" * 64, "b" * 64):
        came(office, known["agency"][1], mail=mail)
    assert sum(len(h["leaks"]) for h in listed(office)) == 2


def test_nobody_fills_the_ledger_with_mails(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    office, known = given
    monkeypatch.setattr("sekisho.desk.entrusting.canary_mail.MOST", 3)
    for n in range(6):
        came(office, known["agency"][1], mail=f"{n:064x}")
    assert sum(len(h["leaks"]) for h in listed(office)) == 3


@pytest.mark.parametrize("who", ["hana@example.jp", "nobody@sink.example.jp", CANARIES[2][1]])
def test_nothing_is_told_of_anybody_else(given: Given, who: str) -> None:
    """Not of a runner who was in the list, nor of one of our own whom nobody was given."""
    office, _ = given
    assert came(office, who) == {"known": False, "explained": False, "hand_over": "", "entrustment": "", "to": ""}
    assert sum(len(h["leaks"]) for h in listed(office)) == 0


@pytest.mark.parametrize("wrong", [{"mail": "x"}, {"message_id": "m" * 400}])
def test_what_is_no_mail_is_refused(given: Given, wrong: dict[str, str]) -> None:
    office, known = given
    with refused("not-a-mail"):
        came(office, known["agency"][1], **wrong)


def test_a_domain_that_is_none_is_kept_as_none(given: Given) -> None:
    office, known = given
    came(office, known["agency"][1], domain="<script>")
    assert [x["from"] for h in listed(office) for x in h["leaks"]] == [""]


def announced(office: Office, address: str, **campaign: str) -> str:
    """The Message-ID of a campaign's mail to this address."""
    people = (Recipient(address, "見張 一", "ja", "1" * 64, {"number": "A-1"}),)
    made = mailing.submit(office, people=people, **campaign)
    with office.turn() as world:
        return str(world.db.execute(select(R.c.known_as).where(R.c.campaign == made["campaign"])).scalar())


def test_a_mail_of_a_campaign_to_that_very_address_is_explained(given: Given) -> None:
    office, known = given
    mail = announced(office, known["agency"][1])
    assert came(office, known["agency"][1], message_id=mail)["explained"]
    assert sum(len(h["leaks"]) for h in listed(office)) == 0


def test_the_same_mail_at_another_of_ours_or_for_another_firm_is_not(given: Given) -> None:
    """Sent on by who got it, or sent for another contractor's campaign: either way somebody had an address they should not have."""
    office, known = given
    sent_on = announced(office, known["agency"][1])
    assert not came(office, known["timing"][1], message_id=sent_on)["explained"]
    other = announced(office, known["timing"][1], entrustment=known["row"])
    assert not came(office, known["timing"][1], message_id=other, mail="b" * 64)["explained"]


def test_of_a_mail_nothing_is_asked_but_its_number_its_domain_and_its_digest() -> None:
    raw = "From: =?utf-8?b?6Iqx?= <news@shoes.example>\r\nMessage-ID: <1@shoes.example>\r\n\r\nbuy, 花さん\r\n".encode()
    said = of("guard-1@sink.example.jp", raw)
    assert (said.message_id, said.domain, said.mail) == ("1@shoes.example", "shoes.example", sha256(raw).hexdigest())
    assert of("guard-1@sink.example.jp", b"\xff\x00").domain == ""
