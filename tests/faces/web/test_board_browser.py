"""The board in a real browser: it runs by itself with a script and without one, on a wall and on a phone, and asks no other host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sekisho.faces.web import Settings
from tests.faces.web.axe import faults
from tests.faces.web.conftest import loopback, serving
from tests.faces.web.recorded_desk import RecordedDesk, recorded
from tests.faces.web.test_board_names import panel

SAID = recorded("board")
SIZES = [("venue", 1920, 1080), ("page", 390, 844)]


@pytest.fixture(scope="module")
def desk() -> RecordedDesk:
    return RecordedDesk(demo=False)


@pytest.fixture(scope="module")
def origin(desk: RecordedDesk) -> Iterator[str]:
    listener, where = loopback()
    with serving(desk, Settings(origin=where), listener) as found:
        yield found


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(("view", "width", "height"), SIZES)
def test_axe_finds_nothing_and_no_other_host_is_asked(browser: Any, origin: str, language: str, view: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{origin}/board?lang={language}&view={view}")
    found = faults(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert not found, "\n".join(found)
    assert wide <= width
    assert asked
    assert all(url.startswith(origin) for url in asked)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("height", [1080, 2160])
def test_on_a_wall_the_whole_board_is_seen_at_once(browser: Any, origin: str, desk: RecordedDesk, language: str, height: int) -> None:
    """Names and kinds too: nobody scrolls there. A little room for another machine's fonts."""
    desk.answers["board"] = {**SAID, "panels": [*SAID["panels"], panel("categories"), panel("names")]}
    page = browser.new_page(viewport={"width": height * 16 // 9, "height": height})
    page.goto(f"{origin}/board?lang={language}&view=venue")
    page.get_by_text("pycon.jp").wait_for(timeout=60_000)
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.close()
    desk.answers["board"] = SAID
    assert tall <= height * 1.04


def test_what_changes_is_on_the_page_without_loading_it_again(browser: Any, origin: str, desk: RecordedDesk) -> None:
    page = browser.new_page()
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    page.goto(f"{origin}/board?lang=en")
    desk.answers["board"] = {**SAID, "panels": [{**p, "state": "stopped", "numbers": None} for p in SAID["panels"]]}
    page.get_by_text("Somebody of the staff stopped this panel.").first.wait_for(timeout=60_000)
    desk.answers["board"] = SAID
    page.get_by_text("main-hall").wait_for(timeout=60_000)
    page.close()
    assert len(loads) == 1


def test_without_a_script_the_page_asks_again_by_itself(browser: Any, origin: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    page.goto(f"{origin}/board?lang=en")
    page.wait_for_event("framenavigated", timeout=60_000)
    context.close()
    assert len(loads) >= 2
