"""Two people write to each other through us: neither learns the other's address, whatever the mails hold."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.messages.masked import made
from sekisho.effects.mail import HEADERS
from sekisho.effects.masked import Held, Side, reasons
from sekisho.effects.order import Rendered, Unsendable
from sekisho.law.talk import Reason
from sekisho.wire.cursor import FormError
from sekisho.wire.mail_shown import shown
from sekisho.wire.own_words import OwnWords
from tests.effects.conftest import AT, order, relay

WRITER = Side("taro.yamada.1970@home.example", "t-aaaa@talk.isp.example", ("山田 太郎", "090-1234-5678"))
READER = Side("misaki.takasaki@mail.example", "t-bbbb@talk.isp.example", ("080-8765-4321",))
UNDER = Rendered("お取り次ぎした連絡", "この連絡は、しずおかネットが取り次ぎました。", "ja")
HEADER = st.sampled_from(
    [
        "Subject",
        "Cc",
        "Bcc",
        "Reply-To",
        "Received",
        "X-Originating-IP",
        "X-From",
        "References",
        "Date",
        "Sender",
        "Organization",
        "Disposition-Notification-To",
    ]
)
LEAKS = st.sampled_from(
    [
        WRITER.mail,
        READER.mail,
        f"> {READER.mail}",
        f"On Sunday {READER.mail} wrote:",
        f"-- \n{WRITER.mail}",
        "taro.yamada.1970 アットマーク home",
        "山田太郎より",
        "090 1234 5678",
        WRITER.mail.upper(),
        "".join(chr(ord(c) + 0xFEE0) for c in WRITER.mail),
        WRITER.mail.encode().hex(),
        "Sent from my iPhone",
        f"<{WRITER.mail}>",
        "mailto:x",
        "https://home.example/taro",
    ]
)
TEXTS = st.lists(LEAKS | st.text(max_size=30) | st.just("明日の10時に。"), min_size=1, max_size=8).map("\n".join)


def mail(text: str, headers: dict[str, str] | None = None, sender: str = WRITER.mail) -> bytes:
    message = EmailMessage()
    message["From"] = f"山田 太郎 <{sender}>"
    message["To"] = f"someone <{READER.alias}>"
    for name, said in (headers or {}).items():
        message[name] = said
    message.set_content(text, cte="base64")
    return message.as_bytes()


def passed(raw: bytes, writer: Side = WRITER, reader: Side = READER) -> bytes:
    return made(raw, (writer, reader), order(), (relay(25), UNDER), AT)


def passed_or_held(raw: bytes) -> bytes:
    """Empty where it stays with us."""
    try:
        return passed(raw)
    except (Held, Unsendable, FormError):
        return b""


def test_the_words_arrive_under_the_alias_of_their_writer_and_can_be_answered() -> None:
    text = f"明日の10時に。\n\nOn Sunday, {READER.alias} wrote:\n> いつですか\n-- \n山田 太郎\n{WRITER.mail}\n"
    raw = passed(mail(text, {"Subject": "鍵", "Reply-To": WRITER.mail, "Cc": READER.mail}))
    got = message_from_bytes(raw, policy=MAIL_POLICY)
    assert got.get_content().replace("\r\n", "\n") == f"明日の10時に。\n\n{UNDER.body}\n"
    assert (got["From"], got["To"], got["Subject"], got["Reply-To"]) == (WRITER.alias, READER.mail, UNDER.subject, None)
    assert {name.lower() for name in got} <= HEADERS
    back = passed(mail("はい。", sender=READER.mail), writer=READER, reader=WRITER)
    assert message_from_bytes(back, policy=MAIL_POLICY)["From"] == READER.alias


@given(TEXTS, st.dictionaries(HEADER, st.sampled_from([WRITER.mail, READER.mail, "<x@home.example>", "192.0.2.7"]), max_size=4))
def test_no_byte_of_what_leaves_holds_the_writers_address(text: str, headers: dict[str, str]) -> None:
    """Asked of the reader that looks for addresses in the mails of contractors' tools, which knows nothing of masked talk."""
    raw = passed_or_held(mail(text, headers))
    assert shown(raw, [WRITER.mail]) == {}
    assert raw.count(b"@") == 0 or {a.partition(b">")[0] for a in _addresses(raw)} <= {WRITER.alias.encode(), READER.mail.encode()}


