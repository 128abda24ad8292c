"""The poster's page before a real `keep`: every opening is told, and nothing of the record, of anybody, or of a case."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from tests.desk.office import Office
from tests.desk.posting import RECORD, Posting, posted
from tests.faces.web.html_checks import read
from tests.faces.web.live import Live

LAW = "刑訴法 197条5項"
LATER = "rec-0123456789abcdef-2"


@pytest.fixture(scope="module")
def posting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Posting]:
    """Two posts: of one the network was seen and then the items; of the other the network, and a law withholds that for three days."""
    office = Office(tmp_path_factory.mktemp("posters") / "home").found()
    office.close()
    posting = posted(office)
    posting.both(posting.permit())
    posting.post(LATER, "post-0002")
    posting.reveal(posting.permit(records=("post-0002",), withheld_until="2026-11-25", withheld_law=LAW), record="post-0002")
    yield posting
    office.close()


@pytest.fixture(scope="module")
def at(posting: Posting) -> Live:
    return Live(posting.office)


def asked(at: Live, record: str = RECORD, service: str = "chat", language: str = "en") -> Any:
    return at.post("/opened", "/opened", {"service": service, "record": record}, client=at.browser(language))


def test_the_poster_sees_how_often_when_and_for_which_purpose_in_their_language(at: Live) -> None:
    for language, count, purpose, first, full in (
        ("en", "Opened 2 times.", "Disclosure of a sender", "the network only", "address and time"),
        ("ja", "2回開かれました。", "発信者情報の開示", "ネットワークだけ", "アドレスと日時"),
    ):
        answer = asked(at, language=language)
        assert answer.status_code == 200
        text = unescape(answer.text)
        assert count in text
        assert text.count("2026-11-2") >= 2
        assert text.count(purpose) == 2
        assert 0 < text.index(first) < text.index(full)
        assert "<script" not in text


def test_nothing_of_the_record_of_anybody_or_of_the_case_is_told(at: Live, posting: Posting) -> None:
    text = asked(at).text
    case = at.load.case(posting.matter)
    names = [p["name"] for p in at.load.call("people")]
    for secret in ("203.0.", "Example Mobile", "51234", "post-0001", case["number"], posting.matter, *names):
        assert secret not in text


def test_an_id_nobody_knows_is_answered_as_one_that_nobody_opened(at: Live, posting: Posting) -> None:
    posting.post("rec-0123456789abcdef-3", "post-0003")
    sealed, unknown = "rec-0123456789abcdef-3", "rec-0123456789abcdef-9"
    pages = [asked(at, record).text.replace(record, "X").partition("<main")[2] for record in (sealed, unknown)]
    assert pages[0] == pages[1]
    assert "Not opened." in pages[0]


def test_a_post_or_half_a_number_or_another_service_opens_nothing(at: Live) -> None:
    for record, service in (("post-0001", "chat"), (RECORD[:12], "chat"), (RECORD, "blog"), ("", "")):
        answer = asked(at, record, service)
        assert answer.status_code == 404
        assert "Nothing can be shown." in answer.text
        assert "Opened" not in answer.text


def test_no_address_holds_a_record_and_a_page_that_is_only_loaded_tells_nothing(at: Live) -> None:
    text = at.stranger.get(f"/opened?service=chat&record={RECORD}").text
    assert RECORD not in text
    assert 'value="chat"' in text
    read(text)


def test_a_form_without_its_token_is_refused_and_who_asks_too_often_waits(at: Live) -> None:
    assert at.stranger.post("/opened", data={"service": "chat", "record": RECORD}).status_code == 403
    busy = at.browser(sign_in_attempts=3)
    told = {"service": "chat", "record": LATER}
    assert [at.post("/opened", "/opened", told, client=busy).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_what_a_law_withholds_is_told_from_its_day_on_with_the_law(at: Live, posting: Posting) -> None:
    assert "Not opened." in asked(at, LATER).text
    posting.office.watch.wind(days=3)
    text = unescape(asked(at, LATER).text)
    assert "Opened 1 time." in text
    assert LAW in text
    assert "2026-11-25" in text
