"""A campaign by itself: one digest over all of it, and what is empty or wrong named by its field."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.law.campaign import LONGEST, MOST_ATTACHED, MOST_PERSONS, TRAINING, Attached, Campaign, Recipient, Text, faults, identity
from sekisho.law.canonical import digest, plain
from sekisho.law.question import LONGEST_CODE_DAYS, LONGEST_SENTENCE, Question
from sekisho.law.words import Act, Element

SINCE = datetime(2026, 11, 22, tzinfo=UTC)
SAID = Campaign(
    name="Notice",
    announcement={"ja": "お知らせ", "en": "We write"},
    texts={"ja": Text("件名", "本文"), "en": Text("Subject", "Body", "<p>Body</p>")},
    attachments=(Attached("map 1.pdf", "application/pdf", "JVBERi0="),),
    hosts=("race.example", "www.race.example:8443"),
    sender="info@race.example",
    sender_name="Race office",
    reply_desk="desk@race.example",
    since=SINCE,
    until=SINCE + timedelta(days=1),
    per_minute=60,
    fields=("number",),
    recipients="0" * 64,
    persons=3,
    entrustment="",
    training=False,
    advertising=False,
    by="person-1",
    at=SINCE,
)
CHANGED: dict[str, Any] = {
    "name": "Notice ",
    "announcement": {"ja": "お知らせ", "en": "We write."},
    "texts": {"ja": Text("件名", "本文"), "en": Text("Subject", "Body", "<p>Body </p>")},
    "attachments": (),
    "hosts": ("race.example",),
    "sender": "info@race2.example",
    "sender_name": "Race  office",
    "reply_desk": "desk2@race.example",
    "since": SINCE + timedelta(microseconds=1),
    "until": SINCE + timedelta(days=1, microseconds=1),
    "per_minute": 61,
    "fields": (),
    "recipients": "1" * 64,
    "persons": 4,
    "entrustment": "entrustment-1",
    "training": True,
    "advertising": True,
    "by": "person-2",
    "at": SINCE + timedelta(seconds=1),
    "viewing": "viewing-0123456789abcdef",
    "asks": Question(
        "race-news", "1", "race-news", {"ja": "同意します。", "en": "I agree."}, {"ja": "いつでも。", "en": "Any time."},
        frozenset({Act.USE}), frozenset({Element.PARTY}), frozenset({"operator"}), 365, 14,
    ),
}  # fmt: skip


def test_a_whole_campaign_has_no_faults() -> None:
    assert faults(SAID) == ()


@pytest.mark.parametrize("name", [f.name for f in fields(Campaign)])
def test_no_field_is_outside_the_digest(name: str) -> None:
    """Every field there is, so that a new one cannot be left out."""
    assert identity(replace(SAID, **{name: CHANGED[name]})) != identity(SAID)


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_texts_have_one_digest_only_if_they_are_the_same(one: str, other: str) -> None:
    def with_body(body: str) -> str:
        return identity(replace(SAID, texts={"en": Text("Subject", body)}))

    if any(0xD800 <= ord(c) < 0xE000 for c in one + other):
        return
    assert (with_body(one) == with_body(other)) == (one == other)


WRONG: list[tuple[str, Any]] = [
    ("name", ""),
    ("announcement", {}),
    ("announcement", {"ja": "お知らせ", "en": " "}),
    ("texts", {}),
    ("texts", {"fr": Text("Sujet", "Corps")}),
    ("texts", {"en": Text("Subject", " ", "<p>only HTML</p>")}),
    ("texts", {"en": Text("", "Body")}),
    ("attachments", (Attached("../x", "text/csv", "eA=="),)),
    ("attachments", (Attached("x.html", "text/html", "eA=="),)),
    ("attachments", (Attached("x.csv", "text/csv", ""),)),
    ("attachments", (Attached("x.csv", "text/csv", "A" * (MOST_ATTACHED + 1)),)),
    ("hosts", ()),
    ("hosts", ("*.race.example",)),
    ("hosts", ("race.example/path",)),
    ("sender_name", ""),
    ("until", SINCE),
    ("until", SINCE + LONGEST + timedelta(seconds=1)),
    ("per_minute", 0),
    ("fields", ("Number",)),
    ("fields", ("name",)),
    ("fields", ("number", "number")),
    ("recipients", "x"),
    ("persons", 0),
    ("persons", MOST_PERSONS + 1),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_is_empty_or_wrong_is_named(name: str, value: Any) -> None:
    assert faults(replace(SAID, **{name: value})) == (name,)


def test_a_training_says_so_wherever_it_could_be_read() -> None:
    mark = TRAINING["en"]
    texts = {"en": Text(mark + " Subject", mark + " Body", f"<p>{mark} Body</p>")}
    training = replace(SAID, training=True, name=mark + " Notice", texts=texts)
    assert faults(training) == ()
    for part in ("subject", "plain", "html"):
        silent = {"en": replace(texts["en"], **{part: "nothing said"})}
        assert faults(replace(training, texts=silent)) == ("training",)
    late = {"en": replace(texts["en"], subject="Subject " + mark)}
    assert faults(replace(training, texts=late)) == ("training",)


def test_a_recipient_is_never_shown_by_accident() -> None:
    person = Recipient("hanako@mail.example", "花子", "ja", "00")
    assert "hanako" not in f"{person!r}{person}{[person]}"


ASKS: Question = CHANGED["asks"]
WRONG_QUESTIONS: list[tuple[str, Any]] = [
    ("id", "Race News"),
    ("version", ""),
    ("purpose", "race news"),
    ("agreed", {"ja": "同意します。"}),
    ("agreed", {"ja": "同意します。", "en": "two\nlines"}),
    ("agreed", {"ja": "同意します。", "en": "x" * (LONGEST_SENTENCE + 1)}),
    ("stop", {"ja": "いつでも。", "en": " "}),
    ("acts", frozenset()),
    ("elements", frozenset()),
    ("audience", frozenset({" "})),
    ("days", 0),
    ("code_days", LONGEST_CODE_DAYS + 1),
]


@pytest.mark.parametrize(("name", "value"), WRONG_QUESTIONS)
def test_what_is_empty_or_wrong_in_a_question_is_named(name: str, value: Any) -> None:
    assert faults(replace(SAID, asks=ASKS)) == ()
    assert faults(replace(SAID, asks=replace(ASKS, **{name: value}))) == (f"asks.{name}",)


def test_a_campaign_that_asks_nothing_has_the_digest_it_always_had() -> None:
    words = plain(SAID)
    del words["asks"], words["viewing"]
    assert identity(SAID) == digest(words)


def test_an_invitation_asks_or_shows_and_not_both() -> None:
    shows = replace(SAID, viewing=CHANGED["viewing"])
    assert faults(shows) == ()
    assert faults(replace(shows, asks=ASKS)) == ("viewing",)
    assert faults(replace(SAID, viewing="film")) == ("viewing",)
    assert [c.invites for c in (SAID, shows, replace(SAID, asks=ASKS))] == [False, True, True]
