"""The openings of a case on the console, before a real `keep`: who may sees that it was done, and who asked, by ticket, what was seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from sekisho.desk.public import read_public
from sekisho.desk.staff.keyfile import KeyFile
from sekisho.faces.processes import show
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.show import KeepDesk
from sekisho.faces.web import Settings, create_app
from sekisho.faces.web.desk import Json
from sekisho.faces.web.senders import copies, posted_at
from tests.desk.caseload import CLAIM
from tests.desk.office import Office
from tests.desk.posting import Posting, posted
from tests.faces.web.conftest import TOKEN
from tests.faces.web.html_checks import read

ADDRESS, NETWORK = "203.0.113.9", "203.0.0.0/16"


class Acting(KeepDesk):
    """The real desk, before which a visitor may act and sign as anybody: how people sign in is tested elsewhere."""

    keys: Mapping[str, KeyFile]

    async def demo_sign(self, person: str, digest: str) -> Json:
        key = next(k for k in self.keys.values() if k.person == person)
        signature = key.private.sign(bytes.fromhex(digest)).hex()
        return {"person": person, "signature": signature, "client_data": "", "authenticator_data": ""}

    async def people(self) -> Sequence[Json]:
        return [{**p, "unsafe_demo": True} for p in await super().people()]


@pytest.fixture(scope="module")
def posting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Posting]:
    """For one post's case the legal officer saw the network and then the items; both can still be read."""
    office = Office(tmp_path_factory.mktemp("senders") / "home").found()
    office.close()
    posting = posted(office)
    posting.both(posting.permit())
    yield posting
    office.close()


def browser(posting: Posting, who: str, language: str = "en") -> TestClient:
    """A browser without scripts, of somebody of the office."""
    office = posting.office
    desk = Acting(office.settings, read_public(office.settings.folder), cast("Channel", office.channel("show")))
    desk.keys = office.keys
    settings = Settings(demo=True, clock=office.watch.wall, sign_in_attempts=1000)
    client = TestClient(create_app(desk, settings), base_url="http://localhost:8080", headers={"accept-language": language})
    client.post("/act-as", data={"csrf": token(client), "person": office.keys[who].person})
    return client


def token(client: TestClient) -> str:
    found = TOKEN.search(client.get("/line").text)
    assert found
    return found[1]


def place(posting: Posting, full: bool) -> str:
    (opening,) = (o for o in posting.call("reveals", matter=posting.matter) if o["full"] is full)
    return f"/procedures/{posting.matter}/openings/{opening['id']}"


def shown(posting: Posting, full: bool, who: str = "officer", ticket: str | None = None, language: str = "en") -> Any:
    path, client = place(posting, full), browser(posting, who, language)
    right = posting.tickets[path.rpartition("/")[2]]
    return client.post(path, data={"csrf": token(client), "ticket": right if ticket is None else ticket})


def test_a_case_lists_its_openings_for_who_reads_cases_and_never_what_was_seen(posting: Posting) -> None:
    for who in ("desk", "officer", "reviewer-a"):
        text = unescape(browser(posting, who).get(f"/procedures/{posting.matter}").text)
        read(text)
        section = text.partition('aria-labelledby="openings"')[2].partition("</section>")[0]
        assert section.index("the items the permit names") < section.index("the network only")
        name = posting.call("reveals", matter=posting.matter)[0]["by"]["name"]
        assert section.count(f"<td>{name}<br>") == 2
        assert ("Read…" in section) is (who == "officer")
        for secret in ("203.0.", "Example Mobile", "rec-0123456789abcdef"):
            assert secret not in text


def test_the_first_view_shows_the_network_and_no_address(posting: Posting) -> None:
    answer = shown(posting, full=False)
    read(answer.text)
    assert NETWORK in answer.text
    assert "Example Mobile" in answer.text
    assert ADDRESS not in answer.text
    assert "51234" not in answer.text


