"""The public doors before a real `keep`: what a stranger sends becomes a sealed case, and nothing a stranger sends becomes more."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.cases import procedure_door
from sekisho.ledger.entry import Entry
from tests.desk.office import Office
from tests.faces.web.html_checks import read
from tests.faces.web.live import Live, live

REPORT = {"where_posted": "https://example.jp/thread/12#34", "kind": "fraud", "reason": "同じ口座への振込を\n何人にも求めています。"}
PNG = b"\x89PNG\r\n\x1a\nx"


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One console for the whole file: each test opens cases of its own."""
    founded = Office(tmp_path_factory.mktemp("doors") / "template").found()
    founded.close()
    with live(founded.home, tmp_path_factory.mktemp("doors") / "office") as running:
        yield running


def cases(at: Live) -> list[dict[str, Any]]:
    return list(at.load.call("cases", shown="all")["cases"])


def test_every_door_says_for_whom_it_is_and_what_happens_next_and_when(at: Live) -> None:
    doors = at.load.call("doors")["doors"]
    assert {"content-report", "authority-contact", "security-report"} <= {d["id"] for d in doors}
    for language in ("ja", "en"):
        text = unescape(at.browser(language).get("/contact").text)
        for door in doors:
            assert door["title"][language] in text
            assert door["next"][language] in text
            form = unescape(at.browser(language).get(f"/contact/{door['id']}").text)
            assert door["next"][language] in form
            assert all(f["title"][language] in form for f in door["fields"])
            assert "<script" not in form


def test_a_form_that_is_sent_gives_a_number_and_a_code_and_the_case_holds_what_was_typed(at: Live) -> None:
    number, code = at.receipt("content-report", REPORT, {"file.screenshot": ("画面.png", PNG)})
    assert re.fullmatch(r"2026-\d{5}", number)
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}", code)
    case = at.load.case(number)
    known = {f["id"]: f["value"] for f in case["facts"]}
    assert known == {**REPORT, "received_on": at.load.today(), "language": "en"}
    assert case["state"] == "received"
    assert case["owner"] == {"id": "", "name": ""}
    assert case["made"][0]["by"] == {"id": "outside:claimant", "name": ""}
    assert [(a["name"], a["paper"], a["by"]) for a in case["attachments"]] == [("画面.png", "screenshot", "outside:claimant")]


def test_nothing_a_stranger_typed_and_no_code_lies_open_on_the_disk_or_in_the_ledger(at: Live) -> None:
    number, code = at.receipt("content-report", {**REPORT, "reason": "unmistakable-words", "reporter": "Unmistakable Name"})
    home = at.office.settings.folder
    everything = b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())
    for words in (b"unmistakable-words", b"Unmistakable Name", code.encode(), code.replace("-", "").encode()):
        assert words not in everything
    entries = [json.loads(Entry.decode(raw).encode()) for raw in at.office.world.log.entries(0, at.office.world.log.size)]
    assert number not in json.dumps(entries)
    assert at.load.call("compare")["differences"] == []


def test_the_page_of_the_receipt_shows_where_it_stands_and_not_who_works_on_it(at: Live) -> None:
    number, code = at.receipt("content-report", REPORT)
    shown = at.post("/case", "/case", {"number": number, "code": code.lower().replace("-", " ")})
    assert shown.status_code == 200
    assert "Look at the post, and decide by the terms and the law." in shown.text
    at.load.move(number_to_id(at, number), "keep", {"decision_reason": "It is a joke."}, who="officer")
    later = at.post("/case", "/case", {"number": number, "code": code})
    assert "It is a joke." in later.text
    assert "officer" not in later.text
    assert 'name="words"' not in later.text


def number_to_id(at: Live, number: str) -> str:
    return str(at.load.case(number)["id"])


