"""A measure's page: counts by day as plots beside tables that hold the same, and no claim of what caused them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

HEADING = {"en": ("Complaints and effect", "other things change as well"), "ja": ("苦情と効果", "差が生じた原因は示しません")}


@pytest.mark.parametrize(("language", "words"), HEADING.items(), ids=list(HEADING))
def test_plots_and_tables_say_the_same_in_both_languages(client: TestClient, language: str, words: tuple[str, str]) -> None:
    page = unescape(client.get("/measures/traffic-picture", headers={"accept-language": language}).text)
    assert all(w in page for w in words)
    assert page.count('<rect class="sent"') == 34, "a bar a day, of two kinds"
    assert page.count('<rect class="lived"') == 2
    assert len(re.findall(r'<th scope="row" class="nowrap">2026-1\d-\d\d</th>', page)) == 34
    assert "13.6" in page, "the mean before, to a tenth"


def test_a_measure_without_counts_says_how_they_come(client: TestClient) -> None:
    page = client.get("/measures/infected-notice").text
    assert "Nothing was counted." in page
    assert "sekisho effect add" in page
    assert client.get("/api/measures/infected-notice").json()["effect"]["kinds"] == []
