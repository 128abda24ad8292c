"""What people sign, made from a form's fields: whole and sayable in one spelling, or NoStatement. A day ends when it ends in Japan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.signed_words import Comment
from sekisho.desk.staff import statements
from sekisho.desk.staff.statements import JST, KINDS, Laid, NoStatement, SignIn, as_shown, end_of, made, request, signed_part
from sekisho.faces.processes.methods import METHODS
from sekisho.gate.people import Approval, Confirmation, Withdrawal
from sekisho.law.canonical import canonical, digest, plain
from sekisho.law.reading import read
from sekisho.law.words import Evidence, Role, VouchedBy

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PLAN: Mapping[str, Any] = {
    "book": "b" * 64,
    "plan": {"steps": [{"purpose": "infected-notice"}]},
    "kinds": {"text-adopted": {"roles": ["legal-officer", "reviewer"]}, "opt-out-offered": {"roles": ["desk"]}},
}
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "approval": {"plan": "plan-1", "shown": "a" * 64, "person": "person-1"},
    "confirmation": {
        "case": "jp/B-12/1",
        "measure": "infected-notice",
        "plan": "plan-1",
        "reasons": "読みました",
        "until": "2027-03-31",
        "person": "person-1",
    },
    "withdrawal": {"permit": "permit-1", "reason": "over", "person": "person-1"},
    "evidence": {"plan": "plan-1", "kind": "text-adopted", "value": {"text": "infected-notice@1"}, "person": "person-1"},
    "comment": {"plan": "plan-1", "text": "一度確かめてください", "conflict": True, "person": "person-1"},
    "sign-in": {"nonce": "00" * 16},
}
FORMS = {
    "approval": Approval,
    "confirmation": Confirmation,
    "withdrawal": Withdrawal,
    "evidence": Evidence,
    "comment": Comment,
    "sign-in": SignIn,
}
SIGNATURE = {"person": "person-1", "signature": "00" * 64, "client_data": "", "authenticator_data": ""}
OFFICER = frozenset({Role.OFFICER})
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
WORDS = st.text(st.characters(codec="utf-8"), max_size=40)
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def of(kind: str, /, **changed: Any) -> Any:
    return made(kind, {**FIELDS[kind], **changed}, PLAN, OFFICER, NOW)


# Making one


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_reads_back_as_the_very_statement_and_has_its_digest(kind: str) -> None:
    """The bytes a person signs, the page's JSON and what `keep` reads are one and the same."""
    said = of(kind)
    shown = as_shown(said)
    over_the_socket = json.loads(json.dumps(shown["statement"]))
    assert read(FORMS[kind], over_the_socket) == signed_part(said)
    assert shown["digest"] == digest(over_the_socket) == digest(signed_part(said))


@pytest.mark.parametrize(("kind", "absent"), [(k, f) for k, fields in FIELDS.items() for f in fields if (k, f) != ("confirmation", "plan")])
def test_a_form_that_lacks_a_field_makes_no_statement(kind: str, absent: str) -> None:
    """(A confirmation's plan is told beside the form: it says which book.)"""
    with pytest.raises(NoStatement) as why:
        made(kind, {k: v for k, v in FIELDS[kind].items() if k != absent}, PLAN, OFFICER, NOW)
    assert absent in why.value.code


@pytest.mark.parametrize("kind", ["confirmation", "evidence"])
def test_what_is_said_of_a_plan_needs_the_plan(kind: str) -> None:
    with pytest.raises(NoStatement):
        made(kind, FIELDS[kind], None, OFFICER, NOW)


@pytest.mark.parametrize("kind", ["", "approve", "APPROVAL", "sign_in"])
def test_another_kind_of_statement_is_none(kind: str) -> None:
    fields = {k: v for form in FIELDS.values() for k, v in form.items()}
    with pytest.raises(NoStatement, match="unknown-kind"):
        made(kind, fields, PLAN, OFFICER, NOW)
    with pytest.raises(NoStatement, match="unknown-kind"):
        request(kind, {}, SIGNATURE, "")


@given(st.sampled_from(KINDS), st.data())
def test_whatever_a_form_carries_makes_a_statement_that_can_be_signed_or_none(kind: str, data: st.DataObject) -> None:
    """Nothing else: no other exception, and never a statement that has no one spelling."""
    field = data.draw(st.sampled_from(sorted(FIELDS[kind])))
    try:
        said = of(kind, **{field: data.draw(ODD)})
    except NoStatement:
        return
    assert as_shown(said)["digest"] == digest(signed_part(said))


@pytest.mark.parametrize("words", ["\ud800", 1.5, float("nan")])
def test_reasons_without_one_spelling_make_no_statement(words: Any) -> None:
    """Half a character and a float are refused where the form is read, not where it is signed."""
    with pytest.raises(NoStatement):
        of("confirmation", reasons=words)


