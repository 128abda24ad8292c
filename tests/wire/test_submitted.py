"""A mail that is handed in as a mailing: its words come out, and whatever else it is is a named mistake."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire.cursor import FormError
from sekisho.wire.submitted import MOST, MOST_PARTS, Submitted, read_submitted

HEADERS = [
    b"Subject: ",
    b"To: ",
    b"Content-Type: ",
    b"Content-Type: multipart/mixed; boundary=",
    b"Content-Language: ",
    b"Bcc: ",
    b"\n--x\n",
]
LINES = st.lists(st.builds(bytes.__add__, st.sampled_from(HEADERS), st.binary(max_size=40)), max_size=8).map(b"\n".join)


def said(raw: bytes) -> Submitted | str:
    """What it says, or the code of its mistake."""
    try:
        return read_submitted(raw, "people.invalid", "ja")
    except FormError as why:
        return why.code


@given(LINES, st.binary(max_size=200))
def test_any_bytes_are_a_mailing_or_a_named_mistake(head: bytes, body: bytes) -> None:
    found = said(head + b"\n\n" + body)
    assert isinstance(found, str) or (found.subject and all("plain" in kinds for kinds in found.texts.values()))


@given(st.sampled_from(["To", "Cc", "Bcc", "Resent-Cc", "Apparently-To"]), st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True))
def test_no_address_in_a_naming_header_passes_and_none_is_repeated(header: str, address: str) -> None:
    raw = f"Subject: x\n{header}: everybody@people.invalid,\n {address}\n\nwords\n".encode()
    with pytest.raises(FormError) as why:
        read_submitted(raw, "people.invalid", "ja")
    assert (why.value.code, address in str(why.value)) == ("names-people", False)


def test_texts_in_two_languages_and_a_file_come_out_as_they_were_written() -> None:
    mail = EmailMessage()
    mail["Subject"] = "整列のご案内"
    mail.set_content("八時です。\n", charset="iso-2022-jp")
    mail.add_alternative("<p>八時です。</p>", subtype="html")
    mail.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename="時刻.csv")
    english = EmailMessage()
    english.set_content("At eight.\n")
    english["Content-Language"] = "en-GB"
    mail.attach(english)
    found = said(mail.as_bytes())
    assert isinstance(found, Submitted)
    assert found.subject == "整列のご案内"
    assert found.texts == {"ja": {"plain": "八時です。\n", "html": "<p>八時です。</p>\n"}, "en": {"plain": "At eight.\n"}}
    assert [(f.name, f.media, f.content) for f in found.files] == [("時刻.csv", "text/csv", b"a,b\n")]


def test_what_is_too_much_of_anything_is_said() -> None:
    many = b"".join(b"--x\nContent-Disposition: attachment; filename=a\n\na\n" for _ in range(MOST_PARTS + 1))
    nested = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(1200)).encode()
    assert said(b"x" * (MOST + 1)) == "too-large"
    assert said(b"Subject: x\nContent-Type: multipart/mixed; boundary=x\n\n" + many + b"--x--\n") == "part"
    assert said(b"Subject: x\n" + nested) == "part"
    twice = b"--x\nContent-Type: text/plain\n\na\n" * 2
    assert said(b"Subject: x\nContent-Type: multipart/mixed; boundary=x\n\n" + twice + b"--x--\n") == "twice"
