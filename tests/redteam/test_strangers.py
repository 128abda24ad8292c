"""What somebody without any account can reach: exactly the doors named here, and no input of theirs breaks one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from sekisho.faces.web import Settings, board, create_app
from sekisho.faces.web.app import DOORS, api_path
from sekisho.faces.web.pages import PAGES
from sekisho.faces.web.roles import MAY, Use
from sekisho.law.words import Role
from tests.faces.web.conftest import NOW
from tests.faces.web.recorded_desk import RecordedDesk

OPEN = {
    "/answer", "/answer/act", "/case", "/case/add", "/consent", "/consent/withdraw", "/contact", "/contact.json", "/contact/{id}",
    "/openapi.json", "/agree", "/agree/{id}", "/watch/{id}", "/watch/{id}/key", "/watch/{id}/files/{number:int}", "/watch/{id}/{name}",
    "/contact/{id}/form.pdf", "/enrol/{code}", "/act-as", "/language", "/line", "/line/withdraw", "/mail/check", "/mail/stop", "/hand-in",
    "/notices", "/opened", "/order", "/order/answer", "/touched",
    "/filters",
    "/port25", "/register", "/register.json", "/sign-in", "/sign-out", "/transparency", "/transparency/{year}", "/transparency/{year}.csv",
    "/board", "/board.json", "/board/stream", "/statements",
    "/transparency/{year}.json", "/transparency/{year}/statements.json",
}  # fmt: skip
ANSWERS = {200, 400, 401, 403, 404, 405, 409, 413, 414, 422, 429}
HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@pytest.fixture(scope="module")
def stranger() -> Iterator[TestClient]:
    """The board's stream, which else goes on for minutes, ends after one event."""
    desk = RecordedDesk(demo=False)
    app = create_app(desk, Settings(clock=lambda: NOW, readings=10**9))
    with pytest.MonkeyPatch.context() as patch, TestClient(app, base_url="http://localhost:8080") as client:
        patch.setattr(board, "LONGEST_STREAM", 1)
        patch.setattr(board, "TICK", 0)
        yield client


@pytest.fixture(scope="module")
def officer() -> Iterator[TestClient]:
    """In the demo a visitor acts as an engineer; enough to reach every page of the JSON API that one may open."""
    with TestClient(create_app(RecordedDesk(), Settings(demo=True, clock=lambda: NOW)), base_url="http://localhost:8080") as client:
        yield client


def test_strangers_have_these_doors_and_no_other() -> None:
    """A new door that anybody may open has to be written here too."""
    assert {d.path for d in DOORS if d.use is Use.ANYBODY} == OPEN
    assert not [p.path for p in PAGES if p.use is Use.ANYBODY]


def test_the_matrix_of_roles_and_actions_is_whole() -> None:
    """Every action has its row; every row is used by a door or a page; nobody from outside has an action of the case desk."""
    used = {d.use for d in DOORS} | {p.use for p in PAGES}
    assert set(MAY) == set(Use) == used
    outside = {Role.POSTER, Role.REPORTER, Role.SUBSCRIBER, Role.ATTENDEE, Role.PARTICIPANT, Role.CONTRACTOR}
    for use in (Use.PROCEDURES, Use.CASE_WORK, Use.HOLD, Use.SEE_SENDER, Use.OFFICER_ORDER, Use.PEOPLE, Use.LEDGER):
        assert not MAY[use] & outside


def test_every_other_door_sends_a_stranger_to_the_sign_in(stranger: TestClient) -> None:
    for path in [d.path for d in DOORS if d.use is not Use.ANYBODY and "GET" in d.methods] + [p.path for p in PAGES]:
        answer = stranger.get(path.replace("{index:int}", "1").replace("{id:path}", "x").replace("{id}", "x").replace("{measure}", "x"))
        assert answer.status_code in (401, 404), path


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_asked_of_the_json_api_is_answered_with_json_and_never_breaks(officer: TestClient, data: st.DataObject) -> None:
    page = data.draw(st.sampled_from(PAGES))
    path = api_path(page).replace("{index:int}", str(data.draw(st.integers(0, 2**70))))
    for name in ("id:path", "id", "measure", "step"):
        path = path.replace(
            f"{{{name}}}", data.draw(HOSTILE.filter(lambda s: s.strip("/. ")) | st.sampled_from(["x", "..", "%00", "a" * 500]))
        )
    names = st.sampled_from(["start", "q", "shown", "on", "regime", "without", "lang", "done"]) | HOSTILE
    answer = officer.get(quote(path), params=data.draw(st.dictionaries(names, HOSTILE, max_size=4)))
    assert answer.status_code in ANSWERS, (path, answer.text[:500])
    if "json" in answer.headers["content-type"]:
        json.loads(answer.text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(sorted(OPEN - {"/sign-in", "/enrol/{code}"})), word=HOSTILE, told=st.dictionaries(HOSTILE, HOSTILE, max_size=5))
def test_no_word_of_a_stranger_breaks_a_public_page(stranger: TestClient, path: str, word: str, told: dict[str, str]) -> None:
    place = path.replace("{id}", "x").replace("{year}", "2026").replace("{code}", "x")
    for answer in (stranger.get(place, params={"lang": word, "number": word, "code": word, **told}), stranger.post(place, data=told)):
        assert answer.status_code in ANSWERS, (place, answer.text[:500])
        assert "script-src 'self'" in answer.headers["content-security-policy"]
