"""A handbook for invited people (D1.6): with the code it is read in a real browser, a shared link opens nothing, the last day ends it.

Without an app and without an account. The rights holder's terms are evidence: without them, or for other files than these, nothing opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from sekisho.desk import records
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.public import read_public
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.show import KeepDesk
from sekisho.faces.web import Settings
from tests.desk import filming
from tests.desk.office import Office
from tests.faces.web.conftest import loopback, serving

PAPER = b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >> endobj\n"


@dataclass
class Town:
    """An office whose console is behind a socket, its files, and the codes of the invitations."""

    office: Office
    origin: str
    viewing: str
    codes: list[str]

    @property
    def page(self) -> str:
        return f"{self.origin}/watch/{self.viewing}"


@pytest.fixture(scope="module")
def invited(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, str, list[str]]:
    """A closed office, what it shows and to whom. The pages are pictures that a real browser made, so that a real browser can show them."""
    folder = tmp_path_factory.mktemp("handbook")
    page = browser.new_page(viewport={"width": 300, "height": 400})
    for number in (1, 2):
        page.set_content(f"<h1>参加者の手引き {number}</h1>")
        page.screenshot(path=folder / f"{number}.png")
    page.close()
    (folder / "手引き.pdf").write_bytes(PAPER)
    office = Office(tmp_path_factory.mktemp("office") / "home").found()
    viewing, _, _ = filming.shown(office, folder)
    codes = filming.invited(office, viewing)
    office.close()
    return office, viewing, codes


@contextmanager
def opened(invited: tuple[Office, str, list[str]], home: Path) -> Iterator[Town]:
    """A town of its own, from a copy."""
    founded, viewing, codes = invited
    office = founded.copied_closed(home).open()
    listener, origin = loopback()
    desk = KeepDesk(office.settings, read_public(office.settings.folder), cast("Channel", office.channel("show")))
    chosen = Settings(origin=origin, clock=office.watch.wall, readings=10**6, sign_in_attempts=10**6)
    with serving(desk, chosen, listener):  # type: ignore[arg-type]  # a real desk stands in for the recorded one
        yield Town(office, origin, viewing, codes)
    office.close()


@pytest.fixture(scope="module")
def town(invited: tuple[Office, str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with opened(invited, tmp_path_factory.mktemp("town") / "home") as one:
        yield one


def reader(browser: Any, town: Town, code: str) -> tuple[Any, Any]:
    """A person's own browser, after they typed their code."""
    context = browser.new_context(locale="en")
    page = context.new_page()
    answer = page.goto(town.page)
    assert answer.status == 200, page.content()
    page.get_by_label("The twelve digits").fill(code)
    with page.expect_navigation():
        page.get_by_role("button", name="Open on this device").click()
    return context, page


def shown_pictures(page: Any) -> list[str]:
    """Addresses of the pictures that the browser could really paint."""
    page.wait_for_load_state("networkidle")
    return list(page.eval_on_selector_all("img", "all => all.filter(i => i.naturalWidth > 0).map(i => i.src)"))


def test_an_invited_person_reads_page_by_page_and_saves_the_file_and_is_told_what_cannot_be_prevented(browser: Any, town: Town) -> None:
    context, page = reader(browser, town, town.codes[0])
    (first,) = shown_pictures(page)
    page.get_by_role("link", name="Next page").click()
    (second,) = shown_pictures(page)
    assert first != second
    with page.expect_download() as saved:
        page.get_by_role("link", name="手引き.pdf").click()
    assert Path(saved.value.path()).read_bytes() == PAPER
    assert saved.value.suggested_filename == "手引き.pdf"
    said = page.get_by_role("main").inner_text()
    for words in ("can photograph the screen", "stays after the last day", "no account and no app", "Not your address on the net"):
        assert words in said
    context.close()


def test_a_link_shared_to_a_stranger_opens_nothing(browser: Any, town: Town) -> None:
    """Every address that the reader's browser asked for, in somebody else's: page, pictures, files; loaded, headed, prefetched."""
    asked: list[str] = []
    context, page = reader(browser, town, town.codes[1])
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.get_by_role("link", name="Next page").click()
    page.wait_for_load_state("networkidle")
    asked += page.eval_on_selector_all("a[download]", "all => all.map(a => a.href)")
    context.close()
    assert len({url for url in asked if "/files/" in url}) == 3
    stranger = browser.new_context(locale="en")
    other = stranger.new_page()
    for url in sorted(set(asked)):
        if "/files/" in url:
            assert stranger.request.get(url).status == 403
            assert stranger.request.get(url, headers={"sec-purpose": "prefetch"}).status == 403
            assert stranger.request.head(url).status in (403, 405)
        elif "/watch/" in url:
            other.goto(url)
            assert shown_pictures(other) == []
            assert other.get_by_label("The twelve digits").count() == 1
    stranger.close()


def test_a_robot_that_presses_every_button_opens_no_device(browser: Any, town: Town) -> None:
    with town.office.turn() as world:
        before = records.count(world.db, records.VIEWING_SESSIONS)
    robot = browser.new_context(locale="en")
    page = robot.new_page()
    page.goto(town.page)
    assert page.locator("form button").count() == 1, page.content()
    for number in range(page.locator("form button").count()):
        for guess in ("", "0000 0000 0000", town.viewing):
            page.goto(town.page)
            page.evaluate("document.querySelectorAll('form').forEach(f => f.noValidate = true)")
            page.locator("#code").fill(guess)
            with page.expect_navigation():
                page.locator("form button").nth(number).click()
            assert shown_pictures(page) == []
    robot.close()
    with town.office.turn() as world:
        assert records.count(world.db, records.VIEWING_SESSIONS) == before


@pytest.mark.parametrize("terms", [{"work": "9" * 64}, {"to_invited": False}, {"last_day": "2026-12-01"}])
def test_without_the_holders_terms_for_these_files_to_this_day_nothing_opens(town: Town, tmp_path: Path, terms: dict[str, Any]) -> None:
    viewing, plan, _ = filming.added(town.office, filming.written_files(tmp_path / "files"))
    filming.laid(town.office, plan, viewing, **terms)
    assert town.office.confirm(plan) == []
    assert town.office.approve(plan, "reviewer-a") == []
    with pytest.raises(KeepSaidNo) as no:
        town.office.channel("show").call("viewing", viewing=viewing)
    assert no.value.code == "no-permit"


def test_the_term_ends_and_access_ends_for_a_browser_that_has_it_open(
    browser: Any, invited: tuple[Office, str, list[str]], tmp_path: Path
) -> None:
    with opened(invited, tmp_path / "home") as town:
        context, page = reader(browser, town, town.codes[0])
        (picture,) = shown_pictures(page)
        links = page.eval_on_selector_all("a[download]", "all => all.map(a => a.href)")
        town.office.watch.wind(days=30, hours=1)
        assert {context.request.get(url).status for url in (picture, *links)} == {410}
        page.reload()
        assert "The viewing is over" in page.get_by_role("main").inner_text()
        assert shown_pictures(page) == []
        context.close()
