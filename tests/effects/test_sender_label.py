"""The stage that puts labels says that it does nothing else, or is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import END_OF_MESSAGE, RCPT, BadScope
from sekisho.effects.sender_label import LABEL, METHODS, MOMENT, SIGNED, LabelForm, Labelling
from sekisho.law.words import Value

SCOPE: Mapping[str, Value] = {"action": "label", "text": "hashed", "when_down": "pass"}


@pytest.mark.parametrize("step", METHODS)
@pytest.mark.parametrize(("word", "said"), [
    ("action", "discard"), ("action", "quarantine"), ("action", None), ("action", ""), ("when_down", "defer"), ("when_down", "x"),
])  # fmt: skip
def test_a_plan_that_would_do_more_than_label_is_none(step: str, word: str, said: Value) -> None:
    with pytest.raises(BadScope) as no:
        LabelForm(step).check({**SCOPE, word: said})
    assert no.value.where == f"scope.{word}"


@pytest.mark.parametrize("step", METHODS)
def test_a_plan_that_only_labels_is_one_and_mail_passes_where_it_does_not_say_so(step: str) -> None:
    LabelForm(step).check(SCOPE)
    LabelForm(step).check({"action": "label", "text": "hashed"})


@pytest.mark.parametrize("said", ["kept", "", None])
def test_a_text_is_hashed_and_nothing_more(said: Value) -> None:
    with pytest.raises(BadScope) as no:
        LabelForm(SIGNED).check({**SCOPE, "text": said})
    assert no.value.where == "scope.text"
    LabelForm(LABEL).check({**SCOPE, "text": said})


@pytest.mark.parametrize("step", METHODS)
def test_it_is_against_nobody_and_asked_at_no_moment_of_the_conversation(step: str) -> None:
    stage = Labelling("permit-a", step, datetime(2027, 1, 1, tzinfo=UTC))
    counts = MailCounts(Path(":memory:"))
    asked = {"sasl_username": "alice", "client_address": "203.0.113.9", "sender": "alice@far.example"}
    assert (stage.who(asked), stage.against(asked, b"t" * 16, 0, counts), stage.when_down) == ("", None, "pass")
    assert MOMENT not in (RCPT, END_OF_MESSAGE)
    assert not stage.holds
    counts.close()
