"""What attendees are asked at the portal: one question for each kind of information, and the very words it is asked in.

The text is what is shown on the page, line by line, and what the record of an answer keeps. A change of a word is a new version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.desk.settings import Settings
from sekisho.law.consent import Notice
from sekisho.law.words import Act, Element, Words

VERSION = "1"
LANGUAGES = ("ja", "en")
AUDIENCE = frozenset({"operator", "public"})
ACTS = frozenset({Act.LEARN, Act.USE, Act.DISCLOSE})


@dataclass(frozen=True)
class Offer:
    """One question. `purpose` is the purpose of the steps that an answer may carry; `lines` is the text but for its frame."""

    purpose: str
    elements: frozenset[Element]
    title: Words
    lines: Mapping[str, tuple[str, ...]]


OFFERS = (
    Offer(
        "attendee-names",
        frozenset({Element.PARTY, Element.COUNTERPART, Element.DATETIME}),
        {"ja": "見ているサイトの名前", "en": "Names of sites"},
        {
            "ja": (
                "何を：この端末が名前解決（DNS）で問い合わせたサイトの名前。「example.jp」のような登録名までに切り詰めます。",
                "どのページを見たか、何を書いたか、何を読んだかは分かりません。",
                "何のため：会場の公開ボードに、多くの端末が見ているサイトの名前を出すため。",
                "この端末だけが見た名前は出ません。",
            ),
            "en": (
                'What: names of sites this device looks up (DNS), cut to the registered name such as "example.jp".',
                "Which page, and what you write or read there, is not seen.",
                "What for: to show on the event's public board which sites many devices look up.",
                "A name that only your device looked up is not shown.",
            ),
        },
    ),
    Offer(
        "attendee-categories",
        frozenset({Element.PARTY, Element.COUNTERPART, Element.DATETIME}),
        {"ja": "見ているサイトの分野", "en": "Kinds of sites"},
        {
            "ja": (
                "何を：この端末が名前解決（DNS）で問い合わせたサイトの名前。その場で「動画」「地図」などの分野に直し、名前は残しません。",
                "分野の一覧は公開しています。一覧にないサイトは数えません。",
                "何のため：会場の公開ボードに、どの分野のサイトが多くの端末に見られているかを出すため。",
            ),
            "en": (
                'What: names of sites this device looks up (DNS), turned at once into kinds such as "video" or "maps"; no name is kept.',
                "The list of kinds is public. A site that is not on it is not counted.",
                "What for: to show on the event's public board which kinds of sites many devices look up.",
            ),
        },
    ),
)
BY_PURPOSE: Mapping[str, Offer] = {o.purpose: o for o in OFFERS}


FRAME: Mapping[str, tuple[str, ...]] = {
    "ja": (
        "誰が見るか：{name}（{window}）の担当者。公開ボードに出るのは、確かめて数に直したものだけです。",
        "いつまで：今日一日。日が変わると同意は終わり、続けるには新しい答えが要ります。集めたものは催事の後に消します。",
        "やめる：このページでいつでも一回押すだけ。断っても、あとでやめても、Wi-Fiの使い勝手は何も変わりません。",
    ),
    "en": (
        "Who sees it: staff of {name} ({window}). Only reviewed numbers ever reach the public board.",
        "For how long: today only; at midnight it is over unless you answer again. What was collected is deleted after the event.",
        "Stop: one tap on this page, at any time. Saying no, now or later, changes nothing about the Wi-Fi.",
    ),
}
"""What every question says too, by language."""


def text(offer: Offer, settings: Settings, language: str) -> str:
    """What is shown for one question, and recorded with an answer to it."""
    operator = settings.operator
    frame = (line.format(name=operator.name, window=operator.window) for line in FRAME[language])
    return "\n".join((offer.title[language], *offer.lines[language], *frame))


def notice(offer: Offer, shown: str, language: str) -> Notice:
    """The text's name, version and digest."""
    return Notice(f"portal-{offer.purpose}", VERSION, hashlib.sha256(shown.encode()).hexdigest(), language)
