"""What attendees are asked: whole in both languages, each question apart, and nothing said that the law would call consent by habit."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from sekisho.desk.portal.devices import HARDWARE, giver, pseudonym
from sekisho.desk.portal.offers import ACTS, AUDIENCE, BY_PURPOSE, FRAME, LANGUAGES, OFFERS, Offer, notice, text
from sekisho.desk.settings import Operator, Settings
from sekisho.faces.portal.words import WORDS, words
from sekisho.law.words import Act, Element
from sekisho.measures.attendee_names import CATEGORIES, NAMES, AttendeeNames
from tests.conftest import ROOT

SETTINGS = Settings(ROOT, Operator("The {organising} body", "The {window}"), ROOT / "casebook" / "jp", ROOT / "texts")
SAID = {"ja": ("何を", "何のため", "誰が見るか", "いつまで", "やめる"), "en": ("What:", "What for", "Who sees it", "For how long", "Stop")}
"""What a question must say, as F-09 of the case book has it."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("offer", OFFERS, ids=lambda o: o.purpose)
def test_each_question_says_what_what_for_who_how_long_and_how_to_stop_in_this_order(offer: Offer, language: str) -> None:
    shown = text(offer, SETTINGS, language)
    places = [shown.index(word) for word in SAID[language]]
    assert all(a < b for a, b in pairwise(places))


@pytest.mark.parametrize("offer", OFFERS, ids=lambda o: o.purpose)
def test_both_languages_have_as_many_lines(offer: Offer) -> None:
    assert len(offer.lines["ja"]) == len(offer.lines["en"])
    assert len(FRAME["ja"]) == len(FRAME["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_names_of_body_and_window_stand_there_as_they_are(language: str) -> None:
    """Braces in a name are part of the name."""
    shown = text(OFFERS[0], SETTINGS, language)
    assert "The {organising} body" in shown
    assert "The {window}" in shown


def test_every_kind_of_information_is_a_question_of_its_own() -> None:
    assert len({o.purpose for o in OFFERS}) == len(OFFERS) == len(BY_PURPOSE)
    assert {o.purpose for o in OFFERS} == {NAMES, CATEGORIES}
    assert all({s.purpose for s in AttendeeNames.steps if s.elements <= o.elements} >= {o.purpose} for o in OFFERS)
    assert all(Element.CONTENT not in o.elements for o in OFFERS)


def test_what_may_be_done_and_who_sees_it_is_no_more_than_the_words_say() -> None:
    assert {Act.LEARN, Act.USE, Act.DISCLOSE} == ACTS
    assert {"operator", "public"} == AUDIENCE


def test_names_are_not_called_statistics() -> None:
    """The board of 2023 was announced so, and that was wrong."""
    said = [text(o, SETTINGS, lang) for o in OFFERS for lang in LANGUAGES] + [w for both in WORDS.values() for w in both]
    assert not [s for s in said if re.search(r"統計|statistic|匿名|anonym", s, re.IGNORECASE)]


def test_another_word_another_body_and_another_language_are_another_text() -> None:
    other = replace(SETTINGS, operator=Operator("Another body", "The {window}"))
    digests = {notice(o, text(o, s, lang), lang).digest for o in OFFERS for s in (SETTINGS, other) for lang in LANGUAGES}
    assert len(digests) == 2 * 2 * 2


def test_the_digest_is_of_the_text_and_of_nothing_else() -> None:
    shown = text(OFFERS[0], SETTINGS, "en")
    assert notice(OFFERS[0], shown, "en").digest == hashlib.sha256(shown.encode()).hexdigest()
    assert notice(OFFERS[0], shown, "en").id == "portal-attendee-names"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_every_word_in_its_language(language: str) -> None:
    said = words(language)
    assert set(said) == set(WORDS)
    kana = re.compile(r"[぀-ヿ一-鿿]")
    foreign = {"language"}
    assert all(bool(kana.search(w)) == (language == "ja") for n, w in said.items() if n not in foreign)


# Devices


def test_a_device_is_another_one_under_another_key() -> None:
    names = {pseudonym(key, "02:00:00:00:00:01") for key in (b"a" * 32, b"b" * 32)}
    assert len(names) == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}", n) for n in names)


def test_as_whom_a_device_answers_differs_by_purpose_and_is_never_its_pseudonym() -> None:
    device = pseudonym(b"a" * 32, "02:00:00:00:00:01")
    givers = {giver(key, device) for key in (b"c" * 32, b"d" * 32)}
    assert len(givers) == 2
    assert device not in givers


@pytest.mark.parametrize("said", ["02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff"])
def test_a_hardware_address_is_written_as_the_kernel_writes_it(said: str) -> None:
    assert HARDWARE.fullmatch(said)
    assert not HARDWARE.fullmatch(said.upper().replace(":", "-"))
    assert not HARDWARE.fullmatch(said + "\n")
