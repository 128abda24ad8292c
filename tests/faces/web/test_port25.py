"""The page of whoever is refused port 25, before a real `keep`: why, what to do, a code; and the help desk that opens their line by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from sekisho.desk.access import opened_lines
from sekisho.desk.public import read_public
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.show import KeepDesk
from sekisho.faces.web import Settings, create_app
from tests.desk.conftest import _founded
from tests.desk.holding import Router, _measured, _permitted, router
from tests.desk.test_opened_lines import DYNAMIC, FIXED, let_through, opening
from tests.faces.web.conftest import TOKEN
from tests.faces.web.recorded_desk import RecordedDesk, recorded
from tests.faces.web.test_actions import Post, signed

__all__ = ["_founded", "_measured", "_permitted", "router"]

TAG = re.compile(r"<[^>]+>")
SHOWN = re.compile(r'<b class="mono">(\d{5} \d{5})</b>')


class At:
    """Browsers on lines: the address is what the console sees of them."""

    def __init__(self, router: Router) -> None:
        self.office = router.office

    def browser(self, address: str, language: str = "en", **changed: int) -> TestClient:
        office = self.office
        desk = KeepDesk(office.settings, read_public(office.settings.folder), cast("Channel", office.channel("show")))
        app = create_app(desk, Settings(**{"clock": office.watch.wall, "sign_in_attempts": 99, "readings": 99, **changed}))  # type: ignore[arg-type] # a clock and numbers
        headers = {"accept-language": language}
        return TestClient(app, base_url="http://localhost:8080", headers=headers, client=(address, 50_000))

    def page(self, address: str, language: str = "en") -> str:
        return " ".join(unescape(TAG.sub(" ", self.browser(address, language).get("/port25").text)).split())

    def press(self, address: str, do: str, client: TestClient | None = None) -> Any:
        browser = client or self.browser(address)
        token = TOKEN.search(browser.get("/case").text)
        assert token
        return browser.post("/port25", data={"csrf": token[1], "do": do})


@pytest.fixture
def at(router: Router) -> At:
    return At(router)


def test_who_is_refused_is_told_why_since_when_by_which_permit_and_how_to_object(at: At, router: Router) -> None:
    page = at.page(DYNAMIC)
    operator = router.office.settings.operator
    for said in (operator.name, operator.window, router.permit, "jp/C-06/1", "Why", "Thunderbird", "If you do not agree", DYNAMIC):
        assert said in page
    assert "25番ポートへの接続を断っています" in at.page(DYNAMIC, "ja")


@pytest.mark.parametrize(
    ("submission", "said"),
    [("mail.example.net:587", "STARTTLS"), ("mail.example.net:465", "SSL/TLS"), ("", "587 with STARTTLS")],
)
def test_the_settings_are_those_of_our_own_server(at: At, router: Router, submission: str, said: str) -> None:
    text = router.office.home / "sekisho.toml"
    text.write_text(text.read_text("utf-8") + f'\n[access]\nsubmission = "{submission}"\n', "utf-8")
    router.office.reopen()
    page = At(router).page(DYNAMIC)
    assert said in page
    assert submission.partition(":")[0] in page


def test_who_is_not_refused_is_told_so_and_gets_no_code(at: At) -> None:
    for address in (FIXED, "192.0.2.1", "testclient"):
        assert "we do not refuse port 25" in at.page(address)
        answer = at.press(address, "code")
        assert answer.status_code == 422
        assert not SHOWN.search(answer.text)


def test_the_code_on_the_page_opens_the_line_it_was_shown_to_and_the_page_closes_it_again(at: At, router: Router) -> None:
    (code,) = SHOWN.findall(at.press(DYNAMIC, "code").text)
    assert not let_through(router), "a code alone opens nothing"
    opening(router, code)
    assert set(let_through(router)) == {DYNAMIC}
    assert "our help desk opened it at your request" in at.page(DYNAMIC)
    assert "Show me a code" in at.page("198.51.100.21")
    assert at.press("198.51.100.21", "close").status_code == 422
    assert at.press(DYNAMIC, "close").status_code == 200
    assert not let_through(router)


def test_a_page_that_is_only_loaded_makes_no_code(at: At, router: Router) -> None:
    for _ in range(3):
        at.browser(DYNAMIC).get("/port25", headers={"sec-purpose": "prefetch"})
    assert not router.office.world.line_codes
    assert at.browser(DYNAMIC).post("/port25", data={"do": "code"}).status_code == 403
    assert not router.office.world.line_codes


def test_who_presses_without_end_waits(at: At, router: Router) -> None:
    hurried = at.browser(DYNAMIC, sign_in_attempts=3)
    said = [at.press(DYNAMIC, "code", hurried).status_code for _ in range(5)]
    assert said == [200, 200, 200, 429, 429]
    assert len(router.office.world.line_codes) == 1


# The console, before the recorded desk


def test_the_help_desk_opens_a_line_by_a_signed_statement(desk: RecordedDesk, become: Callable[..., None], post: Post) -> None:
    become("desk")
    assert post("/port25/open", {"f.code": "", "f.words": "x", "f.days": "7"}).status_code == 422
    page = post("/port25/open", {"f.code": "40271 88316", "f.words": "a mail appliance", "f.days": "7"}).text
    assert signed(post, page).headers["location"] == "/port25/lines?done=line-opening"
    ((kind, statement, _),) = desk.submitted
    assert kind == "line-opening"
    assert (statement["code"], statement["reason"], statement["days"]) == ("40271 88316", "a mail appliance", 7)


def test_and_closes_it_again_with_a_reason(desk: RecordedDesk, become: Callable[..., None], post: Post) -> None:
    become("desk")
    open_, over = recorded("opened_lines")["lines"]
    where = f"/port25/lines/{open_['id']}/close"
    assert post(where, {"f.words": " "}).status_code == 422
    assert signed(post, post(where, {"f.words": "updated"}).text).headers["location"] == "/port25/lines?done=line-closing"
    ((kind, statement, _),) = desk.submitted
    assert (kind, statement["exception"], statement["reason"]) == ("line-closing", open_["id"], "updated")
    assert f"/port25/lines/{over['id']}/close" not in post("/language", {"language": "en", "back": "/port25/lines"}).text


def test_days_on_the_page_are_those_that_keep_allows() -> None:
    assert recorded("opened_lines")["most_days"] == opened_lines.MOST_DAYS
