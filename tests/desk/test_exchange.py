"""Other operators' cases stand beside the book and decide nothing; an authority's answer can carry the officer's confirmation."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.signed_words import Taking
from sekisho.desk.staff import statements
from sekisho.law.casebook import load
from sekisho.law.exchange import Answered, Bundle, Consultation
from sekisho.law.reading import read
from sekisho.law.words import Certainty, Role, Value
from tests.conftest import ROOT
from tests.desk.office import Office, settings_text
from tests.law.test_exchange import ANSWER, KEY, WHOLE

NOTICE = "infected-notice"


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        act()
    return no.value.code


def taken(office: Office, bundle: Bundle = WHOLE, who: str = "officer", **changed: Any) -> dict[str, Any]:
    key = office.keys[who]
    words = replace(Taking(bundle.digest, bundle.key.hex(), key.person, office.watch.at), **changed)
    return dict(office.terminal.call("take-in", taking=words, signature=key.sign(words), bundle=bundle.encode().decode()))


def told(office: Office, case: str = "") -> dict[str, Any]:
    return dict(office.terminal.call("exchanged", case=case))


def value(said: Consultation = ANSWER, **changed: Any) -> Mapping[str, Value]:
    from sekisho.law.canonical import plain

    return read(dict[str, Value], {**plain(said), **changed})


def laid_in(office: Office, plan: str, said: Mapping[str, Value], document: str = "", who: str = "officer") -> list[str]:
    key = office.keys[who]
    role = {"officer": Role.OFFICER, "desk": Role.DESK}[who]
    evidence = statements.evidence("consultation", said, NOTICE, key.person, role, document, None, office.watch.at)
    return list(office.terminal.call("supply", plan=plan, evidence=evidence, signature=key.sign(evidence))["permits"])


def confirmed(office: Office, case: str, consultation: str) -> list[str]:
    key, book = office.keys["officer"], office.terminal.call("book")
    until, rests = office.watch.at + timedelta(days=90), {"rule": book["rules"][case], "consultation": consultation}
    words = statements.confirmation(case, NOTICE, book["digest"], "the ministry said so", key.person, until, office.watch.at, **rests)
    return list(office.terminal.call("confirm", confirmation=words, signature=key.sign(words))["permits"])


@pytest.fixture
def referred(founded: Office) -> tuple[Office, str, str]:
    """An office, a plan with every paper and approval, and a case that still refers to a person."""
    plan = founded.propose()
    founded.supply(plan)
    founded.approve(plan, "reviewer-a")
    founded.approve(plan, "reviewer-b")
    case = founded.terminal.call("plan", plan=plan)["confirmable"][0]
    return founded, plan, str(case)


# From another operator


def test_what_another_operator_signed_is_shown_by_whom_it_is_from(office: Office) -> None:
    said = taken(office)
    assert (said["operator"], said["cases"], said["consultations"]) == ("Example Networks", 2, 1)
    (other,) = told(office)["others"]
    assert other["operator"] == "Example Networks"
    assert other["key"] == KEY.public_key().public_bytes_raw().hex()
    assert [c["id"] for c in other["cases"]] == [c.id for c in WHOLE.cases]
    assert other["consultations"][0]["id"] == ANSWER.id
    assert [c["id"] for c in told(office, "jp/E-17/2")["others"][0]["cases"]] == ["jp/E-17/2"]
    assert told(office, "jp/Z-99/9") == {"own": [], "others": []}


def test_it_is_written_down_and_outlives_a_restart(office: Office) -> None:
    taken(office)
    last = json.loads(list(office.world.log.entries())[-1])
    assert (last["type"], last["ids"]) == ("exchanged", {"bundle": WHOLE.digest})
    before = told(office)
    office.reopen()
    assert told(office) == before
    assert office.terminal.call("compare")["differences"] == []


def test_it_decides_nothing(referred: tuple[Office, str, str]) -> None:
    """A case from elsewhere, sure of itself and asking for nothing, with an authority's yes: the answer to every plan stays as it was."""
    office, plan, case = referred
    easy = replace(load(ROOT / "casebook" / "jp").case(case), certainty=Certainty.LAW)
    kinds = tuple(office.world.book.kinds[str(c.params["kind"])] for c in easy.conditions if "kind" in c.params)
    bundle = replace(WHOLE, cases=(easy,), kinds=tuple({k.name: k for k in kinds}.values()), consultations=(replace(ANSWER, case=case),))
    before = office.terminal.call("plan", plan=plan)
    book = office.world.book.digest
    taken(office, bundle.signed_with(KEY))
    after = office.terminal.call("plan", plan=plan)
    assert after["decisions"] == before["decisions"]
    assert after["permits"] == before["permits"]
    assert office.world.book.digest == book


