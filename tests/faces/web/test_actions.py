"""What people do: a statement is shown exactly, signed, handed on; the console decides nothing."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from sekisho.law.canonical import canonical, digest
from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import LETTER, RecordedDesk

PLAN = "/plans/3f9c1a7be0d24c55"
PERMIT = "c90a5512fe6b4a3e"
SIGN = re.compile(r'action="(/sign/[\w-]+)"')
TERMS = {
    "f.version": "2026-10",
    "f.day": "2026-10-01",
    "f.text": "5" * 64,
    "f.measures": "infected-notice\n\n traffic-picture ",
    "f.limited": "yes",
    "f.ordinary_user": "no",
    "document": "d" * 64,
}
Post = Callable[..., Any]


def signed(post: Post, page: str) -> Any:
    found = SIGN.search(page)
    assert found, page
    return post(found.group(1), follow_redirects=False)


def test_an_approval_signs_what_is_shown_and_nothing_else(
    client: TestClient, desk: RecordedDesk, become: Callable[..., None], post: Post
) -> None:
    """The page shows the exact bytes and their digest; what reaches the desk is that statement, signed by the one who acted."""
    become("reviewer", 1)
    page = client.get(f"{PLAN}/approve").text
    answer = signed(post, page)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PLAN}?done=approval")
    ((kind, statement, signature),) = desk.submitted
    assert kind == "approval"
    assert statement["shown"] == desk.answers["plan"]["shown"]
    assert statement["person"] == signature["person"] == desk.answers["people"][3]["id"]
    text = html.unescape(page)
    assert canonical(statement).decode() in text
    assert digest(statement) in text
    assert "Your approval was checked and written down." in client.get(answer.headers["location"]).text


def test_the_bytes_of_a_statement_are_folded_and_its_fields_only_where_words_say_them(
    client: TestClient, become: Callable[..., None], post: Post
) -> None:
    """What a plan shows is approved by its words. A reason typed by hand stands nowhere else, and is never folded away."""
    become("reviewer", 1)
    approval = client.get(f"{PLAN}/approve").text
    become("engineer")
    reason = "over"
    withdrawal = post(f"/permits/{PERMIT}/withdraw", {"reason": reason}).text
    for page, in_words in ((approval, True), (withdrawal, False)):
        read(page)
        before, _, folded = page.partition('<details class="printed">')
        folded = folded.partition("</details>")[0]
        assert 'class="exact"' in folded
        assert "What exactly is signed" in folded
        assert ('class="statement"' in folded) is in_words
        assert ('class="statement"' in before) is not in_words
    assert reason in html.unescape(withdrawal.partition('<details class="printed">')[0])


@pytest.mark.parametrize("first", ["-", "_", "0", "z"])
def test_whatever_id_chance_gives_a_statement_it_can_be_signed(
    first: str, client: TestClient, desk: RecordedDesk, become: Callable[..., None], post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random ids may begin with a dash: one in thirty-two does."""
    from sekisho.faces.web import sessions

    become("reviewer")
    monkeypatch.setattr(sessions.secrets, "token_urlsafe", lambda _: f"{first}q5N3Ycw2CFWAJbHIZtQqA")
    page = client.get(f"{PLAN}/approve").text
    monkeypatch.undo()
    assert signed(post, page).status_code == 303


def test_a_statement_is_signed_once(client: TestClient, desk: RecordedDesk, become: Callable[..., None], post: Post) -> None:
    """Sending the form again signs nothing more and says so."""
    become("reviewer")
    page = client.get(f"{PLAN}/approve").text
    assert signed(post, page).status_code == 303
    assert signed(post, page).status_code == 409
    assert len(desk.submitted) == 1


def test_another_person_cannot_sign_what_was_laid_before_somebody_else(
    client: TestClient, desk: RecordedDesk, become: Callable[..., None], post: Post
) -> None:
    """Changing who acts opens a new session; the statement stays with the old one."""
    become("reviewer", 0)
    page = client.get(f"{PLAN}/approve").text
    become("reviewer", 1)
    assert signed(post, page).status_code == 409
    assert desk.submitted == []


def test_a_digest_that_is_not_the_statements_is_never_signed(client: TestClient, desk: RecordedDesk, become: Callable[..., None]) -> None:
    """Were the other side of the socket to lie, the console would not help it."""
    become("reviewer")

    async def lying(kind: str, fields: Any) -> dict[str, Any]:
        return {"statement": dict(fields), "digest": "0" * 64}

    desk.statement = lying  # type: ignore[method-assign]  # the lie under test
    answer = client.get(f"{PLAN}/approve")
    assert answer.status_code == 502
    assert "Do not sign." in answer.text
    assert not SIGN.search(answer.text)


