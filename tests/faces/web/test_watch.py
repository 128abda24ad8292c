"""The pages of a closed viewing before a real `keep`: with the code it plays; a link shared to a stranger does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from tests.desk import filming
from tests.desk.filming import SEGMENTS
from tests.desk.office import Office
from tests.faces.web.html_checks import read
from tests.faces.web.live import Live


@dataclass
class Showing:
    """A film that is open to invited people, and the codes of their mails."""

    at: Live
    viewing: str
    permit: str
    codes: list[str]

    @property
    def page(self) -> str:
        return f"/watch/{self.viewing}"

    def open(self, code: str, client: Any, do: str = "open") -> Any:
        return self.at.post(self.page, self.page, {"code": code, "do": do}, client=client)

    def pieces(self) -> list[str]:
        return [f"{self.page}/{name}" for name in ("list.m3u8", "key", "s00000.ts", "s00001.ts", "s00002.ts")]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, str, str, list[str]]:
    folder = tmp_path_factory.mktemp("watch")
    office = Office(folder / "home").found()
    viewing, permit, _ = filming.shown(office, filming.prepared(folder / "film"))
    codes = filming.invited(office, viewing)
    office.close()
    return office, viewing, permit, codes


@pytest.fixture
def at(template: tuple[Office, str, str, list[str]], tmp_path: Path) -> Iterator[Showing]:
    founded, viewing, permit, codes = template
    office = founded.copied_closed(tmp_path / "office").open()
    yield Showing(Live(office), viewing, permit, codes)
    office.close()


def played(client: Any, page: str) -> list[bytes]:
    """What a player makes of it, as RFC 8216 says: the list, the key it names, each segment decrypted with its number."""
    lines = client.get(f"{page}/list.m3u8").text.splitlines()
    (named,) = [re.search(r'URI="([^"]+)"', line)[1] for line in lines if line.startswith("#EXT-X-KEY")]  # type: ignore[index] # it names one
    key = client.get(f"{page}/{named}").content
    found = []
    for number, name in enumerate(line for line in lines if not line.startswith("#")):
        opener = Cipher(AES128(key), CBC(number.to_bytes(16))).decryptor()
        raw = opener.update(client.get(f"{page}/{name}").content) + opener.finalize()
        unpadder = PKCS7(128).unpadder()
        found.append(unpadder.update(raw) + unpadder.finalize())
    return found


@pytest.mark.parametrize("language", ["ja", "en"])
def test_whoever_has_the_code_sees_the_whole_film_and_is_told_what_is_kept_and_what_cannot_be_prevented(at: Showing, language: str) -> None:
    client = at.at.browser(language)
    text = unescape(client.get(at.page).text)
    for words in {"en": ("What is kept", "film the screen"), "ja": ("記録されるもの", "画面を撮影")}[language]:
        assert words in text
    assert "<video" not in text
    opened = at.open(at.codes[0], client)
    assert opened.status_code == 200
    read(opened.text)
    assert "<video" in opened.text
    assert "<script" not in opened.text
    assert played(client, at.page) == list(SEGMENTS)
    assert "<video" in client.get(at.page).text


def test_a_link_shared_to_a_stranger_does_not_play(at: Showing) -> None:
    """Not the page, the list, the key nor a segment; nor with another's cookie made up, cut, or of another film's path."""
    friend, stranger = at.at.browser(), at.at.browser()
    at.open(at.codes[0], friend)
    assert "<video" not in stranger.get(at.page).text
    assert {stranger.get(path).status_code for path in at.pieces()} == {403}
    assert {stranger.head(path).status_code for path in at.pieces()} <= {403, 405}
    cookie = next(c.value for c in friend.cookies.jar if c.name == "sekisho-viewing")
    _, folder, until, mark = cookie.split(".")
    for made_up in ("x", f"{'A' * 32}.{folder}.{until}.{mark}", f".{folder}.{until}.{mark}", f"{'A' * 32}.../..", "a.b.1e9.c", "..."):
        assert {at.at.browser().get(path, headers={"cookie": f"sekisho-viewing={made_up}"}).status_code for path in at.pieces()} == {403}
    assert "samesite=strict" in str(at.open(at.codes[0], stranger).headers["set-cookie"]).lower()


def test_files_beside_the_film_are_not_served(at: Showing) -> None:
    friend = at.at.browser()
    at.open(at.codes[0], friend)
    for name in ("..%2f..%2fledger", "list.m3u8%00", "s0.ts", "s00009.ts", "sekisho.toml", "key.ts"):
        assert friend.get(f"{at.page}/{name}").status_code in (400, 404), name


def test_the_cookie_is_short_and_asks_again_before_it_is_over(at: Showing) -> None:
    friend = at.at.browser()
    at.open(at.codes[0], friend)
    assert "set-cookie" not in friend.get(at.pieces()[2]).headers
    at.at.office.watch.wind(minutes=6)
    assert "sekisho-viewing" in friend.get(at.pieces()[2]).headers["set-cookie"]
    at.at.office.watch.wind(minutes=20)
    assert friend.get(at.pieces()[2]).status_code == 200


def test_a_withdrawn_permit_and_the_last_day_end_it_for_a_device_that_is_playing(at: Showing) -> None:
    friend = at.at.browser()
    at.open(at.codes[0], friend)
    at.at.office.withdraw(at.permit)
    assert friend.get(at.pieces()[0]).status_code == 403
    assert friend.get(at.pieces()[1]).status_code == 404
    at.at.office.watch.wind(minutes=6)
    assert friend.get(at.pieces()[2]).status_code == 403
    assert friend.get(at.page).status_code == 404


def test_the_third_device_is_told_and_may_take_over(at: Showing) -> None:
    devices = [at.at.browser() for _ in range(3)]
    said = [at.open(at.codes[0], d).status_code for d in devices]
    assert said == [200, 200, 422]
    assert "as many devices" in at.open(at.codes[0], devices[2]).text
    assert at.open(at.codes[0], devices[2], "anew").status_code == 200
    assert devices[2].get(at.pieces()[1]).status_code == 200
    assert devices[0].get(at.pieces()[1]).status_code == 403


def test_wrong_codes_are_few(at: Showing) -> None:
    busy = at.at.browser(sign_in_attempts=2)
    assert [at.open("0000 0000 0001", busy).status_code for _ in range(3)] == [422, 422, 429]


def test_a_robot_that_presses_everything_opens_nothing(at: Showing) -> None:
    text = at.at.stranger.get(at.page, headers={"sec-purpose": "prefetch"}).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    for do in ("open", "anew"):
        assert at.at.stranger.post(at.page, data={**hidden, "do": do, "code": "0000 0000 0000"}).status_code == 422
    assert at.at.stranger.head(at.page).status_code == 200
