"""C-03, C-05, C-08, C-09b, C-09c, C-11 to C-13: who tries it in the console or answers its questions is refused, and told why."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from sekisho.desk.asking.interview import Asked, Interview, Said, carry_out
from sekisho.faces.web import Settings, create_app
from tests.desk.asking import TODAY, book, here
from tests.faces.web.conftest import NOW
from tests.faces.web.recorded_desk import RecordedDesk


class Tried(NamedTuple):
    """What somebody wants, in their words, the step that is meant, and the case that answers. `unasked`: nobody was asked before."""

    row: str
    want: str
    measure: str
    step: str
    case: str
    unasked: tuple[str, ...] = ()


FIVE = ("consent", "optout", "survey")
"""Without these nobody agreed, nobody can switch it off, and nobody was asked whether they would."""
REFUSED = (
    Tried("C-03", "block Winny and other peer-to-peer traffic for everybody", "default-on-filter", "block-all", "jp/C-03/1"),
    Tried("C-05", "slow down file sharing because of copyright", "shaping", "shape-against-copyright", "jp/C-05/1"),
    Tried("C-05", "throttle peer-to-peer traffic to stop a leak virus", "shaping", "shape-leak-virus", "jp/C-05/2"),
    Tried("C-05", "shape heavy users in a one-off surge", "shaping", "shape-surge", "jp/C-05/3"),
    Tried("C-05", "throttle only peer-to-peer packets because of copyright", "class-shaping", "shape-against-copyright", "jp/C-05/4"),
    Tried("C-05", "slow peer-to-peer down by its ports against a virus that leaks files", "class-shaping", "shape-leak-virus", "jp/C-05/5"),
    Tried("C-05", "bandwidth control of an application during a one-off event", "class-shaping", "shape-surge", "jp/C-05/6"),
    Tried("C-08", "use a DNS block list on our mail servers", "rbl", "reject", "jp/C-08/1", FIVE),
    Tried("C-09b", "discard mail that fails DMARC", "mail-authentication", "discard-by-result", "jp/C-09/2", FIVE),
    Tried("C-09c", "put one spam filter on everybody's mail", "mail-authentication", "filter-all", "jp/C-09/7"),
    Tried("C-11", "block manga piracy sites by DNS", "piracy-blocking", "block", "jp/C-11/1"),
    Tried("C-12", "introduce access warnings against piracy", "piracy-warning", "warn-all", "jp/C-12/1"),
    Tried("C-13", "block online casinos", "casino-blocking", "block", "jp/C-13/1"),
)
EACH = pytest.mark.parametrize("tried", REFUSED, ids=lambda t: f"{t.row}-{t.step}")


@pytest.fixture(scope="module")
def console() -> TestClient:
    return TestClient(create_app(RecordedDesk(), Settings(demo=True, clock=lambda: NOW)), base_url="http://localhost:8080")


def door(tried: Tried) -> str:
    return f"/what-if/{tried.measure}/{tried.step}"


def said(console: TestClient, tried: Tried, language: str) -> tuple[dict[str, Any], str]:
    """The console's answer as data and as its page, everything at hand but what `unasked` names."""
    whole = console.get(f"/api{door(tried)}").json()
    kinds = [e["kind"] for e in whole["evidence"]]
    sent = {"asked": "1", "k": kinds, "have": [k for k in kinds if k not in tried.unasked]}
    answer = console.get(f"/api{door(tried)}", params=sent).json()
    return answer, console.get(door(tried), params=sent, headers={"accept-language": language}).text


def plain(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@EACH
def test_the_wish_in_its_own_words_leads_to_the_door_of_its_step(tried: Tried, console: TestClient) -> None:
    page = console.get("/book", params={"q": tried.want}, headers={"accept-language": "en"}).text
    assert door(tried) in page.split("<table")[0]


@EACH
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_console_refuses_it_and_shows_the_case_that_says_why(tried: Tried, language: str, console: TestClient) -> None:
    answer, page = said(console, tried, language)
    assert answer["decision"]["outcome"] == "refused"
    assert answer["decision"]["missing"], "a refusal is never a bare no"
    case = book().case(tried.case)
    assert case.title[language] in plain(page)
    assert f"/book/cases/{tried.case}" in page
    shown = plain(console.get(f"/book/cases/{tried.case}", headers={"accept-language": language}).text)
    assert case.source in shown
    if case.notes is not None:
        assert case.notes[language] in shown


@EACH
def test_no_confirmation_of_the_officer_turns_it_into_a_yes(tried: Tried, console: TestClient) -> None:
    whole = console.get(f"/api{door(tried)}").json()
    kinds = [e["kind"] for e in whole["evidence"]]
    sent = {"asked": "1", "k": kinds, "have": [k for k in kinds if k not in tried.unasked], "confirmed": whole["confirmable"]}
    assert console.get(f"/api{door(tried)}", params=sent).json()["decision"]["outcome"] == "refused"


@EACH
def test_whoever_answers_the_questions_is_refused_with_what_is_missing_and_who_could_supply_it(tried: Tried) -> None:
    """Yes to every question, but where nobody was asked: there the truth."""

    def answer(question: Asked, *_: object) -> Said:
        return Said.NO if question.condition.params.get("kind") in tried.unasked else Said.YES

    found = carry_out(Interview(here(), tried.measure, tried.step, TODAY), answer)
    assert found["decision"]["outcome"] == "refused"
    assert all(m["who"] for m in found["decision"]["missing"])
    if not tried.unasked:
        assert {m["why"] for m in found["decision"]["missing"]} & {"never", "no-case"}


@pytest.mark.parametrize(("measure", "step"), [("rbl", "reject"), ("mail-authentication", "discard-by-result")])
def test_what_each_recipient_agreed_to_is_another_answer(measure: str, step: str, console: TestClient) -> None:
    """The refusal is about nobody having been asked, not about the means."""
    assert console.get(f"/api/what-if/{measure}/{step}").json()["decision"]["outcome"] == "permitted"