@given(WORDS)
def test_every_word_of_the_reasons_is_signed(reasons: str) -> None:
    assert json.loads(canonical(of("confirmation", reasons=reasons)))["reasons"] == reasons


# Evidence


def test_evidence_is_vouched_for_in_the_role_that_may() -> None:
    """Of all the person's roles one that the kind names; in none of them, nothing is made."""
    both = made("evidence", FIELDS["evidence"], PLAN, frozenset({Role.ENGINEER, Role.REVIEWER}), NOW)
    assert isinstance(both, Laid)
    assert (both.plan, both.evidence.voucher.role) == ("plan-1", Role.REVIEWER)
    for roles in (frozenset(), frozenset({Role.ENGINEER})):
        with pytest.raises(NoStatement):
            made("evidence", FIELDS["evidence"], PLAN, roles, NOW)
    with pytest.raises(NoStatement):
        of("evidence", kind="opt-out-offered")
    with pytest.raises(NoStatement):
        of("evidence", kind="nothing-known")


def test_a_document_is_named_by_its_digest_and_without_one_the_person_states_it() -> None:
    stated, document = of("evidence").evidence, of("evidence", document="d" * 64).evidence
    assert (stated.voucher.by, stated.voucher.who) == (VouchedBy.STATEMENT, "person-1")
    assert (document.voucher.by, document.voucher.who, document.voucher.person) == (VouchedBy.DOCUMENT, "d" * 64, "person-1")
    assert of("evidence", document=None).evidence == of("evidence", document="").evidence == stated


def test_evidence_serves_its_plans_purpose_and_ends_with_its_day_or_never() -> None:
    assert of("evidence").evidence.purpose == "infected-notice"
    assert of("evidence", until=None).evidence.until is of("evidence", until="").evidence.until is None
    assert of("evidence", until="2026-12-31").evidence.until == datetime(2026, 12, 31, 14, 59, 59, tzinfo=UTC)


@given(st.timedeltas(timedelta(0), timedelta(days=1000)))
def test_evidence_is_of_the_second_before_it_is_laid_in(later: timedelta) -> None:
    """Never of a moment to come: what is laid in was so already."""
    found = made("evidence", FIELDS["evidence"], PLAN, OFFICER, NOW + later)
    assert isinstance(found, Laid)
    assert found.evidence.at == NOW + later - timedelta(seconds=1)


# Handing one in


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_goes_to_a_method_of_keep_that_reads_exactly_it(kind: str) -> None:
    """As JSON over the socket: the method's form takes it, with the signature, and for evidence the plan."""
    method, params = request(kind, as_shown(of(kind))["statement"], SIGNATURE, "plan-1")
    heard = read(METHODS[method].request, json.loads(json.dumps(plain(params))))
    assert getattr(heard, kind.replace("-", "_")) == signed_part(of(kind))
    assert (getattr(heard, "plan", None) == "plan-1") is (kind == "evidence")
    assert METHODS[method].roles == frozenset({"show", "terminal"})


@pytest.mark.parametrize("change", [{"signature": "zz"}, {"signature": 1}, {"person": None}, {"more": ""}, {"client_data": "0"}])
def test_what_is_no_signature_is_refused_before_keep_is_asked(change: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        request("approval", as_shown(of("approval"))["statement"], {**SIGNATURE, **change}, "")


# Days


def test_a_day_ends_when_it_ends_in_japan() -> None:
    assert end_of("2026-11-21") == datetime(2026, 11, 21, 14, 59, 59, tzinfo=UTC)
    assert end_of("2027-01-01") == datetime(2027, 1, 1, 14, 59, 59, tzinfo=UTC)


@given(DAYS)
def test_the_last_instant_of_a_day_is_that_days_in_japan_and_a_second_later_the_next(day: date) -> None:
    end = end_of(day.isoformat())
    assert end.tzinfo is UTC
    assert end.astimezone(JST).date() == day
    assert (end + timedelta(seconds=1)).astimezone(JST).date() == day + timedelta(days=1)


@given(DAYS, DAYS)
def test_a_later_day_ends_later(one: date, other: date) -> None:
    assert (end_of(one.isoformat()) < end_of(other.isoformat())) is (one < other)


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-02-30", "2026-11-21T00:00:00", 20261121, None, "21.11.2026"])
def test_what_is_no_day_makes_no_statement(day: Any) -> None:
    with pytest.raises(NoStatement):
        of("confirmation", until=day)


def test_the_form_says_until_when_and_the_statement_says_the_moment() -> None:
    said = of("confirmation")
    assert isinstance(said, Confirmation)
    assert (said.at, said.until, said.book) == (NOW, datetime(2027, 3, 31, 14, 59, 59, tzinfo=UTC), "b" * 64)
    assert statements.approval("p", "s", "w", NOW) == Approval("p", "s", "w", NOW)
