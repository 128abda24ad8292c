"""Masked talks on the console: nobody's, and no word of any; a held mail is read by who signs for it, as text, and settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import cast

import pytest
from starlette.testclient import TestClient

from sekisho.desk.public import read_public
from sekisho.faces.processes.channel import Channel
from sekisho.faces.web import Settings, codes_talk, create_app
from sekisho.faces.web.talks import numbers
from sekisho.law.talk import MOST_LINES, Fate, State
from tests.desk import talking
from tests.desk.office import Office
from tests.faces.web import record_talks
from tests.faces.web.recorded_desk import RecordedDesk, recorded
from tests.faces.web.test_actions import Post, signed
from tests.faces.web.test_campaigns import Become, Signed, acting, post_as
from tests.faces.web.test_campaigns import words as words_of
from tests.faces.web.test_pages import HELD

SETTLE = f"/talks/held/{HELD}/settle"


@pytest.fixture
def console(tmp_path: Path) -> Iterator[tuple[Office, TestClient, str]]:
    """Before a real `keep` with a talk, and the name of a mail that it holds."""
    office = Office(tmp_path / "office")
    office.watch.at = datetime.now(UTC)  # the console dates what is signed by its own clock
    office.found().close()
    talking.prepare(office, tmp_path)
    office.open()
    name = record_talks.held(office, talking.begun(office), 1, *(record_talks.Reason("telephone", "line 3"),))
    desk = Signed(office.settings, read_public(office.settings.folder), cast("Channel", office.channel("show")))
    desk.office = office
    yield office, TestClient(create_app(desk, Settings(demo=True, clock=office.watch.wall)), base_url="http://localhost:8080"), name
    office.close()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("2 mails wait for a person.", "line 3: a telephone number", "line 2: a mail address; file 1: a file", "passed on 1")),
        (
            "ja",
            (
                "人の確認を待つメールが2通あります。",
                "3行目：電話番号",
                "2行目：メールアドレス、1番目のファイル：添付ファイル",
                "取次ぎ済み 1",
            ),
        ),
    ],
)
def test_the_page_says_which_talks_live_and_why_mails_wait_and_no_word_or_address(
    client: TestClient, become: Become, language: str, said: tuple[str, ...]
) -> None:
    become("desk")
    page = words_of(client, "/talks", language)
    for part in (*said, "落とし物についてのご連絡の取次ぎ"):
        assert part in page
    assert "@" not in page
    assert "北口" not in page


def test_who_may_not_read_one_is_offered_nothing_and_gets_none(client: TestClient, become: Become) -> None:
    become("reviewer")
    assert HELD in client.get("/talks").text
    assert SETTLE not in client.get("/talks").text
    assert [client.get(f"/talks/held/{HELD}/{do}").status_code for do in ("read", "settle")] == [403, 403]


def test_where_there_is_none_it_says_so(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("desk")
    desk.answers["talks"]["list"], desk.answers["talks"]["held"] = [], []
    page = words_of(client, "/talks")
    assert "There is no masked talk." in page
    assert "No mail is held." in page


def test_every_code_has_its_words() -> None:
    assert set(codes_talk.MAILS) == {s.value for s in State}
    assert set(codes_talk.FATES) == {f.value for f in Fate}


def test_whoever_signs_for_it_reads_numbered_lines_that_are_text_and_nothing_else(
    client: TestClient, desk: RecordedDesk, become: Become, post: Post
) -> None:
    become("desk")
    first = signed(post, client.get(f"/talks/held/{HELD}/read").text)
    for line in ("   1  駅の北口でお会いできます。", "   3  お電話は 090-1234-5678 です。"):
        assert line in unescape(first.text)
    assert desk.submitted[-1][0] == "held-mail-reading"
    desk.answers["talks"]["read"]["raw"] = b"From: x@home.example\n\n<script>alert(1)</script>\n".hex()
    page = signed(post, client.get(f"/talks/held/{HELD}/read").text).text
    assert "<script>alert(1)" not in page
    assert "   1  <script>alert(1)</script>" in unescape(page)
    desk.answers["talks"]["read"]["raw"] = b"Content-Type: image/png\n\nx".hex()
    assert "No plain text." in signed(post, client.get(f"/talks/held/{HELD}/read", headers={"accept-language": "en"}).text).text


@pytest.mark.parametrize(
    ("fate", "without", "status"),
    [
        ("release", "3, 1、3", 200),
        ("return", "", 200),
        ("drop", "", 200),
        ("", "", 422),
        ("as-it-came", "", 422),
        ("release", "two", 422),
        ("release", "0", 422),
        ("return", "2", 422),
    ],
)
def test_it_is_settled_in_one_of_three_ways_and_the_lines_are_numbers(
    client: TestClient, desk: RecordedDesk, become: Become, post: Post, fate: str, without: str, status: int
) -> None:
    become("desk")
    page = post(SETTLE, {"fate": fate, "without": without})
    assert page.status_code == status
    if status == 422:
        assert 'aria-invalid="true"' in page.text
        return
    assert signed(post, page.text).headers["location"] == "/talks?done=held-mail-settling"
    kind, statement, _ = desk.submitted[-1]
    expected = [1, 3] if without else []
    assert (kind, statement["mail"], statement["fate"], statement["without"]) == ("held-mail-settling", HELD, fate, expected)


def test_no_more_lines_are_named_than_a_mail_may_have() -> None:
    assert numbers(",".join(map(str, range(1, MOST_LINES + 1)))) == list(range(1, MOST_LINES + 1))
    assert numbers(",".join(map(str, range(1, MOST_LINES + 2)))) is None


def test_what_waits_for_nobody_is_not_read_and_what_nobody_knows_is_none(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("desk")
    assert client.get("/talks/held/passing-ffffffffffffffff/read").status_code == 404
    for mail in desk.answers["talks"]["held"]:
        mail["state"] = "unknown"
    assert [client.get(f"/talks/held/{HELD}/{do}").status_code for do in ("read", "settle")] == [409, 409]


def test_before_a_real_keep_a_held_mail_is_read_and_released_without_a_line(console: tuple[Office, TestClient, str]) -> None:
    office, client, name = console
    post = acting(client, office, "desk")
    assert name in client.get("/talks").text
    page = signed(post_as(post), client.get(f"/talks/held/{name}/read").text)
    assert "090-1234-5678" in page.text
    assert signed(post_as(post), post(f"/talks/held/{name}/settle", {"fate": "release", "without": "3"}).text).status_code == 303
    assert office.terminal.call("held-mails") == []
    (one,) = office.terminal.call("talks")
    assert one["mails"] == {"waiting": 1}
    assert recorded("talks")["list"][0].keys() == one.keys(), "the recording has the shape of the real answer"