def test_the_items_are_shown_to_who_asked_in_their_language(posting: Posting) -> None:
    for language, said in (("en", "day and time of the post"), ("ja", "投稿の年月日と時刻")):
        text = shown(posting, full=True, language=language).text
        read(text)
        for value in (ADDRESS, "51234", "198.51.100.7", "443", "2026-11-22 05:54:56", said):
            assert value in text
        assert "acct-77" not in text
        assert "secret-agent" not in text


def certified(posting: Posting, url: str, language: str = "en", ticket: str | None = None) -> Any:
    """The form under what was seen of the items, sent with a URL."""
    path, client = place(posting, full=True), browser(posting, "officer", language)
    page = client.post(path, data={"csrf": token(client), "ticket": posting.tickets[path.rpartition("/")[2]]}).text
    form = page.partition('aria-labelledby="certificate"')[2]
    hidden, action = re.search(r'name="ticket" value="([^"]+)"', form), re.search(r'action="([^"#]+)', form)
    assert hidden
    assert action
    told = {"csrf": token(client), "ticket": hidden[1] if ticket is None else ticket, "url": url}
    return client.post(action[1], data=told)


@pytest.mark.parametrize(("language", "said"), [("en", "1200 microseconds"), ("ja", "1200マイクロ秒")])
def test_the_log_certificate_made_under_what_was_seen_says_what_the_terminal_says(posting: Posting, language: str, said: str) -> None:
    url = "https://chat.example/rooms/1?a=1&b=<2>#34"
    answer = certified(posting, url, language)
    assert answer.status_code == 200
    read(answer.text)
    section = unescape(answer.text.partition('aria-labelledby="certificate"')[2].partition("</section>")[0])
    opening = place(posting, full=True).rpartition("/")[2]
    found = posting.call("log-certificate", reveal=opening, ticket=posting.tickets[opening], url=url)
    assert found["source_ip"] == ADDRESS
    for name, value in found.items():
        assert name in ("made", "clock_offset_us") or str(value) in section, name
    assert said in section


def test_a_certificate_needs_a_web_address_and_says_so_at_its_field(posting: Posting) -> None:
    for url in ("", "chat.example/1", "javascript:alert(1)", "https://chat.example/1 2"):
        answer = certified(posting, url)
        assert answer.status_code == 422
        read(answer.text)
        assert 'aria-describedby="w-url"' in answer.text
        assert "Say where the post stands" in answer.text
        assert "Certificate made" not in answer.text
    assert certified(posting, "https://chat.example/1", ticket="x").status_code == 403


def test_no_certificate_is_offered_or_made_of_a_first_view(posting: Posting) -> None:
    assert "Make the log certificate" not in shown(posting, full=False).text
    path, client = place(posting, full=False), browser(posting, "officer")
    told = {"csrf": token(client), "ticket": posting.tickets[path.rpartition("/")[2]], "url": "https://chat.example/1"}
    answer = client.post(path, data=told)
    assert answer.status_code >= 400
    assert "Certificate made" not in answer.text


def test_the_url_of_a_certificate_is_filled_in_where_the_case_knows_it() -> None:
    for where, found in (("https://bbs.example.jp/12#34", "https://bbs.example.jp/12#34"), ("掲示板の34番", ""), (None, "")):
        assert posted_at({"facts": [{"id": "where_posted", "value": where}, {"id": "posted", "value": "http://x"}]}) == found


def test_without_the_ticket_nothing_is_shown_not_even_to_who_asked(posting: Posting) -> None:
    assert ADDRESS not in browser(posting, "officer").get(place(posting, full=True)).text
    other = posting.tickets[place(posting, full=False).rpartition("/")[2]]
    for guess in ("", "x", other):
        answer = shown(posting, full=True, ticket=guess)
        assert answer.status_code == 403
        assert ADDRESS not in answer.text


def test_nobody_else_reads_it_not_even_with_the_ticket(posting: Posting) -> None:
    for who, status in (("desk", 404), ("reviewer-a", 403), ("engineer", 403)):
        answer = shown(posting, full=True, who=who)
        assert answer.status_code == status
        assert ADDRESS not in answer.text


