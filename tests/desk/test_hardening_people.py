"""A person can be ended and a confirmation taken back: by the legal officer, signed, written down, and within seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import remeasure
from sekisho.desk.signed_words import Dismissal, Retraction
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.office import Office


def dismiss(office: Office, who: str, by: str = "officer", reason: str = "left", **later: float) -> Any:
    words = Dismissal(office.keys[who].person, reason, office.keys[by].person, office.watch.at - timedelta(**later))
    return office.terminal.call("dismiss", dismissal=words, signature=office.keys[by].sign(words))


def unconfirm(office: Office, confirmation: str, by: str = "officer", reason: str = "the report was withdrawn") -> Any:
    words = Retraction(confirmation, reason, office.keys[by].person, office.watch.at)
    return office.terminal.call("unconfirm", retraction=words, signature=office.keys[by].sign(words))


def kinds(office: Office) -> list[EntryType]:
    return [Entry.decode(e).type for e in office.world.log.entries()]


def measured(office: Office) -> dict[str, int]:
    with office.turn() as world:
        return dict(remeasure.carry_out(world, remeasure.Remeasure()))


def ready(office: Office) -> str:
    """A plan that lacks nothing but approvals."""
    plan = office.propose()
    office.supply(plan)
    office.confirm(plan)
    return plan


def test_a_dismissed_persons_signature_is_refused(founded: Office) -> None:
    plan = ready(founded)
    dismiss(founded, "reviewer-a")
    founded.watch.wind(seconds=1)
    with pytest.raises(KeepSaidNo, match="dismissed"):
        founded.approve(plan, "reviewer-a")
    assert EntryType.DISMISSED in kinds(founded)
    assert founded.keys["reviewer-a"].person not in {p["id"] for p in founded.terminal.call("people")}


def test_an_approval_given_before_does_not_count_for_a_new_permit(founded: Office) -> None:
    plan = ready(founded)
    founded.approve(plan, "reviewer-a")
    dismiss(founded, "reviewer-a")
    assert founded.approve(plan, "reviewer-b") == []
    assert founded.permits() == []


def test_permits_minted_while_a_person_counted_stand_and_still_say_who_signed(office: Office) -> None:
    dismiss(office, "reviewer-a")
    measured(office)
    assert {p["state"] for p in office.permits()} == {"in-force"}
    assert all("reviewer-a" in p["signed_by"] for p in office.permits())


def test_the_last_legal_officer_cannot_be_dismissed(founded: Office) -> None:
    with pytest.raises(KeepSaidNo, match="the-last-officer"):
        dismiss(founded, "officer")


@pytest.mark.parametrize("by", ["engineer", "desk", "reviewer-b", "auditor"])
def test_only_a_legal_officer_dismisses(founded: Office, by: str) -> None:
    with pytest.raises(KeepSaidNo, match="wrong-role"):
        dismiss(founded, "reviewer-a", by)


@pytest.mark.parametrize(
    ("changed", "code"), [({"reason": " "}, "no-reasons"), ({"hours": 1}, "waited-too-long")], ids=["no reason", "signed an hour ago"]
)
def test_a_dismissal_has_a_reason_and_is_of_now(founded: Office, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(KeepSaidNo, match=code):
        dismiss(founded, "reviewer-a", **changed)


def test_nobody_is_dismissed_twice_and_a_stranger_not_at_all(founded: Office) -> None:
    dismiss(founded, "reviewer-a")
    founded.watch.wind(seconds=1)
    with pytest.raises(KeepSaidNo, match="dismissed"):
        dismiss(founded, "reviewer-a")
    words = Dismissal("person-ffffffffffffffff", "x", founded.keys["officer"].person, founded.watch.at)
    with pytest.raises(KeepSaidNo, match="unknown-person"):
        founded.terminal.call("dismiss", dismissal=words, signature=founded.keys["officer"].sign(words))


def test_a_dismissal_outlives_a_power_cut(founded: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger has it, the records do not: nobody signs in between."""
    from sekisho.desk import records

    def gone(*_: object) -> None:
        raise RuntimeError("power cut")

    plan = ready(founded)
    with monkeypatch.context() as broken:
        broken.setattr(records, "set_meta", gone)
        with pytest.raises(RuntimeError):
            dismiss(founded, "reviewer-a")
    founded.reopen()
    with pytest.raises(KeepSaidNo, match="dismissed"):
        founded.approve(plan, "reviewer-a")


def test_a_confirmation_that_is_taken_back_ends_what_rests_on_it(office: Office) -> None:
    """Within the next measuring, seconds later; collectors are no longer told to keep anything under it."""
    (given, *_) = office.terminal.call("confirmations")
    assert not given["taken_back"]
    unconfirm(office, given["id"])
    assert measured(office)["ended"] > 0
    assert "ended" in {p["state"] for p in office.permits()}
    assert next(c for c in office.terminal.call("confirmations") if c["id"] == given["id"])["taken_back"]
    assert EntryType.UNCONFIRMED in kinds(office)
    assert office.terminal.call("compare")["differences"] == []


def test_a_confirmation_that_was_taken_back_mints_nothing(founded: Office) -> None:
    plan = ready(founded)
    founded.approve(plan, "reviewer-a")
    for given in founded.terminal.call("confirmations"):
        unconfirm(founded, given["id"])
    founded.approve(plan, "reviewer-b")
    assert {p["step"] for p in founded.permits()} == {"register", "record"}, "match was referred, and nobody stands by it now"


def test_only_a_legal_officer_takes_back_with_a_reason_what_stands(office: Office) -> None:
    given = office.terminal.call("confirmations")[0]["id"]
    with pytest.raises(KeepSaidNo, match="wrong-role"):
        unconfirm(office, given, by="reviewer-a")
    with pytest.raises(KeepSaidNo, match="no-reasons"):
        unconfirm(office, given, reason="")
    with pytest.raises(KeepSaidNo, match="unknown-confirmation"):
        unconfirm(office, "f" * 16)
    unconfirm(office, given)
    office.watch.wind(seconds=1)
    with pytest.raises(KeepSaidNo, match="taken-back-already"):
        unconfirm(office, given)
