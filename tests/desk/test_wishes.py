"""What somebody wants, in their own words, finds the measure that is meant; what the book has not is said not to be there."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.asking.wishes import UNSURE, Wish, carry_out, grams
from tests.desk.asking import book

WANTS = [
    (measure, phrase) for measure, about in sorted(book().about.items()) for phrases in about.want.values() for phrase in phrases
]


def first(words: str) -> tuple[str, bool]:
    found = carry_out(Wish(words, book()))
    return (found["measures"][0]["measure"] if found["measures"] else "", found["sure"])


def test_every_measure_says_in_both_languages_who_wants_it() -> None:
    assert set(book().about) == set(book().steps)
    assert all(about.want["ja"] and about.want["en"] for about in book().about.values())


@pytest.mark.parametrize(("measure", "phrase"), WANTS, ids=[f"{m}-{n}" for n, (m, _) in enumerate(WANTS)])
def test_a_measure_is_found_first_by_its_own_words(measure: str, phrase: str) -> None:
    """First, or level with another that says the very same."""
    found = carry_out(Wish(phrase, book()))
    best = found["measures"][0]["score"]
    assert found["sure"]
    assert measure in {m["measure"] for m in found["measures"] if m["score"] == best}


@pytest.mark.parametrize(("measure", "phrase"), WANTS, ids=[f"{m}-{n}" for n, (m, _) in enumerate(WANTS)])
def test_it_is_found_however_the_wish_is_put(measure: str, phrase: str) -> None:
    """Loud, wide, with "we want to" before it or "したい" behind it."""
    put = f"We would like to {phrase}, please" if phrase.isascii() else f"{phrase}したい"
    for said in (phrase.upper(), unicodedata.normalize("NFKD", phrase), put):
        assert measure in {m["measure"] for m in carry_out(Wish(said, book()))["measures"][:2]}, said


@pytest.mark.parametrize(
    ("words", "measure"),
    [
        ("show popular sites on a public board", "name-board"),
        ("warn customers whose PC is part of a botnet", "infected-notice"),
        ("ウイルスに感染した契約者に知らせたい", "infected-notice"),
        ("find C&C servers from netflow", "cc-search"),
        ("spamhaus", "rbl"),
        ("revenge porn", "deletion-of-posts"),
        ("a lawyer wants to know who posted this", "disclosure-request"),
        ("the police want logs and have no warrant", "authority-request"),
        ("ボットネットの司令サーバを探す", "cc-search"),
        ("メールのパスワードを盗まれ、迷惑メールを送られている", "smtp-auth-hijack"),
        ("なりすましメールを破棄したい", "mail-authentication"),
        ("解約した迷惑会員のことを同業他社に知らせる", "abuser-exchange"),
    ],
)
def test_other_words_for_the_same_thing_find_it_too(words: str, measure: str) -> None:
    assert first(words) == (measure, True)


@pytest.mark.parametrize("words", ["bake a cake for the neighbours", "夕食を作りたい", "xyzzy", "", "???", "we want to", "したい"])
def test_what_the_book_has_not_is_said_not_to_be_there(words: str) -> None:
    assert first(words)[1] is False


def test_a_word_only_one_measure_says_weighs_more_than_a_word_of_all() -> None:
    found = carry_out(Wish("network address casino", book()))["measures"]
    assert found[0]["measure"] == "casino-blocking"


def test_the_answer_carries_title_steps_and_cases_for_the_next_question() -> None:
    best = carry_out(Wish(WANTS[0][1], book(), most=1))["measures"]
    assert len(best) == 1
    assert best[0]["title"]["ja"]
    assert {s["name"] for s in best[0]["steps"]} == {s.name for s in book().steps[best[0]["measure"]]}
    assert all(s["says"]["ja"] and s["says"]["en"] for s in best[0]["steps"])
    assert set(best[0]["cases"]) == {c.id for c in book().cases if c.measure == best[0]["measure"]}


def test_endings_and_small_words_do_not_count() -> None:
    assert grams("blocking the ports") == grams("block a port")
    assert grams("遮断したい") == grams("遮断")


@given(st.text(max_size=120))
def test_any_words_at_all_get_an_answer_between_nothing_and_everything(words: str) -> None:
    found = carry_out(Wish(words, book()))
    scores = [m["score"] for m in found["measures"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < s <= 1000 for s in scores)
    assert found["sure"] is (bool(scores) and scores[0] >= UNSURE * 1000)
