"""What somebody wrote anew is kept as it stands; whatever a mail program put beside it is not."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.wire.cursor import FormError
from sekisho.wire.own_words import LONGEST, MOST, MOST_PARTS, MOST_TEXT, Cut, OwnWords, own, read_own_words

HEADERS = [
    b"Subject: ",
    b"From: ",
    b"Content-Type: ",
    b"Content-Type: multipart/mixed; boundary=x",
    b"Content-Transfer-Encoding: ",
    b"\n--x\n",
]
LINES = st.lists(st.builds(bytes.__add__, st.sampled_from(HEADERS), st.binary(max_size=40)), max_size=8).map(b"\n".join)
WORDS = st.lists(st.sampled_from(["明日の10時に集合です。", "I'll bring the keys.", "", "分かりました", "2 + 2 > 3 holds"]), max_size=6)

ANSWERS = {
    "gmail": "Yes, please.\n\nOn Sun, Nov 22, 2026 at 6:07 PM Misaki <misaki@mail.example> wrote:\n\n> May I?\n",
    "gmail, broken over lines": "Yes, please.\n\nOn Sun, Nov 22, 2026 at 6:07 PM Misaki <\nmisaki@mail.example> wrote:\n> May I?\n",
    "gmail in Japanese": "Yes, please.\n\n2026年11月22日(日) 18:07 髙﨑 <misaki@mail.example>:\n\n> よろしいですか\n",
    "thunderbird in Japanese": "Yes, please.\n\nOn 2026/11/22 18:07, 髙﨑 美咲 wrote:\n> よろしいですか\n",
    "becky": "Yes, please.\n\n髙﨑 美咲さんが書きました:\n> よろしいですか\n",
    "becky, without marks": "Yes, please.\n\n髙﨑 美咲さんが書きました:\nよろしいですか\n髙﨑\n",
    "a phone's": "Yes, please.\n\n2026/11/22 18:07、髙﨑 <misaki@mail.example>のメール:\n\nよろしいですか\n",
    "a mail of somebody": "Yes, please.\n髙﨑さんのメール\n> よろしいですか\n",
    "outlook": "Yes, please.\n\n________________________________\nFrom: Misaki <misaki@mail.example>\nSent: Sunday\nTo: Taro\n\nMay I?\n",
    "outlook in Japanese": "Yes, please.\n\n差出人: 髙﨑 <misaki@mail.example>\n送信日時: 今日\n宛先: 太郎\n\nよろしいですか\n",
    "original message": "Yes, please.\n\n-----Original Message-----\nMay I?\n",
    "original message in Japanese": "Yes, please.\n\n----- 元のメッセージ -----\nよろしいですか\n",
    "forwarded by a mac": "Yes, please.\n\nBegin forwarded message:\n\nMay I?\n",
    "forwarded by gmail": "Yes, please.\n\n---------- Forwarded message ---------\nMay I?\n",
    "answered below": "On Sunday at six, Misaki wrote:\n> May I?\n\nYes, please.",
    "answered between": "> May I?\nYes, please.\n> And then?",
    "full-width marks": "＞よろしいですか\nYes, please.\n＞＞では",
    "marked with a name": "TK> よろしいですか\nYes, please.",
    "marked with bars": "| May I?\nYes, please.",
    "signed": "Yes, please.\n-- \nTaro Yamada\ntaro.yamada@mail.example\n",
    "signed in Japanese": "Yes, please.\n\n━━━━━━━━━━\n山田 太郎\n電話 090-1234-5678\n━━━━━━━━━━\n",
    "signed with stars": "Yes, please.\n☆★☆★☆★\nたろう\n",
    "sent from a phone": "Yes, please.\n\nSent from my iPhone",
    "sent from a phone, in Japanese": "Yes, please.\n\niPhoneから送信",
}


def mail(text: str, **headers: str) -> bytes:
    message = EmailMessage()
    for name, said in {"From": "Taro <Taro.Yamada@mail.example>", **headers}.items():
        message[name.replace("_", "-")] = said
    message.set_content(text)
    return message.as_bytes()


def said(raw: bytes) -> OwnWords | str:
    """Its words, or the code of its mistake."""
    try:
        return read_own_words(raw)
    except FormError as why:
        return why.code


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in ANSWERS.items()])
def test_of_an_answer_only_the_answer_is_left(text: str) -> None:
    words, cut = own(text)
    assert words == "Yes, please."
    assert cut


def test_what_was_left_out_is_said_each_kind_once() -> None:
    assert own("> a\n> b\nYes\n-- \nme")[1] == (Cut.QUOTE, Cut.SIGNATURE)
    assert own("Yes\n--- 転送メッセージ ---\n> a")[1] == (Cut.FORWARDED,)


@given(WORDS)
def test_words_without_any_such_thing_stay_as_they_are(lines: list[str]) -> None:
    text = "\n".join(lines).strip("\n")
    assert own(text) == (text, ())


@pytest.mark.parametrize(
    "text",
    [
        "昨日のメール\nを読みました",
        "From: what I hear it rains.\nBring boots.",
        "wrote",
        "二つあります。\n-----\n" + "その一\n" * 12 + "以上",
        "On Monday we met.",
    ],
)
def test_words_that_only_look_like_a_quote_stay(text: str) -> None:
    assert own(text) == (text, ())


@given(st.lists(st.text(max_size=30) | st.sampled_from([line for text in ANSWERS.values() for line in text.split("\n")]), max_size=12))
def test_no_line_is_made_up_and_no_quoted_line_is_left(lines: list[str]) -> None:
    words, _ = own("\n".join(lines))
    assert not any(line.lstrip().startswith((">", "＞")) for line in words.split("\n"))
    assert own(words)[0].count("\n") <= words.count("\n")


@given(LINES, st.binary(max_size=200))
def test_any_bytes_are_words_or_a_named_mistake(head: bytes, body: bytes) -> None:
    found = said(head + b"\n\n" + body)
    assert found in ("part", "charset", "no-plain") or isinstance(found, OwnWords)


def test_of_a_mail_its_own_words_its_writer_and_the_names_of_its_files_are_read() -> None:
    message = EmailMessage()
    message["From"] = "Taro <Taro.Yamada@mail.example>"
    message.set_content("明日の10時に。\n-- \n太郎", charset="iso-2022-jp")
    message.add_attachment(b"x", maintype="image", subtype="jpeg", filename="太郎の写真.jpg")
    found = read_own_words(message.as_bytes())
    assert (found.text, found.files, found.cut) == ("明日の10時に。", ("太郎の写真.jpg",), (Cut.SIGNATURE,))
    assert (found.writers, found.machine) == (("taro.yamada@mail.example",), False)
    assert "明日" not in repr(found)


@pytest.mark.parametrize(
    "header", [("Auto-Submitted", "auto-replied"), ("Precedence", "bulk"), ("X-Autoreply", "yes"), ("Return-Path", "<>")]
)
def test_what_a_machine_wrote_says_so(header: tuple[str, str]) -> None:
    assert read_own_words(mail("I am away.", **{header[0].replace("-", "_"): header[1]})).machine


def test_what_no_reader_sees_is_gone() -> None:
    assert own("a\u200bb\u202ec\x1b[2Jd\x00")[0] == "abc[2Jd"


def test_html_alone_a_mail_in_a_mail_and_too_much_of_either_are_named_mistakes() -> None:
    html, inner, many = EmailMessage(), EmailMessage(), EmailMessage()
    html.set_content("<p>hello</p>", subtype="html")
    inner.set_content("look")
    inner.add_attachment(html)
    many.set_content("look")
    for _ in range(MOST_PARTS):
        many.add_attachment(b"", maintype="image", subtype="png")
    assert [said(m.as_bytes()) for m in (html, inner, many)] == ["no-plain", "part", "part"]
    assert [said(b"a: b\n\n" + b"x" * MOST), said(mail("あ\n" * LONGEST))] == ["too-large", "too-large"]
    assert said(b"Content-Type: text/plain; charset=no-such\n\nhello") == "charset"


def test_more_text_than_is_read_is_a_named_mistake_and_never_cut_short() -> None:
    quoted = "> May I?\n" * (MOST_TEXT // 10)
    assert read_own_words(mail("Yes\n" + quoted)).text == "Yes"
    assert said(mail("Yes\n" + quoted * 2)) == "too-large"
