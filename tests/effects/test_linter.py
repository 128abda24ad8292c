"""What may not leave in one mail, each thing by itself: the linter finds it and names where. The mail without it may leave."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.campaign_look import allowed, look_over, others_named, own, wrong_values
from sekisho.effects.linter import look
from sekisho.effects.message import compose
from sekisho.law.campaign import Attached, Campaign, Recipient, Text

URL = "https://console.example"
SINCE = datetime(2026, 11, 22, tzinfo=UTC)
WAYS = "\n{{check_url}} {{check_code}}\n{{stop_url}}\n"
PERSON = Recipient("hanako@mail.example", "髙﨑 花子", "ja", "00" * 32, {"number": "A-1"})


def campaign(text: str = "{{name}} 様\nこんにちは。", html: str = "", subject: str = "お知らせ {{number}}", *files: Attached) -> Campaign:
    texts = {"ja": Text(subject, text + WAYS, html)}
    words = {"ja": "お知らせします", "en": "We write"}
    ours = ("info@race.example", "大会事務局", "desk@race.example")
    window = (SINCE, SINCE + timedelta(days=1), 60)
    return Campaign("通知", words, texts, files, ("race.example",), *ours, *window, ("number",), "0" * 64, 1, "", False, False, "p", SINCE)


def mail(said: Campaign, person: Recipient = PERSON) -> bytes:
    return compose(said, own(said, URL, "campaign-1", bytes(32), person, ("AAAA-BBBB-CCCC-DDDD", "s" * 24)))


def codes(raw: bytes, said: Campaign | None = None) -> dict[str, str]:
    """Code to where."""
    return {f.code: f.where for f in look(raw, allowed(said or campaign(), URL, PERSON.mail))}


HTML = "<p>{{name}} 様</p><p><a href='https://race.example/a'>race.example</a></p>"


def test_a_whole_mail_may_leave() -> None:
    said = campaign("https://race.example/a も、窓口 desk@race.example もどうぞ。", HTML, "お知らせ", Attached("a.csv", "text/csv", "YSxi"))
    assert codes(mail(said), said) == {}
    assert look_over(said, URL) == ()


PAGE = "text/html"


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<img src='https://race.example/x.png' width=1 height=1>", "tracking-pixel"),
        ("<img src='https://race.example/x.png' style='display: none'>", "tracking-pixel"),
        ("<img src='https://race.example/logo.png'>", "remote-content"),
        ('<div style="background:url(https://race.example/x)"></div>', "remote-content"),
        ("<table background='https://race.example/x'></table>", "remote-content"),
        ("<link rel=stylesheet href='https://race.example/x.css'>", "active-content"),
        ("<script>1</script>", "active-content"),
        ("<p onclick='x()'>a</p>", "active-content"),
        ("<form action='https://race.example/x'></form>", "active-content"),
        ("<a href='https://race.example/a'>bank.example</a>", "link-shows-another"),
        ("<a href='https://race.example/a'>ｂａｎｋ.example</a>", "link-shows-another"),
        ("<a href='https://evil.example/a'>ここ</a>", "undeclared-host"),
        ("<a href='https://race.example@evil.example/'>ここ</a>", "undeclared-host"),
        ("<a href='http://race.example/a'>ここ</a>", "not-https"),
        ("<a href='javascript:alert(1)'>ここ</a>", "link"),
        ("<a href='mailto:taro@mail.example'>書く</a>", "foreign-address"),
        ("<p>taro&#64;mail.example</p>", "foreign-address"),
    ],
)
def test_html_that_fetches_runs_or_misleads_is_named_with_its_part_and_line(html: str, code: str) -> None:
    found = codes(mail(campaign(html="<p>こんにちは</p>\n" + html)))
    assert code in found
    assert found[code].startswith("part 2 (text/html)")


@pytest.mark.parametrize(
    "line",
    [
        "taro@mail.example に聞いてください",
        "ｔａｒｏ＠ｍａｉｌ．ｅｘａｍｐｌｅ",
        "taro%40mail.example",
        "<taro@mail.example>",
        "HANAKO@mail.example.evil.example",
        "xhanako@mail.example",
    ],
)
def test_another_address_is_found_however_it_is_spelled_and_never_repeated(line: str) -> None:
    raw = mail(campaign(f"一行目\n{line}"))
    (fault,) = [f for f in look(raw, allowed(campaign(), URL, PERSON.mail)) if f.code == "foreign-address"]
    assert fault.where == "part 1 (text/plain) line 2"
    assert "taro@mail" not in fault.what


def test_an_address_in_a_file_is_found_packed_text_or_not() -> None:
    table = base64.b64encode("番号,連絡先\n1,taro@mail.example\n".encode()).decode()
    assert codes(mail(campaign("x", "", "s", Attached("list.csv", "text/csv", table))))["foreign-address"].endswith("list.csv line 2")
    pdf = base64.b64encode(b"%PDF-1.7 /Author (taro@mail.example) " + "jiro@mail.example".encode("utf-16-be")).decode()
    found = look(mail(campaign("x", "", "s", Attached("a.pdf", "application/pdf", pdf))), allowed(campaign(), URL, PERSON.mail))
    assert [f.code for f in found] == ["foreign-address"] * 2


RAW = mail(campaign())


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ((b"To: ", b"Cc: x\r\nTo: "), "copy", "header cc"),
        ((b"To: ", b"Bcc: x\r\nTo: "), "copy", "header bcc"),
        ((b"To: ", b"X-OdooBcc: x\r\nTo: "), "foreign-header", "header x-odoobcc"),
        ((b"To: ", b"Disposition-Notification-To: info@race.example\r\nTo: "), "foreign-header", "header disposition-notification-to"),
        ((b"Subject:", b"Subject: a\r\nSubject:"), "repeated-header", "header subject"),
        ((b"<hanako@mail.example>", b"<hanako@mail.example>, <taro@mail.example>"), "recipients", "header to"),
        ((b"<hanako@mail.example>", b"<taro@mail.example>"), "recipients", "header to"),
        ((b"Reply-To: desk@race.example", b"Reply-To: taro@mail.example"), "foreign-address", "header reply-to"),
        ((b"Date: ", b"Dote: "), "missing-header", "header date"),
        ((b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""), "no-unsubscribe", "header list-unsubscribe"),
        ((b"List-Unsubscribe: <https:", b"List-Unsubscribe: <http:"), "no-unsubscribe", "header list-unsubscribe"),
        ((b"charset=utf-8", b"charset=iso-2022-jp"), "charset", "part 1 (text/plain)"),
        ((b"text/plain", b"text/html"), "no-plain", "parts"),
        ((b"Date: ", b"X\xe9: y\r\nDate: "), "charset", "line 7"),
        ((b"\r\nDate: ", b"\nDate: "), "line-ending", "mail"),
        ((b"MIME-Version: 1.0", b"MIME-Version: 1.0" + b" " * 1000), "long-line", "line 13"),
        ((b"Subject: =?utf-8?B?", b"Subject: =?utf-8?B?DQpCY2M6IHhAeS5leGFtcGxl?= =?utf-8?B?"), "header-injection", "header subject"),
    ],
)
def test_what_somebody_slips_into_the_bytes_is_found(change: tuple[bytes, bytes], code: str, where: str) -> None:
    raw = RAW.replace(*change, 1)
    assert raw != RAW
    assert (code, where) in {(f.code, f.where) for f in look(raw, allowed(campaign(), URL, PERSON.mail))}


def test_a_mail_that_nobody_can_check_or_leave_is_refused() -> None:
    said = replace(campaign(), texts={"ja": Text("お知らせ", "こんにちは")})
    assert {f.code for f in look_over(said, URL)} == {"no-check", "no-unsubscribe"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{bib}}", "unknown-field"),
        ("https://race.example/?id={{number}}", "personal-link"),
        ("https://evil.example/", "undeclared-host"),
        ("見えない\u202e文字", "unseen-characters"),
    ],
)
def test_a_text_is_looked_over_as_it_stands(text: str, code: str) -> None:
    found = look_over(campaign(text), URL)
    assert code in {f.code for f in found}
    assert all(f.where.startswith(("ja", "text ja")) for f in found)


def test_a_break_in_a_subject_never_becomes_a_header() -> None:
    said = campaign(subject="お知らせ\r\nBcc: taro@mail.example")
    assert "header-injection" in {f.code for f in look_over(said, URL)}
    assert b"\r\nBcc" not in mail(said)


VALUES = ("a\nb", "taro@mail.example", "ｔ＠ｘ.example", "https://evil.example", "{{name}}", "長" * 201, "a\u202eb")


@pytest.mark.parametrize("value", VALUES)
def test_a_persons_own_values_are_one_short_line_without_address_or_link(value: str) -> None:
    assert wrong_values(replace(PERSON, fields={"number": value})) == ("number",)
    assert wrong_values(replace(PERSON, name=value)) == ("name",)


def test_a_campaign_that_names_one_of_its_people_is_found() -> None:
    said = campaign("ゼッケン1番は 髙﨑 花子 さんです")
    (fault,) = others_named(said, [PERSON])
    assert (fault.code, fault.where) == ("other-person", "ja: plain line 1")
    assert "花子" not in fault.what


SAFE = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp"), blacklist_characters="@＠﹫"), max_size=60)


@given(name=SAFE, number=SAFE, subject=SAFE)
def test_whatever_names_and_subjects_hold_the_headers_stay_ours(name: str, number: str, subject: str) -> None:
    """A property of the serializer: no value makes a header, a recipient or a part; and it reads back as it was."""
    said = campaign(subject="x" + subject.replace("{", "") + "{{number}}")
    raw = mail(said, replace(PERSON, name=name, fields={"number": number}))
    got = message_from_bytes(raw, policy=SMTP)
    assert [n.lower() for n in got] == [n.lower() for n in message_from_bytes(RAW, policy=SMTP)]
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    body = got.get_body(("plain",))
    assert body is not None
    assert name in body.get_content()
