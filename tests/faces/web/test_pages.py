"""Every page, in both languages, against the recorded desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from sekisho.faces.web.codes_desk import DONE
from sekisho.faces.web.pages import PAGES
from sekisho.faces.web.shape import answer_of
from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import FOLDER, LETTER, RecordedDesk, recorded

PLAN = "/plans/3f9c1a7be0d24c55"
PERMIT = "c90a5512fe6b4a3e"
SAID = recorded("cases")
CASES: dict[str, str] = SAID["ids"]
HOLD = SAID["cases"][CASES["held"]]["holds"][-1]["id"]
NIGHTS: dict[str, Any] = {e["state"]: e for e in recorded("envelopes")}
ENTRUSTED: dict[str, Any] = {e["status"]: e for e in recorded("entrustments")["entrustments"]}
SENDING = next(c["id"] for c in recorded("campaigns")["list"] if c["status"] == "sending")
REVIEW = f"/envelopes/{NIGHTS['in-force']['id']}/uses/{NIGHTS['in-force']['uses'][-1]['id']}/review"
FILLED = {
    "/cards/{id}": "/cards/D2-filter",
    "/measures/{id}": "/measures/infected-notice",
    "/plans/{id}": PLAN,
    "/ledger/{index:int}": "/ledger/21",
    "/book/cases/{id:path}": "/book/cases/jp/C-01/1",
    "/book/measures/{id}": "/book/measures/infected-notice",
    "/what-if/{measure}/{step}": "/what-if/default-on-filter/filter",
    "/campaigns/{id}": f"/campaigns/{SENDING}",
    "/procedures/{id}/room": f"/procedures/{CASES['happened']}/room",
    "/procedures/{id}": f"/procedures/{CASES['held']}",
}
OTHERS = ["/cards/D0-board", "/ledger/3", "/ledger/4", "/line", "/consent", "/notices", "/sign-in"]
READING = [FILLED.get(p.path, p.path) for p in PAGES] + OTHERS
ACTING = [f"{PLAN}/evidence/terms", f"{PLAN}/comment", f"{PLAN}/confirm?case=jp/B-13/1", f"{PLAN}/approve", f"/permits/{PERMIT}/withdraw"]
ACTING += [
    "/procedures/open/authority-preservation",
    f"/procedures/{CASES['held']}/moves/withdraw",
    f"/procedures/{CASES['late']}/moves/silence",
    f"/procedures/{CASES['held']}/hold",
    f"/procedures/{CASES['happened']}/moves/order",
    f"/procedures/{CASES['held']}/holds/{HOLD}/lift",
    f"/texts/{next(t['digest'] for t in SAID['texts'] if not t['adopted'])}/adopt",
]
ACTING += [f"/envelopes/{NIGHTS['waiting']['id']}/approve", f"/envelopes/{NIGHTS['in-force']['id']}/revoke", REVIEW]
ACTING += [f"/entrustments/{ENTRUSTED['draft']['id']}/approve", f"/entrustments/{ENTRUSTED['in-force']['id']}/stop"]
ACTING += [f"/campaigns/{SENDING}/leave-out", "/campaigns/reachable"]
READ = next(r["id"] for r in recorded("replies")["list"] if r["state"] == "read")
ADMITTED = next(a["id"] for a in recorded("admissions") if a["status"] == "in-force")
ACTING += [f"/campaigns/replies/{READ}/{do}" for do in ("read", "answer", "settle")] + [f"/campaigns/contractors/{ADMITTED}/shut"]
HELD = next(m["id"] for m in recorded("talks")["held"] if m["state"] == "held")
ACTING += [f"/talks/held/{HELD}/{do}" for do in ("read", "settle")]
READING += ["/procedures?shown=all", *(f"/procedures/{CASES[n]}" for n in ("late", "soon", "closed", "waits", "happened"))]
OPENED = next(x for x in recorded("opened_lines")["lines"] if x["state"] == "open")["id"]
HELPING = ["/port25/open", "/mailserver/restore", f"/port25/lines/{OPENED}/close"]
ACTING += HELPING
LANGUAGES = ("ja", "en")
KANA = re.compile(r"[\u3041-\u30ff]")


def role_for(path: str) -> str:
    if path in HELPING:
        return "engineer"  # who is of the desk as well
    return "legal-officer" if path in ACTING or path == "/approvals" or path.startswith(("/procedures", "/texts")) else "engineer"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", READING + ACTING)
def test_every_page_is_sound_html_in_its_language(path: str, language: str, client: TestClient, become: Callable[..., None]) -> None:
    """Balanced, labelled, one main heading, no inline style or script, nothing from elsewhere, every form with its token."""
    become(role_for(path))
    answer = client.get(path, headers={"accept-language": language})
    assert answer.status_code == 200
    page = read(answer.text)
    assert page.language == language
    assert answer.headers["content-language"] == language


@pytest.mark.parametrize("path", READING + ACTING)
def test_a_japanese_page_has_no_english_label_left(path: str, client: TestClient, become: Callable[..., None]) -> None:
    """What gettext gave is Japanese: no label of the English page that has words in it appears on the Japanese one."""
    become(role_for(path))
    pages = {lang: read(client.get(path, headers={"accept-language": lang}).text).text for lang in LANGUAGES}
    words = {t.strip() for t in pages["en"] if re.search(r"[a-z]{4,} [a-z]{2,}", t) and "@" not in t and ":" not in t}
    left = words & {t.strip() for t in pages["ja"]} - given_by_the_desk()
    assert not left


@cache
def given_by_the_desk() -> frozenset[str]:
    """English that the desk says in English whatever the language: values of evidence, names of operators."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            if set(value) != {"ja", "en"} or not all(isinstance(v, str) for v in value.values()):
                for v in value.values():
                    walk(v)
        elif isinstance(value, list):
            found.add(", ".join(str(v) for v in value))
            for v in value:
                walk(v)

    for file in FOLDER.glob("*.json"):
        if file.stem != "receipt":
            walk(recorded(file.stem))
    return frozenset(found)


