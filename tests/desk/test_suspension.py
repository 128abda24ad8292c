"""A customer is warned, heard and suspended by people who answer for it, each on a ground; and a wrong suspension is undone in one act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sekisho.desk.outside import KeepSaidNo
from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.desk.suspending import PROPOSED, WRONG, Suspending


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suspending]:
    office = Office(tmp_path_factory.mktemp("suspension") / "office").found()
    yield Suspending(Caseload(office))
    office.close()


def no(at: Suspending, matter: str, move: str, facts: dict[str, Any] | None = None, who: str = "officer") -> KeepSaidNo:
    with pytest.raises(KeepSaidNo) as why:
        at.load.move(matter, move, facts, who=who)
    return why.value


@pytest.fixture(scope="module")
def undone(at: Suspending) -> tuple[dict[str, Any], str]:
    """A suspension after a warning, found to be wrong: the case, and the permit it had."""
    matter, permit = at.suspended()
    assert at.permit(permit)["state"] == "in-force"
    assert at.load.move(matter, "restore", WRONG, who="reviewer-a") == "restored"
    return at.load.case(matter), permit


def test_a_wrong_suspension_is_undone_with_its_reasons_in_one_act(at: Suspending, undone: tuple[dict[str, Any], str]) -> None:
    """One signature: the permit is over, the letter with the reasons is there, and the case says why."""
    case, permit = undone
    assert at.permit(permit)["state"] == "withdrawn"
    letter = at.load.call("letter", letter=case["letters"][-1]["id"], masked=False)
    assert case["letters"][-1]["text"] == "suspension-restored@1"
    assert WRONG["restored_reason"] in letter["body"]
    assert "停止・解除が誤りだった" in letter["body"]
    told = {f["id"]: f["value"] for f in case["facts"]}
    assert told["restored_reason"] == WRONG["restored_reason"]
    assert at.load.office.terminal.call("compare")["differences"] == []


def test_each_letter_says_what_the_customer_needs_to_know(at: Suspending, undone: tuple[dict[str, Any], str]) -> None:
    told = [x["text"] for x in undone[0]["letters"]]
    assert told == ["suspension-warning@1", "suspension-hearing@1", "suspension-decided@1", "suspension-restored@1"]
    letters = {x["text"]: at.load.call("letter", letter=x["id"], masked=False)["body"] for x in at.load.case(at.suspended()[0])["letters"]}
    assert "この手紙だけで利用が止まることはありません" in letters["suspension-warning@1"]
    assert "お答えがないことを" in letters["suspension-hearing@1"]
    for name in ("decision_reason", "like_cases", "milder", "back_to", "back_when"):
        assert str(PROPOSED[name]) in letters["suspension-decided@1"], name


def test_a_letter_of_a_suspension_that_was_undone_cannot_go_out_any_more(at: Suspending, undone: tuple[dict[str, Any], str]) -> None:
    decided = next(x["id"] for x in undone[0]["letters"] if x["text"] == "suspension-decided@1")
    with pytest.raises(KeepSaidNo) as why:
        at.load.call("letter", letter=decided, masked=False)
    assert why.value.code == "withdrawn"


def test_who_proposed_does_not_decide_and_two_others_do(at: Suspending) -> None:
    matter = at.heard()
    at.load.move(matter, "propose-suspend", PROPOSED, who="officer")
    at.load.confirm(matter, "suspend")
    assert no(at, matter, "suspend").code == "same-person"
    first = at.load.moved(matter, "suspend", who="reviewer-a")
    assert (first["state"], first["missing"]) == ("proposed", 1)
    assert at.load.moved(matter, "suspend", who="reviewer-b")["state"] == "suspended"


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ({"alike": "some-lines"}, "alike"),
        ({"chosen_by": ("what-was-written",)}, "not-by-what-is-said"),
        ({"back_open": False}, "way-back"),
    ],
)
def test_the_gate_refuses_what_is_unfair_and_says_which_condition_fails(at: Suspending, said: dict[str, Any], condition: str) -> None:
    matter = at.proposed(**said)
    why = no(at, matter, "suspend", who="reviewer-a")
    assert why.code == "no-ground"
    assert condition in {m["condition"] for m in why.detail["missing"]}
    assert at.load.case(matter)["state"] == "proposed"


@pytest.mark.parametrize(
    ("said", "must"),
    [({"basis_lawful": False}, "lawful"), ({"basis_for": ("billing",)}, "gathered-for-this"), ({"terms_for": ("limit",)}, "clause")],
)
def test_evidence_gathered_unlawfully_or_for_something_else_does_not_even_warn(at: Suspending, said: dict[str, Any], must: str) -> None:
    with pytest.raises(KeepSaidNo) as why:
        at.grounded(**said)
    assert {"code": "must", "name": must} in why.value.detail["lacks"]


def test_nobody_is_suspended_before_the_term_of_the_warning_is_over(at: Suspending) -> None:
    matter = at.warned()
    assert {"code": "clock-not-over", "name": "grace"} in no(at, matter, "went-on", {"went_on": True}, who="desk").detail["lacks"]


def test_what_cannot_wait_is_suspended_for_a_week_at_most_and_asked_at_once(at: Suspending) -> None:
    matter, permit = at.urgent()
    found = at.permit(permit)
    assert "jp/C-16/2" in found["cases"]
    at.load.office.watch.wind(days=8)
    assert at.permit(permit)["state"] != "in-force"
    assert at.load.move(matter, "close", {"closing_reason": "期間が過ぎた。"}) == "closed"


def test_an_objection_is_judged_by_nobody_who_proposed_decided_or_signed(at: Suspending) -> None:
    """The officer, who had no part in it, upholds; either reviewer, who both signed, may still restore but not uphold."""
    matter, permit = at.suspended()
    at.load.attach(matter, "objection")
    at.load.move(matter, "object", {"objected_on": at.load.today(), "objection_reason": "送っていません。"}, who="desk")
    said = {m["id"]: m["apart"] for m in at.load.case(matter)["moves"]}
    kept = ["propose-suspend", "propose-terminate", "propose-now", "suspend", "terminate", "suspend-now"]
    assert [m["id"] for m in said["uphold"]] == kept, "and whoever looks at the case is told so"
    assert all(m["title"]["ja"] and m["title"]["en"] for m in said["uphold"])
    assert said["restore"] == []
    assert at.load.move(matter, "uphold", {"upheld_reason": "送信が続いている。"}) == "upheld"
    assert at.permit(permit)["state"] == "in-force"
    assert at.load.move(matter, "restore", {**WRONG, "restored_because": "cleared"}, who="reviewer-b") == "restored"
    assert at.permit(permit)["state"] == "withdrawn"


def test_an_officer_who_signed_the_suspension_does_not_uphold_it(at: Suspending) -> None:
    matter = at.proposed()
    at.load.confirm(matter, "suspend")
    at.load.grant(matter, "suspend", first="officer", second="reviewer-a")
    at.load.attach(matter, "objection")
    at.load.move(matter, "object", {"objected_on": at.load.today(), "objection_reason": "違います。"}, who="desk")
    assert no(at, matter, "uphold", {"upheld_reason": "x"}).code == "same-person"
    assert at.load.move(matter, "restore", WRONG) == "restored"


def test_closing_a_case_ends_what_it_holds(at: Suspending) -> None:
    matter, permit = at.suspended()
    at.load.move(matter, "close", {"closing_reason": "契約者が解約した。"})
    assert at.permit(permit)["state"] == "withdrawn"


def test_a_contract_ends_only_after_warning_and_hearing(at: Suspending) -> None:
    matter = at.heard()
    at.load.move(matter, "propose-terminate", PROPOSED, who="desk")
    permit = at.decided(matter, "terminate")
    assert at.permit(permit)["step"] == "terminate"
    assert at.load.case(matter)["letters"][-1]["text"] == "suspension-terminated@1"
