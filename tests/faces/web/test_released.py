"""A disclosure from the first decision to the letter on a real desk: the permit on the page, the sealed record it opens, the replay."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

import pytest

from tests.desk.office import Office
from tests.desk.posting import RECORD, SEEN_US, Posting, posted
from tests.desk.test_disclosure import AT as TIME
from tests.desk.test_disclosure import IP, JUDGED, Request
from tests.faces.web.html_checks import read
from tests.faces.web.test_senders import ADDRESS, browser, token

WHICH = {"service": "chat", "records": "post-0001\n"}


class Walk:
    """One disclosure at a service with posts, and the pages of its case at each step."""

    def __init__(self, office: Office) -> None:
        self.posting: Posting = posted(office)
        self.desk = Request(office)
        self.posting.matter = self.matter = self.desk.heard()
        self.pages: dict[str, str] = {}
        load = self.desk.load
        load.move(self.matter, "decide-release", {**JUDGED, "to_release": (IP, TIME), **WHICH})
        load.move(self.matter, "approve-release", who="reviewer-a")
        self.pages["signed-once"] = self.page("reviewer-b")
        self.sign = self.page("reviewer-b", "/moves/approve-release", post=True)
        load.move(self.matter, "approve-release", who="reviewer-b")
        self.permit = load.case(self.matter)["permits"][0]
        self.view = self.posting.both(self.permit["id"])
        self.pages["approved"] = self.page("officer")

    def page(self, who: str, beneath: str = "", *, post: bool = False, language: str = "en") -> str:
        client, path = browser(self.posting, who, language), f"/procedures/{self.matter}{beneath}"
        return unescape((client.post(path, data={"csrf": token(client)}) if post else client.get(path)).text)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    office = Office(tmp_path_factory.mktemp("released") / "home").found()
    office.close()
    yield Walk(office)
    office.close()


def test_the_permit_a_case_got_opens_the_record_it_names_first_the_network_then_the_items(walk: Walk) -> None:
    assert walk.permit["scope"] | {"service": "chat", "records": ["post-0001"]} == walk.permit["scope"]
    assert (walk.view["source"]["ip"], walk.view["seen_us"], walk.view["held"]) == (ADDRESS, SEEN_US, [IP, TIME])
    assert walk.posting.opened(RECORD) == 2


def test_the_page_says_who_signed_and_how_many_are_missing(walk: Walk) -> None:
    page = walk.pages["signed-once"]
    assert "Signatures: 1 of 2" in page
    assert f'href="/procedures/{walk.matter}/moves/approve-release"' in page
    assert "The decision, rule by rule" in page


def test_who_signs_reads_the_decision_and_signs_the_digest_of_what_was_shown(walk: Walk) -> None:
    assert "What you approve" in walk.sign
    assert walk.permit["plan"] in walk.sign
    assert "disclose-post" in walk.sign
    read(walk.sign)


def test_the_page_shows_the_permit_and_the_link_replays_the_decision(walk: Walk) -> None:
    page = walk.pages["approved"]
    assert "Permits of this case" in page
    assert walk.permit["id"] in page
    assert f'href="/procedures/{walk.matter}/moves/release"' in page
    entry = f"/ledger/{walk.permit['entry']}"
    assert f'href="{entry}"' in page
    replayed = unescape(browser(walk.posting, "auditor").get(entry).text)
    assert "replayed with the case book of that day" in replayed
    assert "jp/D-07/1" in replayed


def test_a_stopped_release_is_said_on_the_page_in_both_languages(walk: Walk) -> None:
    walk.posting.office.withdraw(walk.permit["id"])
    assert "the permit was withdrawn; send it back and decide again" in walk.page("officer")
    assert "許可証が撤回されました" in walk.page("officer", language="ja")
    assert f'href="/procedures/{walk.matter}/moves/release"' not in walk.page("officer")
