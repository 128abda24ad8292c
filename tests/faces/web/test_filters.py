"""The page of a line's filters, before a real `keep`: what is refused, in which words, since when; and its switch."""

from __future__ import annotations

import re
from html import unescape

import pytest

from sekisho.desk.permitting import remeasure
from sekisho.faces.web.survey_drawing import survey
from tests.desk.conftest import _founded
from tests.desk.filtering import Filtering, _filtered, compared, filtering
from tests.desk.naming_filter import Naming, _named, named
from tests.desk.test_filters import FOREIGN, LINE, OTHER
from tests.desk.test_shaping import Routed, _counted, _counting, office, routed
from tests.faces.web.conftest import TOKEN
from tests.faces.web.test_port25 import At

__all__ = ["_counted", "_counting", "_filtered", "_founded", "_named", "filtering", "named", "office", "routed"]

TAG = re.compile(r"<[^>]+>")


class Page(At):
    """The page as a browser on a line gets it."""

    def __init__(self, filtering: Filtering | Routed) -> None:
        self.office = filtering.office
        self.permit = filtering.permit

    def page(self, address: str, language: str = "en") -> str:
        return " ".join(unescape(TAG.sub(" ", self.browser(address, language).get("/filters").text)).split())

    def throw(self, address: str, to: str, permit: str = "") -> tuple[int, str]:
        browser = self.browser(address)
        token = TOKEN.search(browser.get("/case").text)
        assert token
        answer = browser.post("/filters", data={"csrf": token[1], "filter": permit or self.permit, "to": to})
        return answer.status_code, " ".join(unescape(TAG.sub(" ", answer.text)).split())


@pytest.fixture
def page(filtering: Filtering) -> Page:
    return Page(filtering)


def test_a_line_reads_what_is_refused_on_which_ground_and_that_it_may_choose_before_the_start(page: Page) -> None:
    said = page.page(LINE)
    for words in ("You can choose now", page.permit, "jp/C-01/1", "BitTorrent", "2 of 8,679", "Price and service are the same", LINE):
        assert words in said
    assert "今から選べます" in page.page(LINE, "ja")


def test_one_press_switches_off_and_another_on_for_this_line_alone(page: Page, filtering: Filtering) -> None:
    filtering.started()
    assert "packets described here are refused" in page.page(LINE)
    assert "Switched on Since 2026-" in page.page(LINE)
    assert "オン 2026-" in page.page(LINE, "ja")
    assert page.throw(LINE, "off")[0] == 200
    assert "オフ " in page.page(LINE, "ja")
    assert "Nothing is refused to your line" in page.page(LINE)
    assert "packets described here are refused" in page.page(OTHER)
    assert filtering.off() == {LINE}
    assert "on for your line" in page.throw(LINE, "on")[1]
    assert filtering.off() == set()


@pytest.mark.parametrize(
    ("address", "to", "permit"), [(FOREIGN, "off", ""), (LINE, "", ""), (LINE, "off", "permit-0"), ("testclient", "off", "")]
)
def test_what_is_not_theirs_to_switch_is_refused_in_words(page: Page, address: str, to: str, permit: str) -> None:
    status, said = page.throw(address, to, permit)
    assert status == 422
    assert "Nothing was done" in said


def test_a_page_that_is_only_loaded_switches_nothing(page: Page, filtering: Filtering) -> None:
    filtering.started()
    for _ in range(3):
        page.browser(LINE).get(f"/filters?filter={page.permit}&to=off", headers={"sec-purpose": "prefetch"})
    assert page.browser(LINE).post("/filters", data={"filter": page.permit, "to": "off"}).status_code == 403
    assert filtering.off() == set()


def test_a_filter_of_names_says_whose_list_and_who_came_by_a_name_reads_why_and_not_which(named: Naming) -> None:
    page = Page(named)
    said = page.page(LINE)
    for words in ("Filter of names for", "Example list of dangerous names", "Names of phishing: 3 names", "1 of 5,000 names", "jp/C-01/2"):
        assert words in said
    assert "You opened a name" not in said
    came = page.browser(LINE).get("/filters?name=phishing.example").text
    assert "You opened a name that a filter of your line knows as dangerous" in came
    assert "phishing.example" not in came
    assert "フィルタが危険と知っている名前" in page.browser(LINE, "ja").get("/filters?name").text
    assert "off for your line" in page.throw(LINE, "off")[1]
    assert named.off() == {LINE}


