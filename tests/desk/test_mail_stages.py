"""What is no stage answers nothing; what is one says what it looks at before it is permitted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

import pytest

from sekisho.desk.mail_stages import STAGES
from sekisho.effects.mail_stage import DEFER, END_OF_MESSAGE, PASS, RCPT, BadScope, when_down, whole
from sekisho.effects.sender_label import SIGNED
from sekisho.faces.processes.policy import REPLIES
from sekisho.law.words import Element, Value
from tests.conftest import ROOT

BOOK = ROOT / "casebook" / "jp"
GREY = {"fresh_hours": 24, "answer": "refuse", "by": "network", "delay": 300, "retry": 86400, "remember": 0, "consent": "per-line"}
ALIKE = {"members": 10, "each": 5, "together": 500, "alike": 900, "young_days": 30}
HIJACK = {"networks": 8, "jump": 20, "least": 100, "usual_hours": 12, "held_hours": 12}
LOG = {"refused": 50, "refused_permille": 300, "failed": 20}
MORE = {"action": "label", "text": "hashed", "page": "https://a.example/"}
DECLARED: Mapping[str, Value] = {"messages": 500, "window": 3600, **MORE, **GREY, **ALIKE, **HIJACK, **LOG}
"""Everything that a stage may want to know beside what it does while it is down."""


@pytest.mark.parametrize("key", STAGES, ids="/".join)
def test_a_stage_looks_at_what_its_step_in_the_case_book_names_and_at_no_content_but_to_hash_it(key: tuple[str, str]) -> None:
    measure, step = key
    (told,) = (s for s in tomllib.loads((BOOK / f"{measure}.toml").read_text("utf-8"))["step"] if s["name"] == step)
    assert {e.value for e in STAGES[key].elements} == set(told["elements"])
    assert (Element.CONTENT in STAGES[key].elements) == (step == SIGNED)


@pytest.mark.parametrize("key", STAGES, ids="/".join)
def test_a_stage_that_declares_something_else_than_pass_or_defer_is_none(key: tuple[str, str]) -> None:
    with pytest.raises(BadScope) as no:
        STAGES[key].check(DECLARED | {"when_down": "perhaps"})
    assert no.value.where == "scope.when_down"


def test_what_is_not_declared_is_not_guessed() -> None:
    assert [when_down({"when_down": said}) for said in (PASS, DEFER)] == [PASS, DEFER]
    with pytest.raises(BadScope):
        when_down({})


@pytest.mark.parametrize("said", [True, -1, 11, "3", None, (3,)])
def test_a_number_of_a_scope_is_a_whole_one_within_its_bounds(said: object) -> None:
    with pytest.raises(BadScope) as no:
        whole({"window": said}, "window", 0, 10)  # type: ignore[dict-item] # what a hand could write
    assert (no.value.where, no.value.said) == ("scope.window", str(said))


def test_a_number_within_its_bounds_is_taken_and_a_missing_one_is_the_default() -> None:
    assert [whole({"window": n}, "window", 5, 10) for n in (0, 10)] == [0, 10]
    assert whole({}, "window", 5, 10) == 5


def test_moments_are_named_as_postfix_names_them() -> None:
    assert (RCPT, END_OF_MESSAGE) == ("RCPT", "END-OF-MESSAGE")


def test_every_reply_has_an_enhanced_code_and_makes_the_mail_wait_but_for_a_source_that_is_refused_for_good() -> None:
    """By a recipient's own wish, or for sending straight from a dynamic range; both are told at once."""
    refused = {"listed", "not-direct"}
    assert {words[:6] for word, words in REPLIES.items() if word not in refused} <= {"450 4.", "451 4."}
    assert all(REPLIES[word].startswith("554 5.7.1 ") for word in refused)
