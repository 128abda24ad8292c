"""Pages for whoever was invited, before a real `keep`: no robot agrees there for anybody, and a person does with twelve digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.public import read_public
from sekisho.faces.processes.show import KeepDesk
from tests.desk.inviting import invited
from tests.desk.office import Office
from tests.faces.web.conftest import loopback, serving
from tests.faces.web.html_checks import read
from tests.faces.web.live import Live

PRESS_ALL = """() => {
  for (const e of document.querySelectorAll('input')) { if (e.type !== 'hidden' && !e.value) e.value = e.placeholder || '1'; }
  return [...document.querySelectorAll('button, a[href]:not(.skip), [onclick]')].length
}"""


@dataclass
class Invited:
    """An approved invitation, and the codes of its mails."""

    at: Live
    campaign: str
    codes: list[str]

    @property
    def page(self) -> str:
        return f"/agree/{self.campaign}"

    def typed(self, code: str, do: str, language: str = "en", client: Any = None) -> Any:
        return self.at.post(self.page, self.page, {"code": code, "do": do}, client=client or self.at.browser(language))

    def consents(self) -> int:
        with self.at.office.turn() as world:
            return records.count(world.db, records.CONSENTS)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[str]]:
    office = Office(tmp_path_factory.mktemp("agree") / "home").found()
    name, codes, _ = invited(office)
    office.close()
    return office.home, name, codes


@pytest.fixture
def at(template: tuple[Path, str, list[str]], tmp_path: Path) -> Iterator[Invited]:
    home, name, codes = template
    office = Office(home).copied_closed(tmp_path / "office").open()
    yield Invited(Live(office), name, codes)
    office.close()


def test_a_page_that_is_loaded_or_whose_every_button_is_pressed_agrees_to_nothing(at: Invited) -> None:
    """GET, HEAD, a prefetch, a bare POST, and the form sent by every button with whatever can be guessed from the page."""
    stranger = at.at.stranger
    text = stranger.get(at.page, headers={"sec-purpose": "prefetch"}).text
    assert stranger.head(at.page).status_code == 200
    assert stranger.head("/agree").status_code == 200
    assert stranger.post(at.page).status_code == 403
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    buttons = re.findall(r'<button name="do" value="(\w+)"', text)
    assert buttons == ["agree", "refuse", "see"]
    for do in buttons:
        for guess in ("", "0000 0000 0000", at.campaign, "1"):
            assert stranger.post(at.page, data={**hidden, "do": do, "code": guess}).status_code == 422
    assert at.consents() == 0


def test_no_code_stands_on_the_page_or_in_any_link(at: Invited) -> None:
    text = at.at.stranger.get(at.page).text
    assert not any(c in text or c.replace(" ", "") in text for c in at.codes)
    assert "mail.example" not in text
    assert "<script" not in text


def test_a_browser_that_runs_scripts_and_presses_everything_confirms_nothing(at: Invited, browser: Any) -> None:
    """Headless Chromium opens the link of the mail, fills every field, presses every button, follows every link; the code still answers."""
    listener, origin = loopback()
    desk = KeepDesk(at.at.office.settings, read_public(at.at.office.settings.folder), at.at.office.channel("show"))  # type: ignore[arg-type] # the same calls
    settings = replace(at.at.settings, origin=origin)
    with serving(desk, settings, listener):  # type: ignore[arg-type] # a desk as well
        context = browser.new_context(locale="en", base_url=origin)
        page = context.new_page()
        pressed = 0
        for path in ("/agree", at.page):
            page.goto(path)
            for number in range(page.evaluate(PRESS_ALL)):
                page.goto(path)
                page.evaluate(PRESS_ALL)
                page.locator("button, a[href]:not(.skip), [onclick]").nth(number).click(timeout=5000, force=True)
                page.wait_for_load_state()
                pressed += 1
        assert pressed > 10
        assert at.consents() == 0
        page.goto(at.page)
        page.get_by_label("The twelve digits").fill(at.codes[0].replace(" ", ""))
        page.get_by_role("button", name="I agree", exact=True).click()
        page.get_by_text("You agreed.").wait_for()
        context.close()
    assert at.consents() == 1


@pytest.mark.parametrize(("language", "agreed", "back"), [("en", "You agreed.", "Take it back"), ("ja", "同意しました。", "取り消す")])
def test_a_person_agrees_with_the_code_and_takes_it_back_with_the_same(at: Invited, language: str, agreed: str, back: str) -> None:
    answer = at.typed(at.codes[0], "agree", language)
    assert answer.status_code == 200
    read(answer.text)
    assert agreed in unescape(answer.text)
    assert back in unescape(answer.text)
    (link,) = set(re.findall(r'href="(/consent\?code=[0-9a-f]{32})"', answer.text))
    assert at.at.browser(language).get(link).status_code == 200
    assert agreed not in unescape(at.typed(at.codes[0], "withdraw", language).text)


def test_the_field_is_for_a_numeric_keypad_and_the_sentence_stands_above_it(at: Invited) -> None:
    text = unescape(at.at.stranger.get(at.page).text)
    field = re.search(r"<input[^>]*name=\"code\"[^>]*>", text)
    assert field
    assert 'inputmode="numeric"' in field[0]
    assert text.index("I agree that the office") < text.index('name="code"') < text.index(">I agree<")
    assert at.at.office.settings.operator.name in text
    assert at.campaign in unescape(at.at.stranger.get("/agree").text)


def test_the_heading_is_in_the_language_of_the_page_as_the_mail_said_it(at: Invited) -> None:
    for language, title, other in (("en", "Race office: may we write", "大会事務局"), ("ja", "大会事務局", "Race office: may we write")):
        page = unescape(at.at.stranger.get(f"{at.page}?lang={language}").text)
        (heading,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page)
        assert title in heading
        assert other not in page
        index = unescape(at.at.stranger.get(f"/agree?lang={language}").text)
        assert title in index
        assert other not in index


def test_wrong_codes_are_few(at: Invited) -> None:
    busy = at.at.browser(sign_in_attempts=3)
    said = [at.typed("0000 0000 0001", "agree", client=busy).status_code for _ in range(5)]
    assert said == [422, 422, 422, 429, 429]


def test_an_unknown_question_has_no_page(at: Invited) -> None:
    assert at.at.stranger.get("/agree/campaign-0000000000000000").status_code == 404
