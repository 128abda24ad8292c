"""The register of entrustments on the console: a volunteer reads who holds what; approving and stopping are shown, signed, handed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from sekisho.faces.web import codes_entrust
from sekisho.law import entrustment as law
from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import RecordedDesk, recorded
from tests.faces.web.test_actions import Post, signed

ROWS: list[dict[str, Any]] = recorded("entrustments")["entrustments"]
BY_STATUS = {e["status"]: e for e in reversed(ROWS)}
AGENCY, DRAFT, STOPPED, LATE = BY_STATUS["in-force"], BY_STATUS["draft"], BY_STATUS["suspended"], BY_STATUS["ended"]
Become = Callable[..., None]


def words(client: TestClient, path: str = "/entrustments", language: str = "en") -> str:
    return " ".join(" ".join(read(client.get(path, headers={"accept-language": language}).text).text).split())


def test_a_volunteer_reads_who_holds_which_data_for_what_and_until_when(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client)
    for said in ("Sakura Agency", "race-information", "allergy", "about health", "5000", "send mails", "JP", "2027-03-31", "24 hours"):
        assert said in page
    assert "do not send it, and tell the person in charge" in page


def test_the_same_in_plain_japanese(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client, language="ja")
    for said in (
        "個人データをだれが持っているか",
        "健康に関する情報",
        "メールの送信",
        "当方の事前の承諾がある場合だけ",
        "送らずに責任者へ知らせてください",
    ):
        assert said in page


def test_each_firm_stands_below_the_one_it_got_the_data_from(client: TestClient, become: Become) -> None:
    become("engineer")
    html = client.get("/entrustments").text
    at = html.index("Handed on by Sakura Agency to:")
    assert html.index(f'id="{AGENCY["id"]}"') < at < html.index(f'id="{DRAFT["id"]}"')
    assert html.count("Echizen Printing</span> <span class") == 1


def test_what_is_late_and_what_waits_stands_on_top(client: TestClient, become: Become) -> None:
    become("engineer")
    page = words(client)
    assert page.index("not given back, not erased; due by 2026-11-20 (1 day late)") < page.index("Sakura Agency")
    assert "1 row waits for an approval." in page
    assert f"It was to be given back or erased by {LATE['return_due']}." in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Not given back, not erased, and its day is over: Old Fulfilment Co. , Great Shoes See what is due"),
        ("ja", "返却も消去もされないまま、期限を過ぎています： Old Fulfilment Co. 、 Great Shoes 対応が必要なものを見る"),
    ],
)
def test_what_is_late_stands_on_the_first_page_with_the_firms_name(
    client: TestClient, desk: RecordedDesk, become: Become, language: str, said: str
) -> None:
    become("engineer")
    notice = {"code": "back-late", "args": {}, "names": ["Old Fulfilment Co.", "Great Shoes"], "href": "/entrustments#due"}
    desk.answers["overview"]["notices"] = [notice]
    assert said in words(client, "/", language)


def test_a_firm_below_one_that_was_stopped_says_that_nothing_may_go_to_it(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("engineer")
    rows = desk.answers["entrustments"]["entrustments"]
    next(r for r in rows if r["depth"] and r["status"] == "in-force")["chain"] = "suspended"
    assert "Nothing may be handed over: the firm above it is not in force." in words(client)


def test_anybody_on_duty_stops_it_with_a_reason_and_a_signature(client: TestClient, desk: RecordedDesk, become: Become, post: Post) -> None:
    become("engineer")
    where = f"/entrustments/{AGENCY['id']}/stop"
    assert "every permit for it ends at once" in words(client, where)
    assert post(where, {"f.words": " "}).status_code == 422
    answer = signed(post, post(where, {"f.words": "strangers got mails"}).text)
    assert answer.headers["location"] == "/entrustments?done=entrustment-suspended"
    ((kind, statement, _),) = desk.submitted
    assert (kind, statement["what"], statement["reason"]) == ("entrustment-suspended", "suspended", "strangers got mails")
    assert statement["entrustment"] == AGENCY["id"]
    assert "Every permit that rests on it has ended." in client.get(answer.headers["location"]).text


def test_an_approval_shows_the_whole_row_before_it_is_signed(client: TestClient, desk: RecordedDesk, become: Become, post: Post) -> None:
    become("reviewer")
    page = client.get(f"/entrustments/{DRAFT['id']}/approve").text
    assert "Binder Ltd." in page
    assert "12 hours" in " ".join(page.split())
    assert signed(post, page).headers["location"] == "/entrustments?done=entrustment-approved"
    ((_, statement, _),) = desk.submitted
    assert (statement["entrustment"], statement["what"]) == (DRAFT["id"], "approved")


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("engineer", f"/entrustments/{DRAFT['id']}/approve", 403),
        ("subscriber", "/entrustments", 403),
        ("reviewer", f"/entrustments/{AGENCY['id']}/approve", 409),
        ("reviewer", "/entrustments/entrustment-ffffffffffffffff/approve", 404),
    ],
)
def test_what_is_not_open_says_why(role: str, path: str, status: int, client: TestClient, become: Become) -> None:
    become(role)
    answer = client.get(path)
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_who_entered_a_row_is_not_offered_its_approval(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("reviewer")
    row = next(r for r in desk.answers["entrustments"]["entrustments"] if r["id"] == DRAFT["id"])
    row["entrustment"]["by"] = next(p for p in desk.answers["people"] if "reviewer" in p["roles"])["id"]
    assert f"/entrustments/{DRAFT['id']}/approve" not in client.get("/entrustments").text
    assert client.get(f"/entrustments/{DRAFT['id']}/approve").status_code == 403


def test_an_empty_register_says_what_that_means(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("engineer")
    desk.answers["entrustments"]["entrustments"] = []
    assert "the register is empty, and nothing may be handed over" in words(client)


def test_every_code_of_the_register_has_its_words() -> None:
    assert set(codes_entrust.STATUSES) == {s.value for s in law.Status}
    assert set(codes_entrust.CLASSES) == {c.value for c in law.FieldClass}
    assert set(codes_entrust.ACTIONS) == {a.value for a in law.Action}
    assert set(codes_entrust.AGAIN) == {a.value for a in law.Again}
    assert set(codes_entrust.RUNGS) == {r.value for r in law.Rung}
    assert set(codes_entrust.MOVES) == {w.value for w in law.What} | {"lost"}