def test_an_opening_of_another_case_is_not_found_here(posting: Posting) -> None:
    other = posting.cases.open("deletion-inquiry", CLAIM)
    path = place(posting, full=True).replace(posting.matter, other)
    assert browser(posting, "officer").get(path).status_code == 404
    assert "Openings of sender records" not in browser(posting, "officer").get(f"/procedures/{other}").text


def test_after_a_quarter_of_an_hour_it_is_not_shown_any_more(posting: Posting) -> None:
    posting.office.watch.wind(minutes=16)
    answer = shown(posting, full=True)
    assert answer.status_code == 410
    assert "quarter of an hour is over" in answer.text
    assert ADDRESS not in answer.text


def asking(posting: Posting, who: str, *, full: bool, offer: str | None = None) -> tuple[TestClient, Any]:
    """The form of an opening, sent; what comes back."""
    client, path = browser(posting, who), f"/procedures/{posting.matter}/open"
    page = client.get(path).text
    read(page)
    found = re.findall(r'name="offer" value="([^"]+)"', page)
    assert ("Open the items of the permit" in page) is (who == "officer")
    told = {"csrf": token(client), "offer": found[0] if offer is None else offer, "full": "yes" if full else "no"}
    return client, client.post(path, data=told)


@pytest.mark.parametrize(("who", "full", "value"), [("desk", False, NETWORK), ("officer", False, NETWORK), ("officer", True, ADDRESS)])
def test_an_opening_is_asked_for_signed_and_read_on_the_console(
    posting: Posting, monkeypatch: pytest.MonkeyPatch, who: str, full: bool, value: str
) -> None:
    """The order is shown as it is signed; the ticket comes once, with a button that reads; nothing is seen before it was fetched."""
    posting.office.watch.wind(seconds=1)
    monkeypatch.setattr(show, "now", posting.office.watch.wall)
    client, answer = asking(posting, who, full=full)
    read(answer.text)
    which = re.search(r'action="(/sign/[^"]+)"', answer.text)
    assert which
    told = client.post(which[1], data={"csrf": token(client)})
    read(told.text)
    reading = re.search(r'action="(/procedures/[^"]+/openings/[^"]+)"', told.text)
    ticket = re.search(r'name="ticket" value="([^"]+)"', told.text)
    assert reading
    assert ticket
    form = {"csrf": token(client), "ticket": ticket[1]}
    assert value not in client.post(reading[1], data=form).text
    posting.fetch()
    posting.look()
    text = client.post(reading[1], data=form).text
    assert value in text
    assert (f"<code>{ADDRESS}:51234</code>" in text and "2026-11-21T20:54:56.789Z" in text) is full


def test_only_records_that_a_living_permit_of_the_case_names_can_be_asked_for(posting: Posting) -> None:
    for offer in ("", "permit-0000000000000000/post-0001", "x"):
        assert asking(posting, "officer", full=False, offer=offer)[1].status_code == 422
    other = posting.cases.open("disclosure-request", {**CLAIM, "tell_name": False})
    page = browser(posting, "officer").get(f"/procedures/{other}/open").text
    assert "No permit of this case names a record" in page
    assert 'name="offer"' not in page


@pytest.mark.parametrize(
    ("ip", "port", "spelled"), [("192.0.2.1", 7, "192.0.2.1:7"), ("2001:db8::1", 7, "[2001:db8::1]:7"), ("192.0.2.1", None, "")]
)
def test_what_was_seen_is_spelled_as_the_release_takes_it(ip: str, port: int | None, spelled: str) -> None:
    view = {"source": {"ip": ip, "port": port}, "seen_us": 1_795_294_496_789_999}
    assert copies(view).get("address", "") == spelled
    assert copies(view)["time"] == "2026-11-21T20:54:56.789Z"
    assert copies({"source": None, "seen_us": None}) == copies(None) == {}
