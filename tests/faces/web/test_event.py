"""The page of an event that is over, or not yet: numbers by kind and day, what was tried just now, and who may end it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from sekisho.desk.event.panels import PANELS
from sekisho.faces.words.event import REPORT_KINDS
from tests.faces.web.recorded_desk import RecordedDesk, recorded

SAID = recorded("event")


def shown(client: TestClient, language: str = "en") -> str:
    return re.sub(r"\s+", " ", client.get("/event", headers={"accept-language": language}).text)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_kind_has_its_row_and_its_words(client: TestClient, language: str) -> None:
    page = shown(client, language)
    for part in ("collected", "shown", "deleted"):
        for row in SAID["report"][part]:
            assert REPORT_KINDS[row["kind"]][language != "ja"] in page.replace("&#39;", "'")
            assert row["day"] in page
    assert set(REPORT_KINDS) >= {f"panel-{name}" for name in PANELS}


def test_what_was_tried_just_now_stands_on_it(client: TestClient, desk: RecordedDesk) -> None:
    assert "A legal hold" not in shown(client)
    gone: Mapping[str, Any] = {**SAID["gone"], "opened": 7, "left": 1}
    desk.answers["event"] = {**SAID, "gone": gone}
    page = shown(client)
    assert "<b>7</b>" in page
    assert "A legal hold, or a disk that refused" in page


def test_before_it_is_ended_the_button_is_for_window_and_officer_alone(
    client: TestClient, desk: RecordedDesk, become: Callable[[str], None]
) -> None:
    desk.answers["event"] = {**SAID, "ended": None, "searched": None}
    become("engineer")
    page = shown(client)
    assert 'href="/event/end"' not in page
    assert "The responsible window or the legal officer does that." in page
    assert client.get("/event/end").status_code == 403
    become("legal-officer")
    assert 'href="/event/end"' in shown(client)
    signing = client.get("/event/end").text
    assert SAID["event"] in signing
    assert "can never be read again" in signing
