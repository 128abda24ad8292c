"""To give names to a list of abusers that providers share, or to ask it about an applicant, is asked of the gate (D2.10, E-23).

In the console, Japanese and English: the wish in its own words, the lawful way, and each way in which it is refused.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from sekisho.faces.web import Settings, create_app
from tests.desk.asking import book
from tests.faces.web.conftest import NOW
from tests.faces.web.recorded_desk import RecordedDesk
from tests.stories.test_what_the_law_refuses import plain

CONFIRMED = {"share": ["jp/E-23/1", "jp/E-23/2"], "take": ["jp/E-23/3", "jp/E-23/4"]}
WISHES = (
    ("ja", "share", "強制退会者の名簿を事業者間で交換したい"),
    ("en", "share", "tell other providers about customers we cancelled for abuse"),
    ("ja", "take", "申込者が共有名簿に載っていないか照会したい"),
    ("en", "take", "look an applicant up in the shared list of abusers"),
)


class Refused(NamedTuple):
    """What somebody would rather do: the fields of the page they change, and the condition that then fails."""

    step: str
    changed: dict[str, str]
    condition: str


REFUSED = (
    Refused("share", {"v.origin.from_communication": "yes"}, "no-communications-data"),
    Refused("share", {"v.joint-use.purposes": "billing"}, "announced"),
    Refused("share", {"v.joint-use.items": "name"}, "items-announced"),
    Refused("share", {"s.fields": "name, recipients"}, "items-announced"),
    Refused("share", {"v.joint-use.objection": "no"}, "fair"),
    Refused("share", {"v.joint-use.term": "no"}, "fair"),
    Refused("take", {"v.origin.from_communication": "yes"}, "no-communications-data"),
    Refused("take", {"s.asked": "whole-list"}, "one-at-a-time"),
    Refused("take", {"v.way-back.open": "no"}, "list-decides-nothing"),
    Refused("take", {"v.joint-use.criteria": "no"}, "fair"),
)
STEPS = pytest.mark.parametrize("step", CONFIRMED)
LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])


@pytest.fixture(scope="module")
def console() -> TestClient:
    return TestClient(create_app(RecordedDesk(), Settings(demo=True, clock=lambda: NOW)), base_url="http://localhost:8080")


def asked(console: TestClient, step: str, language: str = "en", **changed: Any) -> tuple[dict[str, Any], str]:
    """The answer as data and as the page, everything at hand but what is changed."""
    door = f"/what-if/abuser-exchange/{step}"
    kinds = [e["kind"] for e in console.get(f"/api{door}").json()["evidence"]]
    sent = {"asked": "1", "k": kinds, "have": kinds, **changed}
    answer = console.get(f"/api{door}", params=sent).json()
    return answer["decision"], console.get(door, params=sent, headers={"accept-language": language}).text


@pytest.mark.parametrize(("language", "step", "want"), WISHES)
def test_the_wish_in_its_own_words_leads_to_its_door(language: str, step: str, want: str, console: TestClient) -> None:
    page = console.get("/book", params={"q": want}, headers={"accept-language": language}).text
    assert f"/what-if/abuser-exchange/{step}" in page.split("<table")[0]


@STEPS
@LANGUAGES
def test_an_open_scheme_waits_for_the_officer_and_is_then_the_lawful_way(step: str, language: str, console: TestClient) -> None:
    decision, page = asked(console, step, language)
    assert decision["outcome"] == "referred"
    assert {m["what"] for m in decision["missing"]} == {"confirmation"}
    assert all(m["words"][language] in plain(page) for m in decision["missing"])
    decision, page = asked(console, step, language, confirmed=CONFIRMED[step])
    assert decision["outcome"] == "permitted"
    for name in CONFIRMED[step]:
        case = book().case(name)
        assert case.title[language] in plain(page)
        assert all(c.words[language] in plain(page) for c in case.conditions), "the lawful way, condition by condition"
        assert case.source in plain(console.get(f"/book/cases/{name}", headers={"accept-language": language}).text)


@pytest.mark.parametrize("tried", REFUSED, ids=lambda t: f"{t.step}-{'-'.join(t.changed)}")
@LANGUAGES
def test_what_no_case_carries_is_refused_with_its_reason_even_confirmed(tried: Refused, language: str, console: TestClient) -> None:
    decision, page = asked(console, tried.step, language, confirmed=CONFIRMED[tried.step], **tried.changed)
    assert decision["outcome"] == "refused"
    (missing,) = decision["missing"]
    assert missing["condition"] == tried.condition
    assert missing["who"], "who could supply it"
    assert missing["words"][language] in plain(page)


@STEPS
def test_half_a_confirmation_or_no_scheme_at_all_is_no_yes(step: str, console: TestClient) -> None:
    assert asked(console, step, confirmed=CONFIRMED[step][:1])[0]["outcome"] == "referred"
    decision, _ = asked(console, step, confirmed=CONFIRMED[step], have=["origin", "purpose-text", "way-back"])
    assert decision["outcome"] == "refused"
    assert {m["condition"] for m in decision["missing"]} == {"announced", "items-announced", "fair"}
