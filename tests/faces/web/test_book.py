"""The case book on the console: found by asking, read case by case, tried with other facts; all of it without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import BOOK

FILTER = "/what-if/default-on-filter/filter"


@pytest.mark.parametrize(("words", "language", "found"), [("block outbound port 25", "en", "op25b"), ("ポート25を止めたい", "ja", "op25b")])
def test_a_wish_in_either_language_finds_its_measure(words: str, language: str, found: str, client: TestClient) -> None:
    page = client.get("/book", params={"q": words}, headers={"accept-language": language}).text
    assert f"/book/measures/{found}" in page.split("<table")[0]


def test_a_wish_the_book_does_not_know_is_said_to_be_unknown(client: TestClient) -> None:
    page = client.get("/book", params={"q": "paint the office green"}, headers={"accept-language": "en"}).text
    assert "Ask the legal officer" in page


def test_a_case_shows_each_rule_beside_its_check_with_source_dates_and_history(client: TestClient) -> None:
    case = BOOK.case("jp/D-07/1")
    page = client.get("/book/cases/jp/D-07/1", headers={"accept-language": "ja"}).text
    for condition in case.conditions:
        assert condition.words["ja"] in page
    assert case.source in page
    assert str(case.since) in page
    assert "/book/cases/jp/D-07/3" in page


def test_a_case_without_a_ground_says_so(client: TestClient) -> None:
    page = client.get("/book/cases/jp/C-03/1", headers={"accept-language": "en"}).text
    assert "no ground carries this" in page


def test_a_measure_is_printed_as_a_code_of_conduct(client: TestClient) -> None:
    page = client.get("/book/measures/default-on-filter", headers={"accept-language": "en"}).text
    assert "Code of conduct:" in page
    for case in (c for c in BOOK.cases if c.measure == "default-on-filter"):
        assert case.title["en"] in page
        assert all(c.words["en"] in page for c in case.conditions)


def test_the_book_lists_every_rule_of_what_is_owed(client: TestClient) -> None:
    page = client.get("/book", headers={"accept-language": "ja"}).text
    assert all(f"/book/cases/{rule.id}" in page for rule in BOOK.owed.rules)
    assert "何かが起きた後の義務" in page


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", ["jp/D-03/s1", "jp/E-06/d2", "jp/D-20/d9", "jp/A-11/d1", "jp/E-14/h1", "jp/D-16/d2"])
def test_a_rule_of_what_is_owed_has_its_page_with_words_term_and_worked_questions(name: str, language: str, client: TestClient) -> None:
    rule = next(r for r in BOOK.owed.rules if r.id == name)
    page = client.get(f"/book/cases/{name}", headers={"accept-language": language}).text
    assert read(page).language == language
    text = unescape(page)
    assert rule.title[language] in text
    assert rule.words[language] in text
    assert rule.source in text
    for condition in getattr(rule, "conditions", ()):
        assert condition.words[language] in text
    assert all(w.because[language] in text for w in BOOK.worked if w.rule == name)


@pytest.mark.parametrize(
    ("language", "elements", "once"),
    [
        ("ja", "相手方、当事者、日時、その他ヘッダ", "規則の隣に証拠の種類を示したもの"),
        ("en", "counterpart, party, date and time, other headers", "Where a kind of evidence is named beside a rule"),
    ],
)
def test_a_condition_says_its_codes_in_words_and_the_rule_of_evidence_once(
    language: str, elements: str, once: str, client: TestClient
) -> None:
    page = client.get("/book/cases/jp/B-13/1", headers={"accept-language": language}).text
    assert page.count(once) == 1
    assert f"<dt><code>elements</code></dt><dd>{elements}</dd>" in page


@pytest.mark.parametrize(("language", "side"), [("ja", "契約者"), ("en", "subscriber")])
def test_who_must_agree_and_what_the_plan_binds_itself_to_stand_in_words(language: str, side: str, client: TestClient) -> None:
    page = client.get("/book/cases/jp/P-3/4", headers={"accept-language": language}).text
    assert re.search(rf"<dt>(?:同意した当事者|who agreed)</dt><dd>[^<]*{side}", page)
    bound = client.get("/book/cases/jp/P-3/3", headers={"accept-language": language}).text + page
    assert "<code>field</code>" not in bound


@pytest.mark.parametrize(("language", "law"), [("ja", "有線電気通信法"), ("en", "Wire Telecommunications Act")])
def test_what_if_names_the_law_and_the_cases_to_confirm_in_words(language: str, law: str, client: TestClient) -> None:
    page = client.get("/what-if/infected-notice/match", headers={"accept-language": language}).text
    assert f'<option value="WIRE">{law}</option>' in page
    title = BOOK.case("jp/B-13/1").title[language]
    assert re.search(rf"<code>jp/B-13/1</code>\s*{re.escape(title)}</label>", unescape(page))


def test_the_page_of_a_hold_says_that_it_shows_nothing(client: TestClient) -> None:
    page = client.get("/book/cases/jp/D-17/h1", headers={"accept-language": "en"}).text
    assert "It stops deletion and permits no disclosure." in page


def test_the_page_of_a_wait_says_from_what_it_is_counted(client: TestClient) -> None:
    text = " ".join(unescape(client.get("/book/cases/jp/D-03/s1", headers={"accept-language": "en"}).text).split())
    assert "7 days, counted from: day the sender received the inquiry (sending is not receipt)" in text


@pytest.mark.parametrize("path", ["/book/cases/jp/Z-99/1", "/book/cases/../../etc/passwd", "/book/measures/unheard-of", "/what-if/x/y"])
def test_what_the_book_does_not_have_is_an_error_page(path: str, client: TestClient) -> None:
    answer = client.get(path, headers={"accept-language": "ja"})
    assert answer.status_code in (400, 404)
    assert read(answer.text).language == "ja"


def form_of(page: str) -> dict[str, list[str]]:
    """The form's fields as a browser without JavaScript would send them."""
    body = page[page.index('class="sheet facts-form"') :]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>", body):
        name, value = (re.search(rf'\b{a}="([^"]*)"', tag) for a in ("name", "value"))
        if name and ("checkbox" not in tag or " checked" in tag):
            sent.setdefault(name[1], []).append(value[1] if value else "on")
    for name, inner in re.findall(r'<select id="[^"]*" name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner) or re.search(r"<option selected>([^<]*)", inner)
        sent.setdefault(name, []).append(chosen[1] if chosen else "")
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        sent.setdefault(name, []).append(inner)
    return sent


def test_sent_back_as_it_came_the_form_changes_nothing(client: TestClient) -> None:
    before = client.get(FILTER, headers={"accept-language": "en"}).text
    after = client.get("/api" + FILTER, params=form_of(before)).json()
    assert (after["decision"]["outcome"], after["before"], after["wrong"]) == ("permitted", "permitted", {})


def test_one_fact_changed_in_the_form_changes_the_tree(client: TestClient) -> None:
    sent = form_of(client.get(FILTER).text)
    off = client.get("/api" + FILTER, params={**sent, "v.optout.works": ["no"]}).json()
    assert [m["condition"] for m in off["decision"]["missing"]] == ["switch"]
    without = {**sent, "have": [k for k in sent["have"] if k != "survey"]}
    page = client.get(FILTER, params=without, headers={"accept-language": "en"}).text
    assert "this evidence is not there" in page
    assert client.get("/api" + FILTER, params={**sent, "on": ["2005-12-31"]}).json()["decision"]["outcome"] == "refused"


def test_a_field_that_cannot_be_read_is_named_and_left_as_it_was(client: TestClient) -> None:
    sent = form_of(client.get(FILTER).text)
    answer = client.get(FILTER, params={**sent, "v.survey.asked": ["many"]}, headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert "must be a whole number" in answer.text
    assert client.get("/api" + FILTER, params={**sent, "v.survey.asked": ["many"]}).json()["wrong"] == {"v.survey.asked": "int"}


def test_a_referred_case_can_be_supposed_confirmed(client: TestClient) -> None:
    path = "/what-if/traffic-picture/count"
    sent = form_of(client.get(path).text)
    assert client.get("/api" + path, params=sent).json()["decision"]["outcome"] == "referred"
    confirmable = client.get("/api" + path).json()["confirmable"]
    assert client.get("/api" + path, params={**sent, "confirmed": confirmable}).json()["decision"]["outcome"] == "permitted"


def test_a_subscriber_is_not_shown_the_operators_book(client: TestClient, become: Callable[..., None]) -> None:
    become("subscriber")
    assert client.get("/book").status_code == 403
    assert client.get(FILTER).status_code == 403


def test_the_tree_of_a_decision_leads_to_the_page_of_each_case(client: TestClient) -> None:
    page = client.get("/cards/D2-filter").text
    linked = set(re.findall(r'href="/book/cases/([^"]+)"', page))
    assert linked
    assert all(client.get(f"/book/cases/{c}").status_code == 200 for c in linked)
