"""The page of a line's filters, before a real `keep`: what is refused, in which words, since when; and its switch."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.desk.conftest import _founded
from tests.desk.filtering import Filtering, _filtered, filtering
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
