"""The page on which somebody asks for a code: a person agrees by it; no robot does, with scripts or without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import SMTP as MAIL_POLICY
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.public import read_public
from sekisho.faces.processes.show import KeepDesk
from tests.desk import mailing
from tests.desk.asking_oneself import may_answer
from tests.desk.inviting import invited
from tests.desk.office import Office
from tests.effects.conftest import Sink, listening
from tests.faces.web.conftest import loopback, serving
from tests.faces.web.html_checks import read
from tests.faces.web.live import Live

MAIL = "volunteer@mail.example"


@dataclass
class Asking:
    """An open question before a real `keep`, its page, and where its mails end."""

    at: Live
    question: str
    sink: Sink

    @property
    def page(self) -> str:
        return f"/agree/{self.question}"

    def sends(self, client: Any, **form: str) -> Any:
        return self.at.post(self.page, self.page, form, client=client)

    def mail(self) -> tuple[str, str]:
        """Of the one mail that went out: its code, and the path of its link."""
        assert self.at.office.act() == ["accepted"]
        ((_, _, raw),) = self.sink.mails
        self.sink.mails.clear()
        body = message_from_bytes(raw, policy=MAIL_POLICY).get_body(("plain",))
        assert body is not None
        text = str(body.get_content())
        return re.findall(r"\b\d{4} \d{4} \d{4}\b", text)[0], re.findall(r"/agree/\S+\?own=\S+", text)[0]

    def consents(self) -> int:
        with self.at.office.turn() as world:
            return records.count(world.db, records.CONSENTS)


@pytest.fixture(scope="module")
def _asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, Sink]]:
    sink, office = Sink(), Office(tmp_path_factory.mktemp("asked") / "home").found()
    office.close()
    with listening(sink) as onward:
        mailing.set_up(office, onward.port)
        office.open()
        name, _, _ = invited(office)
        may_answer(office)
        office.close()
        yield office.home, name, sink


@pytest.fixture
def at(_asked: tuple[Path, str, Sink], tmp_path: Path) -> Iterator[Asking]:
    home, name, sink = _asked
    office = Office(home).copied_closed(tmp_path / "office")
    mailing.set_up_clock(office)
    office.watch.wind(minutes=1)  # the permit began seconds ago
    office.open()
    sink.mails.clear()
    yield Asking(Live(office), name, sink)
    office.close()


SAID = [("en", "Look into your mail.", "You agreed."), ("ja", "メールをご覧ください。", "同意しました。")]


@pytest.mark.parametrize(("language", "look", "agreed"), SAID)
def test_a_person_asks_and_agrees_by_the_digits_in_any_browser(at: Asking, language: str, look: str, agreed: str) -> None:
    asked = at.sends(at.at.browser(language), mail=MAIL, do="ask")
    assert asked.status_code == 200
    read(asked.text)
    assert look in unescape(asked.text)
    assert MAIL not in asked.text
    assert at.consents() == 0
    code, _ = at.mail()
    assert agreed in unescape(at.sends(at.at.browser(language), code=code, do="agree").text)
    assert at.consents() == 1


def test_the_link_shows_its_button_in_the_browser_that_asked_and_a_forged_cookie_is_none(at: Asking) -> None:
    mine, other, forged = at.at.browser("en"), at.at.browser("en"), at.at.browser("en")
    at.sends(mine, mail=MAIL, do="ask")
    _, link = at.mail()
    own = link.partition("own=")[2]
    forged.cookies.set("sekisho-asked", mine.cookies["sekisho-asked"].partition(".")[0] + "." + "0" * 64)
    for stranger in (other, forged):
        assert "without the digits" not in stranger.get(link).text
        assert at.sends(stranger, code=own, do="agree").status_code == 422
    assert mine.head(link).status_code == 200
    assert "without the digits" in mine.get(link).text
    assert at.consents() == 0
    assert "You agreed." in at.sends(mine, code=own, do="agree").text
    assert at.consents() == 1


def test_the_page_is_the_same_for_a_known_and_an_unknown_address_and_says_what_is_no_address(at: Asking) -> None:
    def seen(mail: str) -> str:
        text = at.sends(at.at.browser("en"), mail=mail, do="ask").text
        return re.sub(r'name="csrf" value="[^"]*"', "", text)

    assert seen("guest1@mail.example") == seen("nobody@elsewhere.example")
    wrong = at.sends(at.at.browser("en"), mail="nobody", do="ask")
    assert wrong.status_code == 422
    assert "This is no mail address." in wrong.text


def test_a_browser_that_presses_everything_and_types_an_address_confirms_nothing(at: Asking, browser: Any) -> None:
    """Chromium with scripts types an address, presses every button; another one, a filter, does the same with the link of the mail."""
    listener, origin = loopback()
    desk = KeepDesk(at.at.office.settings, read_public(at.at.office.settings.folder), at.at.office.channel("show"))  # type: ignore[arg-type] # the same calls
    settings = replace(at.at.settings, origin=origin)
    with serving(desk, settings, listener):  # type: ignore[arg-type] # a desk as well
        asking, sifting = (browser.new_context(locale="en", base_url=origin) for _ in range(2))
        assert press_all(asking, at.page) >= 4
        code, link = at.mail()
        assert press_all(sifting, link) >= 4
        assert at.consents() == 0
        page = asking.new_page()
        page.goto(link)
        page.get_by_role("button", name="I agree, without the digits").click()
        page.get_by_text("You agreed.").wait_for()
        assert code not in page.content()
        asking.close()
        sifting.close()
    assert at.consents() == 1


def press_all(context: Any, path: str) -> int:
    """Every button of the page, each field filled as its kind asks; how many."""
    page = context.new_page()
    page.goto(path)
    count: int = page.locator("form button").count()
    for number in range(count):
        page.goto(path)
        page.locator("input[type=email]").fill(MAIL)
        page.locator("#code").fill("0000 0000 0000")
        page.locator("form button").nth(number).click()
        page.wait_for_load_state()
    page.close()
    return count