def test_an_english_page_speaks_japanese_only_where_the_source_does(client: TestClient) -> None:
    """Citations stay in the language of the law and say so, and what people wrote is theirs; nothing else there is Japanese."""
    page = client.get(PLAN, headers={"accept-language": "en"}).text
    without = re.sub(r'<(\w+)[^>]* lang="(?:ja)?"[^>]*>.*?</\1>', "", page, flags=re.DOTALL)
    assert not KANA.search(without.replace("日本語", ""))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.path)
def test_every_page_has_the_same_answer_as_json(page: Any, client: TestClient, become: Callable[..., None]) -> None:
    """Under /api stands what the page was made from."""
    path = FILLED.get(page.path, page.path)
    become(role_for(path))
    answer = client.get("/api" + ("/overview" if path == "/" else path))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert isinstance(answer.json(), dict)
    assert answer.headers["cache-control"] == "no-store"


def test_the_overview_says_what_was_found_and_that_nobody_is_known_by_it(client: TestClient) -> None:
    """Three lines, a list, and no name."""
    page = client.get("/").text
    assert "3 lines talk to a listed server; we do not know whose." in page
    assert page.count('<article class="card') == 5
    japanese = client.get("/", headers={"accept-language": "ja"}).text
    assert "3回線がリストに載ったサーバと通信しています。誰の回線かは分かっていません。" in japanese


def test_the_decision_shows_every_case_condition_and_citation(client: TestClient, desk: RecordedDesk) -> None:
    """The whole tree is on the page: nothing the gate tried is left out, met or not."""
    page = client.get(PLAN).text
    for decision in desk.answers["plan"]["decisions"]:
        for axis in decision["axes"]:
            for tried in axis["tried"]:
                assert tried["case"] in page
                assert tried["source"].split("「")[0] in page
                for checked in tried["checked"]:
                    assert escaped(checked["words"]["en"]) in page
                    assert answer_of(checked)["type"] in ("met", "unmet", "ask")
    tree = page[page.index('<ol class="tree">') :]
    marks = sum(len(t["checked"]) for d in desk.answers["plan"]["decisions"] for a in d["axes"] for t in a["tried"])
    assert tree.count('<span class="verdict">') == marks


def escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&#34;")


def test_why_not_is_a_to_do_list_that_names_who_can_supply_each_thing(client: TestClient, become: Callable[..., None]) -> None:
    """Alternatives are said to be alternatives; the button stands only where this person can do it."""
    become("legal-officer")
    page = client.get(PLAN).text
    todo = page[page.index('id="todo"') : page.index('id="signatures"')]
    assert "One of these 3 ways is enough." in todo
    assert "can supply it:" in todo
    assert f"{PLAN}/confirm?case=jp/B-13/1" in todo
    assert f"{PLAN}/evidence/terms" in todo
    assert f"{PLAN}/evidence/finding" not in todo
    assert "1 signature is missing" in todo


def test_the_proposer_is_offered_neither_evidence_nor_approval(client: TestClient) -> None:
    """Who proposes never vouches and never approves, and is told so instead of being shown a door that is shut."""
    page = client.get(PLAN).text
    assert f'href="{PLAN}/evidence' not in page
    assert "you proposed this; somebody else must vouch" in page


def test_times_are_japanese_with_utc_beside_them(client: TestClient) -> None:
    """03:00 UTC is noon in Japan; the UTC time is in the title."""
    assert '<time datetime="2026-11-21T03:00:12Z" title="2026-11-21 03:00:12 UTC">2026-11-21 12:00:12 JST</time>' in client.get("/").text


def test_the_language_switch_is_remembered_and_beats_the_browser(client: TestClient, post: Callable[..., Any]) -> None:
    """The cookie wins over Accept-Language, and comes back to the page it was used on."""
    answer = post("/language", {"language": "ja", "back": "/permits"}, follow_redirects=False)
    assert answer.headers["location"] == "/permits"
    assert read(client.get("/permits", headers={"accept-language": "en"}).text).language == "ja"


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("ja", "ja"),
        ("en-GB,en;q=0.8", "en"),
        ("fr, en;q=0.5, ja;q=0.9", "ja"),
        ("fr", "ja"),
        ("", "ja"),
        ("en;q=0, ja;q=0.1", "ja"),
        ("e" * 9000, "ja"),
    ],
)
def test_without_a_cookie_the_browser_chooses(accept: str, language: str, client: TestClient) -> None:
    """Weights count; what the console does not speak is passed over; Japanese comes first."""
    assert read(client.get("/line", headers={"accept-language": accept}).text).language == language


def test_a_subscriber_sees_who_looked_only_with_the_code_of_their_letter(client: TestClient, post: Callable[..., Any]) -> None:
    """No account, no session: the code in a form. A wrong one says nothing about anybody, not even that it was close."""
    assert "Who looked" not in client.get("/line").text
    assert post("/line", {"code": "0000-0000"}).status_code == 404
    page = post("/line", {"code": f" {LETTER} "}).text
    assert "Watanabe Aoi" in page
    read(page)


def test_a_link_from_a_letter_fills_the_code_in_and_does_nothing(client: TestClient, desk: RecordedDesk) -> None:
    """Mail scanners open links: opening one neither shows nor withdraws anything."""
    page = client.get(f"/line?code={LETTER}").text
    assert f'value="{LETTER}"' in page
    assert "Who looked" not in page
    assert desk.withdrawn == []


def test_the_giver_of_a_consent_sees_it_with_the_code_of_the_receipt(client: TestClient, post: Callable[..., Any]) -> None:
    """What they were shown, what they agreed to, what happened; a wrong code says nothing, a link alone shows nothing."""
    assert f'value="{LETTER}"' in client.get(f"/consent?code={LETTER}").text
    assert "What you agreed to</h2>" not in client.get(f"/consent?code={LETTER}").text
    assert post("/consent", {"code": "0000-0000"}).status_code == 404
    page = post("/consent", {"code": f" {LETTER} "}).text
    assert "consent was given" in page
    assert '<blockquote lang="ja">' in page
    read(page)


