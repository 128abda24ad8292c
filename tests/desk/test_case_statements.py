"""What people sign about cases is made in one place, and no signature under one statement serves for another."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.desk import case_statements
from sekisho.desk.case_words import Adoption, Attaching, CaseMove, HoldOrder, LiftOrder, Opening, RevealOrder
from sekisho.desk.staff import statements
from sekisho.faces.processes.methods import METHODS
from sekisho.gate.people import Approval, Confirmation, Withdrawal
from sekisho.law.canonical import digest, plain
from sekisho.law.reading import read

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
FIELDS: dict[str, dict[str, Any]] = {
    "opening": {"procedure": "deletion-inquiry", "facts": {"claimant": "見本 花子"}},
    "case-move": {"matter": "matter-0123456789abcdef", "move": "complete", "after": "1", "facts": {"days": 30, "data": ["x"]}},
    "attaching": {"matter": "matter-0123456789abcdef", "paper": "claim", "name": "a.pdf", "digest": "0" * 64, "size": 3},
    "hold": {"matter": "matter-0123456789abcdef", "data": ["x"], "until": "2026-12-31T15:00:00+00:00", "reason": "court"},
    "lift": {"hold": "hold-0123456789abcdef", "reason": "over"},
    "adoption": {"text": "deletion-inquiry@1", "digest": "0" * 64},
    "take-over": {"matter": "matter-0123456789abcdef", "owner": "person-2"},
    "reveal-order": {"service": "chat", "record": "1", "matter": "m", "purpose": "disclosure-request", "permit": "permit-0", "full": True},
}


@pytest.mark.parametrize("kind", case_statements.REQUESTS)
def test_a_statement_is_made_shown_and_asked_for_in_the_words_keep_reads(kind: str) -> None:
    """The form's fields become a statement, its digest is what is signed, and `keep` reads the very same statement back."""
    said = statements.made(kind, {**FIELDS[kind], "person": "person-1"}, None, frozenset(), NOW)
    shown = statements.as_shown(said)
    assert shown["digest"] == digest(said)
    signature = {"person": "person-1", "signature": "00", "client_data": "", "authenticator_data": ""}
    method, params = statements.request(kind, shown["statement"], signature, "")
    name = next(n for n in params if n != "signature")
    asked = METHODS[method].request
    again = read(next(f for f in [__import__("typing").get_type_hints(asked)] if f)[name], plain(params[name]))
    assert again == said
    assert digest(again) == shown["digest"]


@pytest.mark.parametrize("kind", case_statements.REQUESTS)
def test_fields_that_are_missing_or_wrong_make_no_statement(kind: str) -> None:
    for name in FIELDS[kind]:
        if name == "owner":
            continue
        less = {k: v for k, v in FIELDS[kind].items() if k != name}
        with pytest.raises(statements.NoStatement):
            statements.made(kind, {**less, "person": "person-1"}, None, frozenset(), NOW)
    for bad in ({"facts": 1.5}, {"after": "soon"}, {"until": "tomorrow"}, {"size": "much"}):
        if set(bad) <= set(FIELDS[kind]):
            with pytest.raises(statements.NoStatement):
                statements.made(kind, {**FIELDS[kind], **bad, "person": "person-1"}, None, frozenset(), NOW)


def test_no_two_statements_have_the_same_fields() -> None:
    kinds = (Opening, CaseMove, Attaching, HoldOrder, LiftOrder, Adoption, RevealOrder, Approval, Confirmation, Withdrawal)
    shapes = [frozenset(f.name for f in fields(kind)) for kind in kinds]
    assert len(set(shapes)) == len(shapes)


def test_no_kind_of_statement_has_two_makers() -> None:
    assert not set(case_statements.REQUESTS) & set(statements.KINDS)
    assert set(FIELDS) == set(case_statements.REQUESTS)
