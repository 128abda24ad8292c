"""The desk of somebody who is no engineer: what came from outside is marked, a letter is seen before it is signed, and cases are found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.outside import KeepSaidNo
from tests.desk.caseload import CLAIM, SHOWN, Caseload
from tests.desk.office import Office

REPORT = {"where_posted": "https://example.jp/1", "kind": "fraud", "reason": "x"}


def row(load: Caseload, number: str) -> dict[str, Any]:
    return next(c for c in load.call("cases")["cases"] if c["number"] == number)


@pytest.fixture
def office(adopting: Office) -> Office:
    return adopting


def test_a_case_from_a_door_is_nobodys_until_it_is_taken_over_and_news_until_somebody_acts(office: Office) -> None:
    load = Caseload(office)
    facts = {**SHOWN, "claimant": "見本 花子", "claimant_contact": "h@example.jp", "tell_name": False, "truthful": True}
    receipt = load.call("knock", door="deletion-inquiry", facts=facts, files=[], language="ja")
    number = receipt["number"]
    assert (row(load, number)["when"], row(load, number)["news"]) == ("nobody", True)
    office.watch.wind(seconds=1)
    load.move(load.case(number)["id"], "complete", SHOWN, who="desk")
    assert (row(load, number)["when"], row(load, number)["news"]) == ("nobody", False)
    load.take(number, who="desk")
    assert row(load, number)["when"] == "waiting"
    office.watch.wind(seconds=1)
    load.call("add-to-case", number=number, code=receipt["code"], words="And another thing.", files=[])
    assert row(load, number)["news"]
    assert {m["id"] for m in row(load, number)["next"]} >= {"draft", "keep"}
    assert all(m["does"]["ja"] and m["does"]["en"] for m in row(load, number)["next"])


def knocked(load: Caseload) -> str:
    facts = {**SHOWN, "claimant": "見本 花子", "claimant_contact": "h@example.jp", "tell_name": False, "truthful": True}
    return str(load.call("knock", door="deletion-inquiry", facts=facts, files=[], language="ja")["number"])


def test_whoever_takes_a_case_over_owns_it_and_the_ledger_knows(office: Office) -> None:
    load = Caseload(office)
    number = knocked(load)
    assert row(load, number)["owner"] == {"id": "", "name": ""}
    assert load.take(number, who="desk") == number
    assert row(load, number)["owner"]["id"] == load.person("desk")
    assert load.take(number, who="officer") == number
    assert row(load, number)["owner"]["id"] == load.person("officer")
    with office.turn() as world:
        entries = [r["entry"] for r in records.rows(world.db, records.OWNERS)]
    assert len(set(entries) - {None}) == 2, "each stands under an entry of its own"
    assert office.terminal.call("compare")["differences"] == []


def test_a_case_is_taken_over_only_as_it_was_seen_and_while_it_is_open(office: Office) -> None:
    load = Caseload(office)
    number = knocked(load)
    load.take(number, who="desk")

    def refused(**how: Any) -> str:
        with pytest.raises(KeepSaidNo) as said:
            load.take(number, **how)
        return said.value.code

    assert refused(who="desk") == "yours-already"
    assert refused(who="officer", owner="") == "owner-changed-meanwhile"
    assert refused(who="engineer") == "wrong-role"
    load.move(load.case(number)["id"], "drop", {"decision_reason": "taken back"})
    assert refused(who="officer") == "case-closed"
    assert row_of_all(load, number)["when"] == "closed"


@pytest.mark.parametrize(
    ("named", "owner"),
    [({"deletion-inquiry": "desk"}, "desk"), ({"deletion-inquiry": "nobody here"}, ""), ({"deletion-own": "desk"}, ""), ({}, "")],
)
def test_the_settings_may_name_an_owner_for_what_comes_by_a_door(office: Office, named: dict[str, str], owner: str) -> None:
    """A name that is nobody's, or that two people have, names nobody: the case waits visibly instead."""
    load = Caseload(office)
    with office.turn() as world:
        before, world.settings = world.settings, replace(world.settings, owners=named)
    found = row(load, knocked(load))
    with office.turn() as world:
        world.settings = before
    assert found["owner"]["name"] == owner
    assert found["when"] == ("waiting" if owner else "nobody")


def row_of_all(load: Caseload, number: str) -> dict[str, Any]:
    return next(c for c in load.call("cases", shown="all")["cases"] if c["number"] == number)


def test_a_letter_is_seen_before_it_is_signed_and_looking_writes_nothing(office: Office) -> None:
    load = Caseload(office)
    matter = load.open("deletion-inquiry", CLAIM)
    load.attach(matter, "claim")
    load.move(matter, "complete", SHOWN, who="desk")
    size, codes = office.world.log.size, counted(office)
    (seen,) = load.call("preview-move", matter=matter, move="draft", facts={})
    assert (office.world.log.size, counted(office)) == (size, codes)
    load.move(matter, "draft", who="desk")
    (letter,) = load.case(matter)["letters"]
    assert seen["subject"] == letter["subject"]
    same = [line for line in letter["body"].splitlines() if line not in seen["body"].splitlines()]
    assert len(same) == 1, "only the code is made at the signature"
    assert "XXXX-XXXX" in seen["body"]


def counted(office: Office) -> int:
    with office.turn() as world:
        return records.count(world.db, records.CODES) + records.count(world.db, records.LETTERS)


def test_cases_are_found_by_number_and_by_words_but_only_by_whoever_works_on_them(office: Office) -> None:
    load = Caseload(office)
    load.open("deletion-inquiry", {**CLAIM, "claimant": "ﾐﾎﾝ Hanako"})
    load.open("deletion-inquiry", {**CLAIM, "claimant": "Somebody Else"})

    def found(words: str, *roles: str) -> list[str]:
        return sorted(c["number"] for c in load.call("find-cases", words=words, roles=list(roles))["cases"])

    assert found("00002") == ["2026-00002"]
    assert found("hanako ミホン", "desk") == ["2026-00001"]
    assert found("hanako somebody") == []
    assert found("hanako", "auditor") == []
    assert found("2026-00001", "auditor") == ["2026-00001"]