def test_only_the_officer_takes_it_in_once_and_exactly_what_was_signed(office: Office) -> None:
    size = office.world.log.size
    assert refused(lambda: taken(office, who="engineer")) == "wrong-role"
    assert refused(lambda: taken(office, at=office.watch.at - timedelta(hours=1))) == "waited-too-long"
    assert refused(lambda: taken(office, key="0" * 64)) == "another-package"
    other = replace(WHOLE, operator="Other").signed_with(Ed25519PrivateKey.generate())
    words = Taking(WHOLE.digest, WHOLE.key.hex(), office.keys["officer"].person, office.watch.at)
    ask = {"taking": words, "signature": office.keys["officer"].sign(words)}
    assert refused(lambda: office.terminal.call("take-in", **ask, bundle=other.encode().decode())) == "another-package"
    assert office.world.log.size == size
    taken(office)
    assert refused(lambda: taken(office)) == "done-already"
    office.watch.wind(seconds=1)
    assert refused(lambda: taken(office)) == "taken-in-already"


@pytest.mark.parametrize("text", ["", "{}", WHOLE.encode().decode()[:-9], WHOLE.encode().decode().replace("Example", "Sample", 1)])
def test_a_broken_bundle_is_named_and_nothing_of_it_is_taken(office: Office, text: str) -> None:
    words = Taking(WHOLE.digest, WHOLE.key.hex(), office.keys["officer"].person, office.watch.at)
    with pytest.raises(KeepSaidNo) as no:
        office.terminal.call("take-in", taking=words, signature=office.keys["officer"].sign(words), bundle=text)
    assert no.value.code == "not-an-exchange"
    assert no.value.detail["why"]
    assert told(office)["others"] == []


# From an authority


def test_an_answer_by_word_of_mouth_is_laid_in_and_carries_the_confirmation(referred: tuple[Office, str, str]) -> None:
    """The dossier's answer came by telephone: with it the referred case becomes usable, and the permit follows."""
    office, plan, case = referred
    before = {p["step"] for p in office.permits()}
    said = replace(ANSWER, case=case)
    assert laid_in(office, plan, value(said)) == []
    (own,) = told(office, case)["own"]
    assert (own["id"], own["oral"], own["plan"]) == (said.id, True, plan)
    for reviewer in ("reviewer-a", "reviewer-b"):
        office.approve(plan, reviewer)
    assert confirmed(office, case, own["id"])
    assert {p["step"] for p in office.permits()} > before
    (given,) = office.terminal.call("confirmations")
    assert given["case"] == case


def test_another_operators_answer_may_be_taken_as_reasons(referred: tuple[Office, str, str]) -> None:
    office, _, case = referred
    said = replace(ANSWER, case=case)
    taken(office, replace(WHOLE, consultations=(said,)).signed_with(KEY))
    assert confirmed(office, case, said.id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"answer": Answered.MAY_NOT}, "answer-says-no"),
        ({"answer": Answered.NO_VIEW}, "answer-says-no"),
        ({"case": "jp/E-17/2"}, "answer-to-another-case"),
    ],
)
def test_a_confirmation_rests_only_on_a_yes_about_its_case(referred: tuple[Office, str, str], change: dict[str, Any], code: str) -> None:
    office, plan, case = referred
    said = replace(ANSWER, case=case, **{k: v for k, v in change.items() if k != "case"})
    said = replace(said, case=change.get("case", case))
    laid_in(office, plan, value(said))
    assert refused(lambda: confirmed(office, case, said.id)) == code


