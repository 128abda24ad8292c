"""Replies and what contractors hand in, on the console: read by who signs for it, answered, settled; shut with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from sekisho.desk.messages import replies
from sekisho.desk.messages.reply_read import shown
from sekisho.faces.web import codes_campaign
from sekisho.law.reply import Ending
from tests.desk import mailing
from tests.desk.office import Office
from tests.desk.test_replies import came, mails, reply
from tests.faces.web.recorded_desk import RecordedDesk, recorded
from tests.faces.web.test_actions import Post, signed
from tests.faces.web.test_campaigns import Become, acting, console, post_as
from tests.faces.web.test_pages import ADMITTED, READ

__all__ = ["console"]
NEW = next(r["id"] for r in recorded("replies")["list"] if r["state"] == "new")
DONE = next(r["id"] for r in recorded("replies")["list"] if r["state"] == "closed")
ENGLISH = {"accept-language": "en"}


def test_the_list_says_what_waits_and_what_became_of_each_and_no_word_of_any(client: TestClient) -> None:
    page = unescape(client.get("/campaigns/replies", headers=ENGLISH).text)
    for said in ("1 reply was read by nobody yet.", "Its answer waits to be sent.", "settled: nothing was asked"):
        assert said in page
    assert "@" not in re.sub(r"<[^>]*>", "", page)
    assert page.index(NEW) < page.index(DONE), "what waits stands first"


def test_every_state_and_ending_has_its_words() -> None:
    assert set(codes_campaign.REPLIES) == {replies.NEW, replies.READ, replies.CLOSED, *(e.value for e in Ending)}


TYPED = [("Yes.\r\nOn a lead.", 200), ("", 422), ("> May I?", 422), ("a@b.example", 422), ("x" * 4001, 422)]


@pytest.mark.parametrize(("words", "status"), TYPED)
def test_an_answer_is_shown_before_it_is_signed_and_what_may_not_go_out_is_said_at_once(
    client: TestClient, desk: RecordedDesk, become: Become, post: Post, words: str, status: int
) -> None:
    become("desk")
    where = f"/campaigns/replies/{READ}/answer"
    page = post(where, {"words": words})
    assert page.status_code == status
    if status == 200:
        assert "Yes.\nOn a lead." in unescape(page.text)
        assert signed(post, page.text).headers["location"] == "/campaigns/replies?done=reply-answer"
        assert desk.submitted[-1][:1] == ("reply-answer",)
        assert desk.submitted[-1][1]["words"] == "Yes.\nOn a lead."
    else:
        assert 'aria-invalid="true"' in page.text


def test_whoever_signs_for_it_reads_it_and_its_words_are_text_and_nothing_else(
    client: TestClient, desk: RecordedDesk, become: Become, post: Post
) -> None:
    become("desk")
    told = desk.said("replies")["read"]
    raw = bytes.fromhex(told["raw"])
    assert "May I bring my dog?" in shown(raw).text
    desk.answers["replies"]["read"]["raw"] = (b"From: Hanako <hanako@home.example>\n\n<script>alert(1)</script>\n").hex()
    page = signed(post, client.get(f"/campaigns/replies/{READ}/read").text)
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.text
    page_words = unescape(page.text)
    for said in ("<script>alert(1)</script>", told["mail"], "Hanako <hanako@home.example>"):
        assert said in page_words
    assert desk.submitted[-1][0] == "reply-reading"


def test_what_nobody_read_is_not_answered_and_what_is_settled_is_gone(client: TestClient, become: Become) -> None:
    become("desk")
    for path in (f"{NEW}/answer", f"{NEW}/settle", f"{DONE}/read", f"{DONE}/answer"):
        assert client.get(f"/campaigns/replies/{path}").status_code == 409, path
    assert client.get("/campaigns/replies/reply-ffffffffffffffff/read").status_code == 404


def test_a_reply_is_settled_with_what_became_of_it(client: TestClient, desk: RecordedDesk, become: Become, post: Post) -> None:
    become("desk")
    where = f"/campaigns/replies/{READ}/settle"
    assert post(where, {"ending": "thrown-away"}).status_code == 422
    assert signed(post, post(where, {"ending": "case"}).text).headers["location"] == "/campaigns/replies?done=reply-settling"
    assert desk.submitted[-1][1]["ending"] == "case"


def test_contractors_people_are_listed_with_what_they_handed_in_and_one_is_shut(
    client: TestClient, desk: RecordedDesk, become: Become, post: Post
) -> None:
    become("desk")
    page = unescape(client.get("/campaigns/contractors", headers=ENGLISH).text)
    for said in ("桜井 真", "整列のご案内", "1 mailing names somebody of its set and became none", "Take nothing more from them…"):
        assert said in page
    where = f"/campaigns/contractors/{ADMITTED}/shut"
    assert post(where, {"reason": ""}).status_code == 422
    assert signed(post, post(where, {"reason": "left the firm"}).text).headers["location"] == "/campaigns/contractors?done=admission-shut"
    assert desk.submitted[-1][0] == "admission-shut"
    desk.answers["admissions"] = []
    assert "Nobody of a contractor is admitted." in unescape(client.get("/campaigns/contractors", headers=ENGLISH).text)


def test_before_a_real_keep_a_reply_is_read_answered_and_settled_on_the_pages(console: tuple[Office, TestClient]) -> None:
    office, client = console
    mailing.submit(office, people=mailing.people(3))
    mailing.may_tell(office, "reply-answer")
    name = came(office, reply(mails(office)[1][0]))["reply"]
    post: Callable[..., Any] = acting(client, office, "desk")
    at = f"/campaigns/replies/{name}"
    page = signed(post_as(post), client.get(f"{at}/read").text)
    assert "May I bring my dog?" in page.text
    assert signed(post_as(post), post(f"{at}/answer", {"words": "Yes."}).text).status_code == 303
    assert office.terminal.call("replies")[0]["answer"] == "waiting"
    assert signed(post_as(post), post(f"{at}/settle", {"ending": "answered"}).text).status_code == 303
    assert office.terminal.call("replies")[0]["ending"] == "answered"
