"""A customer is suspended for what somebody else did: a real Postfix puts off that account's mail alone, until one signature restores it.

Row D2.15: "a wrong suspension is undone with its reasons in one act". The permit, the process that answers Postfix, and the mails are real.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import pytest

from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.desk.suspending import ACCOUNT, WRONG, Suspending
from tests.node import People
from tests.stories.test_mail_policy import Lab, laboratory

OTHER = "saburo2@isp.example"


@dataclass
class Customers:
    """The operator's people at the terminal of a real `keep`, as `Suspending` wants an office."""

    people: People

    keys = property(lambda self: self.people.keys)
    terminal = property(lambda self: self.people.world.keep)
    watch = property(lambda self: SimpleNamespace(at=self.people.world.clock()))
    world = property(lambda self: SimpleNamespace(book=self.people.place.book))

    def confirm(self, plan: str) -> None:
        self.people.confirm(plan)

    def permits(self) -> list[dict[str, object]]:
        return list(self.terminal.call("permits"))


@dataclass
class Suspended:
    """Mail that passed before, and the case whose permit holds one account now."""

    lab: Lab
    desk: Suspending
    matter: str
    permit: str


@pytest.fixture(scope="module")
def suspended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suspended]:
    """It could not wait, so nobody was warned: asked at once, proposed, confirmed, signed by two others."""
    with laboratory(tmp_path_factory.mktemp("wrong-suspension")) as lab:
        desk = Suspending(Caseload(cast("Office", Customers(lab.desk.people))))
        assert lab.sends(ACCOUNT) == 250
        yield Suspended(lab, desk, *desk.urgent())


def test_the_suspended_account_is_put_off_by_the_mail_server_and_nobody_else_is(suspended: Suspended) -> None:
    lab = suspended.lab
    lab.within("suspended", lambda: lab.sends(ACCOUNT) == 450, 20)
    assert lab.sends(OTHER) == 250
    assert lab.sends("alice@isp.example") == 250
    assert "This account is suspended; a letter says why and how to object." in lab.postfix.log.read_text("utf-8")


def test_no_name_of_it_is_in_the_permit_nor_with_the_process_that_answers(suspended: Suspended) -> None:
    assert "saburo" not in repr(suspended.desk.permit(suspended.permit))
    held = b"".join(p.read_bytes() for p in (suspended.lab.desk.state / "policy").iterdir())
    assert b"saburo" not in held


def test_one_signature_ends_it_with_its_reasons_and_the_account_sends_again(suspended: Suspended) -> None:
    """One act: permit over, letter with the reasons, the case says why; and the mail server lets the account send again."""
    lab, load = suspended.lab, suspended.desk.load
    arrived = len(lab.sink.mails)
    assert load.move(suspended.matter, "restore", WRONG, who="reviewer-a") == "restored"
    took = lab.within("restored", lambda: lab.sends(ACCOUNT) == 250)
    lab.within("arrived", lambda: len(lab.sink.mails) > arrived)
    assert suspended.desk.permit(suspended.permit)["state"] == "withdrawn"
    case = load.case(suspended.matter)
    assert {f["id"]: f["value"] for f in case["facts"]}["restored_reason"] == WRONG["restored_reason"]
    letter = load.call("letter", letter=case["letters"][-1]["id"], masked=False)
    assert str(WRONG["restored_reason"]) in letter["body"]
    sys.stdout.write(f"mail passes {took:.2f} s after the signature\n")
