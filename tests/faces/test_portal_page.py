"""The portal's page to a device's browser: no script, no cookie; forms that only this page can send; led away from any other name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from sekisho.desk.outside import KeepIsGone, KeepSaidNo
from sekisho.faces.portal import page as portal_page
from sekisho.faces.portal.page import MOST_A_MINUTE, MOST_BYTES, Portal, create_app
from sekisho.faces.portal.words import WORDS
from sekisho.faces.processes import portal
from tests.desk.office import Office
from tests.desk.test_portal import KINDS, NAMES, ONE, PORTAL

URL = "https://wifi.example/"


@pytest.fixture(scope="module")
def _asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(tmp_path_factory.mktemp("asked") / "home").found()
    path = office.home / "sekisho.toml"
    path.write_text(path.read_text("utf-8") + PORTAL, encoding="utf-8")
    office.reopen().stand("event-portal")
    office.close()
    return office.home


@pytest.fixture
def office(_asked: Path, tmp_path: Path) -> Iterator[Office]:
    found = Office(_asked).copied(tmp_path / "home")
    yield found
    found.close()


def browser(office: Office, hardware: str = ONE, base: str = URL, **more: Any) -> TestClient:
    shared = Portal(office.channel("portal"), lambda _: hardware, URL, clock=office.watch.wall, **more)
    return TestClient(create_app(shared), base_url=base, follow_redirects=False, headers={"accept-language": "en"})


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def pressed(client: TestClient, do: str, *purposes: str, **changed: str) -> Any:
    said = fields(client.get("/").text) | {"do": do} | {f"agree-{p}": "yes" for p in purposes} | changed
    return client.post("/withdraw" if do == "withdraw" else "/answer?lang=en", data=said)


def api(client: TestClient) -> dict[str, Any]:
    return dict(client.get("/captive-portal/api").json())


def test_two_buttons_of_one_size_nothing_ticked_and_no_script(office: Office) -> None:
    page = browser(office).get("/").text
    assert re.findall(r'<button name="do" value="(\w+)">', page) == ["refuse", "agree"]
    assert "checked" not in page
    assert "<script" not in page
    assert page.count('type="checkbox"') == 2


@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_page_is_whole_in_its_language(office: Office, language: str) -> None:
    client = browser(office)
    asked = client.get(f"/?lang={language}").text
    pressed(client, "agree", NAMES)
    done = client.get(f"/?lang={language}").text
    place = ("ja", "en").index(language)
    for name in ("welcome", "ask", "refuse", "agree", "same", "who"):
        assert WORDS[name][place].replace("'", "&#39;") in asked, name
    for name in ("done", "stands", "given", "refused", "withdraw", "deeds", "change"):
        assert WORDS[name][place].replace("'", "&#39;") in done, name
    assert f'<html lang="{language}">' in done


def test_no_cookie_no_cache_no_other_host_and_no_frame(office: Office) -> None:
    said = browser(office).get("/")
    assert "set-cookie" not in said.headers
    assert said.headers["cache-control"] == "private, no-store"
    assert said.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; form-action 'self'")
    assert re.findall(r'(?:src|action)="(?!/)|<link[^>]+href="(?!/)', said.text) == []


def test_a_yes_is_a_record_and_loading_the_page_again_answers_nothing(office: Office) -> None:
    client = browser(office)
    done = pressed(client, "agree", NAMES)
    assert (done.status_code, done.headers["location"]) == (303, "/?lang=en")
    before = office.terminal.call("portal-stands")
    client.get("/")
    assert office.terminal.call("portal-stands") == before
    assert before["agreed"] == {NAMES: 1, KINDS: 0}


def test_a_no_is_one_press_whatever_is_ticked(office: Office) -> None:
    pressed(browser(office), "refuse", NAMES, KINDS)
    assert office.terminal.call("portal-stands") | {"leading": []} == {"leading": [], "answered": 1, "agreed": {NAMES: 0, KINDS: 0}}


def test_a_form_that_another_site_made_says_nothing(office: Office) -> None:
    """It cannot know the token: a device answers by its own page alone."""
    client = browser(office)
    assert pressed(client, "agree", NAMES, token="").status_code == 422
    assert pressed(client, "agree", NAMES, token="0" * 64).status_code == 422
    assert pressed(client, "withdraw", token="é").status_code == 422
    theirs = browser(office, "02:00:00:00:00:02")
    assert pressed(client, "agree", NAMES, token=fields(theirs.get("/").text)["token"]).status_code == 422
    assert office.terminal.call("portal-stands")["answered"] == 0


def test_a_page_that_grew_old_is_shown_again(office: Office) -> None:
    done = pressed(browser(office), "agree", NAMES, **{f"shown-{NAMES}": "0" * 64})
    assert done.status_code == 422
    assert "Please answer once more" in done.text


@pytest.mark.parametrize("body", [b"x" * (MOST_BYTES + 1), b"&".join([b"a=1"] * 40), b"\xff\xfe", b""])
def test_what_is_no_form_of_ours_is_none(office: Office, body: bytes) -> None:
    said = browser(office).post("/answer", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert said.status_code == 422


def test_a_request_for_any_other_name_is_sent_on_without_a_word_to_keep(office: Office) -> None:
    class Never:
        def call(self, method: str, **_params: object) -> Any:
            raise AssertionError(method)

    client = TestClient(create_app(Portal(Never(), lambda _: ONE, URL)), base_url="http://www.example.test/", follow_redirects=False)
    for path in ("/", "/generate_204", "/answer", "/a/b?c=d"):
        said = client.get(path)
        assert (said.status_code, said.headers["location"]) == (302, URL) or path == "/answer"
        assert "example.test" not in str(said.headers)


def test_the_api_says_who_is_captive_as_rfc_8908_has_it(office: Office) -> None:
    client = browser(office)
    said = client.get("/captive-portal/api")
    assert said.headers["content-type"] == "application/captive+json"
    assert said.headers["cache-control"].startswith("private")
    assert api(client) == {"captive": True, "user-portal-url": URL, "venue-info-url": URL, "can-extend-session": False}
    pressed(client, "refuse")
    found = api(client)
    assert found["captive"] is False
    assert 0 < found["seconds-remaining"] <= 86400


def test_a_device_the_network_cannot_tell_apart_is_not_captive_and_cannot_answer(office: Office) -> None:
    client = browser(office, "")
    assert api(client)["captive"] is False
    page = client.get("/").text
    assert "cannot be told apart" in page
    assert "<button" not in page
    assert client.post("/answer", data={"do": "agree"}).status_code == 422


def test_silence_of_keep_frees_everybody_and_is_said() -> None:
    class Gone:
        def call(self, method: str, **_params: object) -> Any:
            raise KeepIsGone(method)

    client = TestClient(create_app(Portal(Gone(), lambda _: ONE, URL)), base_url=URL)
    assert api(client)["captive"] is False
    assert client.get("/").status_code == 503
    assert "The Wi-Fi works" in client.get("/?lang=en").text
    assert client.get(f"/receipt/{NAMES}.json").status_code == 503


def test_a_receipt_is_its_own_devices_alone(office: Office) -> None:
    client = browser(office)
    assert client.get(f"/receipt/{NAMES}.json").status_code == 404
    pressed(client, "agree", NAMES)
    said = client.get(f"/receipt/{NAMES}.json")
    assert said.headers["content-type"].startswith("application/ld+json")
    assert said.json()["proofs"]
    assert browser(office, "02:00:00:00:00:02").get(f"/receipt/{NAMES}.json").status_code == 404


def test_one_address_that_never_stops_asking_is_told_to_wait(office: Office) -> None:
    client = browser(office)
    codes = [client.get("/portal.css").status_code for _ in range(MOST_A_MINUTE + 5)]
    assert codes[0] == 200
    assert 429 in codes


def test_a_refusal_nobody_foresaw_is_said_plainly() -> None:
    class Odd:
        def call(self, method: str, **_params: object) -> Any:
            raise KeepSaidNo("odd", {"method": method})

    assert TestClient(create_app(Portal(Odd(), lambda _: ONE, URL)), base_url=URL).get("/").status_code == 503


def test_its_words_are_there_twice_and_all_of_them_are_used() -> None:
    template = (portal_page.STATIC / "page.html").read_text("utf-8")
    states = {"given", "refused", "withdrawn", "expired", "notice-changed", "replaced", "away", "often", "again", "again-words"}
    assert {n for n in WORDS if f"w['{n}']" not in template} <= states
    assert all(ja.strip() and en.strip() for ja, en in WORDS.values())


def test_two_sockets_where_there_is_a_certificate_and_one_where_there_is_none(tmp_path: Path) -> None:
    from sekisho.desk.settings import Portal as Place

    plain = portal.sockets(Place(listen="127.0.0.1:0"))
    both = portal.sockets(Place(listen="127.0.0.1:0", secure="[::1]:0", certificate=tmp_path / "c", key=tmp_path / "k"))
    assert [how for _, how in plain] == [{}]
    assert both[1][1] == {"ssl_certfile": tmp_path / "c", "ssl_keyfile": tmp_path / "k"}
    for sock, _ in (*plain, *both):
        sock.close()
