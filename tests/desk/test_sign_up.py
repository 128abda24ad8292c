"""Who signs up is asked no more than the risk allows; a person opens the account; copies of papers are gone at their term."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import copies, records
from sekisho.desk.mail import policy_told
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting.retire import Retire, carry_out
from sekisho.desk.world import No
from sekisho.ledger.entry import Entry, EntryType
from tests.desk.caseload import PDF, Caseload
from tests.desk.office import Office
from tests.desk.signing_up import ACCOUNT, ORDINARY, OWED, SigningUp
from tests.desk.test_answer_mail import DUNNO, Server

OVER = b"action=450 4.7.1 A new account sends 20 messages in 1440 minutes, until somebody has looked at it. Try later.\n\n"


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningUp]:
    office = Office(tmp_path_factory.mktemp("sign-up") / "office").found()
    yield SigningUp(Caseload(office))
    office.close()


def refused(at: SigningUp, said: dict[str, Any]) -> set[str]:
    """The conditions the gate names when a reviewer signs all the same."""
    matter = at.proposed({**ORDINARY, **said})
    at.load.confirm(matter, "ask")
    with pytest.raises(KeepSaidNo) as why:
        at.load.move(matter, "ask", who="reviewer-a")
    assert why.value.code == "no-ground"
    assert at.load.case(matter)["state"] == "proposed"
    return {m["condition"] for m in why.value.detail["missing"]}


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ({"methods": ("letter-code", "paper-shown")}, "no-more-than-the-risk"),
        ({"methods": ("transfer-name",)}, "no-more-than-the-risk"),
        ({"copy_days": 14}, "no-copy-beyond-the-term"),
        ({"risk": "raised", "methods": ("paper-copied",), "signs": ("bulk-sending",)}, "no-more-than-the-risk"),
        ({"risk": "raised", "methods": ("paper-shown",), "signs": ("who-they-are",)}, "signs-named"),
        ({"risk": "raised", "methods": ("paper-shown",), "signs": ("none",)}, "signs-named"),
        ({**OWED, "copy_days": 31}, "no-copy-beyond-the-term"),
        ({"from_communication": True}, "not-from-a-communication"),
        ({"purpose_for": ("advertising",)}, "purpose-specified"),
    ],
)
def test_asking_more_than_the_risk_allows_is_refused_with_its_reasons(at: SigningUp, said: dict[str, Any], condition: str) -> None:
    assert condition in refused(at, said)


def test_papers_may_be_seen_where_conduct_gives_a_sign(at: SigningUp) -> None:
    raised = {**ORDINARY, "risk": "raised", "signs": ("bulk-sending",), "methods": ("transfer-name", "paper-shown")}
    matter = at.asked(raised)
    assert at.passed(matter, "passed", "paper-shown") == "probation"


def test_the_applicant_reads_what_is_kept_and_what_is_not(at: SigningUp) -> None:
    matter = at.probation()
    told = {x["text"]: at.load.call("letter", letter=x["id"], masked=False)["body"] for x in at.load.case(matter)["letters"]}
    assert "残さないもの" in told["sign-up-asked@1"]
    assert "書類の写し（0 日" in told["sign-up-asked@1"]
    assert "郵便で届ける符号" in told["sign-up-asked@1"]
    assert "メールの中身は見ま" in told["sign-up-begun@1"]


def test_a_check_is_recorded_by_a_method_that_was_asked_for(at: SigningUp) -> None:
    matter = at.asked()
    with pytest.raises(KeepSaidNo) as why:
        at.passed(matter, "passed", "sms-code")
    assert {"code": "must", "name": "as-asked"} in why.value.detail["lacks"]


def test_another_person_than_who_checked_opens_the_account_by_name(at: SigningUp) -> None:
    matter = at.probation()
    with pytest.raises(KeepSaidNo) as why:
        at.load.move(matter, "look", {"looked_on": at.load.today(), "looked_at": "x"}, who="desk")
    assert why.value.code == "same-person"
    assert at.opened(matter) == "opened"
    last = at.load.case(matter)["made"][-1]
    assert (last["move"], last["by"]["name"]) == ("look", "officer")


def test_a_new_check_waits_for_its_day_and_a_sign_brings_it_earlier(at: SigningUp) -> None:
    matter = at.probation()
    at.opened(matter)
    (clock,) = [c for c in at.load.case(matter)["clocks"] if c["id"] == "recheck"]
    assert clock["days_left"] == 365
    assert at.rechecked(matter) == "opened"
    case = at.load.case(matter)
    assert [c["days_left"] for c in case["clocks"] if c["id"] == "recheck"] == [365]
    assert sum(x["text"] == "sign-up-asked@1" for x in case["letters"]) == 2
    assert len({p["id"] for p in case["permits"]}) == 2


def test_the_second_check_cannot_ask_more_than_its_risk_either(at: SigningUp) -> None:
    matter = at.probation()
    at.opened(matter)
    at.load.move(matter, "recheck", {"sign_seen": "reported", "sign_reason": "苦情1件。"}, who="desk")
    at.load.move(matter, "propose-again", {**ORDINARY, "methods": ("paper-copied",), "copy_days": 30}, who="desk")
    at.load.confirm(matter, "ask-again")
    with pytest.raises(KeepSaidNo) as why:
        at.load.move(matter, "ask-again", who="reviewer-a")
    assert "no-more-than-the-risk" in {m["condition"] for m in why.value.detail["missing"]}


def test_who_does_not_answer_is_forgotten_as_an_application_and_stays_as_a_customer(at: SigningUp) -> None:
    fresh, known = at.asked(), at.probation()
    at.opened(known)
    at.load.move(known, "recheck", {"sign_seen": "term", "sign_reason": "1年。"}, who="desk")
    at.load.move(known, "propose-again", ORDINARY, who="desk")
    at.decided(known, "ask-again")
    at.load.office.watch.wind(days=32)
    at.load.remind()
    assert at.load.case(fresh)["state"] == "lapsed"
    assert at.load.case(known)["state"] == "asked-again"


# Copies of papers


def lacks(at: SigningUp, matter: str) -> str:
    with pytest.raises(KeepSaidNo) as why:
        at.load.attach(matter, "id-copy")
    return why.value.code


def test_no_copy_is_taken_before_the_gate_said_yes_nor_where_it_said_none(at: SigningUp) -> None:
    proposed = at.proposed(OWED)
    assert lacks(at, proposed) == "copy-not-permitted"
    shown = at.asked()
    assert lacks(at, shown) == "copy-not-kept"
    assert at.load.attach(shown, "application")


def test_what_was_proposed_after_the_permit_lengthens_no_copy(at: SigningUp) -> None:
    """A new check with a copy was proposed and nobody decided: the days are still those the gate was shown, none."""
    matter = at.probation()
    at.opened(matter)
    at.load.move(matter, "recheck", {"sign_seen": "term", "sign_reason": "1年。"}, who="desk")
    at.load.move(matter, "propose-again", OWED, who="desk")
    assert lacks(at, matter) == "copy-not-kept"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "office").found()
    yield made
    made.close()


def kept(office: Office) -> tuple[SigningUp, str, str]:
    at = SigningUp(Caseload(office))
    matter = at.asked(OWED)
    return at, matter, at.load.attach(matter, "id-copy", content=PDF)


def content(office: Office, attachment: str) -> bytes:
    return bytes.fromhex(office.terminal.call("attachment", attachment=attachment)["content"])


def retire(office: Office) -> None:
    """What `keep` does every second."""
    with office.turn() as world, world.request():
        carry_out(world, Retire())


def destroyed(office: Office) -> int:
    return sum(Entry.decode(e).type is EntryType.DESTROYED for e in office.world.log.entries())


def test_at_its_term_the_copy_is_unreadable_here_and_in_a_copy_of_the_folder_and_the_ledger_says_so(office: Office, tmp_path: Path) -> None:
    at, matter, attachment = kept(office)
    assert content(office, attachment) == PDF
    with office.turn() as world:
        said = records.body(records.one(world.db, records.ATTACHMENTS, id=attachment) or {})
        sealed = (copies.folder(world) / attachment).read_bytes()
    assert PDF not in sealed
    backup = Path(shutil.copytree(office.settings.folder / "keep" / copies.FILES, tmp_path / "backup"))
    at.passed(matter)
    before = destroyed(office)
    office.watch.wind(days=15)
    retire(office)
    assert destroyed(office) == before + 1
    with pytest.raises(KeepSaidNo) as why:
        content(office, attachment)
    assert why.value.code == "copy-over"
    assert not list(Path(office.settings.folder).rglob(attachment))
    assert (backup / attachment).read_bytes() == sealed
    with office.turn() as world, pytest.raises(No, match="copy-over"):
        copies.unseal(world, said, sealed)
    case = at.load.case(matter)
    assert {f["id"]: f["value"] for f in case["facts"]}["used"] == ["letter-code"]
    assert office.terminal.call("compare")["differences"] == []


def test_a_hold_on_the_case_keeps_the_copy_until_it_is_lifted(office: Office) -> None:
    at, matter, attachment = kept(office)
    hold = at.load.hold(matter, f"{at.load.case(matter)['permits'][0]['id']}/*/2026-11-21", days=60)
    office.watch.wind(days=15)
    retire(office)
    assert content(office, attachment) == PDF
    at.load.lift(hold)
    retire(office)
    with pytest.raises(KeepSaidNo):
        content(office, attachment)


# The lower limit


def test_a_new_account_sends_twenty_a_day_and_as_others_once_a_person_has_looked(office: Office) -> None:
    at, server = SigningUp(Caseload(office)), Server(office, office.home / "counts.db")
    permit = office.stand("new-account-limit")["probation"]
    matter = at.probation()
    server.hear()
    assert {server.sends(ACCOUNT.upper()) for _ in range(20)} == {DUNNO}
    assert server.sends(ACCOUNT) == OVER
    assert {server.sends("old@isp.example") for _ in range(25)} == {DUNNO}
    with office.turn() as world, world.request():
        assert "hana" not in repr(policy_told.leased(world, policy_told.PolicyLeases()))
    at.opened(matter)
    server.hear()
    assert server.sends(ACCOUNT) == DUNNO
    second = at.probation(account="niko@isp.example")
    server.hear()
    assert {server.sends("niko@isp.example") for _ in range(20)} == {DUNNO}
    office.withdraw(permit)
    server.hear()
    assert server.sends("niko@isp.example") == DUNNO
    assert at.load.case(second)["state"] == "probation"
    server.counts.close()
