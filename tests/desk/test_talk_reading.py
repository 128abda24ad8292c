"""Mails to aliases are read by a child that has no right: what it says is believed only in our own form, and a mail it dies of is held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.messages.return_words import Unread
from sekisho.desk.talking.own_said import LONGEST_ANSWER, MACHINE, Read, believed, said, shown
from sekisho.faces.processes.act import TALK
from sekisho.faces.processes.returns import Child
from sekisho.law.canonical import plain
from sekisho.wire.own_words import LONGEST, OwnWords

ALIAS = "t-0123456789abcdef"
TO = f"X-Original-To: {ALIAS}@talk.example.net\n"
ENDLESS = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3000)).encode()
GOOD: dict[str, Any] = {
    "alias": ALIAS,
    "named": "a" * 64,
    "why": "",
    "words": {"text": "hello", "files": [], "cut": ["quote"], "writers": ["taro@mail.example"], "machine": False},
}


def mail(text: str = "hello", **headers: str) -> bytes:
    made = EmailMessage()
    for name, value in {"From": "Taro <taro@mail.example>", "Message-ID": "<1@mail.example>", **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return TO.encode() + made.as_bytes()


@pytest.fixture(scope="module")
def child() -> Iterator[Child[Read]]:
    with Child(TALK, believed, longest=LONGEST_ANSWER) as one:
        yield one


def test_what_the_child_says_is_what_the_mail_says(child: Child[Read]) -> None:
    one = child(mail("明日の10時に。\n\n> old words\n-- \nTaro"))
    assert (one.alias, one.why) == (ALIAS, "")
    assert one.words is not None
    assert (one.words.text, one.words.writers, one.words.machine) == ("明日の10時に。", ("taro@mail.example",), False)
    assert one == believed(json.loads(json.dumps(said(mail("明日の10時に。\n\n> old words\n-- \nTaro")))))


def test_the_longest_text_of_any_letters_comes_through(child: Child[Read]) -> None:
    one = child(mail("𩸽\n" * (LONGEST // 2 - 1), Content_Language="ja"))
    assert one.words is not None
    assert len(one.words.text) > LONGEST - 10


def test_a_mail_that_a_child_dies_of_is_unread_and_the_next_one_is_read(child: Child[Read]) -> None:
    with Child(TALK, believed, seconds=20, longest=LONGEST_ANSWER) as one:
        with suppress(Unread):
            assert one(TO.encode() + ENDLESS).why in ("part", "too-large", "no-plain")
        assert one(mail()).words is not None


def test_a_child_that_says_what_no_mail_can_say_is_not_believed() -> None:
    with Child("sekisho.faces.processes.read_return", believed, seconds=20) as another, pytest.raises(Unread):
        another(mail())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("alias", "../../etc/passwd"),
        ("alias", "t 1"),
        ("alias", 5),
        ("named", "A" * 64),
        ("named", "a" * 63),
        ("why", "Something else"),
        ("why", "part"),
        ("words", None),
        ("words", "hello"),
        ("words", {**GOOD["words"], "text": "x" * (LONGEST + 1)}),
        ("words", {**GOOD["words"], "machine": "no"}),
        ("words", {**GOOD["words"], "cut": ["everything"]}),
        ("words", {**GOOD["words"], "more": 1}),
        ("more", 1),
    ],
)
def test_any_other_form_is_not_believed(field: str, value: object) -> None:
    believed(GOOD)
    with pytest.raises(ValueError, match=r"."):
        believed({**GOOD, field: value})


@given(st.dictionaries(st.sampled_from([*GOOD, "more"]), st.none() | st.booleans() | st.integers() | st.text(max_size=9), max_size=4))
def test_whatever_else_it_says_is_refused_as_a_value_and_never_breaks_anything(answer: dict[str, object]) -> None:
    try:
        one = believed(answer)
    except ValueError:
        return
    assert one.why, "without words there is a reason"


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_bytes_a_mail_is_made_of_its_alias_is_a_name_or_none(head: bytes, body: bytes) -> None:
    answer = json.loads(json.dumps(said(head + b"\n" + TO.encode() + b"\n\n" + body)))
    one = believed(answer)
    assert (one.words is None) == bool(one.why)


@pytest.mark.parametrize(
    ("above", "alias"),
    [
        (f"Delivered-To: {ALIAS}@talk.example.net\n", ALIAS),
        (f"x-original-to: <{ALIAS.upper()}@talk.example.net>\n", ALIAS),
        (f"To: {ALIAS}@talk.example.net\n", ""),
        ("X-Original-To: two words@talk.example.net\n", ""),
        ("X-Original-To: \n", ""),
        (f"X-Original-To: nobody@talk.example.net\nX-Original-To: {ALIAS}@talk.example.net\n", "nobody"),
    ],
)
def test_to_whom_it_came_says_our_own_server_and_no_header_below_its_own(above: str, alias: str) -> None:
    """A writer may put such headers into their mail; ours stand above them."""
    assert said(above.encode() + b"From: taro@mail.example\n\nhello")["alias"] == alias


def test_one_message_id_is_one_mail_however_it_is_folded() -> None:
    spelled = ["<1@mail.example>", " <1@mail.example> ", "\n <1@mail.example>"]
    named = {said(TO.encode() + f"Message-ID: {one}\nFrom: taro@mail.example\n\nhello".encode())["named"] for one in spelled}
    assert len(named) == 1
    assert said(TO.encode() + b"From: taro@mail.example\n\nhello")["named"] == ""


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"Content-Type: text/html\nFrom: taro@mail.example\n\n<p>hello</p>", "no-plain"),
        (b"Content-Type: text/plain; charset=klingon\n\nhello", "charset"),
        (b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/rfc822\n\nFrom: a\n\nhello\n--x--\n", MACHINE),
        (b"Auto-Submitted: auto-replied\nContent-Type: text/html\n\n<p>away</p>", MACHINE),
    ],
)
def test_what_cannot_be_read_says_why_and_a_bounce_that_a_machine_wrote_it(raw: bytes, why: str) -> None:
    one = believed(json.loads(json.dumps(said(TO.encode() + raw))))
    assert (one.why, one.words, one.alias) == (why, None, ALIAS)


def test_at_the_terminal_the_lines_have_the_numbers_that_the_reasons_name() -> None:
    text, files = shown(mail("one\n> quoted\ntwo\n-- \nTaro"))
    assert (text.split("\n"), files) == (["one", "two"], ())
    assert shown(b"Content-Type: text/html\n\n<p>hello</p>") == ("", ())


def test_no_word_of_a_mail_stands_in_a_traceback() -> None:
    one = Read(ALIAS, "", "", OwnWords("secret"))
    assert "secret" not in repr(one) + str(one)
    assert plain(one)["words"]["text"] == "secret"
