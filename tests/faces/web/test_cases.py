"""Cases on the console: read by who may, moved by what people sign, files that are carried and never shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from sekisho.faces.web import Settings, create_app
from sekisho.faces.web.forms import facts, sampled
from tests.faces.web.conftest import NOW, TOKEN
from tests.faces.web.html_checks import read
from tests.faces.web.recorded_desk import RecordedDesk, recorded

SAID = recorded("cases")
CASES: dict[str, str] = SAID["ids"]
HELD, LATE, WAITS, CLOSED = (SAID["cases"][CASES[n]] for n in ("held", "late", "waits", "closed"))
PDF = b"%PDF-1.7\nx"
Post = Callable[..., Any]
Become = Callable[..., None]


@pytest.fixture
def officer(become: Become) -> None:
    become("legal-officer")


@pytest.fixture
def of_the_desk(become: Become) -> None:
    become("desk")


def signs(client: TestClient, post: Post, answer: Any) -> Any:
    """Press the button of the page that shows what will be signed."""
    found = re.search(r'action="(/sign/[^"]+)"', answer.text)
    assert found, answer.text[:2000]
    return post(found.group(1), follow_redirects=False)


def test_the_list_has_its_groups_in_the_order_of_what_is_due(client: TestClient, officer: None) -> None:
    text = client.get("/procedures?shown=all").text
    heads = re.findall(r'<h2 id="g-(\w+)">', text)
    assert heads == ["ready", "soon", "waiting", "closed"]
    assert text.index("2026-00001") < text.index("2026-00003") < text.index("2026-00004")
    assert "on hold" in text
    assert "2026-00002" not in client.get("/procedures").text
    assert "2026-00002" in client.get("/procedures?shown=closed").text
    assert client.get("/procedures?shown=everything").status_code == 200


def test_a_case_shows_its_clock_with_dates_and_what_a_button_does_in_law(client: TestClient, officer: None) -> None:
    text = read(client.get(f"/procedures/{LATE['id']}").text).text
    whole = " ".join(text)
    assert "2026-11-16" in whole
    assert "its last day is over" in whole
    assert "Removal within need brings no liability to the sender." in whole
    page = client.get(f"/procedures/{LATE['id']}").text
    assert f'href="/procedures/{LATE["id"]}/moves/silence"' in page
    assert f'href="/procedures/{LATE["id"]}/moves/objection"' not in page
    assert "not attached yet:" in page


def test_a_move_that_others_makers_may_not_make_says_so_beforehand(client: TestClient, officer: None, desk: RecordedDesk) -> None:
    page = f"/procedures/{LATE['id']}"
    assert "by nobody who did any of these" not in client.get(page).text
    others = [{"id": "a", "title": {"ja": "案", "en": "Propose"}}, {"id": "b", "title": {"ja": "決定", "en": "Decide"}}]
    desk.answers["cases"]["cases"][LATE["id"]]["moves"][0]["apart"] = others
    assert "by nobody who did any of these: “Propose”, “Decide”" in " ".join(client.get(page).text.split())
    assert "「案」、「決定」" in client.get(page, headers={"accept-language": "ja"}).text


def test_whoever_has_no_role_in_it_sees_no_case(client: TestClient, become: Become) -> None:
    become("subscriber")
    for path in ("/procedures", f"/procedures/{HELD['id']}", "/texts", f"/procedures/{HELD['id']}/attachments/x"):
        assert client.get(path).status_code == 403
    assert client.get("/api/procedures").status_code == 403


def test_a_case_is_taken_over_with_one_button_and_a_signature(client: TestClient, post: Post, desk: RecordedDesk, officer: None) -> None:
    """The statement names who had it as the page showed, so that a change between is noticed; whoever has it sees no button."""
    desk.answers["cases"] = desk.said("cases")
    desk.answers["cases"]["cases"][WAITS["id"]]["owner"] = {"id": "unsafe-demo-person-0000000000000002", "name": "Takasaki Mio"}
    assert "/take" not in client.get(f"/procedures/{WAITS['id']}").text
    desk.answers["cases"]["cases"][WAITS["id"]]["owner"] = {"id": "person-x", "name": "Kato"}
    assert f'action="/procedures/{WAITS["id"]}/take"' in client.get(f"/procedures/{WAITS['id']}").text
    shown = post(f"/procedures/{WAITS['id']}/take")
    assert WAITS["number"] in shown.text
    assert "Owner until now: Kato" in shown.text
    done = signs(client, post, shown)
    kind, statement, _ = desk.submitted[-1]
    assert (kind, statement["matter"], statement["owner"]) == ("take-over", WAITS["id"], "person-x")
    assert done.headers["location"] == f"/procedures/{WAITS['id']}?done=take-over"
    assert "/take" not in client.get(f"/procedures/{CLOSED['id']}").text


def test_a_hold_may_name_the_facts_by_which_the_law_forbids_erasure(
    client: TestClient, post: Post, desk: RecordedDesk, officer: None
) -> None:
    form = {"f.data": "permit-0123456789abcdef/*/2026-11-21", "f.reason": "ban", "until": "2026-12-01"}
    assert 'name="f.owed"' in client.get(f"/procedures/{HELD['id']}/hold").text
    signs(client, post, post(f"/procedures/{HELD['id']}/hold", {**form, "f.owed": "[[fact]]\r\n"}))
    assert desk.submitted[-1][1]["owed"] == "[[fact]]"
    signs(client, post, post(f"/procedures/{HELD['id']}/hold", form))
    assert "owed" not in desk.submitted[-1][1]


def test_what_is_nobodys_stands_first_with_the_button_beside_it(client: TestClient, desk: RecordedDesk, officer: None) -> None:
    desk.answers["cases"] = desk.said("cases")
    rows = desk.answers["cases"]["lists"]["open"]["cases"]
    rows[-1].update(when="nobody", owner={"id": "", "name": ""})
    text = client.get("/procedures").text
    assert re.findall(r'<h2 id="g-(\w+)">', text)[0] == "nobody"
    assert f'action="/procedures/{rows[-1]["id"]}/take"' in text
    assert text.count("/take") == 1


@pytest.mark.parametrize(("until", "said"), [("2026-01-01", "This copy is gone"), ("2027-01-01", "This copy is erased with its key on")])
def test_a_copy_with_a_term_of_its_own_says_when_it_goes_and_when_it_is_gone(
    until: str, said: str, client: TestClient, desk: RecordedDesk, officer: None
) -> None:
    assert said not in client.get(f"/procedures/{WAITS['id']}").text
    desk.said("cases")
    desk.answers["cases"]["cases"][WAITS["id"]]["attachments"][0]["until"] = f"{until}T00:00:00.000000+00:00"
    assert said in client.get(f"/procedures/{WAITS['id']}").text


def test_who_reads_may_not_always_act(client: TestClient, become: Become) -> None:
    become("reviewer")
    assert client.get(f"/procedures/{HELD['id']}").status_code == 200
    for path in ("/procedures/open/deletion-inquiry", f"/procedures/{LATE['id']}/moves/silence", f"/procedures/{HELD['id']}/hold"):
        assert client.get(path).status_code == 403
    assert "Attach" in client.get(f"/procedures/{WAITS['id']}").text
    assert 'type="file"' not in client.get(f"/procedures/{WAITS['id']}").text


def test_a_case_is_opened_by_a_form_a_page_that_shows_it_and_a_signature(
    client: TestClient, post: Post, desk: RecordedDesk, officer: None
) -> None:
    form = {"f.claimant": "見本 花子", "f.received_on": "2026-11-20", "f.language": "ja", "f.reason": "一\r\n二"}
    shown = post("/procedures/open/deletion-inquiry", form)
    assert shown.status_code == 200
    assert "Records that the claim arrived" in shown.text
    done = signs(client, post, shown)
    kind, statement, _ = desk.submitted[-1]
    assert kind == "opening"
    told = {"claimant": "見本 花子", "received_on": "2026-11-20", "language": "ja", "reason": "一\n二"}
    assert statement["facts"] == told
    assert done.headers["location"].startswith("/procedures")


@pytest.mark.parametrize(("language", "here", "other"), [("en", "Hanako Mihon", "見本 花子"), ("ja", "見本 花子", "Hanako Mihon")])
def test_a_demo_fills_its_forms_in_the_language_of_the_page(
    client: TestClient, officer: None, language: str, here: str, other: str
) -> None:
    page = client.get("/procedures/open/deletion-inquiry", headers={"accept-language": language}).text
    assert here in page
    assert other not in page


def test_a_form_with_something_missing_says_so_and_lays_nothing(client: TestClient, post: Post, desk: RecordedDesk, officer: None) -> None:
    answer = post("/procedures/open/deletion-inquiry", {"f.claimant": "x", "f.received_on": "soon"})
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 2
    assert 'value="x"' in answer.text
    assert "/sign/" not in answer.text


@pytest.mark.parametrize(("language", "shown"), [("ja", "Japanese"), ("zz", "zz")])
def test_what_is_signed_stands_in_words_beside_the_statement(post: Post, officer: None, language: str, shown: str) -> None:
    """Titles and choices as the form had them; a value that is no choice is shown as it is, for `keep` to refuse."""
    answer = post("/procedures/open/deletion-inquiry", {"f.claimant": "x", "f.received_on": "2026-11-20", "f.language": language})
    assert answer.status_code == 200
    words = answer.text.partition('id="statement"')[0]
    assert f"<dt>language of the letters</dt><dd>{shown}</dd>" in words
    assert "2026-11-20" in words


ASKING = f"/procedures/{WAITS['id']}/moves/ask-claimant"
PLACE = next(x["said"] for x in SAID["prepared"]["ask-claimant"]["texts"] if x["text"] == "lacking-where@1")
PERSON = next(x["said"] for x in SAID["prepared"]["ask-claimant"]["texts"] if x["text"] == "lacking-identity@1")


def in_the_field(answer: Any) -> str:
    found = re.search(r'<textarea[^>]* name="f.lacking"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL)
    assert found
    return found[1]


def test_prepared_texts_are_offered_beside_the_field_they_are_for(client: TestClient, of_the_desk: None) -> None:
    text = client.get(ASKING).text
    assert '<option value="lacking-where@1">The place cannot be found</option>' in text
    assert "(in Japanese)" in text, "the language of the letters, not of the page"
    assert "1 more prepared text waits for the legal officer" in text
    assert 'name="fill"' not in client.get(f"/procedures/{LATE['id']}/moves/silence").text


@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("", PLACE),
        ("also this", f"also this\n\n{PLACE}"),
        (PERSON, PLACE),
        (f" {PLACE}\r\n", PLACE),
        (PERSON + "!", f"{PERSON}!\n\n{PLACE}"),
    ],
    ids=["nothing", "words", "picked-before", "the-same", "changed"],
)
def test_a_text_that_is_picked_stands_in_the_field_and_nothing_typed_is_lost(
    post: Post, desk: RecordedDesk, of_the_desk: None, typed: str, then: str
) -> None:
    """The page comes back with it; what a person wrote there stands before it, what only was picked before does not."""
    answer = post(ASKING, {"f.lacking": typed, "prepared.lacking": "lacking-where@1", "fill": "lacking"})
    assert answer.status_code == 200
    assert in_the_field(answer) == then
    assert 'id="f-lacking" name="f.lacking" required autofocus' in answer.text
    assert "/sign/" not in answer.text
    assert desk.submitted == []


@pytest.mark.parametrize("picked", ["", "lacking-right@1", "nothing@1"])
def test_picking_nothing_that_is_offered_changes_nothing(post: Post, of_the_desk: None, picked: str) -> None:
    answer = post(ASKING, {"f.lacking": "mine", "prepared.lacking": picked, "fill": "lacking"})
    assert (answer.status_code, in_the_field(answer)) == (200, "mine")
    assert post(ASKING, {"f.lacking": "mine", "fill": "nonsense"}).status_code == 200


def test_a_place_that_is_still_to_be_written_is_pointed_at_before_anything_is_signed(post: Post, of_the_desk: None) -> None:
    answer = post(ASKING, {"f.lacking": "〔ここに書く：年月日〕までに"})
    assert answer.status_code == 422
    assert "a place in brackets is still to be written" in answer.text
    assert "/sign/" in post(ASKING, {"f.lacking": "2026-12-01までに"}).text


def test_the_return_key_sends_the_form_and_does_not_fill_it(client: TestClient, of_the_desk: None) -> None:
    """The first button of a form is the one the key presses."""
    text = client.get(ASKING).text
    form = text[text.index('<form method="post" class="sheet"') :]
    first = re.search(r"<button([^>]*)>", form)
    assert first
    assert "fill" not in first[1]


def test_letters_stand_by_their_names_and_say_to_whom_they_go(client: TestClient, of_the_desk: None) -> None:
    text = client.get(f"/procedures/{WAITS['id']}").text
    assert "drafts the letter “Your claim: something is still needed”, to the claimant" in text
    assert "deletion-incomplete@1" not in text
    texts = client.get("/texts").text
    assert "Inquiry about information you posted" in texts
    assert texts.index("Texts of the letters") < texts.index("Prepared texts for reasons") < texts.index("The place cannot be found")


def test_a_move_is_signed_with_the_number_of_events_the_person_saw(
    client: TestClient, post: Post, desk: RecordedDesk, officer: None
) -> None:
    done = signs(client, post, post(f"/procedures/{LATE['id']}/moves/silence"))
    kind, statement, _ = desk.submitted[-1]
    assert (kind, statement["after"], statement["move"], statement["facts"]) == ("case-move", LATE["events"], "silence", {})
    assert done.headers["location"] == f"/procedures/{LATE['id']}?done=case-move"


@pytest.mark.parametrize(("language", "said"), [("en", "look at the network of a record"), ("ja", "記録のネットワークを見る")])
def test_a_permit_is_asked_for_and_shown_in_words(
    client: TestClient, post: Post, desk: RecordedDesk, officer: None, language: str, said: str
) -> None:
    """Its field says for what, never the code of a step; and before the signature it stands beside what is decided."""
    (button,) = (m for m in desk.answers["cases"]["cases"][LATE["id"]]["moves"] if m["id"] == "silence")
    says = {"ja": "記録のネットワークを見る", "en": "look at the network of a record"}
    button["asks"] = {"measure": "post-log-disclosure", "step": "first-look", "says": says}
    path = f"/procedures/{LATE['id']}/moves/silence"
    page = client.get(path, headers={"accept-language": language}).text
    told = page.partition('<label for="permit">')[2].partition("</label>")[0]
    assert said in told
    assert LATE["number"] in told
    assert "first-look" not in page
    shown = post(path, {"permit": "c90a5512fe6b4a3e"}).text
    assert "<code>c90a5512fe6b4a3e</code>" in shown.partition('<details class="printed">')[0]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "by the person who sent the form on the web"), ("ja", "ウェブのフォームを送った人")]
)
def test_a_file_from_outside_says_whose_it_is_in_plain_words(
    client: TestClient, desk: RecordedDesk, officer: None, language: str, said: str
) -> None:
    desk.answers["cases"]["cases"][LATE["id"]]["attachments"][0]["by"] = "outside:claimant"
    page = client.get(f"/procedures/{LATE['id']}", headers={"accept-language": language}).text
    assert said in page
    assert "outside:" not in page


def test_a_move_of_another_role_is_turned_back(client: TestClient, become: Become) -> None:
    become("desk")
    answer = client.get(f"/procedures/{HELD['id']}/moves/withdraw")
    assert answer.status_code == 403
    assert "legal officer" in answer.text
    assert client.get(f"/procedures/{HELD['id']}/moves/dance").status_code == 404
    assert client.get("/procedures/matter-9999999999999999").status_code == 404


def test_a_file_is_staged_shown_by_its_digest_and_signed(client: TestClient, post: Post, desk: RecordedDesk, officer: None) -> None:
    path = f"/procedures/{WAITS['id']}/attach"
    shown = post(path, {"paper": "claim"}, files={"file": ("../../申出.pdf", PDF, "text/html")})
    assert shown.status_code == 200, shown.text
    signs(client, post, shown)
    kind, statement, _ = desk.submitted[-1]
    assert (kind, statement["size"], statement["paper"]) == ("attaching", len(PDF), "claim")
    assert desk.cases.staged[statement["digest"]] == PDF


@pytest.mark.parametrize(
    ("data", "files", "status"),
    [
        ({"paper": "claim"}, {}, 422),
        ({"paper": "will"}, {"file": ("a.pdf", PDF)}, 422),
        ({"paper": "claim"}, {"file": ("a.pdf", b"")}, 409),
    ],
)
def test_what_is_no_file_or_no_paper_is_turned_back(
    data: dict[str, str], files: dict[str, Any], status: int, post: Post, officer: None
) -> None:
    assert post(f"/procedures/{WAITS['id']}/attach", data, files=files or None).status_code == status


def test_only_the_door_for_files_takes_a_file_and_not_a_larger_one(client: TestClient, post: Post, officer: None) -> None:
    large = {"file": ("a.pdf", b"%PDF-" + bytes(1 << 20))}
    assert post(f"/procedures/{WAITS['id']}/attach", {"paper": "claim"}, files=large).status_code == 200
    assert post(f"/procedures/{WAITS['id']}/hold", {}, files=large).status_code == 413
    assert post("/procedures/open/deletion-inquiry/attach", {}, files=large).status_code == 413
    too_large = {"file": ("a.pdf", bytes(3 << 20))}
    assert post(f"/procedures/{WAITS['id']}/attach", {"paper": "claim"}, files=too_large).status_code == 413


def test_an_attached_file_is_saved_and_never_shown_or_run(client: TestClient, officer: None) -> None:
    """Whatever it holds: octets, to be saved, in a sandbox, under a name that breaks no header."""
    attachment = WAITS["attachments"][0]["id"]
    answer = client.get(f"/procedures/{WAITS['id']}/attachments/{attachment}")
    assert answer.content == b"%PDF-1.7"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%E7%94%B3%E5%87%BA%E6%9B%B8.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert client.get(f"/procedures/{WAITS['id']}/attachments/attachment-9").status_code == 404


def test_each_file_says_whether_it_was_scanned(client: TestClient, desk: RecordedDesk, officer: None) -> None:
    file = desk.answers["cases"]["cases"][WAITS["id"]]["attachments"][0]
    page = f"/procedures/{WAITS['id']}"
    assert "not scanned for malware: no scanner is set up" in client.get(page).text
    for scan, words in (
        ({"state": "clean", "why": "", "name": "", "by": "ClamAV 1.4.6", "at": file["at"]}, "scanned for malware: nothing found"),
        ({"state": "unscanned", "why": "encrypted", "name": "", "by": "ClamAV 1.4.6", "at": file["at"]}, "encrypted, the scanner cannot"),
        ({"state": "found", "why": "", "name": "Eicar", "by": "ClamAV 1.4.6", "at": file["at"]}, "DANGER: malware found: <code>Eicar<"),
    ):
        file["scan"] = scan
        assert words in client.get(page).text


def test_a_dangerous_file_comes_only_after_a_page_that_says_so(client: TestClient, post: Post, desk: RecordedDesk, officer: None) -> None:
    file = desk.answers["cases"]["cases"][WAITS["id"]]["attachments"][0]
    file["scan"] = {"state": "found", "why": "", "name": "Eicar<b>", "by": "ClamAV 1.4.6", "at": file["at"]}
    path = f"/procedures/{WAITS['id']}/attachments/{file['id']}"
    assert f'<a href="{path}">' in client.get(f"/procedures/{WAITS['id']}").text  # not a link that saves whatever is answered
    for warned in (client.get(path), client.get(f"{path}?sure=yes"), post(path, {}), post(path, {"sure": "no"})):
        assert warned.status_code == 409
        assert "DANGER: malware found" in warned.text
        assert "Eicar&lt;b&gt;" in warned.text
        assert b"%PDF" not in warned.content
    taken = post(path, {"sure": "yes"})
    assert taken.content == b"%PDF-1.7"
    assert taken.headers["content-type"] == "application/octet-stream"
    assert taken.headers["content-disposition"].startswith("attachment; filename*=UTF-8''DANGER-")
    assert taken.headers["content-disposition"].endswith(".pdf.danger")
    assert client.post(path, data={"sure": "yes"}).status_code == 403  # without the page's own token


def test_a_hold_is_ordered_for_whole_days_of_japan(client: TestClient, post: Post, desk: RecordedDesk, officer: None) -> None:
    form = {"f.data": "permit-0123456789abcdef/*/2026-11-01..2026-11-02\n", "f.reason": "court", "until": "2026-12-31"}
    signs(client, post, post(f"/procedures/{HELD['id']}/hold", form))
    kind, statement, _ = desk.submitted[-1]
    assert (kind, statement["until"]) == ("hold", "2027-01-01T00:00:00+09:00")
    assert statement["data"] == ["permit-0123456789abcdef/*/2026-11-01..2026-11-02"]
    for wrong in ({**form, "until": "2026-11-20"}, {**form, "until": "2028-01-01"}, {**form, "f.reason": " "}, {**form, "f.data": ""}):
        assert post(f"/procedures/{HELD['id']}/hold", wrong).status_code == 422


def test_a_hold_is_lifted_with_a_reason(client: TestClient, post: Post, desk: RecordedDesk, officer: None) -> None:
    hold = HELD["holds"][-1]["id"]
    assert post(f"/procedures/{HELD['id']}/holds/{hold}/lift", {"f.reason": ""}).status_code == 422
    signs(client, post, post(f"/procedures/{HELD['id']}/holds/{hold}/lift", {"f.reason": "lifted by the court"}))
    assert desk.submitted[-1][:2][0] == "lift"
    assert client.get(f"/procedures/{HELD['id']}/holds/hold-9/lift").status_code == 404


def test_a_text_is_read_whole_before_it_is_adopted(client: TestClient, post: Post, desk: RecordedDesk, officer: None) -> None:
    text = next(t for t in SAID["texts"] if not t["adopted"])
    shown = client.get(f"/texts/{text['digest']}/adopt")
    for words in text["reading"].values():
        assert words["body"].splitlines()[0].strip() in shown.text.replace("&#39;", "'")
    signs(client, post, shown)
    kind, statement, _ = desk.submitted[-1]
    assert (kind, statement["text"], statement["digest"]) == ("adoption", text["name"], text["digest"])
    known = next(t for t in SAID["texts"] if t["adopted"])
    assert client.get(f"/texts/{known['digest']}/adopt").status_code == 409


def test_a_closed_case_offers_nothing_more(client: TestClient, officer: None) -> None:
    page = client.get(f"/procedures/{CLOSED['id']}").text
    assert "What can be done now" not in page
    assert 'type="file"' not in page
    assert "The file is kept until" in page


def test_somebody_elses_words_are_escaped_wherever_they_stand(client: TestClient, desk: RecordedDesk, officer: None) -> None:
    case = desk.answers["cases"]["cases"][LATE["id"]]
    for fact in case["facts"]:
        if fact["type"] in ("str", "text"):
            fact["value"] = "<script>alert(1)</script>{{ 7*7 }}"
    case["letters"][0]["body"] = "<b>bold</b>"
    case["attachments"][0]["name"] = '"><img src=x>.pdf'
    page = client.get(f"/procedures/{LATE['id']}").text
    assert "<script>alert" not in page
    assert "<b>bold</b>" not in page
    assert "<img" not in page
    assert "{{ 7*7 }}" in page


def test_nothing_of_a_case_is_told_to_a_stranger() -> None:
    client = TestClient(create_app(RecordedDesk(demo=False), Settings(clock=lambda: NOW)), base_url="http://localhost:8080")
    for path in ("/procedures", f"/procedures/{HELD['id']}", f"/api/procedures/{HELD['id']}", "/texts"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert "見本" not in answer.text
    assert TOKEN


def test_facts_of_a_form_that_may_be_left_out_are_left_out() -> None:
    may = {"must": False}
    fields = [{"id": "a", "type": "int", "must": True}, {"id": "b", "type": "day", **may}, {"id": "c", "type": "bool", **may}]
    assert facts(fields, {"f.a": "3", "f.b": "", "f.c": "yes"}) == ({"a": 3, "c": True}, {})
    assert facts(fields, {"f.a": "", "f.b": "x"}) == ({}, {"a": "empty", "b": "day"})
    fields = [
        {"id": "a", "type": "bool", "sample": True},
        {"id": "b", "type": "data", "sample": ["x", "y"]},
        {"id": "c", "type": "choices", "sample": ["x", "y"]},
        {"id": "d", "type": "items", "sample": ["x=1=2"]},
        {"id": "e", "type": "day", "sample": "2020-01-01"},
        {"id": "f", "type": "str", "sample": {"ja": "見本", "en": "a sample"}},
    ]
    for language, said in (("ja", "見本"), ("en", "a sample")):
        assert sampled(fields, date(2026, 11, 22), language) == {
            "f.a": "yes", "f.b": "x\ny", "f.c.x": "yes", "f.c.y": "yes", "f.d.x": "1=2", "f.e": "2026-11-22", "f.f": said
        }  # fmt: skip


def test_the_room_calls_a_firm_by_its_name_where_an_order_is_open(client: TestClient, desk: RecordedDesk, officer: None) -> None:
    row = "entrustment-6dfb2733f61cf11e"
    desk.answers["cases"] = desk.said("cases")
    room = desk.answers["cases"]["rooms"][CASES["happened"]]
    room["holding"] = [{"row": row, "party": "Sakura Agency"}]
    room["open"] = [{"code": "order-open", "name": f"1: {row}"}]
    room["touched"] = [row]
    text = client.get(f"/procedures/{CASES['happened']}/room").text
    assert text.count(f'Sakura Agency</span> <code class="aside">{row}</code>') == 2
