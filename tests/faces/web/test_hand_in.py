"""The contractor's door for programs: a mailing goes in, counts come out, and without a token of a row in force nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.desk import contracting, mailing
from tests.desk.office import Office
from tests.faces.web.live import Live, live

PEOPLE = mailing.people(12)
MAILING = {"name": "Line-up", "texts": contracting.TEXTS, "to": ["everybody"]}


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    founded = Office(tmp_path_factory.mktemp("handin") / "template").found()
    founded.close()
    with live(founded.home, tmp_path_factory.mktemp("handin") / "office") as running:
        yield running


@pytest.fixture(scope="module")
def made(at: Live) -> dict[str, Any]:
    return contracting.admit(at.office, contracting.agency(at.office), PEOPLE)


def post(at: Live, token: str, asked: Any) -> Any:
    return at.browser().post("/hand-in", json=asked, headers={"authorization": f"Bearer {token}"})


def test_a_program_hands_in_and_reads_its_counts(at: Live, made: dict[str, Any]) -> None:
    answer = post(at, made["token"], MAILING)
    assert (answer.status_code, answer.json()["persons"]) == (201, 12)
    answer = at.browser().get("/hand-in", headers={"authorization": f"bearer {made['token']}"})
    told = answer.json()
    assert (answer.status_code, told["persons"], told["mailings"][0]["status"]) == (200, 12, "submitted")
    assert "@" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic abc"])
def test_without_its_token_nothing_is_said(at: Live, made: dict[str, Any], said: str) -> None:
    assert made["token"]
    for method, asked in (("GET", None), ("POST", MAILING)):
        answer = at.browser().request(method, "/hand-in", json=asked, headers={"authorization": said})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown-token")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_shut_one_is_told_so(at: Live) -> None:
    mine = contracting.admit(at.office, contracting.agency(at.office), PEOPLE)
    contracting.shut(at.office, mine["admission"])
    assert post(at, mine["token"], MAILING).status_code == 403


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": "everybody"}, "not-a-request"),
        ({"to": ["hanako@mail.example"]}, "unknown-alias"),
        ({"sender": "x@mail.example"}, "not-a-request"),
        ({"texts": {"ja": contracting.TEXTS["ja"]}}, "no-text-in-language"),
        ({"texts": {"ja": 1}}, "not-a-request"),
        ({"since": "soon"}, "not-a-request"),
        ({"attachments": [{"name": "a.exe", "media": "application/x-sh", "content": "AAAA"}]}, "campaign-incomplete"),
        ({"attachments": [{"name": "a.pdf", "media": "application/pdf", "content": "no base64!"}]}, "campaign-leaks"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_taken(at: Live, made: dict[str, Any], changed: dict[str, Any], code: str) -> None:
    before = len(contracting.handed_in(at.office))
    answer = post(at, made["token"], {**MAILING, **changed})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert len(contracting.handed_in(at.office)) == before


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(at: Live, made: dict[str, Any], raw: bytes) -> None:
    answer = at.browser().post("/hand-in", content=raw, headers={"authorization": f"Bearer {made['token']}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "not-a-request")


def test_a_mailing_that_is_too_large_is_refused_before_it_is_read(at: Live, made: dict[str, Any]) -> None:
    answer = at.browser().post("/hand-in", content=b" " * (5 << 20), headers={"authorization": f"Bearer {made['token']}"})
    assert answer.status_code == 413
