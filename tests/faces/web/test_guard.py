"""What stands before every page: headers, host names, tokens, sizes, rates."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from starlette.routing import Mount
from starlette.testclient import TestClient

from sekisho.faces.web import Settings, create_app
from sekisho.faces.web.app import DOORS
from sekisho.faces.web.sessions import COOKIE, Desktop, Session, Sessions, Turnstile
from sekisho.faces.web.visit import local
from tests.faces.web.conftest import NOW, TOKEN
from tests.faces.web.recorded_desk import RecordedDesk
from tests.faces.web.test_pages import CASES, HOLD

PLAN = "3f9c1a7be0d24c55"
OPENING = "f" * 32
PLACES = {"id": PLAN, "use": PLAN, "kind": "terms", "code": "some-code", "index:int": "1"}
CASE = {"id": CASES["held"], "move": "withdraw", "hold": HOLD, "opening": OPENING, "attachment": "attachment-0"}


def place(path: str) -> str:
    """The door's path, with things in it that are there."""
    if path.startswith("/procedures/open/"):
        return path.format(id="deletion-inquiry")
    return path.format(**(CASE if path.startswith("/procedures/") else PLACES))


POSTS = [place(d.path) for d in DOORS if "POST" in d.methods]
EVERYWHERE = ["/", "/line", "/nope", "/static/console.css", "/static/nope", "/api/overview", "/api/nope", "/approvals", "/sign-in"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_strict_headers(path: str, client: TestClient) -> None:
    """Pages, JSON, errors and files alike; no inline script or style, no frame, no other origin, not even by mistake."""
    headers = client.get(path).headers
    policy = dict(p.split(" ", 1) for p in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[k] for k in ("script-src", "style-src", "img-src", "connect-src", "form-action")} == {"'self'"}
    assert {policy[k] for k in ("base-uri", "frame-ancestors")} == {"'none'"}
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] == ("public, max-age=300" if path.startswith("/static/") else "no-store")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "localhost@evil.example", "127.0.0.1.nip.example:8080"])
def test_another_host_name_is_turned_away(host: str, client: TestClient) -> None:
    """A name that merely resolves to us (DNS rebinding) gets no page, no JSON and no file."""
    for path in ("/", "/api/overview", "/static/console.css"):
        answer = client.get(path, headers={"host": host})
        assert answer.status_code == 400
        assert "Sakura Net" not in answer.text


@pytest.mark.parametrize("host", ["localhost:8080", "localhost", "127.0.0.1:8080", "[::1]:8080", "[::1]"])
def test_the_names_of_this_machine_are_answered(host: str, client: TestClient) -> None:
    """With and without port, in both address families."""
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", POSTS)
def test_no_form_works_without_its_token(path: str, client: TestClient, desk: RecordedDesk, become: Callable[..., None]) -> None:
    """None, an empty one, another session's: refused, and nothing reached the desk."""
    become("legal-officer")
    me = next(p for p in desk.answers["people"] if "legal-officer" in p["roles"])
    desk.cases.opened = [{"id": OPENING, "by": me, "service": "chat", "purpose": "reveal-post", "at": NOW, "permit": PLAN}]
    stranger = TOKEN.search(TestClient(client.app, base_url="http://localhost:8080").get("/line").text)
    assert stranger
    before = client.cookies[COOKIE]
    of_ids = ("/plans", "/permits", "/envelopes", "/entrustments", "/campaigns", "/talks", "/contact")
    for token in ({}, {"csrf": ""}, {"csrf": stranger.group(1)}, {"csrf": "é"}):
        answer = client.post(path, data={**token, "person": desk.answers["people"][0]["id"], "code": "4N7K-2QXD"}, follow_redirects=False)
        assert answer.status_code in (401, 403, 404, 410, 429), path
        assert answer.status_code != 404 or "{" in path or path.startswith(of_ids), path
    assert client.cookies[COOKIE] == before
    assert desk.submitted == []
    assert desk.withdrawn == []


def test_every_post_door_is_among_those_tried() -> None:
    """The list above comes from the doors themselves; no route takes POST that is not a door."""
    posts = {d.path for d in DOORS if "POST" in d.methods}
    app = create_app(RecordedDesk(), Settings(demo=True))
    assert {r.path for r in app.routes if not isinstance(r, Mount) and "POST" in (r.methods or ())} == posts
    assert len(POSTS) == len(posts)