def test_number_and_code_are_both_needed_and_a_refusal_does_not_say_which_was_wrong(at: Live) -> None:
    number, code = at.receipt("content-report", REPORT)
    other, _ = at.receipt("content-report", REPORT)
    guesses = [(number, "0000-0000-0000-0000-0000"), (other, code), ("2026-99999", code), (number, "x"), ("", "")]
    texts = set()
    for n, c in guesses:
        answer = at.post("/case", "/case", {"number": n, "code": c})
        assert answer.status_code == 404
        texts.add(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(texts) == 1
    assert at.stranger.get(f"/case?number={number}&code={code}").text.count(code) == 0


def test_more_can_be_added_until_the_case_is_over(at: Live) -> None:
    number, code = at.receipt("content-report", REPORT)
    who = {"number": number, "code": code}
    assert at.post("/case", "/case/add", {**who, "words": "And another post."}, {"file.": ("a.png", PNG)}).status_code == 200
    assert {a["name"] for a in at.load.case(number)["attachments"]} == {"supplement.txt", "a.png"}
    assert at.post("/case", "/case/add", {**who, "words": " "}).status_code == 422
    at.load.move(number_to_id(at, number), "keep", {"decision_reason": "x"}, who="officer")
    refused = at.post("/case", "/case/add", {**who, "words": "more"})
    assert refused.status_code == 422
    assert "closed" in refused.text


def test_what_is_missing_is_named_and_what_was_typed_is_still_there(at: Live) -> None:
    before = len(cases(at))
    answer = at.claim("content-report", {"where_posted": "somewhere", "kind": "fraud"})
    assert answer.status_code == 422
    assert 'href="#f-reason"' in answer.text
    assert 'value="somewhere"' in answer.text
    assert len(cases(at)) == before


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"where_posted": "x" * 301}, "where_posted"),
        ({"reason": "x" * 4001}, "reason"),
        ({"where_posted": "見本\u202e花子"}, "where_posted"),
        ({"where_posted": "a\x00b"}, "where_posted"),
        ({"kind": "murder"}, "kind"),
    ],
)
def test_a_field_that_does_not_fit_is_named(changed: dict[str, str], field: str, at: Live) -> None:
    answer = at.claim("content-report", {**REPORT, **changed})
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


def test_a_field_nobody_asked_for_opens_nothing(at: Live) -> None:
    answer = at.claim("content-report", {**REPORT, "received_on": "2020-01-01", "decision_reason": "keep it"})
    assert answer.status_code == 200
    known = {f["id"]: f["value"] for f in at.load.case(cases_newest(at))["facts"]}
    assert known["received_on"] == at.load.today()
    assert "decision_reason" not in known


def cases_newest(at: Live) -> str:
    return str(max(c["number"] for c in cases(at)))


def test_the_same_form_sent_twice_is_one_case(at: Live) -> None:
    page = at.stranger.get("/contact/content-report").text
    once = re.search(r'name="once" value="([^"]+)"', page)[1]  # type: ignore[index]  # every form has one
    before = len(cases(at))
    first, second = (send(at, once) for _ in range(2))
    assert first.text == second.text
    assert len(cases(at)) == before + 1


def send(at: Live, once: str) -> Any:
    told = {**{f"f.{k}": v for k, v in REPORT.items()}, "once": once}
    return at.post("/contact/content-report", "/contact/content-report", told, {"file.": ("", b"")})


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", zipped()),
        ("a.png", b"<svg onload=alert(1)>\x00"),
        ("a.pdf", b"MZ\x90\x00"),
        ("a.txt", b"\xff\xfe\x00h\x00i"),
        ("a.txt", "瑞".encode("shift_jis") + b"\x00"),
    ],
)
def test_a_file_is_what_its_octets_are_whatever_its_name_says(name: str, content: bytes, at: Live) -> None:
    before = len(cases(at))
    answer = at.claim("content-report", REPORT, {"file.": (name, content)})
    assert answer.status_code == 422
    assert "not taken" in answer.text
    assert len(cases(at)) == before


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow\x00.png", "a\r\nX-Evil: 1.png", "<img src=x>.png", "."]
)
def test_the_name_of_a_file_never_becomes_a_path_a_header_or_a_tag(name: str, at: Live) -> None:
    number, code = at.receipt("content-report", REPORT, {"file.screenshot": (name, PNG)})
    (kept,) = at.load.case(number)["attachments"]
    assert not set("/\\\r\n\x00") & set(kept["name"])
    assert kept["name"] not in ("", ".", "..")
    page = at.post("/case", "/case", {"number": number, "code": code})
    assert "<img src=x>" not in page.text
    files = {p.name for p in (at.office.settings.folder / "keep" / "files").iterdir()}
    assert all(re.fullmatch(r"attachment-[0-9a-f]{16}", f) for f in files)


def test_files_are_bounded_one_by_one_and_together(at: Live) -> None:
    large = PNG + bytes(2 << 20)
    assert at.claim("content-report", REPORT, {"file.": ("a.png", large)}).status_code == 422
    two = [
        ("file.", ("a.png", PNG + bytes(1 << 20) + bytes(600_000))),
        ("file.screenshot", ("b.png", PNG + bytes(1 << 20) + bytes(600_000))),
    ]
    assert at.claim("content-report", REPORT, two).status_code in (413, 422)
    assert at.claim("content-report", REPORT, {"file.will": ("a.png", PNG)}).status_code == 422
    assert at.claim("content-report", REPORT, {"file.": ("a.png", PNG + bytes(5 << 20))}).status_code == 413