def test_the_giver_reads_what_stopped_their_mails_and_that_it_was_taken_back(post: Callable[..., Any]) -> None:
    page = post("/consent", {"code": LETTER}).text
    for said in ("stopped them by one press.", "Taken back:", "Stopped on our page", "Still stopped."):
        assert said in page


def test_a_consent_that_is_over_offers_no_way_to_end_it_again(desk: RecordedDesk, post: Callable[..., Any]) -> None:
    desk.answers["consent"] |= {"live": False}
    page = post("/consent", {"code": LETTER}).text
    assert "This consent is over." in page
    assert "/consent/withdraw" not in page


def test_a_receipt_is_a_file_to_take_away(post: Callable[..., Any]) -> None:
    answer = post("/consent", {"code": LETTER, "as": "receipt"})
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["content-disposition"] == 'attachment; filename="consent-3f9c1a7be0d24c55.jsonld"'
    assert "@graph" in answer.json()


def test_a_strangers_words_stay_words(client: TestClient, desk: RecordedDesk) -> None:
    """A mail subject, a name or a scope that looks like HTML is shown as text."""
    bad = '"><script>alert(1)</script>'
    desk.answers["mailbox"][0] |= {"subject": bad, "body": bad}
    desk.answers["permits"][0]["withdrawn"]["by"] = bad
    desk.answers["plan"]["evidence"][0]["value"] = {bad: bad}
    for path in ("/mailbox", "/permits", PLAN):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_an_empty_installation_is_shown_as_one(client: TestClient, desk: RecordedDesk) -> None:
    """Nothing waiting, nothing found, no permit, no traffic: every page says so in a sentence and stays sound."""
    desk.answers["overview"] |= {"waiting": [], "findings": [], "cards": [], "health": [], "notices": []}
    desk.answers["permits"] = []
    desk.answers["mailbox"] = []
    desk.answers["traffic"] = {"permit": None, "minutes": [], "series": [], "interfaces": [], "counters": []}
    desk.answers["ledger"] |= {"size": 0, "entries": []}
    for path, words in (
        ("/", "Nothing waits for a decision."),
        ("/permits", "No permit was ever given"),
        ("/traffic", "nothing is counted"),
        ("/ledger", "Nothing has been written down yet."),
        ("/mailbox", "No mail has been sent."),
    ):
        page = client.get(path).text
        assert words in page
        read(page)


def test_the_ledger_is_paged_and_its_receipts_come_as_files(client: TestClient) -> None:
    """The newest first; older ones one link away; a receipt is a text file with a name; an index beyond the end is not found."""
    page = client.get("/ledger").text
    assert "#213" in page
    assert 'href="/ledger?start=114"' in page
    assert "#150" in client.get("/ledger?start=114").text
    assert client.get("/ledger?start=99999999999999999999").status_code == 200
    receipt = client.get("/ledger/17/receipt")
    assert receipt.headers["content-disposition"] == 'attachment; filename="sekisho-17.tlog-proof"'
    assert receipt.text.startswith("c2sp.org/tlog-proof@v1")
    assert client.get("/ledger/9999/receipt").status_code == 404
    assert client.get("/ledger/9999").status_code == 404


def test_a_broken_ledger_is_said_plainly(post: Callable[..., Any], desk: RecordedDesk) -> None:
    """The first bad entry, its file, what is wrong, and what to do now."""
    desk.answers["verify"] |= {"ok": False, "bad": {"index": 41, "file": "tile/entries/000", "why": "hash differs"}}
    page = post("/ledger/verify").text
    for words in ("The ledger does not hold.", "41", "tile/entries/000", "hash differs", "Stop. Keep the disk as it is"):
        assert words in page
    part = post("/ledger/verify", headers={"hx-request": "true"}).text
    assert "<html" not in part
    assert "The ledger does not hold." in part


def test_the_page_one_comes_back_to_says_what_was_done_and_nothing_anybody_else_writes_there(client: TestClient) -> None:
    for deed, words in DONE.items():
        assert escape(words) in client.get("/sign-in", params={"done": deed}, headers={"accept-language": "en"}).text, deed
    assert "you won" not in client.get("/sign-in", params={"done": "you won"}).text
