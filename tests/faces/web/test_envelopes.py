"""Envelopes on the console: what is allowed, what was used, what waits for a review; each action shown, signed, handed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import RecordedDesk, recorded
from tests.faces.web.test_actions import Post, signed

BY_STATE: dict[str, Any] = {e["state"]: e for e in recorded("envelopes")}
USED, WAITING, GONE = BY_STATE["in-force"], BY_STATE["waiting"], BY_STATE["revoked"]
REVIEWED, LATE, DUE = USED["uses"]
Become = Callable[..., None]


def words(client: TestClient, path: str = "/envelopes") -> str:
    return " ".join(" ".join(read(client.get(path).text).text).split())


def test_the_page_says_what_is_allowed_until_when_who_signed_and_what_was_used(client: TestClient, become: Become) -> None:
    become("reviewer")
    page = words(client)
    people = ("Watanabe Aoi", "Kimura Jun", "Sato Ren")
    for said in (*people, "at most 2 hours", "Lapses at", "alarm 03:12", "how fine the prefixes are that flows", "3 uses"):
        assert said in page
    assert "waiting for two approvals" in page
    assert "the router of that night is gone" in page
    assert "Graph and order fit; ended at 05:01." in page


def test_what_waits_for_a_review_stands_first_and_the_overdue_one_says_that_it_blocks(client: TestClient, become: Become) -> None:
    become("reviewer")
    page = words(client)
    assert page.index("3 uses wait for a review") < page.index("at most 2 hours")
    assert "nothing more is made in this envelope until it is done" in page
    html = client.get("/envelopes").text
    offered = [f"/envelopes/{USED['id']}/uses/{u['id']}/review" in html for u in (REVIEWED, LATE, DUE)]
    assert offered == [False, True, True]


def test_a_review_is_written_signed_and_handed_on(client: TestClient, desk: RecordedDesk, become: Become, post: Post) -> None:
    become("reviewer")
    where = f"/envelopes/{USED['id']}/uses/{LATE['id']}/review"
    assert "alarm 03:12" in words(client, where)
    assert post(where, {"f.words": "  "}).status_code == 422
    answer = signed(post, post(where, {"f.words": "As it should be."}).text)
    assert answer.headers["location"] == "/envelopes?done=use-review"
    ((kind, statement, _),) = desk.submitted
    assert (kind, statement["use"], statement["words"]) == ("use-review", LATE["id"], "As it should be.")
    assert "Your review was checked and written down." in client.get(answer.headers["location"]).text


def test_revoking_needs_a_reason_and_says_what_ends(client: TestClient, desk: RecordedDesk, become: Become, post: Post) -> None:
    become("engineer")
    where = f"/envelopes/{USED['id']}/revoke"
    assert "every permit made in it ends at once" in words(client, where)
    assert post(where, {"f.words": ""}).status_code == 422
    answer = signed(post, post(where, {"f.words": "The router is replaced."}).text)
    assert answer.headers["location"] == "/envelopes?done=revocation"
    ((kind, statement, _),) = desk.submitted
    assert (kind, statement["envelope"], statement["reason"]) == ("revocation", USED["id"], "The router is replaced.")


def test_an_approval_signs_the_envelope_as_it_is_shown(client: TestClient, desk: RecordedDesk, become: Become, post: Post) -> None:
    become("reviewer", 1)
    page = client.get(f"/envelopes/{WAITING['id']}/approve").text
    assert "at most 3 hours" in " ".join(page.split())
    assert signed(post, page).headers["location"] == "/envelopes?done=envelope-approval"
    ((_, statement, _),) = desk.submitted
    assert (statement["envelope"], statement["shown"]) == (WAITING["id"], WAITING["shown"])


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("engineer", f"/envelopes/{USED['id']}/uses/{LATE['id']}/review", 403),
        ("engineer", f"/envelopes/{WAITING['id']}/approve", 403),
        ("subscriber", "/envelopes", 403),
        ("legal-officer", f"/envelopes/{GONE['id']}/revoke", 409),
        ("legal-officer", f"/envelopes/{GONE['id']}/approve", 409),
        ("legal-officer", f"/envelopes/{USED['id']}/uses/{REVIEWED['id']}/review", 409),
        ("legal-officer", f"/envelopes/{USED['id']}/uses/use-0000000000000000/review", 404),
        ("legal-officer", "/envelopes/envelope-ffffffffffffffff/revoke", 404),
    ],
)
def test_what_is_not_open_says_why(role: str, path: str, status: int, client: TestClient, become: Become) -> None:
    become(role)
    answer = client.get(path)
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_who_used_it_is_not_offered_its_review(client: TestClient, desk: RecordedDesk, become: Become) -> None:
    become("reviewer")
    for use in desk.answers["envelopes"][-1]["uses"] + [u for e in desk.answers["envelopes"] for u in e["uses"]]:
        use["by"] = desk.answers["people"][2]["id"]
    assert "You used it; somebody else must review." in words(client)
    assert client.get(f"/envelopes/{USED['id']}/uses/{LATE['id']}/review").status_code == 409


def test_without_envelopes_the_page_says_what_that_means(client: TestClient, desk: RecordedDesk) -> None:
    desk.answers["envelopes"] = []
    assert "by night nothing is permitted that was not permitted by day" in words(client)
