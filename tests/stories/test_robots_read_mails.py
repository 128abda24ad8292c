"""Robots (D1.5): whatever loads or presses all that a mail links to confirms nothing; what it stops is told and undone by one reply.

Headless Chromium goes from the links of a mail to every link of every page, presses each button of each form, with the fields as they
are and filled with what a filter can read in the address. Sources: RFC 8058; FusionAuth issue 629; mautic issue 9798.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from sekisho.desk import campaigns, records
from sekisho.desk.campaigns import R
from sekisho.desk.messages.answer import understood
from sekisho.desk.public import read_public
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.show import KeepDesk
from sekisho.faces.web import Settings
from sekisho.faces.words.campaign import AGAIN
from tests.desk import mailing
from tests.desk.office import Office
from tests.effects.conftest import Sink, listening
from tests.faces.web.conftest import loopback, serving

OURS = ("/mail/check", "/mail/stop")
ONE_PRESS = {"List-Unsubscribe": "One-Click"}


class Town:
    """An office whose console is behind a socket, a campaign of it, and the mail that told somebody of a stop."""

    def __init__(self, office: Office, sink: Sink, origin: str) -> None:
        self.office, self.sink, self.origin = office, sink, origin
        self.campaign = mailing.approved(office)["campaign"]
        mailing.may_tell(office)
        with office.turn() as world:
            leaf = campaigns.leaves(world, self.campaign)[0]
            self.stop, self.check = campaigns.stop_code(world, self.campaign, leaf), campaigns.check_code(world, self.campaign, leaf)
            self.before = world.log.size

    def changed(self) -> tuple[set[str], int, int]:
        """States of the recipients, stops, and entries since the beginning."""
        with self.office.turn() as world:
            states = {str(s) for (s,) in world.db.execute(select(R.c.state).where(R.c.campaign == self.campaign))}
            return states, records.count(world.db, records.MAIL_STOPS), world.log.size - self.before

    def told(self) -> bytes:
        """`act` sends what waits; the one mail that arrived."""
        self.office.act()
        ((_, _, raw),) = self.sink.mails
        return raw


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    sink, office = Sink(), Office(tmp_path_factory.mktemp("robots") / "home").found()
    office.close()
    listener, origin = loopback()
    with listening(sink) as onward:
        mailing.set_up(office, onward.port)
        office.open()
        desk = KeepDesk(office.settings, read_public(office.settings.folder), cast("Channel", office.channel("show")))
        chosen = Settings(origin=origin, clock=office.watch.wall, readings=10**6, sign_in_attempts=10**6)
        with serving(desk, chosen, listener):  # type: ignore[arg-type]  # a real desk stands in for the recorded one
            yield Town(office, sink, origin)
    office.close()


def crawl(page: Any, origin: str, starts: list[str], guesses: list[str]) -> tuple[int, int]:
    """Every link of every page about mails reached from `starts`, and every button of every form, in one language; how many of both."""
    waiting, seen, pressed, presses = list(starts), set[str](), set[tuple[str, bool]](), 0
    while waiting and len(seen) < 60:
        at = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        page.goto(at)
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        waiting += [x for x in links if x.startswith(origin) and urlsplit(x).path in OURS and x.partition("#")[0] not in seen]
        kind = (urlsplit(at).path, "code=" in at)
        if kind in pressed:
            continue
        pressed.add(kind)
        for button in range(page.locator("form button").count()):
            for guess in guesses:
                page.goto(at)
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                for field in page.locator("form input:not([type=hidden]):not([type=date])").all():
                    field.fill(guess)
                page.evaluate("document.querySelectorAll('form').forEach(f => f.noValidate = true)")
                with page.expect_navigation():
                    page.locator("form button").nth(button).click()
                presses += 1
                for turn in range(2):  # and on, on the pages that come back
                    count = page.locator("form button").count()
                    page.evaluate("document.querySelectorAll('form').forEach(f => f.noValidate = true)")
                    with page.expect_navigation():
                        page.locator("form button").nth((button + turn) % count).click()
                    presses += 1
    return len(seen), presses


def test_a_browser_that_opens_every_link_and_presses_every_button_confirms_nothing(browser: Any, town: Town) -> None:
    """With empty fields and with the code of the link, on the pages that come back too; scripts run, prefetches and HEADs go before."""
    links = [f"{town.origin}/mail/stop?code={town.stop}", f"{town.origin}/mail/check"]
    context = browser.new_context(locale="en")
    page = context.new_page()
    for link in links:
        assert context.request.head(link).status == 200
        assert context.request.get(link, headers={"sec-purpose": "prefetch"}).status == 200
        assert context.request.post(link).status == 403
    pages, presses = crawl(page, town.origin, links, ["", town.stop])
    context.close()
    assert pages >= 4
    assert presses >= 10
    assert town.changed() == ({"waiting"}, 0, 0)


def test_what_a_filter_stops_by_the_one_press_is_told_to_the_person_and_undone_by_one_reply(browser: Any, town: Town) -> None:
    context = browser.new_context()
    press = context.request.post(f"{town.origin}/mail/stop?code={town.stop}", form=ONE_PRESS)
    assert press.status == 200
    _, stops, _ = town.changed()
    assert stops == 1
    raw = town.told()
    page = context.new_page()
    crawl(page, town.origin, [f"{town.origin}/mail/stop?code={town.stop}"], [town.stop])  # the filter reads this mail as well
    context.close()
    assert town.changed()[1] == 1
    said = understood(mailing.answered(raw, "再開"), AGAIN)
    assert said.code == town.check
    assert town.office.terminal.call("mail-again-by-reply", code=said.code) == {"undone": True}
    with town.office.turn() as world:
        assert campaigns.stopped(world) == set()
    assert mailing.submit(town.office)["left_out"] == 0