def test_a_confirmation_never_rests_on_an_answer_nobody_has(referred: tuple[Office, str, str]) -> None:
    office, _, case = referred
    assert refused(lambda: confirmed(office, case, "c" * 64)) == "unknown-consultation"
    assert office.terminal.call("confirmations") == []


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"answer": "yes"}, "answer"),
        ({"authority": "A9"}, "authority"),
        ({"asked": "yesterday"}, "asked"),
        ({"oral": "no"}, "oral"),
        ({"words": " "}, "words"),
        ({"answered": "2020-01-01"}, "answered"),
        ({"extra": "x"}, "extra"),
    ],
)
def test_an_answer_that_says_too_little_is_no_evidence(referred: tuple[Office, str, str], changed: dict[str, Any], where: str) -> None:
    office, plan, _ = referred
    size = office.world.log.size
    with pytest.raises(KeepSaidNo) as no:
        laid_in(office, plan, value(ANSWER, **changed))
    assert no.value.code == "not-an-answer"
    assert no.value.detail["where"] == where
    assert office.world.log.size == size


def test_only_the_legal_officer_says_what_an_authority_answered(referred: tuple[Office, str, str]) -> None:
    office, plan, _ = referred
    assert refused(lambda: laid_in(office, plan, value(), who="desk")) == "not-who-vouches-for-this"


# As a condition of a case


def asking_book(folder: Path) -> str:
    """The book with one more condition on counting: the ministry was asked and said yes. Its id."""
    shutil.copytree(ROOT / "casebook" / "jp", folder)
    file = folder / "traffic-picture.toml"
    text = file.read_text("utf-8")
    case = 'id = "jp/B-31/1"'
    assert case in text
    condition = """
[[case.condition]]
id = "ministry-asked"
check = "evidence"
params = { kind = "consultation", ask = true, where = { case = "jp/B-31/1", answer = { among = ["may", "may-with-conditions"] } } }
words = { ja = "総務省に照会し、できるとの答えを得ていること", en = "the ministry was asked and said that it may be done" }
fails = { evidence = { consultation = { answer = "may-not" } } }
"""
    evidence = 'consultation = { case = "jp/B-31/1", question = "q", authority = "A3", who = "w", asked = -9, answered = -2, oral = true, '
    evidence += 'answer = "may", words = "w", certainty = "MEM" }\n'
    text = text.replace("\n[[example]]", condition + "\n[[example]]", 1)
    file.write_text(text.replace("[complete.evidence]\n", "[complete.evidence]\n" + evidence, 1), "utf-8")
    load(folder)
    return "jp/B-31/1"


def test_a_case_may_ask_for_an_answer_and_then_needs_no_more(tmp_path: Path) -> None:
    """Without an answer a person must be asked; with a yes the condition is met; with a no it is not."""
    case = asking_book(tmp_path / "jp")
    office = Office(tmp_path / "home").found(book=str(tmp_path / "jp"))
    assert str(tmp_path / "jp") in settings_text(book=str(tmp_path / "jp"))
    plan = office.propose("traffic-picture")
    office.supply(plan, "traffic-picture")

    def answer() -> str:
        decisions = office.terminal.call("plan", plan=plan)["decisions"]
        tried = next(t for d in decisions for a in d["axes"] for t in a["tried"] if t["case"] == case)
        return str(next(c["answer"] for c in tried["checked"] if c["condition"] == "ministry-asked"))

    assert answer() == "ask"
    key = office.keys["officer"]

    def lay(said: Answered) -> None:
        words = value(replace(ANSWER, case=case, answer=said))
        evidence = statements.evidence("consultation", words, "traffic-picture", key.person, Role.OFFICER, "", None, office.watch.at)
        office.terminal.call("supply", plan=plan, evidence=evidence, signature=key.sign(evidence))

    lay(Answered.MAY_NOT)
    assert answer() == "unmet"
    lay(Answered.MAY)
    assert answer() == "met"
    office.close()
