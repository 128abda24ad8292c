"""Cases in headless Chromium, by keyboard alone and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faces.web.recorded_desk import recorded

SAID = recorded("cases")
LATE = SAID["ids"]["late"]


def pressed(page: Any, words: str) -> None:
    """Tab until the link or button that begins with these words, and press Enter."""
    for _ in range(120):
        page.keyboard.press("Tab")
        here = page.locator(":focus")
        if here.count() and here.inner_text().strip().startswith(words):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(words)


@pytest.mark.parametrize(
    ("language", "steps", "end"),
    [
        ("en", ("Procedures", "2026-00001", "7 days have passed", "Read what you will sign", "Sign as"), "The move was checked"),
        ("ja", ("手続", "2026-00001", "7日が経過した", "署名する内容を読む", "Takasaki Mio として"), "確かめて台帳に記しました。"),
    ],
)
def test_a_case_is_moved_by_keyboard_alone_and_without_javascript(
    browser: Any, demo_origin: str, language: str, steps: tuple[str, ...], end: str
) -> None:
    """From the menu to the signature: each link and button is reached with Tab, in both languages, with scripts off."""
    context = browser.new_context(locale=language, base_url=demo_origin, java_script_enabled=False)
    page = context.new_page()
    page.goto("/line")
    page.locator(".demo button", has_text="Takasaki").first.click()
    for words in steps:
        pressed(page, words)
    page.wait_for_url(f"**/procedures/{LATE}?done=case-move")
    assert page.locator(".done").inner_text().strip().startswith(end)
    context.close()
