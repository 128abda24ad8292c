"""Whoever was asked, before a real `keep`: the code typed is the receipt, what is kept back is nowhere, and the answer counts at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.desk.office import Office
from tests.faces.web.live import Live, live

CLAIM = {
    "claimant": "見本 花子",
    "claimant_contact": "hanako@example.jp",
    "claimant_address": "〒420-0000\n静岡県見本町1-2-3",
    "where_posted": "掲示板の34番",
    "posted": "「見本花子は借金を返さない」",
    "infringed_right": "honour",
    "reason": "事実ではない。ﾐﾎﾝ ではなく 見本　花子 です。",
    "tell_name": "no",
    "truthful": "yes",
}
CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}")


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    founded = Office(tmp_path_factory.mktemp("answers") / "template").found()
    founded.close()
    with live(founded.home, tmp_path_factory.mktemp("answers") / "office") as running:
        yield running


def asked(at: Live, **changed: str) -> dict[str, str]:
    """A claim from the web, completed at the desk, with its letter drafted and sent: number and code as the letter has them."""
    number, _ = at.receipt("deletion-inquiry", {**CLAIM, **changed})
    matter = at.load.case(number)["id"]
    known = {f["id"]: f["value"] for f in at.load.case(number)["facts"]}
    at.load.move(matter, "complete", {k: known[k] for k in ("where_posted", "posted", "infringed_right", "reason")}, who="desk")
    at.load.move(matter, "draft", who="desk")
    at.load.move(matter, "sent", {"sent_on": at.load.today()}, who="desk")
    (letter,) = at.load.case(number)["letters"]
    code = CODE.search(letter["body"])
    assert code is not None
    assert "http://localhost" in letter["body"]
    return {"number": number, "code": code[0]}


def opened(at: Live, who: dict[str, str]) -> Any:
    return at.post("/answer", "/answer", who)


def state(at: Live, who: dict[str, str]) -> str:
    return str(at.load.case(who["number"])["state"])


def test_a_page_that_is_only_loaded_starts_nothing_whoever_loads_it(at: Live) -> None:
    """Mail scanners and browsers that fetch ahead open links, with and without a code in them."""
    who = asked(at)
    for path in ("/answer", f"/answer?number={who['number']}", f"/answer?number={who['number']}&code={who['code']}", "/answer/act"):
        at.stranger.get(path)
        at.stranger.head(path)
    assert state(at, who) == "asked"
    assert who["code"] not in at.stranger.get(f"/answer?number={who['number']}&code={who['code']}").text


def test_a_wrong_code_starts_nothing_and_says_nothing(at: Live) -> None:
    who, other = asked(at), asked(at)
    for guess in ({**who, "code": other["code"]}, {**who, "code": "0000-0000-0000-0000-0000"}, {**who, "number": "2026-99999"}):
        refused = opened(at, guess)
        assert refused.status_code == 404
        assert "掲示板" not in refused.text
    assert state(at, who) == "asked"


def test_the_code_typed_is_the_proof_of_receipt_and_the_term_runs_from_the_next_day(at: Live) -> None:
    who = asked(at)
    shown = opened(at, {**who, "code": who["code"].lower()})
    due = (date.fromisoformat(at.load.today()) + timedelta(days=7)).isoformat()
    assert shown.status_code == 200
    assert due in shown.text
    case = at.load.case(who["number"])
    assert case["state"] == "counting"
    assert [(c["due"], c["state"]) for c in case["clocks"] if c["id"] == "inquiry"] == [(due, "running")]
    proof = next(a for a in case["attachments"] if a["paper"] == "receipt-proof")
    assert proof["by"] == case["made"][-1]["by"]["id"] == "outside:poster"
    at.office.watch.wind(days=1)
    assert due in opened(at, who).text
    assert len(at.load.case(who["number"])["made"]) == len(case["made"])


def test_what_the_claimant_keeps_back_is_in_no_byte_of_the_posters_pages(at: Live) -> None:
    hidden, shown = asked(at), asked(at, tell_name="yes")
    page = opened(at, hidden).text
    for secret in ("花子", "hanako@example.jp", "見本町1-2-3", "420-0000"):
        assert secret not in page
    assert "■■■■" in page
    assert "掲示板の34番" in page
    open_page = opened(at, shown).text
    assert "見本 花子" in open_page
    assert "hanako@example.jp" not in open_page


def test_an_objection_counts_at_once_and_needs_its_reason(at: Live) -> None:
    who = asked(at)
    opened(at, who)
    refused = at.post("/answer", "/answer/act", {**who, "do": "send", "choice": "disagree", "words": "  "})
    assert refused.status_code == 422
    assert state(at, who) == "counting"
    evidence = {"file.": ("source.pdf", b"%PDF-1.7\nx")}
    done = at.post("/answer", "/answer/act", {**who, "do": "send", "choice": "disagree", "words": "It is true.\r\nSee the file."}, evidence)
    assert done.status_code == 200
    assert "Your answer was received." in done.text
    case = at.load.case(who["number"])
    assert case["state"] == "objected"
    assert {f["id"]: f["value"] for f in case["facts"]}["objection"] == "It is true.\nSee the file."
    assert {a["name"] for a in case["attachments"] if a["by"] == "outside:poster"} == {"receipt.txt", "answer.txt", "source.pdf"}
    again = at.post("/answer", "/answer/act", {**who, "do": "send", "choice": "agree", "words": ""})
    assert again.status_code == 409
    assert state(at, who) == "objected"


@pytest.mark.parametrize("choice", ["agree", "removed"])
def test_who_agrees_needs_no_reason(choice: str, at: Live) -> None:
    who = asked(at)
    opened(at, who)
    assert at.post("/answer", "/answer/act", {**who, "do": "send", "choice": choice}).status_code == 200
    assert state(at, who) == "unopposed"


def test_an_objection_after_seven_days_still_counts_until_it_was_decided(at: Live) -> None:
    who = asked(at)
    opened(at, who)
    at.office.watch.wind(days=9)
    at.office.reopen()
    at.__post_init__()
    matter = at.load.case(who["number"])["id"]
    at.load.move(matter, "silence", who="desk")
    done = at.post("/answer", "/answer/act", {**who, "do": "send", "choice": "disagree", "words": "late, but true"})
    assert done.status_code == 200
    assert state(at, who) == "objected"


def test_a_draft_is_kept_sealed_and_is_no_answer(at: Live) -> None:
    who = asked(at)
    opened(at, who)
    saved = at.post("/answer", "/answer/act", {**who, "do": "save", "choice": "disagree", "words": "unmistakable-draft"})
    assert "Your draft is kept." in saved.text
    assert state(at, who) == "counting"
    assert b"unmistakable-draft" not in b"".join(p.read_bytes() for p in at.office.settings.folder.rglob("*") if p.is_file())
    later = opened(at, who).text
    assert "unmistakable-draft" in later
    assert re.search(r'value="disagree" checked', later)
    at.post("/answer", "/answer/act", {**who, "do": "send", "choice": "agree"})
    assert "unmistakable-draft" not in opened(at, who).text


def test_asking_for_more_time_tells_the_desk_and_stops_no_clock(at: Live) -> None:
    who = asked(at)
    opened(at, who)
    before = next(c for c in at.load.case(who["number"])["clocks"] if c["id"] == "inquiry")
    done = at.post("/answer", "/answer/act", {**who, "do": "longer", "longer": "My lawyer is away until Monday."})
    assert "more time was received" in done.text
    case = at.load.case(who["number"])
    assert "extension-request.txt" in {a["name"] for a in case["attachments"]}
    assert next(c for c in case["clocks"] if c["id"] == "inquiry") == before
    assert at.post("/answer", "/answer/act", {**who, "do": "longer", "longer": " "}).status_code == 422


def test_the_claimants_code_opens_no_inquiry_and_the_posters_no_claim(at: Live) -> None:
    number, code = at.receipt("deletion-inquiry", CLAIM)
    assert opened(at, {"number": number, "code": code}).status_code == 404
    who = asked(at)
    assert at.post("/case", "/case", who).status_code == 404


def test_a_letter_drafted_anew_has_a_new_code_and_the_old_one_is_dead(at: Live) -> None:
    who = asked(at)
    matter = at.load.case(who["number"])["id"]
    at.load.move(matter, "undeliverable", {"undelivered_why": "moved away"}, who="desk")
    at.load.move(matter, "draft", who="desk")
    assert opened(at, who).status_code == 404


def test_what_the_claimant_wrote_is_never_markup_for_the_poster(at: Live) -> None:
    who = asked(at, posted="<script>alert(1)</script>", reason="<img src=x onerror=alert(1)>")
    page = opened(at, who).text
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_the_ledger_and_the_records_agree_after_all_of_it(at: Live) -> None:
    assert at.load.call("compare")["differences"] == []


def test_a_request_for_disclosure_comes_by_its_door_and_the_poster_is_heard_by_code(at: Live) -> None:
    told = {**{k: v for k, v in CLAIM.items() if k != "reason"}, "why_clear": "It is false."}
    ticked = {"f.why_needed.damages": "yes", "f.items_asked.post-address-and-port": "yes", **{f"f.{k}": v for k, v in told.items()}}
    sent = at.post("/contact/disclosure-request", "/contact/disclosure-request", ticked, {"file.identity": ("id.pdf", b"%PDF-1.7\nx")})
    number = re.findall(r'<b class="mono">([^<]+)</b>', sent.text)[0]
    case = at.load.case(number)
    known = {f["id"]: f["value"] for f in case["facts"]}
    assert {a["paper"] for a in case["attachments"]} == {"claim", "identity"}
    names = ("where_posted", "posted", "infringed_right", "why_clear", "why_needed", "items_asked")
    told_again = {n: tuple(known[n]) if isinstance(known[n], list) else known[n] for n in names}
    at.load.move(case["id"], "complete", {**told_again, "identity_checked": True}, who="desk")
    at.load.move(case["id"], "record-held", {"items_held": tuple(known["items_asked"])}, who="desk")
    at.load.move(case["id"], "draft", who="desk")
    at.load.move(case["id"], "sent", {"sent_on": at.load.today()}, who="desk")
    codes = [found[0] for x in at.load.case(number)["letters"] if (found := CODE.search(x["body"]))]
    who = {"number": number, "code": codes[-1]}
    page = opened(at, who)
    assert "花子" not in page.text
    assert state(at, who) == "hearing"
    assert at.post("/answer", "/answer/act", {**who, "do": "send", "choice": "partly", "words": " "}).status_code == 422
    assert at.post("/answer", "/answer/act", {**who, "do": "send", "choice": "agree"}).status_code == 200
    assert {f["id"]: f["value"] for f in at.load.case(number)["facts"]}["opinion"] == "agrees"
    assert state(at, who) == "heard"
