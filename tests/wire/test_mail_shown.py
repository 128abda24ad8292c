"""Whose addresses stand in a mail: however they are written, and nobody who is not there."""

from __future__ import annotations

import base64
import hashlib
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.wire import mail_shown

HANA = "b3f0c9d1a2e4f5061@drill.example.jp"
LOCAL = HANA.partition("@")[0]
OTHER = "c0123456789abcdef@drill.example.jp"


def mail(text: str = "hello", html: str = "", **headers: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "list@tool.example.net", "you@drill.example.jp", "news"
    for name, said in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = said
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made.as_bytes()


SPELLED = {
    "plain": HANA,
    "capitals": HANA.upper(),
    "full width": "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isprintable() and c != " " else c for c in HANA),
    "per cent": "https://x.example/?to=" + "".join(f"%{ord(c):02x}" for c in HANA),
    "entities": "".join(f"&#{ord(c)};" for c in HANA),
    "hex": HANA.encode().hex(),
    "portrait": hashlib.md5(HANA.encode(), usedforsecurity=False).hexdigest(),
    "sha256": hashlib.sha256(HANA.encode()).hexdigest(),
    "base64": base64.b64encode(HANA.encode()).decode(),
    "base64 within": base64.b64encode(f'{{"u": "{HANA}"}}'.encode()).decode(),
    "as part of a name": f"bounces+{LOCAL}=drill.example.jp@tool.example.net",
    "without its domain": LOCAL,
}


@pytest.mark.parametrize("how", SPELLED)
def test_an_address_is_found_however_it_is_spelled(how: str) -> None:
    found = mail_shown.shown(mail(f"see {SPELLED[how]} there"), [HANA, OTHER])
    assert found == {HANA: "part 1 (text/plain)"}


@pytest.mark.parametrize(("name", "said"), [("From", HANA), ("Cc", f'"=?utf-8?b?6Iqx?=" <{HANA}>'), ("X-Original-From", quote(HANA))])
def test_in_a_header_it_is_told_in_which(name: str, said: str) -> None:
    assert mail_shown.shown(mail(**{name: said}), [HANA]) == {HANA: f"header {name.lower()}"}


def test_in_a_forwarded_file_it_is_found_too() -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "list@tool.example.net", "Fwd"
    made.set_content("see below")
    made.add_attachment(mail(From=HANA), maintype="application", subtype="octet-stream", filename="forwarded.eml")
    assert mail_shown.shown(made.as_bytes(), [HANA]) == {HANA: "part 2 (application/octet-stream)"}


def test_base64_text_is_read_as_a_receiver_reads_it() -> None:
    made = EmailMessage()
    made.set_content(f"花さん <{HANA}>", cte="base64", charset="utf-8")
    assert LOCAL.encode() not in made.as_bytes()
    assert mail_shown.shown(made.as_bytes(), [HANA]) == {HANA: "part 1 (text/plain)"}


@settings(max_examples=80)
@given(st.binary(max_size=400))
def test_no_octets_break_it_and_nobody_is_made_up(octets: bytes) -> None:
    assert mail_shown.shown(b"Subject: x\r\n\r\n" + octets, [HANA]) == {}
    assert mail_shown.shown(octets, [HANA]) == {}
    mail_shown.answered_to(octets, everybody=True)
    mail_shown.texts(octets)


@settings(max_examples=80)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_wherever_it_stands_as_it_is_it_is_found(before: bytes, after: bytes) -> None:
    assert HANA in mail_shown.shown(before + HANA.encode() + after, [HANA])


def test_an_address_somebody_could_have_by_chance_is_not_looked_for() -> None:
    with pytest.raises(ValueError, match="too-short"):
        mail_shown.shown(mail(), ["info@drill.example.jp"])


def test_an_answer_goes_where_a_mail_program_sends_it() -> None:
    raw = mail(Reply_To="desk@tool.example.net", Cc=f"{OTHER}, x@y.example")
    assert mail_shown.answered_to(raw, everybody=False) == ("desk@tool.example.net",)
    everybody = ("desk@tool.example.net", "you@drill.example.jp", OTHER, "x@y.example")
    assert mail_shown.answered_to(raw, everybody=True) == everybody
    assert mail_shown.answered_to(mail(), everybody=False) == ("list@tool.example.net",)


def test_a_picture_from_elsewhere_counts_readers_and_one_inside_does_not() -> None:
    assert mail_shown.counts_readers(mail(html='<p>x<img width=1 src="https://t.example/o.gif?u=1"></p>'))
    assert not mail_shown.counts_readers(mail(html='<p>x<img src="cid:logo"></p>'))
    assert not mail_shown.counts_readers(mail("<img src=https://t.example/>"))


def test_a_link_to_an_archive_is_seen() -> None:
    assert mail_shown.archived(mail(List_Archive="<https://tool.example.net/archives>"))
    assert not mail_shown.archived(mail())
