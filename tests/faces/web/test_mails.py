"""Pages for whoever got a mail, before a real `keep`: no robot stops anybody there; one press of a mail program does, and is undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from sekisho.desk import campaigns, compare
from tests.desk import mailing
from tests.desk.office import Office
from tests.faces.web.conftest import TOKEN
from tests.faces.web.html_checks import read
from tests.faces.web.mailed import ONE_PRESS, Mailed, mailed_from


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    office = Office(tmp_path_factory.mktemp("mails") / "home").found()
    made = mailing.approved(office)
    office.close()
    return office.home, made["campaign"]


@pytest.fixture
def mailed(template: tuple[Path, str], tmp_path: Path) -> Iterator[Mailed]:
    with mailed_from(*template, tmp_path / "office") as found:
        yield found


def test_a_page_that_is_loaded_or_whose_every_button_is_pressed_stops_nobody(mailed: Mailed) -> None:
    """GET, HEAD, a prefetch, a bare POST, and every form of the page sent with every button and whatever it was filled with."""
    code, _ = mailed.codes[0]
    browser = mailed.at.stranger
    page = f"/mail/stop?code={code}"
    text = browser.get(page, headers={"sec-purpose": "prefetch"}).text
    assert browser.head(page).status_code == 200
    assert browser.post(page).status_code == 403
    assert browser.post(page, data={"List-Unsubscribe": "Yes"}).status_code == 403
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert hidden["code"] == code
    buttons = re.findall(r'<button name="do" value="(\w+)"', text)
    assert buttons == ["stop", "see"]
    for do in buttons:
        assert browser.post("/mail/stop", data={**hidden, "do": do}).status_code == 422
        for guess in ("x", code, "AAAA-AAAA-AAAA-AAAA"):
            assert browser.post("/mail/stop", data={**hidden, "do": do, "typed": guess}).status_code == 200
    assert set(mailed.states()) == {"waiting"}
    assert mailed.entries() == 0


def test_one_press_of_a_mail_program_counts_without_cookie_or_page_and_once(mailed: Mailed) -> None:
    """RFC 8058: as a form or in parts; at once, in every campaign, in the ledger."""
    code, check = mailed.codes[1]
    answer = mailed.press(code)
    assert (answer.status_code, answer.headers.get("set-cookie")) == (200, None)
    assert mailed.press(code, data=None, files={"List-Unsubscribe": (None, "One-Click")}).status_code == 200
    states = mailed.states()
    assert (states[1], states.count("lost"), mailed.entries()) == ("lost", 1, 1)
    assert mailed.at.office.terminal.call("campaign", campaign=mailed.campaign)["losses"] == {"stopped": 1}
    assert "one press in a mail program" in mailed.says(code, check)
    again = mailing.submit(mailed.at.office)
    assert again["left_out"] == 1


def test_the_person_stops_with_the_code_of_the_text_however_they_type_it(mailed: Mailed) -> None:
    code, check = mailed.codes[2]
    for typed in (check.lower().replace("-", " "), check.translate({ord(c): ord(c) + 0xFEE0 for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"})):
        assert mailed.typed(code, typed, "stop").status_code == 200
    assert mailed.states()[2] == "lost"
    assert mailed.entries() == 1
    assert "Stopped on this page." in mailed.says(code, check)


def test_who_was_stopped_by_a_robot_sees_it_and_takes_it_back_and_the_ledger_knows_both(mailed: Mailed) -> None:
    code, check = mailed.codes[0]
    mailed.press(code)
    assert mailed.typed(code, check, "again").status_code == 200
    told = mailed.says(code, check)
    assert "Taken back:" in told
    assert '<button name="do" value="stop"' in told
    assert mailed.entries() == 2
    assert mailed.states()[0] == "lost"
    assert mailing.submit(mailed.at.office)["left_out"] == 0
    with mailed.at.office.turn() as world:
        assert not list(compare.carry_out(world, compare.Compare()).differences)


def test_codes_cannot_fill_the_ledger_and_a_stop_is_never_refused(mailed: Mailed) -> None:
    code, check = mailed.codes[0]
    for _ in range(9):
        mailed.typed(code, check, "stop")
        mailed.typed(code, check, "again")
    assert mailed.entries() == 11
    assert "Stopped on this page." in mailed.says(code, check)
    with mailed.at.office.turn() as world:
        assert len(campaigns.stopped(world)) == 1


def test_unknown_codes_are_answered_like_known_ones(mailed: Mailed) -> None:
    """By every button, in both languages, byte for byte but for the codes; two codes of two mails are unknown too."""
    (code, check), (_, another) = mailed.codes[:2]
    for language in ("ja", "en"):
        for do in ("again", "stop"):
            pages = []
            for link, typed in ((code, check), ("A" * 24, check), (code, another), (code, "AAAA-AAAA-AAAA-AAAA")):
                text = mailed.typed(link, typed, do, language).text
                pages.append(TOKEN.sub("", text).replace(link, "X").replace(typed, "Y"))
            assert len(set(pages)) == 1
    assert mailed.entries() == 3  # stopped, taken back, stopped: by the two codes that belong together
    assert mailed.press("A" * 24).content == mailed.press(code).content
    assert "Not stopped." in mailed.says(code, another)


def test_it_names_who_sends_and_nobody_who_receives_and_keeps_the_link_in_the_other_language(mailed: Mailed) -> None:
    code, check = mailed.codes[0]
    for answer in (mailed.at.stranger.get(f"/mail/stop?code={code}"), mailed.typed(code, check, "see")):
        read(answer.text)
        assert "mail.example" not in answer.text
        assert "<script" not in answer.text
        assert f"lang=ja&amp;code={code}" in answer.text
    assert mailed.at.office.settings.operator.name in unescape(mailed.at.stranger.get("/mail/stop").text)


def test_who_presses_or_types_too_often_waits(mailed: Mailed) -> None:
    busy = mailed.at.browser(readings=3)
    said = [busy.post("/mail/stop?code=x", data=ONE_PRESS).status_code for _ in range(5)]
    assert said == [200, 200, 200, 429, 429]
    typing = mailed.at.browser(sign_in_attempts=2)
    both = {"code": "x", "typed": "y", "do": "see"}
    assert [mailed.at.post("/mail/stop", "/mail/stop", both, client=typing).status_code for _ in range(3)] == [200, 200, 429]
