"""The distribution as pictures: a curve of shares that holds the figures of the table beside it, and bars under the lines of the plan."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from sekisho.faces.web.shares import EDGE, SIDE, by_hour, curve
from tests.faces.web.recorded_desk import RecordedDesk

SHARES = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=2, max_size=12, unique=True)


def steps(pairs: list[tuple[int, int]]) -> list[dict[str, int]]:
    lines, octets = (sorted((p[i] for p in pairs), reverse=True) for i in (0, 1))
    return [{"over_mb": n, "lines_permille": a, "octets_permille": b} for n, (a, b) in enumerate(zip(lines, octets, strict=True))]


@given(SHARES)
def test_the_curve_rises_from_nobody_to_everybody_and_stays_in_its_frame(pairs: list[tuple[int, int]]) -> None:
    drawn = curve(steps(pairs))
    assert drawn is not None
    points = [tuple(map(float, p.split(","))) for p in drawn.points.split()]
    assert points[0] == (EDGE, SIDE - EDGE)
    assert points == sorted(points, key=lambda p: (p[0], -p[1]))
    assert all(EDGE <= v <= SIDE - EDGE for p in points for v in p)


def test_one_step_is_no_curve_and_no_hour_no_bar() -> None:
    assert curve([{"over_mb": 0, "lines_permille": 1000, "octets_permille": 1000}]) is None
    assert by_hour([], None) is None


def test_a_bar_is_as_high_as_its_hour_and_the_heavy_part_stands_in_it() -> None:
    plan = {"full_kbit": 50, "capacity_kbit": 100}
    plot = by_hour([{"hour": 0, "kbit": 100, "heavy_kbit": 50}, {"hour": 23, "kbit": 50, "heavy_kbit": 0}], plan)
    assert plot is not None
    first, last = plot.columns
    assert (first.height, first.heavy_height, last.heavy_height) == (2 * last.height, last.height, 0)
    assert (first.y, last.y) == (plot.capacity, plot.full)
    bare = by_hour([{"hour": 0, "kbit": 1, "heavy_kbit": 1}], None)
    assert bare is not None
    assert bare.full < 0


SENTENCE = {"en": "9.0 % of the lines moved 40.9 % of the traffic", "ja": "回線の9.0 %が、通信量の40.9 %を占めました"}


@pytest.mark.parametrize(("language", "words"), SENTENCE.items(), ids=list(SENTENCE))
def test_the_page_says_it_in_one_sentence_and_every_figure_stands_in_a_table(client: TestClient, language: str, words: str) -> None:
    page = client.get("/volumes", headers={"accept-language": language}).text
    assert words in page
    assert page.count('class="dot c0"') == 5
    assert page.count('class="bar all"') == 24
    assert len(re.findall(r'<th scope="row">\d+</th>', page)) == 24


def test_without_data_the_page_says_that_nobody_can_be_shaped(client: TestClient, desk: RecordedDesk) -> None:
    nothing: dict[str, Any] = {
        "permit": None,
        "at": None,
        "days": [],
        "day": None,
        "steps": [],
        "hours": [],
        "shaped": None,
        "application": None,
        "measure": "shaping",
        "title": {"ja": "帯域制御", "en": "Bandwidth control"},
    }
    desk.answers["volumes"] = nothing
    page = client.get("/volumes").text
    assert "no data to shape anybody by" in page
    assert '<svg class="plot' not in page


OF_ONE = {
    "en": (
        "Volumes of lines: peer-to-peer",
        "10.7 % of the lines moved more than 2,000 MB of it that day; that was 29.6 % of all traffic.",
        "TCP 6881-6889",
    ),
    "ja": ("回線の通信量: peer-to-peer", "この日、回線の10.7 %が2,000 MBを超えて運び、それは全通信量の29.6 %でした。", "TCP 6881-6889"),
}


@pytest.mark.parametrize("language", OF_ONE)
def test_of_an_application_it_says_who_moves_it_and_by_which_ports(client: TestClient, language: str) -> None:
    page = client.get("/volumes", params={"measure": "class-shaping"}, headers={"accept-language": language}).text
    for words in OF_ONE[language]:
        assert words in page
    assert page.count('class="dot c0"') == 2, "everybody's traffic is none of its points"
    assert 'href="/measures/class-shaping"' in page


def test_a_part_of_the_traffic_is_drawn_without_all_of_it() -> None:
    drawn = curve(steps([(1000, 1000), (200, 300)]), part=True)
    assert drawn is not None
    assert [d[2] for d in drawn.dots] == [1]
