"""Guidelines carry the legal officer's remark on each rule, its day and the day of the next look; an overdue look shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sekisho.desk.book.conduct import Conduct, whole
from sekisho.desk.remarks import Remark, newest
from sekisho.law.casebook import load
from tests.conftest import ROOT
from tests.desk.office import THEN, Office

BOOK = load(ROOT / "casebook" / "jp")
ASKED = {c.id for c in BOOK.cases if c.measure == "event-board" and c.ask}


def guidelines(office: Office, language: str = "en") -> dict[str, str]:
    """Case to what the paper says of its remark."""
    day = BOOK.day(office.watch.at)
    request = Conduct("event-board", BOOK, ROOT / "texts", day, language, remarks=newest(office.terminal.call("confirmations")))
    return {r["id"]: r["remark"] for s in whole(request)["steps"] for a in s["axes"] for r in a["rules"]}


def notices(office: Office) -> dict[str, Any]:
    return {n["code"]: n.get("names") for n in office.terminal.call("overview")["notices"]}


def test_until_the_legal_officer_spoke_the_guidelines_say_that_it_may_not_be_done(founded: Office) -> None:
    said = guidelines(founded)
    assert {case for case, remark in said.items() if remark == "None yet; until there is one, it may not be done."} == ASKED
    assert all(not remark for case, remark in said.items() if case not in ASKED)


@pytest.mark.parametrize(("language", "words"), [("ja", "次に見直す日："), ("en", "next look: ")])
def test_each_rule_carries_the_remark_its_day_and_the_day_of_the_next_look(founded: Office, language: str, words: str) -> None:
    founded.stand("event-board")
    said = guidelines(founded, language)
    (given, *_) = founded.terminal.call("confirmations")
    for case in ASKED:
        assert said[case].startswith(given["reasons"])
        assert words in said[case]


def test_an_overdue_look_shows_on_the_overview_and_in_the_guidelines(founded: Office) -> None:
    founded.stand("event-board")
    assert "look-late" not in notices(founded)
    assert "look-soon" not in notices(founded)
    until = newest(founded.terminal.call("confirmations"))[0].until
    founded.watch.at = until - timedelta(days=3)
    assert notices(founded)["look-soon"] == sorted(f"{case} (event-board)" for case in ASKED)
    founded.watch.at = until + timedelta(days=1)
    assert notices(founded)["look-late"] == sorted(f"{case} (event-board)" for case in ASKED)
    assert "look-soon" not in notices(founded)
    assert all(guidelines(founded)[case].startswith("The day to look again") for case in ASKED)


def test_the_newest_remark_that_stands_is_the_one_shown() -> None:
    def given(words: str, day: int, *, gone: bool = False) -> dict[str, Any]:
        at = THEN + timedelta(days=day)
        return {
            "case": "jp/F-06/3", "measure": "event-board", "reasons": words, "taken_back": gone,
            "at": at.isoformat(), "until": (at + timedelta(days=90)).isoformat(),
        }  # fmt: skip

    assert [r.words for r in newest([given("third", 3, gone=True), given("second", 2), given("first", 1)])] == ["second"]
    assert newest([given("only", 1, gone=True)]) == ()


def test_a_remark_is_good_then_near_its_next_look_then_late() -> None:
    remark = Remark("jp/F-06/3", "event-board", "words", THEN, THEN + timedelta(days=90))
    for days, state in ((0, "good"), (75, "good"), (76, "soon"), (89, "soon"), (90, "late"), (400, "late")):
        assert remark.state(THEN + timedelta(days=days)) == state
    assert replace(remark, until=THEN).state(THEN) == "late"
