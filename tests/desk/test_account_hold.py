"""A suspended account's mail waits exactly as long as its permit lives; nobody else's does, and no name leaves the case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sekisho.desk import matters
from sekisho.desk.mail import policy_told
from sekisho.desk.policy_words import PolicyLeases
from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.desk.suspending import ACCOUNT, WRONG, Suspending
from tests.desk.test_answer_mail import DUNNO, Server

HELD = b"action=450 4.7.1 This account is suspended; a letter says why and how to object.\n\n"


class Desk(Suspending):
    """With the process that answers its mail server."""

    def __init__(self, office: Office) -> None:
        super().__init__(Caseload(office))
        self.server = Server(office, office.home / "counts.db")

    def sends(self, account: str, **more: str) -> bytes:
        self.server.hear()
        return self.server.sends(account, **more)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    office = Office(tmp_path_factory.mktemp("held-account") / "office").found()
    found = Desk(office)
    yield found
    found.server.counts.close()
    office.close()


def test_only_the_suspended_account_waits_and_the_restoring_signature_lets_it_send(desk: Desk) -> None:
    matter = desk.proposed()
    assert desk.sends(ACCOUNT) == DUNNO
    desk.decided(matter, "suspend")
    assert desk.sends(ACCOUNT) == HELD
    assert desk.sends(ACCOUNT.upper()) == HELD
    assert {desk.sends(f"{n}@isp.example") for n in ("alice", "saburo2", "")} == {DUNNO}
    assert desk.sends("", sender=ACCOUNT) == DUNNO
    desk.load.move(matter, "restore", WRONG)
    assert desk.sends(ACCOUNT) == DUNNO


@pytest.mark.parametrize("said", ["hachiro", "kuro@isp.example"])
def test_a_suspended_account_does_not_send_by_another_spelling(desk: Desk, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many mail servers take a name with their own domain behind it and without, and tell us the one that was typed."""
    world, answering = desk.load.office.world, desk.server.answering
    own = replace(world.settings, policy=replace(world.settings.policy, domain="isp.example"))
    monkeypatch.setattr(world, "settings", own)
    monkeypatch.setattr(answering, "world", replace(answering.world, settings=own))
    name = said.partition("@")[0]
    assert {desk.sends(name), desk.sends(f"{name}@isp.example")} == {DUNNO}
    desk.urgent(said)
    assert {desk.sends(n) for n in (name, f"{name}@isp.example", f"{name.upper()}@ISP.example", f" {name}")} == {HELD}
    assert {desk.sends(n) for n in (f"{name}@other.example", f"{name}2", f"{name}@isp.example.org", "")} == {DUNNO}


def test_an_urgent_hold_ends_by_itself_with_its_permit(desk: Desk) -> None:
    matter, _ = desk.urgent("shiro@isp.example")
    assert desk.sends("shiro@isp.example") == HELD
    desk.load.office.watch.wind(days=8)
    assert desk.sends("shiro@isp.example") == DUNNO
    assert desk.load.case(matter)["state"] == "suspended-now"


def test_a_withdrawn_permit_holds_nobody_though_its_case_says_suspended(desk: Desk) -> None:
    _, permit = desk.suspended("goro@isp.example")
    assert desk.sends("goro@isp.example") == HELD
    desk.load.office.withdraw(permit)
    assert desk.sends("goro@isp.example") == DUNNO


def test_neither_the_permit_nor_what_policy_hears_says_the_account(desk: Desk) -> None:
    matter, permit = desk.suspended("rokuro@isp.example")
    with desk.load.office.turn() as world, world.request():
        let = next(x for x in policy_told.leased(world, PolicyLeases()).let or () if permit.encode() in repr(x.permit).encode())
    assert "rokuro" not in repr(let)
    assert let.only is not None
    assert len(let.only) == 1
    assert "rokuro" not in repr(desk.permit(permit))
    desk.load.move(matter, "close", {"closing_reason": "契約者が解約した。"})
    assert desk.sends("rokuro@isp.example") == DUNNO


def test_its_case_is_opened_when_it_has_moved_and_not_twice_a_second(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is remembered is the token that goes out, not the name."""
    matter, _ = desk.suspended("shichiro@isp.example")
    opened: list[str] = []
    load = matters.load
    monkeypatch.setattr(matters, "load", lambda world, case: opened.append(case) or load(world, case))
    assert [desk.sends("shichiro@isp.example") for _ in range(5)] == [HELD] * 5
    assert opened.count(matter) <= 1
    assert "shichiro" not in repr(desk.load.office.world.suspended)
    desk.load.move(matter, "restore", WRONG)
    assert desk.sends("shichiro@isp.example") == DUNNO
