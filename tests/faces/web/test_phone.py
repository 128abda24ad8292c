"""Lists on a telephone: one row under another, nothing to be pushed aside to reach a button, and no page wider than the glass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faces.web.test_browser import act_as

PAGES = ("/", "/permits", "/effects", "/mailserver", "/port25/lines")


@pytest.fixture(scope="module")
def telephone(browser: Any, demo_origin: str) -> Iterator[Any]:
    context = browser.new_context(locale="en", base_url=demo_origin, viewport={"width": 390, "height": 860})
    page = context.new_page()
    act_as(page, "engineer")
    yield page
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_no_list_is_wider_than_the_telephone(telephone: Any, path: str) -> None:
    """Neither the page nor a list in it; only plots may be pushed sideways."""
    telephone.goto(path)
    assert telephone.evaluate("document.documentElement.scrollWidth") == 390
    inside = "[...document.querySelectorAll('.scroll:has(> table.stack)')].map(x => x.scrollWidth - x.clientWidth)"
    assert set(telephone.evaluate(inside)) <= {0}


def test_a_permit_is_withdrawn_without_pushing_the_list_aside(telephone: Any) -> None:
    """The button stands in sight below what it withdraws, and each figure says what it is."""
    telephone.goto("/permits")
    place = telephone.locator(".permits .button.danger").first.bounding_box()
    assert 0 <= place["x"] <= place["x"] + place["width"] <= 390
    words = "getComputedStyle(document.querySelector('.permits td[data-is]'), '::before').content"
    assert "For" in telephone.evaluate(words)


def test_effects_name_each_measure_by_its_title(telephone: Any) -> None:
    """The title as people know it leads to the measure; the step stands beside it."""
    telephone.goto("/effects")
    heading = telephone.locator("h2", has_text="OP25B: outbound port 25 blocking").first
    assert heading.locator("a").get_attribute("href") == "/measures/op25b"
    assert heading.locator("code").inner_text() == "block-port-25"
