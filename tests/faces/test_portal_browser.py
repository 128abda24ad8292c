"""The portal on a phone, in a real browser: no barrier, nothing wider than the screen, big enough to press, both buttons alike."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn

from sekisho.desk.portal.offers import LANGUAGES, OFFERS, notice, text
from sekisho.desk.settings import Operator, Settings
from sekisho.faces.portal.page import Portal, create_app
from tests.conftest import ROOT
from tests.faces.web.axe import faults
from tests.faces.web.conftest import browser, loopback

__all__ = ["browser"]
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SETTINGS = Settings(ROOT, Operator("The organising association", "Help desk of the conference"), ROOT / "casebook" / "jp", ROOT / "texts")


def offered() -> list[dict[str, Any]]:
    """The questions as `keep` tells them."""
    found = []
    for offer in OFFERS:
        texts = {lang: text(offer, SETTINGS, lang) for lang in LANGUAGES}
        digests = {lang: notice(offer, shown, lang).digest for lang, shown in texts.items()}
        found.append({"purpose": offer.purpose, "title": dict(offer.title), "text": texts, "digest": digests})
    return found


class Recorded:
    """What `keep` says of a device that has not answered, or of one that agreed to the first question and was looked at."""

    def __init__(self) -> None:
        self.answered = False

    def call(self, method: str, **_params: object) -> Any:
        assert method == "portal-page"
        kept = {"at": NOW.isoformat(), "until": (NOW + timedelta(hours=12)).isoformat(), "consent": "consent-1", "code": "0" * 32}
        answers = [
            {"purpose": o.purpose, "state": s, "agrees": s == "given", **kept} for o, s in zip(OFFERS, ("given", "refused"), strict=True)
        ]
        deed = {"permit": "permit-00112233445566aa", "step": "any", "purpose": OFFERS[0].purpose, "looks": 3, "entry": 42, "ended": None}
        return {
            "event": "A conference of some length, 2026",
            "operator": {"name": "The organising association", "window": "Help desk", "phone": "+81 3 0000 0000", "url": ""},
            "leading": True,
            "until": kept["until"],
            "demo": True,
            "offers": offered(),
            "device": {"known": True, "answered": self.answered, "answers": answers if self.answered else []},
            "deeds": [deed] if self.answered else [],
        }


@pytest.fixture(scope="module")
def keep() -> Recorded:
    return Recorded()


@pytest.fixture(scope="module")
def origin(keep: Recorded) -> Iterator[str]:
    listener, where = loopback()
    portal = Portal(keep, lambda _: "02:00:00:00:00:01", f"{where}/", clock=lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(create_app(portal), log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield where
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("answered", [False, True], ids=["asked", "answered"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_on_a_phone_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Any, origin: str, keep: Recorded, language: str, scheme: str, answered: bool
) -> None:
    keep.answered = answered
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{origin}/?lang={language}")
    found = faults(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert not found, "\n".join(found)
    assert wide <= 360
    assert all(url.startswith(origin) for url in asked)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_no_is_as_big_as_the_yes_stands_beside_it_and_comes_first(browser: Any, origin: str, keep: Recorded, language: str) -> None:
    keep.answered = False
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=True)
    page = context.new_page()
    page.goto(f"{origin}/?lang={language}")
    refuse, agree = (page.locator(f"button[value={do}]") for do in ("refuse", "agree"))
    no, yes = refuse.bounding_box(), agree.bounding_box()
    looks = "b => { const s = getComputedStyle(b); return [s.backgroundColor, s.color, s.fontSize, s.fontWeight] }"
    assert (no["width"], no["height"], no["y"]) == (yes["width"], yes["height"], yes["y"])
    assert no["x"] < yes["x"]
    assert no["height"] >= 44
    assert refuse.evaluate(looks) == agree.evaluate(looks)
    assert min(b.bounding_box()["height"] for b in page.locator("label").all()) >= 44
    context.close()


def test_by_keyboard_alone_one_can_say_no(browser: Any, origin: str, keep: Recorded) -> None:
    keep.answered = False
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{origin}/?lang=en")
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.className"))
    context.close()
    assert reached[:2] == ["skip", "language"]
    assert [r for r in reached if r.startswith("agree-") or r == "do"] == [*(f"agree-{o.purpose}" for o in OFFERS), "do", "do"]