def test_a_form_with_a_thousand_fields_or_files_is_turned_back_whole(at: Live) -> None:
    before = len(cases(at))
    many = {f"x{n}": "y" for n in range(1000)}
    assert at.claim("content-report", {**REPORT, **many}).status_code in (400, 422)
    assert at.claim("content-report", REPORT, [("file.", (f"{n}.png", PNG)) for n in range(9)]).status_code in (400, 422)
    assert len(cases(at)) == before


def test_what_a_stranger_typed_is_never_markup_on_any_page(at: Live) -> None:
    evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'"
    number, code = at.receipt("content-report", {**REPORT, "where_posted": evil, "reason": evil})
    page = at.post("/case", "/case", {"number": number, "code": code}).text
    refused = at.claim("content-report", {"where_posted": evil, "kind": evil}).text
    for text in (page, refused, at.post("/case", "/case", {"number": evil[:30], "code": evil[:60]}).text):
        assert "<script" not in text
        assert "<img" not in text
    assert "{{7*7}}" in page


def test_a_body_in_another_encoding_harms_nobody(at: Live) -> None:
    page = at.stranger.get("/contact/content-report").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]  # type: ignore[index]  # every form has one
    edge = "xx"
    parts = {"csrf": csrf.encode(), "f.where_posted": "見本".encode("shift_jis"), "f.kind": b"fraud", "f.reason": b"\xff\xfe\x80"}
    body = b"".join(f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n'.encode() + v + b"\r\n" for k, v in parts.items())
    answer = at.stranger.post(
        "/contact/content-report",
        content=body + f"--{edge}--\r\n".encode(),
        headers={"content-type": f"multipart/form-data; boundary={edge}"},
    )
    assert answer.status_code in (200, 422)
    assert at.stranger.post("/contact/content-report", content=b"{", headers={"content-type": "application/json"}).status_code in (403, 422)


def test_a_form_without_its_token_is_turned_back(at: Live) -> None:
    paths = ("/contact/content-report", "/case", "/case/add", "/answer", "/answer/act", "/opened", "/mail/check", "/mail/stop", "/port25")
    paths += ("/order", "/order/answer", "/touched")
    for path in paths:
        assert at.stranger.post(path, data={"number": "2026-00001", "code": "x"}).status_code == 403


def test_who_sends_too_much_from_one_address_waits(at: Live) -> None:
    hurried = at.browser(sign_in_attempts=3)
    said = [at.post("/case", "/case", {"number": "2026-00001", "code": "x"}, client=hurried).status_code for _ in range(5)]
    assert said == [404, 404, 404, 429, 429]


def test_strangers_together_open_so_many_cases_an_hour_and_no_more(at: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    with at.office.turn() as world:
        late = records.count(world.db, records.CODES)
    monkeypatch.setattr(procedure_door, "MOST_AN_HOUR", late + 1)
    assert at.claim("content-report", REPORT).status_code == 200
    refused = at.claim("content-report", REPORT)
    assert refused.status_code == 429
    assert "hour" in refused.text
    at.office.watch.wind(hours=1, seconds=1)
    assert at.claim("content-report", REPORT).status_code == 200


def test_a_door_that_is_not_in_the_book_does_not_exist(at: Live) -> None:
    assert at.stranger.get("/contact/authority-preservation").status_code == 404
    assert at.stranger.get("/contact/..%2f..%2fetc").status_code == 404
    assert at.stranger.get("/contact/no-such-door/form.pdf").status_code == 404


def test_the_form_on_paper_is_a_pdf_in_either_language(at: Live) -> None:
    for language in ("ja", "en"):
        made = at.stranger.get(f"/contact/authority-contact/form.pdf?lang={language}")
        assert made.headers["content-type"] == "application/pdf"
        assert made.content.startswith(b"%PDF-")
        assert b"pdfaid" in made.content or len(made.content) > 10_000


def test_the_list_of_doors_is_there_for_machines_too(at: Live) -> None:
    said = at.stranger.get("/contact.json").json()
    assert [d["id"] for d in said["doors"]] == [d["id"] for d in at.load.call("doors")["doors"]]


PUBLIC = ("/contact", "/contact/content-report", "/contact/authority-contact", "/case", "/answer", "/opened", "/mail/check", "/mail/stop")
PUBLIC += ("/agree", "/filters", "/port25", "/order", "/touched")


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_public_pages_are_whole_and_need_no_script_and_no_other_host(path: str, language: str, at: Live) -> None:
    answer = at.browser(language).get(path)
    page = read(answer.text)
    assert answer.headers["content-language"] == language
    assert "<script" not in answer.text
    assert not re.findall(r'(?:src|action|href)="https?://', answer.text)
    assert page.text
