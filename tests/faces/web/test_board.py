"""The public board as a venue meets it: without a sign-in, a cookie, a script or another host; one question a second for everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from sekisho.desk.event.panels import PANELS
from sekisho.faces.web import Settings, board, create_app
from sekisho.faces.web.board_drawing import HEIGHT, WIDTH, bar, curve, heat, mirror, ring
from sekisho.faces.web.codes import sentence
from sekisho.faces.web.visit import Visit
from tests.desk.office import Office
from tests.faces.web.conftest import NOW
from tests.faces.web.html_checks import Reader
from tests.faces.web.recorded_desk import RecordedDesk, recorded

SAID = recorded("board")
LANGUAGES = ("ja", "en")


@pytest.fixture
def founded(tmp_path: Path) -> Iterator[Office]:
    """People are enrolled; nobody asked for anything yet."""
    office = Office(tmp_path / "office").found()
    yield office
    office.close()


class Counting(RecordedDesk):
    """Counts how often the board is asked for."""

    asked = 0

    async def board(self) -> dict[str, Any]:
        self.asked += 1
        return await super().board()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def stranger(desk: RecordedDesk, clock: Clock | None = None, language: str = "en") -> TestClient:
    app = create_app(desk, Settings(clock=clock or Clock(), readings=5))
    return TestClient(app, base_url="http://localhost:8080", headers={"accept-language": language})


def changed(**states: Mapping[str, Any]) -> RecordedDesk:
    """A desk whose panels are as told; the others as recorded."""
    desk = RecordedDesk(demo=False)
    panels = [{**p, **states.get(p["name"], {})} for p in SAID["panels"]]
    desk.answers["board"] = {**SAID, "panels": panels}
    return desk


def test_the_recording_shows_every_panel_live() -> None:
    assert {p["name"]: p["state"] for p in SAID["panels"]} == dict.fromkeys(PANELS, "live")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", ["page", "still", "venue"])
def test_a_stranger_reads_it_whole_in_either_language(language: str, view: str) -> None:
    answer = stranger(RecordedDesk(demo=False), language=language).get(f"/board?view={view}")
    reader = Reader()
    reader.feed(answer.text)
    reader.close()
    assert answer.status_code == 200
    assert answer.headers["content-language"] == reader.language == language
    assert not reader.open
    assert not reader.faults, "nothing leads to another host"
    assert not [i for i, n in reader.ids.items() if n > 1]
    assert not reader.refs - set(reader.ids)
    assert reader.headings.count(1) == 1
    for panel in SAID["panels"]:
        assert panel["title"][language] in answer.text


def test_it_gives_no_cookie_and_needs_no_script_and_has_no_style_of_its_own() -> None:
    answer = stranger(RecordedDesk(demo=False)).get("/board")
    assert "set-cookie" not in answer.headers
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in answer.text
    assert not re.search(r"<style|style=|onclick|javascript:", answer.text)
    assert re.findall(r'<script src="([^"]+)"', answer.text) == ["/static/board.js"]
    assert "<script" not in stranger(RecordedDesk(demo=False)).get("/board?view=still").text


@pytest.mark.parametrize("name", ["board.css", "board.js"])
def test_its_sheet_and_script_ask_no_other_host(name: str) -> None:
    text = stranger(RecordedDesk(demo=False)).get(f"/static/{name}").text
    assert not re.search(r"url\(|@import|https?:|//[a-z]", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_panel_shows_its_permit_and_the_foot_who_answers(language: str) -> None:
    text = stranger(RecordedDesk(demo=False), language=language).get("/board").text
    for panel in SAID["panels"]:
        assert panel["permit"].rpartition("-")[2] in text
        assert all(g["case"] in text for g in panel["grounds"])
    assert SAID["object"]["body"] in text
    assert SAID["object"]["window"] in text
    assert "/contact/board-objection" in text


@pytest.mark.parametrize("state", ["no-permit", "stopped", "changed", "too-few", "no-data"])
def test_a_panel_that_is_not_live_says_why_and_shows_no_number(state: str) -> None:
    desk = changed(traffic={"state": state, "numbers": None}, types={"state": state, "numbers": None})
    text = stranger(desk).get("/board").text
    section = text.split('aria-labelledby="p-traffic"')[1].split("</section>")[0]
    assert 'class="why"' in section
    assert "Mbit/s" not in section
    assert sentence("panel-state", state) in section, "in words, not as a code"


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_anything_is_permitted_a_real_desk_has_a_page_that_says_so(founded: Office, language: str) -> None:
    class Real(RecordedDesk):
        async def board(self) -> dict[str, Any]:
            return dict(founded.channel("show").call("board"))

    answer = stranger(Real(demo=False), language=language).get("/board")
    assert answer.status_code == 200
    assert answer.text.count('class="why"') == len(PANELS)
    assert {"ja": "許可がなければ、パネルも出ません。", "en": "No permit, no panel."}[language] in answer.text


@pytest.mark.parametrize(
    ("objected", "words"),
    [
        ({"at": SAID["at"], "due": "2026-11-21T09:00:00Z", "minutes": 12, "late": False, "decided": False}, "within 12 minutes, by"),
        ({"at": SAID["at"], "due": "2026-11-21T09:00:00Z", "late": True, "decided": False}, "should have decided by now"),
        ({"at": SAID["at"], "due": "2026-11-21T09:00:00Z", "late": False, "decided": True}, "reviewed anew"),
    ],
)
def test_an_objected_panel_says_how_it_stands(objected: dict[str, Any], words: str) -> None:
    text = stranger(changed(zones={"state": "objected", "numbers": None, "objected": objected})).get("/board").text
    assert words in text
    assert "main-hall" not in text


def test_a_venue_without_number_costs_keep_one_question_a_second_and_turns_nobody_away() -> None:
    """All of a venue comes from one address."""
    desk, clock = Counting(demo=False), Clock()
    client = stranger(desk, clock)
    assert {client.get("/board?lang=" + LANGUAGES[n % 2]).status_code for n in range(40)} == {200}
    assert desk.asked == 1
    clock.now += timedelta(seconds=1)
    client.get("/board")
    assert desk.asked == 2


def test_what_was_drawn_is_handed_out_as_it_lies_until_there_is_something_new(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    real = board.environment
    monkeypatch.setattr(board, "environment", lambda language: drawn.append(language) or real(language))
    clock = Clock()
    client = stranger(RecordedDesk(demo=False), clock)
    assert len({client.get("/board").text for _ in range(10)}) == 1
    assert drawn == ["en"]


def test_a_stop_is_seen_within_a_second() -> None:
    desk, clock = changed(), Clock()
    client = stranger(desk, clock)
    assert "Mbit/s" in client.get("/board").text
    desk.answers["board"] = {**SAID, "panels": [{**p, "state": "stopped", "numbers": None} for p in SAID["panels"]]}
    clock.now += timedelta(seconds=1)
    assert "Mbit/s" not in client.get("/board").text


def test_staff_reach_the_stop_from_the_board_in_one_step_and_read_what_it_does(client: TestClient, become: Callable[[str], None]) -> None:
    assert 'href="/board/stop"' in client.get("/board").text
    become("engineer")
    signing = re.sub(r"\s+", " ", client.get("/board/stop").text)
    assert "Stopping the public board" in signing
    assert "within a second" in signing.lower()
    become("subscriber")
    assert client.get("/board/stop").status_code == 403


def test_the_same_for_machines() -> None:
    assert stranger(RecordedDesk(demo=False)).get("/board.json").json() == SAID


def test_no_number_stands_for_a_part_of_the_venue_with_too_few() -> None:
    text = stranger(RecordedDesk(demo=False)).get("/board").text
    tile = text.split('<span class="zone">speakers</span>')[1].split("</li>")[0]
    assert "fewer than 10" in tile


async def events(desk: RecordedDesk, clock: Clock, most: int) -> list[bytes]:
    """The first `most` things a stream says."""
    seen: list[bytes] = []
    visit = await visiting(desk, clock)
    async for event in board._events(visit, visit.console.board, "en"):
        seen.append(event)
        clock.now += timedelta(seconds=1)
        if len(seen) == most:
            break
    return seen


async def visiting(desk: RecordedDesk, clock: Clock) -> Visit:
    from types import SimpleNamespace

    console = SimpleNamespace(board=board.Live(), settings=Settings(clock=clock))
    visit: Any = SimpleNamespace(console=console, desk=desk)
    found: Visit = visit
    return found


def test_a_stream_says_each_second_what_changes_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(board, "TICK", 0.0)
    first, second = asyncio.run(events(RecordedDesk(demo=False), Clock(), 2))
    assert first.startswith(b"id: 1\ndata: ")
    assert second.startswith(b"id: 2\ndata: ")
    part = json.loads(first.split(b"data: ")[1])
    assert '<div class="board">' in part
    assert "<html" not in part


# The drawing

SERIES = st.lists(st.none() | st.integers(0, 10**12), min_size=1, max_size=180)


@given(SERIES)
def test_every_known_value_is_drawn_inside_and_no_gap_is_bridged(values: list[int | None]) -> None:
    drawn = curve(values, max((v for v in values if v is not None), default=1) or 1)
    points = [tuple(map(float, p.split(","))) for s in drawn.stretches for p in s.line.split(" ")]
    assert all(0 <= x <= WIDTH + 1 and 0 <= y <= HEIGHT for x, y in points)
    runs = sum(v is not None and (i == 0 or values[i - 1] is None) for i, v in enumerate(values))
    assert len(drawn.stretches) == runs


@given(SERIES, SERIES)
def test_in_and_out_share_one_scale_and_both_fit(into: list[int | None], out: list[int | None]) -> None:
    m = mirror(into, out)
    assert all(v <= m.top_in for v in into if v is not None)
    assert all(v <= m.top_out * 1.000001 for v in out if v is not None)
    assert m.top_in / m.middle == pytest.approx(m.top_out / (HEIGHT - m.middle))


@given(st.integers(0, 100))
def test_a_ring_is_as_full_as_its_share(percent: int) -> None:
    full, rest = ring(percent)
    assert full / (full + rest) == pytest.approx(percent / 100, abs=0.001)


def test_a_bar_is_full_and_a_zone_nobody_tells_of_is_cold() -> None:
    parts = bar([{"type": "A", "percent": 60}, {"type": "AAAA", "percent": 30}, {"type": "OTHER", "percent": 10}])
    assert [p.x for p in parts] == [0, 60, 90]
    warm = heat([{"name": "a", "devices": 100}, {"name": "b", "devices": 20}, {"name": "c", "devices": None}])
    assert [z["heat"] for z in warm] == [5, 1, 0]
