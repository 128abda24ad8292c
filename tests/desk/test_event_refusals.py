"""The boards of 2023 are refused with their reasons, and the lawful one stands: by the real gate, on that day and today."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sekisho.desk.asking.question import Question, read_question
from sekisho.desk.event.panels import PANELS
from sekisho.gate.answers import Decision, Outcome
from sekisho.gate.decide import decide
from sekisho.law.words import Element
from tests.conftest import ROOT
from tests.desk.asking import NOW, book, here
from tests.desk.office import Office
from tests.faces.test_asking import alone

PLANS = ROOT / "examples" / "plans"
BOARDS = {"board-2023-day-one": date(2023, 10, 27), "board-2023-cut": date(2023, 10, 28), "board-2023-poster": date(2023, 10, 28)}
ASKED = {"party-consents", "own-screen", "elements-named", "purpose-named", "audience-named", "period-named", "free", "others-left-out"}


def answered(name: str, on: date | None = None) -> tuple[Question, Decision]:
    question = read_question(PLANS / f"{name}.toml", here(), NOW, on=on)
    (answer,) = decide(question.plan, book(), question.now)
    return question, answer


def cases(answer: Decision) -> set[str]:
    return {t.case for a in answer.axes for t in a.tried}


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize("today", [False, True], ids=["then", "today"])
def test_a_board_of_2023_is_refused_on_its_day_and_today_with_every_reason(name: str, *, today: bool) -> None:
    _, answer = answered(name, None if today else BOARDS[name])
    assert answer.outcome is Outcome.REFUSED
    assert {m.condition for m in answer.missing if m.condition} >= ASKED
    assert "jp/F-03/1" in cases(answer)
    assert answer.step.elements == {Element.COUNTERPART}


@pytest.mark.parametrize("name", BOARDS)
def test_no_officer_can_confirm_a_board_of_2023_into_being(name: str) -> None:
    """The reason is not that somebody is unsure: nobody was asked."""
    _, answer = answered(name)
    assert not [t for a in answer.axes for t in a.tried if t.outcome is Outcome.REFERRED]


def test_cutting_sub_domains_leaves_the_element_and_the_answer_as_they_were() -> None:
    whole, cut = answered("board-2023-day-one", date(2023, 10, 28))[1], answered("board-2023-cut", date(2023, 10, 28))[1]
    assert (whole.outcome, whole.step, whole.missing) == (cut.outcome, cut.step, cut.missing)
    assert "jp/F-04/1" in cases(cut)


def test_a_poster_is_laid_in_and_changes_nothing() -> None:
    question, answer = answered("board-2023-poster", date(2023, 10, 28))
    assert [e.kind for e in question.plan.evidence] == ["announcement"]
    assert answer.missing == answered("board-2023-cut", date(2023, 10, 28))[1].missing


def test_the_command_says_no_and_why(tmp_path: Path) -> None:
    """As a volunteer would ask, at a terminal with nothing installed but this."""
    said = alone(tmp_path, "decide", str(PLANS / "board-2023-day-one.toml"), "--on", "2023-10-27", "--json").json
    assert [d["outcome"] for d in said["decisions"]] == ["refused"]
    names = {t["case"] for a in said["decisions"][0]["axes"] for t in a["tried"]}
    assert {"jp/F-03/1", "jp/F-08/1"} <= names


def test_the_lawful_board_names_every_panel_as_it_is_now() -> None:
    """A panel that was changed must be reviewed again; the example then names the old one, and this fails."""
    plan = read_question(PLANS / "event-board.toml", here(), NOW).plan
    assert plan.scope["panels"] == tuple(p.reviewed for p in PANELS.values())


def test_the_lawful_board_is_referred_until_the_officer_confirms(founded: Office) -> None:
    plan = founded.propose("event-board")
    founded.supply(plan, "event-board")
    said = founded.terminal.call("plan", plan=plan)
    assert said["outcome"] == "referred"
    assert said["confirmable"] == ["jp/F-06/3", "jp/F-06/4"]


def test_the_lawful_board_stands_after_two_named_people_reviewed_it(founded: Office) -> None:
    plan = founded.propose("event-board")
    founded.supply(plan, "event-board")
    founded.confirm(plan)
    assert founded.approve(plan, "reviewer-a") == []
    assert len(founded.approve(plan, "reviewer-b")) == 3
    permits = {p["step"]: p for p in founded.permits()}
    assert set(permits) == {"count", "show-network", "show-resolver"}
    assert all(len(p["signed_by"]) == 2 for p in permits.values())


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_of_2023_proposed_at_the_console_gets_no_permit_whoever_signs(founded: Office, name: str) -> None:
    plan = founded.propose(name)
    founded.supply(plan, name)
    assert founded.terminal.call("plan", plan=plan)["outcome"] == "refused"
    founded.confirm(plan)
    for who in ("reviewer-a", "reviewer-b"):
        assert founded.approve(plan, who) == []
    assert founded.permits() == []
