"""`sekisho talk` before a running node: what it says of talks and held mails, and what it refuses."""

from __future__ import annotations

import json

import pytest

from sekisho.faces.words.talk import HELD, held_for
from sekisho.law.talk import Reason
from tests.faces.conftest import Node


def test_where_there_is_none_it_says_so(node: Node) -> None:
    for word, said in (("list", "There is no masked talk"), ("held", "No mail is held")):
        assert said in node("talk", word).out
        assert json.loads(node("--json", "talk", word).out) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("open", "campaign-" + "0" * 16), "mail.talk_domain"),
        (("read", "passing-" + "0" * 16), "There is no such mail"),
        (("settle", "passing-" + "0" * 16, "--as", "drop"), "There is no such mail"),
        (("settle", "passing-" + "0" * 16, "--as", "release", "--without", "two"), "numbers from 1"),
    ],
)
def test_what_is_not_there_is_said_in_both_languages(node: Node, words: tuple[str, ...], said: str) -> None:
    refused = node("talk", *words, who="desk")
    assert refused.code != 0
    assert said in refused.err + refused.out


def test_reasons_are_one_line_in_either_language_and_never_say_what_stood_there() -> None:
    why = [Reason(code, where) for code, where in zip(sorted(HELD), ["line 2", "name of file 1", "over lines", "headers"], strict=False)]
    assert held_for(why, "en").startswith("line 2: a mail address; name of file 1: ")
    assert held_for(why, "ja").startswith("2行目：メールアドレス、1番目のファイルの名前：")
    assert "\n" not in held_for(why * 9, "ja")
    assert len(held_for(why * 9, "en")) <= 300
