"""What stands under the words in a masked talk: in both languages, and gone again from the answer, whichever program quotes it."""

from __future__ import annotations

import pytest

from sekisho.effects.texts import LANGUAGES, load, render
from sekisho.wire.giveaways import giveaways
from sekisho.wire.own_words import own
from tests.desk.office import ROOT

VALUES = {
    "operator": "サンプル市民マラソン事務局",
    "good_until": "2026-12-23 09:00",
    "withdraw_url": "https://race.example/consent?code=" + "0" * 32,
    "window_name": "個人情報窓口",
    "window_phone": "03-0000-0000",
    "window_hours": "9-17",
}
WHY = {"ja": "2行目：電話番号", "en": "line 2: a telephone number"}
SAID = "鍵を拾いました。"
ALIAS = "t-0123456789abcdef@talk.example.net"


def mail(language: str) -> str:
    return f"{SAID}\n\n{render(load(ROOT / 'texts').find('masked-talk@1', language), VALUES).body}"


def quoted(text: str, mark: str) -> str:
    return "".join(f"{mark}{line}\n" for line in text.split("\n"))


PROGRAMS = {
    "gmail": lambda text: f"On Sun, Nov 22, 2026 at 6:07 PM <{ALIAS}> wrote:\n\n{quoted(text, '> ')}",
    "gmail in Japanese": lambda text: f"2026年11月22日(日) 18:07 <{ALIAS}>:\n\n{quoted(text, '> ')}",
    "thunderbird": lambda text: f"On 2026/11/22 18:07, {ALIAS} wrote:\n{quoted(text, '> ')}",
    "apple": lambda text: f"2026/11/22 18:07、{ALIAS}のメール:\n\n{quoted(text, '> ')}",
    "a phone's, without marks": lambda text: f"2026/11/22 18:07、<{ALIAS}>のメール:\n\n{text}",
    "outlook": lambda text: f"________________________________\nFrom: {ALIAS}\nSent: Sunday\nTo: me\nSubject: x\n\n{text}",
    "outlook in Japanese": lambda text: f"差出人: {ALIAS}\n送信日時: 2026年11月22日\n宛先: 私\n件名: x\n\n{text}",
    "original message": lambda text: f"-----Original Message-----\nFrom: {ALIAS}\n\n{text}",
    "full width": lambda text: quoted(text, "＞"),
    "twice": lambda text: f"On Sunday, {ALIAS} wrote:\n{quoted(quoted(text, '> '), '> ')}",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_of_an_answer_that_quotes_the_whole_mail_only_the_answer_goes_back(program: str, language: str) -> None:
    text, cut = own(f"はい、私のです。\n\n{PROGRAMS[program](mail(language))}")
    assert text == "はい、私のです。"
    assert cut
    assert giveaways(text, [ALIAS]) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_texts_say_how_it_ends_and_how_long_it_lasts(language: str) -> None:
    texts = load(ROOT / "texts")
    for name, more in (("masked-talk@1", {}), ("masked-talk-returned@1", {"why": WHY[language]})):
        said = render(texts.find(name, language), {**VALUES, **more})
        for value in (*VALUES.values(), *more.values()):
            assert value in said.body
        assert "@" not in said.subject + said.body, "the linter takes every other address for a leak"


@pytest.mark.parametrize("language", LANGUAGES)
def test_neither_text_is_wider_than_a_terminal(language: str) -> None:
    for name in ("masked-talk@1", "masked-talk-returned@1"):
        for line in load(ROOT / "texts").find(name, language).body.split("\n"):
            assert sum(2 if ord(c) > 0x2E7F else 1 for c in line) <= 76, line