def test_evidence_is_typed_by_the_case_book(desk: RecordedDesk, become: Callable[..., None], post: Post) -> None:
    """Yes and no become true and false, lines a list, days stay days; the document goes by its digest."""
    become("legal-officer")
    page = post(f"{PLAN}/evidence/terms", TERMS).text
    assert signed(post, page).headers["location"] == f"{PLAN}?done=evidence"
    ((kind, statement, _),) = desk.submitted
    assert kind == "evidence"
    assert statement["value"] == {
        "version": "2026-10",
        "day": "2026-10-01",
        "text": "5" * 64,
        "measures": ["infected-notice", "traffic-picture"],
        "limited": True,
        "ordinary_user": False,
    }
    assert (statement["kind"], statement["document"], statement["until"]) == ("terms", "d" * 64, None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("f.version", " ", "is required"),
        ("f.version", "x" * 4001, "is too long"),
        ("f.day", "2026-13-01", "must be a day such as"),
        ("f.text", "F" * 64, "must be a SHA-256 digest"),
        ("f.measures", "\n \n", "is required"),
        ("f.limited", "maybe", "must be yes or no"),
        ("document", "", "is required"),
        ("until", "2026-11-21", "must lie in the future"),
        ("until", "2027-11-22", "must be at most a year away"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_lost(
    field: str, value: str, words: str, desk: RecordedDesk, become: Callable[..., None], post: Post
) -> None:
    """422, the field by name with the reason, the rest of the form as it was typed; nothing to sign."""
    become("legal-officer")
    answer = post(f"{PLAN}/evidence/terms", {**TERMS, field: value})
    assert answer.status_code == 422
    page = read(answer.text)
    assert words in "".join(page.text)
    assert 'aria-invalid="true"' in answer.text
    assert field == "f.version" or 'value="2026-10"' in answer.text
    assert not SIGN.search(answer.text)
    assert desk.submitted == []


def test_what_a_probe_measures_has_no_form(client: TestClient, become: Callable[..., None]) -> None:
    """No statement where a probe can measure, and no kind the book does not know."""
    become("engineer")
    assert client.get(f"{PLAN}/evidence/scope").status_code == 404
    assert client.get(f"{PLAN}/evidence/nonsense").status_code == 404


def test_evidence_of_anothers_role_has_no_form_either(client: TestClient, become: Callable[..., None]) -> None:
    """The page names the roles that may."""
    become("reviewer")
    answer = client.get(f"{PLAN}/evidence/terms")
    assert answer.status_code == 403
    assert "legal officer" in answer.text


def test_a_demo_fills_the_form_in_and_says_so(client: TestClient, become: Callable[..., None], post: Post) -> None:
    """The visitor sees an example marked as one; sent as it stands it is accepted."""
    become("legal-officer")
    page = client.get(f"{PLAN}/evidence/terms").text
    assert "filled in with an example" in page
    fields = dict(re.findall(r'name="((?:f\.|document)[^"]*)"[^>]*?value="([^"]*)"', page.replace("\n", " ")))
    values = dict(re.findall(r'value="([^"]*)"\s+id="[^"]*" name="(f\.[^"]*)"', page))
    fields |= {name: value for value, name in values.items()}
    chosen = {f"f.{k}": "yes" for k in ("limited", "ordinary_user")} | {"f.measures": "infected-notice"}
    assert SIGN.search(post(f"{PLAN}/evidence/terms", {**fields, **chosen}).text)


def test_a_document_is_read_before_it_is_signed(client: TestClient, desk: RecordedDesk, become: Callable[..., None]) -> None:
    """Where the desk has the text of a document, it stands above the form, in both languages, the visitor's unfolded."""
    desk.answers["plan"]["kinds"]["terms"]["reading"] = {"ja": "約款の本文", "en": "Terms <of> service"}
    become("legal-officer")
    page = client.get(f"{PLAN}/evidence/terms").text
    assert "Terms &lt;of&gt; service" in page
    assert '<pre class="letter" lang="ja" tabindex="0">約款の本文</pre>' in page
    assert page.count("<details open>") == 1
    read(page)


def test_the_officer_confirms_with_reasons_and_a_term(
    client: TestClient, desk: RecordedDesk, become: Callable[..., None], post: Post
) -> None:
    """Both are required; the term lies within a year; the case must be one that waits."""
    become("legal-officer")
    where = f"{PLAN}/confirm?case=jp/B-13/1"
    assert post(where, {"f.reasons": "", "until": "2027-01-01"}).status_code == 422
    assert post(where, {"f.reasons": "read", "until": ""}).status_code == 422
    assert client.get(f"{PLAN}/confirm?case=jp/B-12/1").status_code == 404
    page = post(where, {"f.reasons": "The third report was read; the terms name the match.", "until": "2027-01-01"}).text
    assert signed(post, page).headers["location"] == f"{PLAN}?done=confirmation"
    ((kind, statement, _),) = desk.submitted
    assert kind == "confirmation"
    assert (statement["case"], statement["until"]) == ("jp/B-13/1", "2027-01-01")


def test_a_permit_is_withdrawn_with_a_reason_that_is_known(desk: RecordedDesk, become: Callable[..., None], post: Post) -> None:
    """A reason outside the list is refused; a good one is signed and sent."""
    become("engineer")
    assert post(f"/permits/{PERMIT}/withdraw", {"reason": "because"}).status_code == 422
    page = post(f"/permits/{PERMIT}/withdraw", {"reason": "over"}).text
    assert signed(post, page).headers["location"] == "/permits?done=withdrawal"
    assert desk.submitted[0][1]["permit"] == PERMIT


def test_after_a_withdrawal_the_next_look_is_refused_and_says_why(client: TestClient, post: Post) -> None:
    """The button stays, so that anybody can try: under a living permit a look is asked for, under a withdrawn one it is not."""
    page = client.get("/permits").text
    assert 'action="/permits/d4410b9e7f3c4b68/look"' in page
    assert post("/permits/d4410b9e7f3c4b68/look", follow_redirects=False).headers["location"] == "/permits?done=look"
    gone = post("/permits/e05b7c21d8f94913/look")
    assert gone.status_code == 409
    assert "The permit was withdrawn" in gone.text
    assert post("/permits/0000/look").status_code == 404


def test_a_letter_in_the_demo_mailbox_leads_to_its_own_page(client: TestClient, desk: RecordedDesk) -> None:
    """A link to this console can be followed; a link to anywhere else stays text."""
    desk.answers["mailbox"][0]["body"] = "http://localhost:8080/line?code=4N7K-2QXD\nhttps://evil.example/line?code=1\n"
    page = client.get("/mailbox").text
    assert 'href="/line?code=4N7K-2QXD"' in page
    assert 'href="https://evil' not in page


def test_a_subscriber_withdraws_with_the_letter_alone(client: TestClient, desk: RecordedDesk, post: Post) -> None:
    """No account and no key: one form, at once, and a plain sentence afterwards."""
    answer = post("/line/withdraw", {"code": LETTER}, follow_redirects=False)
    assert answer.headers["location"] == "/line?done=withdraw-mine"
    assert desk.withdrawn == [LETTER]
    assert "You have withdrawn." in client.get(answer.headers["location"]).text


def test_a_comment_is_shown_and_signed_as_it_will_be_read(desk: RecordedDesk, become: Callable[..., None], post: Post) -> None:
    """Text and a declared interest; nothing empty."""
    become("reviewer")
    assert post(f"{PLAN}/comment", {"f.text": "  "}).status_code == 422
    page = post(f"{PLAN}/comment", {"f.text": "一度確かめてください", "conflict": "yes"}).text
    assert "一度確かめてください" in page
    assert "Read" in page or "sign" in page


def test_what_people_said_stands_on_the_plan(client: TestClient, desk: RecordedDesk, become: Callable[..., None]) -> None:
    """With the name, the declared interest, and that a single person may do everything where it is so."""
    become("reviewer")
    desk.answers["plan"]["comments"][0]["conflict"] = True
    desk.answers["plan"]["one_person"] = True
    page = client.get(PLAN).text
    assert "一覧の点検日を確かめました。" in page
    assert "has an interest in this matter" in page
    assert "has a single person" in page


def test_a_consent_is_withdrawn_with_its_receipt_alone(client: TestClient, desk: RecordedDesk, post: Post) -> None:
    answer = post("/consent/withdraw", {"code": LETTER}, follow_redirects=False)
    assert answer.headers["location"] == "/consent?done=withdraw-consent"
    assert desk.withdrawn == [LETTER]
    assert "You have withdrawn." in client.get(answer.headers["location"]).text
    assert post("/consent/withdraw", {"code": "0000"}).status_code == 404


def test_what_keep_refuses_is_shown_with_its_code(client: TestClient, desk: RecordedDesk, become: Callable[..., None], post: Post) -> None:
    """A code the console has no words for is still shown, with what came along, in a page that says nothing was done."""
    become("reviewer")
    page = client.get(f"{PLAN}/approve").text

    async def refusing(kind: str, statement: Any, signature: Any) -> dict[str, Any]:
        return {"error": {"code": "a-new-refusal", "needs": ["this"], "plan": "3f9c"}}

    desk.submit = refusing  # type: ignore[method-assign]  # the refusal under test
    answer = signed(post, page)
    assert answer.status_code == 409
    assert "a-new-refusal" in answer.text
    assert "Nothing was done." in answer.text
    read(answer.text)


def test_outside_a_demo_no_demo_key_signs(client: TestClient, desk: RecordedDesk, become: Callable[..., None], post: Post) -> None:
    """A person without a demo key must bring a passkey's assertion; an empty or odd one never reaches the desk."""
    become("reviewer")
    page = client.get(f"{PLAN}/approve").text
    for person in desk.answers["people"]:
        person["unsafe_demo"] = person["roles"] == ["engineer", "desk"]
    found = SIGN.search(page)
    assert found
    assert post(found.group(1), {"signature": "zz", "client_data": "00", "authenticator_data": "00"}).status_code == 403
    assert desk.submitted == []


def test_an_api_error_says_the_same_as_the_page(client: TestClient) -> None:
    """Code, title and what to do next, as JSON."""
    answer = client.get("/api/plans/unknown")
    assert answer.status_code == 404
    assert json.loads(answer.text)["error"]["code"] == "unknown-plan"