def test_a_form_sent_by_another_site_is_refused_even_with_a_token(post: Callable[..., Any]) -> None:
    """The browser says where a request came from, and it is believed."""
    assert post("/language", {"language": "ja"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_the_session_cookie_cannot_be_read_or_sent_along(client: TestClient) -> None:
    """HttpOnly, SameSite=Strict, whole path, and no life beyond the browser's."""
    cookie = client.get("/line").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "max-age" not in cookie
    secure = TestClient(create_app(RecordedDesk(), Settings(demo=True, secure=True)), base_url="http://localhost")
    assert "secure" in secure.get("/line").headers["set-cookie"].lower()


def test_signing_in_changes_the_session(client: TestClient, become: Callable[..., None]) -> None:
    """A cookie somebody planted before is worth nothing after."""
    client.get("/line")
    before = client.cookies[COOKIE]
    become("reviewer")
    assert client.cookies[COOKIE] != before
    assert client.get("/approvals").status_code == 200
    planted = TestClient(client.app, base_url="http://localhost:8080", cookies={COOKIE: before})
    assert planted.get("/approvals").status_code == 403


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10_000_000])
def test_more_than_a_form_may_hold_is_refused(size: int, client: TestClient) -> None:
    """By its header, before a byte is kept."""
    assert client.post("/line", content=b"x" * size, headers={"content-type": "application/x-www-form-urlencoded"}).status_code == 413


