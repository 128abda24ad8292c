"""The table of roles and doors, read aloud."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from sekisho.faces.web import Settings, create_app
from sekisho.faces.web.app import DOORS
from sekisho.faces.web.pages import PAGES
from sekisho.faces.web.roles import MAY, STAFF, Use, allowed
from sekisho.law.words import Role
from tests.faces.web.conftest import NOW, TOKEN
from tests.faces.web.recorded_desk import RecordedDesk

PATHS = {
    "/": Use.OVERVIEW,
    "/measures": Use.MEASURES,
    "/measures/infected-notice": Use.MEASURES,
    "/plans/3f9c1a7be0d24c55": Use.DECISION,
    "/cards/D2-filter": Use.DECISION,
    "/approvals": Use.APPROVALS,
    "/permits": Use.PERMITS,
    "/traffic": Use.TRAFFIC,
    "/ledger": Use.LEDGER,
    "/ledger/17": Use.ENTRY,
    "/ledger/17/receipt": Use.ENTRY,
    "/people": Use.PEOPLE,
    "/mailbox": Use.MAILBOX,
    "/effects": Use.PERMITS,
    "/port25/lines": Use.PERMITS,
    "/port25/open": Use.OPEN_LINE,
    "/mailserver": Use.PERMITS,
    "/mailserver/restore": Use.OPEN_LINE,
    "/envelopes": Use.ENVELOPES,
    "/entrustments": Use.ENTRUSTMENTS,
    "/entrustments/hand-overs": Use.ENTRUSTMENTS,
    "/campaigns": Use.CAMPAIGNS,
    "/campaigns/replies": Use.CAMPAIGNS,
    "/campaigns/contractors": Use.CAMPAIGNS,
    "/talks": Use.TALKS,
    "/entrustments/tools": Use.ENTRUSTMENTS,
    "/plans/3f9c1a7be0d24c55/approve": Use.APPROVE,
    "/plans/3f9c1a7be0d24c55/confirm?case=jp/B-13/1": Use.CONFIRM,
    "/permits/c90a5512fe6b4a3e/withdraw": Use.WITHDRAW,
}


def acting(role: str) -> tuple[TestClient, RecordedDesk]:
    desk = RecordedDesk()
    person: dict[str, Any] = {"id": "somebody", "name": "Some Body", "roles": [role], "key_kind": "file", "unsafe_demo": True}
    desk.answers["people"].append(person)
    client = TestClient(
        create_app(desk, Settings(demo=True, clock=lambda: NOW)), base_url="http://localhost:8080", headers={"accept-language": "en"}
    )
    found = TOKEN.search(client.get("/line").text)
    assert found
    client.post("/act-as", data={"csrf": found.group(1), "person": "somebody"}, follow_redirects=False)
    return client, desk


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_its_doors_and_no_other(role: Role) -> None:
    """For each page and action: open when the table says so, else a page that names who may; the same under /api."""
    client, _ = acting(role.value)
    for path, use in PATHS.items():
        answer = client.get(path)
        assert answer.status_code == (200 if role in MAY[use] else 403), (path, role)
        if role not in MAY[use]:
            assert "Open to:" in answer.text
    for path in ("/api/permits", "/api/traffic", "/api/approvals"):
        assert client.get(path).status_code == (200 if role in MAY[PATHS[path.removeprefix("/api")]] else 403)


def test_an_outside_reviewer_sees_the_one_plan_they_were_asked_about() -> None:
    """Their plan, what may be said about it and the signature; no other plan, no list, no whole ledger, no card."""
    client, desk = acting("outside-reviewer")
    mine, other = desk.answers["plan"]["id"], "0" * 16
    desk.answers["people"][-1]["only_plan"] = mine
    for path in ("", "/approve", "/comment"):
        assert client.get(f"/plans/{mine}{path}").status_code == 200, path
        assert client.get(f"/plans/{other}{path}").status_code == 403, path
    for path in ("/approvals", "/ledger", "/cards/D0-board", "/api/approvals", "/ledger/3", "/permits", "/"):
        assert client.get(path).status_code == 403, path
    desk.answers["people"][-1]["only_plan"] = other
    assert client.get(f"/plans/{mine}").status_code == 403


def test_an_outside_reviewer_reads_the_law_and_the_entries_of_their_own_plan() -> None:
    """The book to judge by, and what the ledger says of this plan and its permits, with receipts; no entry of another plan."""
    client, desk = acting("outside-reviewer")
    mine, permit = desk.answers["plan"]["id"], desk.answers["plan"]["permits"][0]["id"]
    desk.answers["people"][-1]["only_plan"] = mine
    entries = desk.answers["ledger"]["entries"]
    entries[3]["ids"], entries[4]["ids"] = {"plan": mine}, {"permit": permit, "look": "look-0000000000000000"}
    entries[5]["ids"], entries[6]["ids"] = {"permit": "permit-0000000000000000"}, {"plan": "0" * 16, "permit": permit}
    entries[7]["ids"] = {}
    for path in ("/book", "/book/measures/infected-notice", "/book/cases/jp/B-12/1"):
        assert client.get(path).status_code == 200, path
        assert client.post(path, data={"csrf": "x"}).status_code in {403, 404, 405}, path
    for index in (3, 4):
        assert client.get(f"/ledger/{index}").status_code == 200, index
        assert client.get(f"/ledger/{index}/receipt").status_code == 200, index
        assert client.get(f"/api/ledger/{index}").status_code == 200, index
    for index in (5, 6, 7, 17):
        for path in (f"/ledger/{index}", f"/ledger/{index}/receipt", f"/api/ledger/{index}"):
            assert client.get(path).status_code == 403, path
    assert client.get("/ledger").status_code == 403
    assert client.post("/ledger/verify").status_code == 403


def test_nobody_gets_in_without_signing_in() -> None:
    """Outside a demo a stranger sees the sign-in and the page for letters; every other door leads to the sign-in."""
    client = TestClient(
        create_app(RecordedDesk(demo=False), Settings(clock=lambda: NOW)),
        base_url="http://localhost:8080",
        headers={"accept-language": "en"},
    )
    for path in PATHS:
        answer = client.get(path)
        assert answer.status_code == 401
        assert 'href="/sign-in?next=' in answer.text
        assert "Sato Ren" not in answer.text
    assert client.get("/api/permits").status_code == 401
    assert client.get("/sign-in").status_code == 200
    assert client.get("/line").status_code == 200


def test_demo_doors_are_shut_outside_a_demo() -> None:
    """No acting as somebody, no mailbox, no demo bar, even when asked nicely."""
    client = TestClient(
        create_app(RecordedDesk(demo=False), Settings(clock=lambda: NOW)),
        base_url="http://localhost:8080",
        headers={"accept-language": "en"},
    )
    page = client.get("/line").text
    assert "Unsafe demo" not in page
    found = TOKEN.search(page)
    assert found
    answer = client.post("/act-as", data={"csrf": found.group(1), "person": "unsafe-demo-person-0000000000000002"})
    assert answer.status_code == 404
    assert client.get("/approvals").status_code == 401


def test_whoever_the_desk_no_longer_lists_is_out_at_once() -> None:
    """Roles are asked anew with each request, not remembered from the sign-in."""
    client, desk = acting("reviewer")
    assert client.get("/approvals").status_code == 200
    desk.answers["people"][-1]["roles"] = ["auditor"]
    assert client.get("/approvals").status_code == 403
    desk.answers["people"].pop()
    assert client.get("/approvals").status_code == 401


def test_every_use_has_a_door_and_every_door_its_use() -> None:
    """The table and the routes know the same things."""
    assert {p.use for p in PAGES} | {d.use for d in DOORS} == set(Use) == set(MAY)


def test_unknown_roles_open_nothing() -> None:
    """A role nobody declared, or none at all, is no role."""
    assert not any(allowed(use, ["root", ""]) or allowed(use, []) for use in Use)


def test_an_auditor_reads_and_never_acts() -> None:
    """The auditor sees what staff see and signs nothing."""
    assert all(Role.AUDITOR in MAY[u] for u in (Use.OVERVIEW, Use.PERMITS, Use.LEDGER, Use.TRAFFIC))
    assert not any(Role.AUDITOR in MAY[u] for u in (Use.APPROVE, Use.CONFIRM, Use.LAY_EVIDENCE, Use.WITHDRAW, Use.SIGN))
    assert Role.AUDITOR in STAFF
