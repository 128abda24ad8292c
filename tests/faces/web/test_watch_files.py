"""The pages of files for invited people before a real `keep`: page by page or saved, never run, and a shared link opens nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.desk import filming
from tests.desk.filming import FILES, written_files
from tests.desk.office import Office
from tests.faces.web.html_checks import read
from tests.faces.web.live import Live
from tests.faces.web.test_watch import Showing

NAMES = sorted(FILES)
PICTURES = [n for n in NAMES if n.endswith((".png", ".jpg"))]
SANDBOX = "sandbox; default-src 'none'"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, str, str, list[str]]:
    folder = tmp_path_factory.mktemp("papers")
    office = Office(folder / "home").found()
    viewing, permit, _ = filming.shown(office, written_files(folder / "files"))
    codes = filming.invited(office, viewing)
    office.close()
    return office, viewing, permit, codes


@pytest.fixture
def at(template: tuple[Office, str, str, list[str]], tmp_path: Path) -> Iterator[Showing]:
    founded, viewing, permit, codes = template
    office = founded.copied_closed(tmp_path / "office").open()
    yield Showing(Live(office), viewing, permit, codes)
    office.close()


def every(at: Showing) -> list[str]:
    return [f"{at.page}/files/{number}" for number in range(len(NAMES))]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_with_the_code_pictures_stand_page_by_page_and_the_rest_is_saved(at: Showing, language: str) -> None:
    client = at.at.browser(language)
    before = unescape(client.get(at.page).text)
    assert {"en": "photograph the screen", "ja": "画面を撮影"}[language] in before
    assert {"en": "whose copy it is", "ja": "誰の写しか"}[language] in before
    assert not any(name in before for name in NAMES), "before the code not even a name is told"
    opened = at.open(at.codes[0], client)
    assert opened.status_code == 200
    for number in range(1, len(PICTURES) + 1):
        text = client.get(f"{at.page}?page={number}").text
        read(text)
        assert re.findall(r'<img[^>]*src="([^"]+)"', text) == [f"{at.page}/files/{NAMES.index(PICTURES[number - 1])}"]
        assert "<script" not in text
        assert ('rel="prev"' in text, 'rel="next"' in text) == (number > 1, number < len(PICTURES))
        links = re.findall(r'<a href="([^"]+)" download>', text)
        assert [client.get(link).content for link in links] == [FILES[n] for n in NAMES if n not in PICTURES]


def test_a_picture_is_a_picture_everything_else_is_octets_to_save_and_nothing_runs(at: Showing) -> None:
    friend = at.at.browser()
    at.open(at.codes[0], friend)
    for name, path in zip(NAMES, every(at), strict=True):
        answer = friend.get(path)
        assert answer.content == FILES[name]
        assert answer.headers["content-security-policy"] == SANDBOX
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        kind, way = answer.headers["content-type"], answer.headers["content-disposition"]
        if name in PICTURES:
            assert (kind, way) == ("image/png" if name.endswith("png") else "image/jpeg", "inline")
        else:
            assert kind == "application/octet-stream"
            assert unquote(way) == f"attachment; filename*=UTF-8''{name}"


def test_a_link_shared_to_a_stranger_opens_no_file(at: Showing) -> None:
    """Nor does a cookie that is made up, or the cookie of a device that was closed."""
    friend, stranger = at.at.browser(), at.at.browser()
    at.open(at.codes[0], friend)
    assert "<img" not in stranger.get(f"{at.page}?page=2").text
    assert {stranger.get(path).status_code for path in every(at)} == {403}
    cookie = next(c.value for c in friend.cookies.jar if c.name == "sekisho-viewing")
    _, folder, until, mark = cookie.split(".")
    for made_up in ("x", f"{'A' * 32}.{folder}.{until}.{mark}", f".{folder}.{until}.{mark}", "..."):
        assert {at.at.browser().get(path, headers={"cookie": f"sekisho-viewing={made_up}"}).status_code for path in every(at)} == {403}
    for _ in range(2):
        at.open(at.codes[0], at.at.browser(), "anew")
    assert {friend.get(path).status_code for path in every(at)} == {403}


def test_what_is_no_file_of_it_is_not_there(at: Showing) -> None:
    friend = at.at.browser()
    at.open(at.codes[0], friend)
    for name in (f"files/{len(NAMES)}", "files/99999999999", "files/..%2f0", "files/x", "f00000"):
        assert friend.get(f"{at.page}/{name}").status_code in (400, 404), name
    for odd in ("0", "99", "-1", "x", "1" * 9):
        assert friend.get(f"{at.page}?page={odd}").status_code == 200, odd


def test_a_withdrawn_permit_and_the_last_day_end_it_at_once(at: Showing) -> None:
    friend = at.at.browser()
    at.open(at.codes[0], friend)
    assert friend.get(every(at)[0]).status_code == 200
    at.at.office.withdraw(at.permit)
    assert {friend.get(path).status_code for path in every(at)} == {404}
    assert friend.get(at.page).status_code == 404


def test_the_last_day_ends_it(at: Showing) -> None:
    friend = at.at.browser()
    at.open(at.codes[0], friend)
    at.at.office.watch.wind(days=30, hours=1)
    assert {friend.get(path).status_code for path in every(at)} == {410}


def test_the_cookie_that_opens_files_is_short_and_for_this_viewing_alone(at: Showing) -> None:
    friend = at.at.browser()
    at.open(at.codes[0], friend)
    said = friend.get(every(at)[0]).headers["set-cookie"].lower()
    for word in (f"path={at.page}", "httponly", "samesite=strict"):
        assert word in said
