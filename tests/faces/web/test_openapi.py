"""What the console tells machines about itself, and what happens to a machine that keeps to it, or does not: never a mistake of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from sekisho.desk.opening import read_public
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.show import KeepDesk
from sekisho.faces.web import Settings, create_app, openapi
from sekisho.faces.web.app import DOORS, api_path
from sekisho.faces.web.desk import Json
from sekisho.faces.web.pages import PAGES
from sekisho.faces.web.roles import Use
from sekisho.faces.web.transparency import publish
from tests.desk.office import Office
from tests.faces.web.conftest import TOKEN
from tests.faces.web.live import Live, live

WHERE = "http://localhost:8080"
NAMES = [f"{method.upper()} {path}" for path, found in openapi.described()["paths"].items() for method in found]
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
NOT_FOR_MACHINES = {
    "/line", "/consent", "/consent/withdraw", "/notices", "/line/withdraw", "/sign-in", "/sign-out", "/act-as", "/language", "/register",
    "/board", "/board/stream",
    "/agree", "/contact", "/transparency", "/transparency/{year}", "/enrol/{code}",
    "/statements",
}  # fmt: skip
"""Doors of anybody that are pages for people, with a program's view of them elsewhere or none."""


class AsDemo(KeepDesk):
    """The desk of a real `keep`, whose people can be acted as."""

    async def people(self) -> list[Json]:
        return [{**person, "unsafe_demo": True} for person in await super().people()]


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    founded = Office(tmp_path_factory.mktemp("openapi") / "template").found()
    founded.close()
    with live(founded.home, tmp_path_factory.mktemp("openapi") / "office") as running:
        yield running


@pytest.fixture(scope="module")
def machine(at: Live) -> TestClient:
    """A program in an officer's session, before a real `keep`."""
    desk = AsDemo(at.office.settings, read_public(at.office.settings.folder), cast("Channel", at.office.channel("show")))
    chosen = Settings(demo=True, clock=at.office.watch.wall, sign_in_attempts=10**9, readings=10**9)
    client = TestClient(create_app(desk, chosen), base_url=WHERE)
    client.post("/act-as", data={"csrf": token(client), "person": at.office.keys["officer"].person})
    assert client.get("/api/procedures").status_code == 200
    return client


def token(client: TestClient) -> str:
    found = TOKEN.search(client.get("/line").text)
    assert found
    return found.group(1)


def test_the_description_is_openapi_and_every_page_and_every_door_of_anybody_is_in_it_or_named_as_no_machines() -> None:
    paths = set(openapi.described()["paths"])
    plain = {openapi.PART.sub(r"{\1}", api_path(page)) for page in PAGES}
    doors = {openapi.PART.sub(r"{\1}", door.path) for door in DOORS if door.use is Use.ANYBODY}
    assert paths == plain | (doors - NOT_FOR_MACHINES)
    assert doors >= NOT_FOR_MACHINES
    names = [o["operationId"] for path in openapi.described()["paths"].values() for o in path.values()]
    assert len(names) == len(set(names))


def test_anybody_reads_the_description_and_gets_no_cookie(at: Live) -> None:
    told = at.browser().get("/openapi.json")
    assert told.json() == openapi.described()
    assert "set-cookie" not in told.headers


def test_a_refusal_under_api_has_the_form_that_the_description_gives_it(at: Live, machine: TestClient) -> None:
    form = Draft202012Validator(openapi.described()["components"]["schemas"]["Trouble"])
    for told, status in ((at.browser().get("/api/overview"), 401), (machine.get("/api/plans/x"), 404)):
        assert told.status_code == status
        form.validate(told.json())


@pytest.fixture(scope="module")
def known(at: Live) -> Mapping[str, Mapping[str, str]]:
    """Places and receipts that are there, so that not every guess ends at a 404."""
    number, code = at.receipt("content-report", {"where_posted": "https://example.jp/1", "kind": "fraud", "reason": "x"})
    publish(at.office.settings.folder / "register", {"report": {"year": 2025, "tables": []}, "statements": []})
    receipt = {"number": number, "code": code}
    return {
        "/api/book/measures/{id}": {"id": "infected-notice"},
        "/api/book/cases/{id}": {"id": at.load.call("book-index", words="")["measures"][0]["cases"][0]["id"]},
        "/api/measures/{id}": {"id": "infected-notice"},
        "/api/plans/{id}": {"id": at.office.propose()},
        "/api/procedures/{id}": {"id": at.load.case(number)["id"]},
        "/api/ledger/{index}": {"index": "1"},
        "/api/what-if/{measure}/{step}": {"measure": "default-on-filter", "step": "filter"},
        "/contact/{id}": {"id": "content-report"},
        "/contact/{id}/form.pdf": {"id": "content-report"},
        "/transparency/{year}.csv": {"year": "2025"},
        "/transparency/{year}.json": {"year": "2025"},
        "/transparency/{year}/statements.json": {"year": "2025"},
        "/case": receipt,
        "/case/add": receipt,
    }


def cases(operation: Any) -> st.SearchStrategy[Any]:
    """Requests that keep to the description, and, where anything in it can be broken, requests that do not."""
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    typed = any(word in operation.path for word in ("{index}", "{year}"))
    wrong = typed or operation.body or openapi.ASKED.get(operation.path.removeprefix("/api"))
    return good | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE) if wrong else good


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_machine_sends_is_answered_as_described_and_breaks_nothing(
    machine: TestClient, known: Mapping[str, Mapping[str, str]], name: str
) -> None:
    method, path = name.split(" ")
    schema = schemathesis.openapi.from_dict(openapi.described())
    schema.app = machine.app
    schema.config.generation.update(with_security_parameters=False)
    operation = schema[path][method]
    session = requests.Session()
    session.cookies.update(dict(machine.cookies))
    there, csrf = known.get(path, {}), token(machine)
    answered = set()

    @settings(max_examples=6, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
    @given(case=cases(operation), real=st.sampled_from([True, True, False]))
    def ask(case: Any, real: bool) -> None:
        if real:
            case.path_parameters = {key: there.get(key, value) for key, value in (case.path_parameters or {}).items()}
        if isinstance(case.body, dict):
            case.body = {**case.body, "csrf": csrf, **({k: v for k, v in there.items() if k != "id"} if real else {})}
        answer = case.call(base_url=WHERE, session=session)
        assert answer.status_code < 500, answer.text[:2000]
        case.validate_response(answer, checks=CHECKS)
        answered.add(answer.status_code)

    ask()
    if method == "GET" and there:
        answered.add(machine.get(path.format(**there)).status_code)  # nothing behind the question mark: six draws may all have something
    assert answered & {200, 422} or path not in known