def test_bandwidth_control_that_lines_may_leave_has_its_switch_beside_the_filters(routed: Routed) -> None:
    """What is slowed down, and not by how much this line is over; no promise of a price that no case asks for."""
    page = Page(routed)
    said = page.page(LINE)
    for words in (f"Bandwidth control for {LINE}", "more than 5,000 MB within 24 hours share 29,000 kbit/s", "jp/C-04/4", page.permit):
        assert words in said
    assert "Price and service" not in said
    assert "refuse" not in said
    left = page.throw(LINE, "off")[1]
    assert "Your line has left bandwidth control. It is at full speed within two seconds." in left
    assert "not slowed down, and the router does not count" in left
    assert "does not count" not in page.page(OTHER)
    assert "takes part in bandwidth control again" in page.throw(LINE, "on")[1]
    assert page.throw(FOREIGN, "off")[0] != 200


def test_bandwidth_control_in_japanese(routed: Routed) -> None:
    page = Page(routed)
    said = page.page(LINE, "ja")
    for words in (f"{LINE} の帯域制御", "毎日20時から24時まで", "24時間に5,000 MBを超えて", "毎秒29,000キロビット", "絞るもの"):
        assert words in said
    page.throw(LINE, "off")
    assert "絞りません。ルータは量も数えません" in page.page(LINE, "ja")


def test_the_page_shows_the_survey_with_its_figures_question_sample_and_whose_numbers_the_least_are(
    page: Page, filtering: Filtering
) -> None:
    said = page.page(LINE)
    for words in ("1,455 of 1,774 who were asked want it", "1,601", "How they were chosen", "2026-09-01 – 2026-09-30"):
        assert words in said
    assert "BitTorrent（接続の始め）、eDonkey" in said
    assert "The least numbers are the operator's own:" in said
    assert "尋ねた1,774人のうち1,455人が望んでいます" in page.page(LINE, "ja")
    html = page.browser(LINE).get("/filters").text
    assert [html.count(f'<rect class="{what}"') for what in ("asked", "answered", "agreed")] == [1, 1, 1]
    assert filtering.show("my-filters", address=LINE)["filters"][0]["stands"]["survey"]["least_answered"] == 400


def test_what_was_tried_and_compared_last_is_shown_and_why_a_filter_ended(page: Page, filtering: Filtering) -> None:
    filtering.started()
    said = page.page(LINE)
    for words in ("software itself: it works", "texts published: the same", "same texts: the same", "what it refuses: the same"):
        assert words in said
    compared(filtering.office, price=False)
    with filtering.office.turn() as world:
        assert remeasure.carry_out(world, remeasure.Remeasure())["ended"] == 1
    said = page.page(LINE)
    for words in (f"The filter for {LINE} ended on 2026-12-01", "price and terms stay the same", "does not meet", page.permit):
        assert words in said
    assert "公表した文面で、料金と提供条件が" in page.page(LINE, "ja")
    assert "ended on" not in page.page(FOREIGN)
    compared(filtering.office)
    assert "It holds again by now" in page.page(LINE)


@pytest.mark.parametrize("said", [None, {}, {"asked": 0}, {"asked": "many"}, "survey"])
def test_what_is_no_survey_has_no_plot(said: object) -> None:
    assert survey(said) is None


def test_a_least_number_beyond_those_asked_has_no_line_in_the_plot() -> None:
    counts = {"asked": 10, "answered": 8, "agreed": 6, "least_asked": 11, "least_answered": 8, "needed_permille": 500}
    plot = survey(counts)
    assert plot is not None
    assert [(b.what, b.count, b.needed, b.least >= 0) for b in plot.bars] == [
        ("asked", 10, 11, False),
        ("answered", 8, 8, True),
        ("agreed", 6, 5, True),
    ]
    assert plot.permille == 600
    assert plot.bars[0].width > plot.bars[1].width > plot.bars[2].width > 0