@given(
    st.sampled_from(
        [
            "On Sunday, {} wrote:\n> May I?",
            "> {}",
            "-- \n{}",
            "差出人: {}\n宛先: {}\n\nよろしいですか",
            "山田さん <{}>のメール:\n\nはい",
            "＞ {}",
        ]
    ),
    st.sampled_from([WRITER.mail, READER.mail, WRITER.alias, READER.alias]),
    st.lists(st.sampled_from(["明日の10時に。", "Thank you!", "鍵は駅の窓口です。", ""]), min_size=1).filter(any),
)
def test_an_address_in_a_quote_or_a_signature_is_dropped_and_the_words_arrive(quote: str, address: str, words: list[str]) -> None:
    raw = passed(mail("\n".join(words) + "\n\n" + quote.format(address, address)))
    got = message_from_bytes(raw, policy=MAIL_POLICY).get_content().replace("\r\n", "\n")
    assert got == "\n".join(words).strip("\n") + f"\n\n{UNDER.body}\n"


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_whatever_bytes_come_nothing_leaves_that_names_another(head: bytes, body: bytes) -> None:
    raw = b"From: " + WRITER.mail.encode() + b"\n" + head + b"\n\n" + body + WRITER.mail.encode()
    assert shown(passed_or_held(raw), [WRITER.mail]) == {}


@given(st.dictionaries(HEADER, st.sampled_from([WRITER.mail, "192.0.2.7", "鍵"]), max_size=6))
def test_no_header_of_the_writers_changes_a_byte(headers: dict[str, str]) -> None:
    assert passed(mail("明日の10時に。", headers)) == passed(mail("明日の10時に。"))


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("write to me:\nme@elsewhere", "address", "line 2"),
        ("電話 03-1234-5678", "telephone", "line 1"),
        ("https://home.example", "host", "line 1"),
        ("太郎です。山田太郎です", "hidden", "line 1"),
        ("80 8765\n4321", "hidden", "over lines"),
        ("> only a quote", "nothing-left", "text"),
    ],
)
def test_what_gives_either_side_away_is_held_and_says_where(text: str, code: str, where: str) -> None:
    with pytest.raises(Held) as held:
        passed(mail(text))
    assert Reason(code, where) in held.value.reasons
    assert text not in str(held.value)


def test_a_file_is_held_and_its_name_is_read() -> None:
    said = OwnWords("See the file.", files=("090-1234-5678.jpg",), writers=(WRITER.mail,))
    assert {r.code for r in reasons(said, WRITER, READER)} >= {"files", "telephone", "hidden"}


def test_a_machines_mail_and_one_of_another_writer_are_held() -> None:
    assert [r.code for r in reasons(OwnWords("I am away.", writers=(WRITER.mail,), machine=True), WRITER, READER)] == ["machine"]
    for writers in ((), (READER.mail,), (WRITER.mail, READER.mail)):
        assert [r.code for r in reasons(OwnWords("hello", writers=writers), WRITER, READER)] == ["another-writer"]


def test_an_alias_that_is_an_address_of_theirs_never_leaves() -> None:
    for alias in (WRITER.mail, READER.mail, READER.alias):
        with pytest.raises(Unsendable):
            passed(mail("hello"), writer=replace(WRITER, alias=alias))


def test_what_is_held_shows_nobody_in_a_traceback() -> None:
    assert (repr(WRITER), repr(OwnWords("secret"))) == ("Side(...)", "OwnWords(...)")


def _addresses(raw: bytes) -> set[bytes]:
    """Of the headers, but for the identity of the mail."""
    lines = [line for line in raw.split(b"\r\n") if b"@" in line and not line.lower().startswith(b"message-id")]
    return {line.rpartition(b" ")[2].strip(b"<>") for line in lines}
