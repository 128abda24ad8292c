"""Campaigns on the console: read word for word before anybody signs, shrunk by one signature, and never approved by who submitted them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.public import read_public
from sekisho.desk.staff import statements
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.show import KeepDesk
from sekisho.faces.web import Settings, codes_campaign, create_app
from sekisho.law import campaign as law
from sekisho.law.words import Role
from tests.desk import mailing
from tests.desk.office import Office
from tests.faces.web.conftest import TOKEN
from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import RecordedDesk, recorded
from tests.faces.web.test_actions import Post, signed

BY = {c["status"]: c["id"] for c in recorded("campaigns")["list"]}
SENDING = BY["sending"]
Become = Callable[..., None]


def words(client: TestClient, path: str = f"/campaigns/{SENDING}", language: str = "en") -> str:
    return " ".join(" ".join(read(client.get(path, headers={"accept-language": language}).text).text).split())


def test_the_list_says_how_far_each_has_got_and_what_somebody_must_look_at(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client, "/campaigns")
    for said in ("waits for an approval", "being sent", "stopped: nothing more leaves", "refused by the mail server 1", "left out 1"):
        assert said in page
    assert "Of 1 mail nobody knows whether it left" in page
    assert "1通は、届いたかどうか分かりません" in words(client, "/campaigns", "ja")


def test_one_shows_every_text_as_it_arrives_with_the_digest_the_commitment_and_the_window(client: TestClient, become: Become) -> None:
    become("reviewer")
    page, whole = unescape(client.get(f"/campaigns/{SENDING}").text), recorded("campaigns")["each"][SENDING]
    for said in ("Your number: ‹number›", "Code: XXXX-XXXX-XXXX-XXXX", "/mail/check", whole["digest"], whole["campaign"]["recipients"]):
        assert said in page
    assert "timetable.csv" in page
    assert whole["approvals"][0]["name"] in page
    assert whole["unknown"][0] in page
    assert "{{" not in page


def test_a_loss_says_who_took_somebody_off_and_why_and_never_whom(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client)
    assert "took part no longer, or took their word back: 1" in page
    assert "desk: took part no longer" in page
    assert "mail.example" not in page


def test_somebody_is_left_out_by_one_signature_over_a_pseudonym(client: TestClient, desk: RecordedDesk, become: Become, post: Post) -> None:
    become("legal-officer")
    where = f"/campaigns/{SENDING}/leave-out"
    assert post(where, {"mail": "nobody", "why": "withdrawn"}).status_code == 422
    assert post(where, {"mail": "a@mail.example", "why": "because"}).status_code == 422
    page = post(where, {"mail": "a@mail.example", "why": "withdrawn"}).text
    assert "a@mail.example" in page
    assert signed(post, page).headers["location"] == f"/campaigns/{SENDING}?done=recipient-lost"
    ((kind, statement, _),) = desk.submitted
    assert (kind, statement["campaign"], statement["why"]) == ("recipient-lost", SENDING, "withdrawn")
    assert "mail.example" not in str(statement)


def test_an_address_is_good_after_all_by_one_signature(client: TestClient, desk: RecordedDesk, become: Become, post: Post) -> None:
    become("legal-officer")
    where = "/campaigns/reachable"
    assert where in client.get("/campaigns").text
    assert post(where, {"mail": "nobody", "reason": "she wrote to us"}).status_code == 422
    assert post(where, {"mail": "a@mail.example", "reason": " "}).status_code == 422
    page = post(where, {"mail": "a@mail.example", "reason": "she wrote to us"}).text
    assert signed(post, page).headers["location"] == "/campaigns?done=return-ended"
    ((kind, statement, _),) = desk.submitted
    assert (kind, statement["reason"]) == ("return-ended", "she wrote to us")
    assert "mail.example" not in str(statement)
    become("subscriber")
    assert client.get(where).status_code == 403


def test_where_nobody_waits_nobody_is_left_out(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("legal-officer")
    desk.answers["campaigns"]["each"][SENDING]["counts"].pop("waiting")
    assert client.get(f"/campaigns/{SENDING}/leave-out").status_code == 409
    assert f"/campaigns/{SENDING}/leave-out" not in client.get(f"/campaigns/{SENDING}").text


def test_a_campaign_nobody_knows_and_an_empty_list_are_said(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("engineer")
    assert client.get("/campaigns/campaign-ffffffffffffffff").status_code == 404
    desk.answers["campaigns"]["list"] = []
    assert "No mailing yet." in words(client, "/campaigns")


def test_every_code_has_its_words() -> None:
    assert set(codes_campaign.STATES) == {s.value for s in law.State}
    assert set(codes_campaign.LOST) == {w.value for w in law.Lost}


class Signed(KeepDesk):
    """A console of the demo before a real `keep`, whose people sign with the keys of the office."""

    office: Office

    async def people(self) -> Any:
        return [{**p, "unsafe_demo": True} for p in await super().people()]

    async def demo_sign(self, person: str, digest: str) -> Any:
        key = next(k for k in self.office.keys.values() if k.person == person)
        return {"person": person, "signature": key.private.sign(bytes.fromhex(digest)).hex(), "client_data": "", "authenticator_data": ""}


@pytest.fixture
def console(tmp_path: Path) -> Any:
    office = Office(tmp_path / "office")
    office.watch.at = datetime.now(UTC)  # the console dates what is signed by its own clock
    office.found()
    desk = Signed(office.settings, read_public(office.settings.folder), cast("Channel", office.channel("show")))
    desk.office = office
    client = TestClient(create_app(desk, Settings(demo=True, clock=office.watch.wall)), base_url="http://localhost:8080")
    yield office, client
    office.close()


def acting(client: TestClient, office: Office, who: str) -> Callable[..., Any]:
    def send(path: str, data: dict[str, str] | None = None) -> Any:
        token = TOKEN.search(client.get("/line").text)
        assert token
        return client.post(path, data={"csrf": token[1], **(data or {})}, follow_redirects=False)

    assert send("/act-as", {"person": office.keys[who].person}).status_code == 303
    return send


def test_who_submitted_it_is_offered_no_approval_and_refused_when_they_sign_one(console: tuple[Office, TestClient]) -> None:
    """On the page, at its door, and at `keep` from the console and the terminal, whatever roles they have; somebody else reads every word
    on the page they sign."""
    office, client = console
    made = mailing.submit(office, who="officer")
    mailing.papers(office, made["plan"], "desk", Role.DESK)
    acting(client, office, "officer")
    english = {"accept-language": "en"}
    assert "You submitted this; somebody else must approve it." in client.get(f"/campaigns/{made['campaign']}", headers=english).text
    assert f"/plans/{made['plan']}/approve" not in client.get(f"/plans/{made['plan']}").text
    refused = client.get(f"/plans/{made['plan']}/approve", headers=english)
    assert refused.status_code == 403
    assert "Whoever proposes a plan never approves it" in refused.text
    key, shown = office.keys["officer"], office.terminal.call("plan", plan=made["plan"])["shown"]
    said = statements.approval(made["plan"], shown, key.person, office.watch.at)
    for door in ("terminal", "show"):
        with pytest.raises(KeepSaidNo) as no:
            office.channel(door).call("review", approval=said, signature=key.sign(said))
        assert no.value.code == "proposer-never-approves"
    post = acting(client, office, "reviewer-a")
    page = client.get(f"/plans/{made['plan']}/approve", headers=english).text
    for line in ("Dear ‹name›,", "Code: XXXX-XXXX-XXXX-XXXX", made["digest"], "timetable.csv", "desk@race.example"):
        assert line in unescape(page)
    office.watch.wind(seconds=(datetime.now(UTC) - office.watch.at).total_seconds() + 5)  # what was signed lies behind
    assert signed(post_as(post), page).status_code == 303
    assert office.terminal.call("campaign", campaign=made["campaign"])["status"] == "sending"


def post_as(send: Callable[..., Any]) -> Any:
    return lambda path, data=None, **_more: send(path, data)


def test_somebody_is_left_out_on_the_page_and_a_slip_or_a_second_time_is_said(console: tuple[Office, TestClient]) -> None:
    office, client = console
    made = mailing.submit(office)
    post = acting(client, office, "officer")
    where = f"/campaigns/{made['campaign']}/leave-out"
    kim = "kim@mail.example"
    for mail, status, code in ((kim, 303, ""), (kim, 409, "too-late"), ("x@mail.example", 409, "not-on-the-list")):
        office.watch.wind(seconds=1)
        answer = signed(post_as(post), post(where, {"mail": mail, "why": "no-consent"}).text)
        assert answer.status_code == status
        assert code in answer.text
    assert office.terminal.call("campaign", campaign=made["campaign"])["losses"] == {"no-consent": 1}