def test_a_body_that_lies_about_its_length_is_refused(desk: RecordedDesk, settings: Settings) -> None:
    """Chunk after chunk without a length: reading stops at the limit."""
    read = 0

    async def go() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            nonlocal read
            read += 1
            return {"type": "http.request", "body": b"a" * 16384, "more_body": True}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"host", b"localhost"), (b"content-type", b"application/x-www-form-urlencoded")]
        scope = {"type": "http", "method": "POST", "path": "/language", "raw_path": b"/language", "query_string": b"", "headers": headers}
        await create_app(desk, settings)(
            {**scope, "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("localhost", 80)}, receive, send
        )
        return sent

    with ThreadPoolExecutor(1) as apart:
        sent = apart.submit(asyncio.run, go()).result(30)
    assert sent[0]["status"] == 413
    assert read <= 6


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(method: str, client: TestClient) -> None:
    """Pages are read and forms are sent; nothing else is."""
    assert client.request(method, "/").status_code == 405
    assert client.post("/permits").status_code == 405


def test_a_very_long_address_is_refused(client: TestClient) -> None:
    """And the error page is still a page."""
    answer = client.get("/" + "a" * 17_000)
    assert answer.status_code == 414
    assert "<main" in answer.text


def test_guessing_is_slowed_down(post: Callable[..., Any], settings: Settings) -> None:
    """After the allowed number of attempts even the right code waits; the page says how long."""
    answers = [post("/line", {"code": f"{n:08}"}) for n in range(settings.sign_in_attempts)]
    assert {a.status_code for a in answers} == {404}
    late = post("/line", {"code": "4N7K-2QXD"})
    assert late.status_code == 429
    assert "Wait a minute" in late.text


def test_the_turnstile_opens_again_and_forgets_old_addresses() -> None:
    """A window that slides; bounded memory under a flood of addresses."""
    moment = [NOW]
    gate = Turnstile(Settings(clock=lambda: moment[0], sign_in_attempts=2, sign_in_window=60), limit=100)
    assert [gate.turn("a"), gate.turn("a"), gate.turn("a"), gate.turn("b")] == [True, True, False, True]
    moment[0] += timedelta(seconds=61)
    assert gate.turn("a")
    for n in range(1000):
        gate.turn(str(n))
    assert len(gate._tries) == 100


@pytest.mark.parametrize(("first", "second", "one"), [
    ("2001:db8:0:100::1", "2001:db8:0:1ff:ffff::2", True), ("2001:db8:0:100::1", "2001:db8:0:200::1", False),
    ("198.51.100.7", "::ffff:198.51.100.7", True), ("198.51.100.7", "198.51.100.8", False), ("fe80::1%wan", "fe80::2%wan", True),
    ("not an address", "another", False),
])  # fmt: skip
def test_a_line_of_ipv6_gets_no_new_attempts_with_each_of_its_addresses(first: str, second: str, *, one: bool) -> None:
    gate = Turnstile(Settings(clock=lambda: NOW, sign_in_attempts=1))
    assert gate.turn(first)
    assert gate.turn(second) is not one


def test_a_session_ends_when_nobody_uses_it() -> None:
    """Idle too long and the cookie is a stranger's; used in time it stays; what a page asks by itself is no use."""
    moment = [NOW]
    sessions = Sessions(Settings(clock=lambda: moment[0], session_seconds=100), limit=3)
    opened = sessions.open("p")
    moment[0] += timedelta(seconds=90)
    assert sessions.find(opened.id).person == "p"
    moment[0] += timedelta(seconds=101)
    assert sessions.find(opened.id).person is None
    opened = sessions.open("q")
    moment[0] += timedelta(seconds=90)
    assert sessions.find(opened.id, used=False).person == "q"
    moment[0] += timedelta(seconds=90)
    assert sessions.find(opened.id).person is None
    first = sessions.open("first")
    for n in range(3):
        sessions.open(str(n))
    assert sessions.find(first.id).person is None


def test_a_statement_waits_for_its_own_session_once_and_not_for_long() -> None:
    """Another session cannot take it; nobody can take it twice; after ten minutes nobody can take it at all."""
    moment = [NOW]
    desktop = Desktop(Settings(clock=lambda: moment[0]), limit=2)
    mine, other = Session("m" * 43, ""), Session("o" * 43, "")
    answer = {"statement": {}, "digest": "00"}
    which = desktop.lay(mine, "approval", answer, "/")
    assert desktop.take(other, which) is None
    assert desktop.take(mine, which) is not None
    assert desktop.take(mine, which) is None
    late = desktop.lay(mine, "approval", answer, "/")
    moment[0] += timedelta(minutes=11)
    assert desktop.take(mine, late) is None
    kept = [desktop.lay(mine, "approval", answer, "/") for _ in range(3)]
    assert [desktop.take(mine, k) is not None for k in kept] == [False, True, True]


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example", "\\\\evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\nb", "evil"]
)
def test_a_redirect_never_leaves_the_console(where: str, post: Callable[..., Any]) -> None:
    """What is no path of ours becomes the overview."""
    assert local(where) == "/"
    answer = post("/language", {"language": "en", "back": where}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_when_keep_is_away_every_page_says_so_and_nothing_is_shown(client: TestClient, desk: RecordedDesk) -> None:
    """503 in the visitor's language, JSON under /api; the page needs nothing from the desk."""
    desk.away = True
    for path in ("/", "/permits", "/plans/x", "/line"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "The process “keep” does not answer" in answer.text
    japanese = client.get("/", headers={"accept-language": "ja"})
    assert "プロセスkeepが応答しません" in japanese.text
    assert client.get("/api/overview").json()["error"]["code"] == "away"


def test_a_mistake_of_ours_shows_no_traceback(desk: RecordedDesk, settings: Settings) -> None:
    """A page, not our insides."""
    desk.answers["permits"] = [{"nonsense": "SECRET-INSIDES"}]
    client = TestClient(create_app(desk, settings), base_url="http://localhost:8080", raise_server_exceptions=False)
    answer = client.get("/permits", headers={"accept-language": "en"})
    assert answer.status_code == 500
    assert "The console made a mistake" in answer.text
    assert not re.search("Traceback|SECRET-INSIDES", answer.text)
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/", "/deep/page?with=words", "/static/nothing.css", "/filters"])
def test_where_names_are_filtered_another_host_name_is_led_to_the_page_of_filters_and_nothing_else(path: str) -> None:
    """Which name and which page it was is not in the address it is led to, and no cookie is set."""
    app = create_app(RecordedDesk(), Settings(demo=True, elsewhere="http://localhost:8080/filters?name"))
    answer = TestClient(app, base_url="http://phishing.example").get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "http://localhost:8080/filters?name")
    assert "set-cookie" not in answer.headers
    assert not answer.content
