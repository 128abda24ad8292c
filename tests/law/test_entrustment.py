"""Entrustments: what a row must say, what it is on a day, and that nobody below ever holds more than the one above."""

from __future__ import annotations

from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.law.entrustment import (
    FROM,
    MAY,
    MOST_HOURS,
    NEVER,
    RUNGS,
    WEIGHT,
    Action,
    Again,
    Entrustment,
    FieldClass,
    Rung,
    Status,
    What,
    exceeds,
    faults,
    lower,
    status,
)
from sekisho.law.words import Role

DAY = date(2026, 11, 20)
PAPER = "2" * 64
AGENCY = Entrustment(
    parent="",
    party="Sakura Agency",
    contact="privacy desk",
    purpose="race-information",
    ground="jp/E-02/1",
    fields={"name": FieldClass.ORDINARY, "mail": FieldClass.CONTACT, "allergy": FieldClass.HEALTH},
    consent=PAPER,
    persons=5000,
    actions=frozenset({Action.STORE, Action.SEND_MAIL, Action.ERASE}),
    places=frozenset({"JP"}),
    since=date(2026, 11, 1),
    until=date(2027, 3, 31),
    return_days=30,
    again=Again.PRIOR_CONSENT,
    contract=PAPER,
    chosen_for="certified",
    checked=date(2026, 10, 20),
    report_hours=24,
    rung=Rung.FIELDS,
    reason="labels carry names",
    by="person-1",
    at=datetime(2026, 11, 20, tzinfo=UTC),
)

WIDER: dict[str, dict[str, Any]] = {
    "purpose": {"purpose": "advertising"},
    "fields": {"fields": {**AGENCY.fields, "birthday": FieldClass.ORDINARY}},
    "classes": {"fields": {"allergy": FieldClass.ORDINARY}},
    "persons": {"persons": 5001},
    "actions": {"actions": AGENCY.actions | {Action.PHONE}},
    "places": {"places": frozenset({"JP", "SG"})},
    "term": {"until": date(2027, 4, 1)},
    "return_days": {"return_days": 31},
    "again": {"again": Again.NOTICE},
    "report_hours": {"report_hours": 25},
}
FAULTY: dict[str, list[Any]] = {
    "party": ["", " "],
    "contact": [""],
    "purpose": ["", "Race Information", "-x"],
    "ground": [""],
    "fields": [{}, {"Name!": FieldClass.ORDINARY}],
    "consent": ["", "yes"],
    "persons": [0, -1, 3_000_000_000],
    "actions": [frozenset()],
    "places": [frozenset(), frozenset({"Japan"}), frozenset({"JP", ""})],
    "until": [date(2026, 10, 31), date(2040, 1, 1)],
    "return_days": [-1, 4000],
    "contract": ["", "2" * 63, "G" * 64],
    "chosen_for": [""],
    "checked": [date(2026, 11, 21)],
    "report_hours": [0, MOST_HOURS + 1],
    "reason": ["", "\t"],
}

DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 1))
CLASSES = st.dictionaries(st.sampled_from(["name", "mail", "phone", "allergy", "bib"]), st.sampled_from(list(FieldClass)), min_size=1)


@st.composite
def rows(draw: st.DrawFn) -> Entrustment:
    """Any row without a fault."""
    since, until = sorted((draw(DAYS), draw(DAYS)))
    return replace(
        AGENCY,
        fields=draw(CLASSES),
        purpose=draw(st.sampled_from(["race-information", "meals"])),
        persons=draw(st.integers(1, 9000)),
        actions=draw(st.frozensets(st.sampled_from(list(Action)), min_size=1)),
        places=draw(st.frozensets(st.sampled_from(["JP", "SG", "IE"]), min_size=1)),
        since=since,
        until=until,
        return_days=draw(st.integers(0, 90)),
        again=draw(st.sampled_from(list(Again))),
        report_hours=draw(st.integers(1, MOST_HOURS)),
        rung=draw(st.sampled_from(RUNGS)),
    )


def test_a_whole_row_has_no_fault() -> None:
    assert faults(AGENCY) == ()


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, values in FAULTY.items() for v in values])
def test_each_fault_is_named_by_its_field_and_alone(field: str, value: Any) -> None:
    assert faults(replace(AGENCY, **{field: value})) == (field,)


def test_special_fields_need_the_text_people_agreed_to_and_others_do_not() -> None:
    plain = {"name": FieldClass.ORDINARY, "card": FieldClass.FINANCIAL}
    assert faults(replace(AGENCY, fields=plain, consent="")) == ()
    for special in (FieldClass.HEALTH, FieldClass.SENSITIVE):
        assert faults(replace(AGENCY, fields={**plain, "x": special}, consent="")) == ("consent",)


def test_counts_alone_need_no_reason() -> None:
    assert faults(replace(AGENCY, rung=Rung.AGGREGATE, reason="")) == ()


def test_no_action_makes_accounts_lists_people_or_serves_the_contractor() -> None:
    assert not NEVER & {a.value for a in Action}


@pytest.mark.parametrize("name", WIDER)
def test_each_way_of_holding_more_is_named_and_alone(name: str) -> None:
    assert exceeds(replace(AGENCY, **WIDER[name]), AGENCY) == (name,)


def test_a_term_that_begins_before_the_one_above_exceeds_it() -> None:
    assert exceeds(replace(AGENCY, since=AGENCY.since - timedelta(days=1)), AGENCY) == ("term",)


def test_a_higher_rung_exceeds_a_lower_one() -> None:
    parent = replace(AGENCY, rung=Rung.ALIASES)
    assert exceeds(AGENCY, parent) == ("rung",)
    assert exceeds(replace(AGENCY, rung=Rung.PULL), parent) == ()


@given(rows(), rows())
def test_below_holds_no_more_than_above_in_any_respect(child: Entrustment, parent: Entrustment) -> None:
    """Said once more by hand: whatever passes is inside, and whatever is inside passes."""
    inside = (
        child.purpose == parent.purpose
        and set(child.fields) <= set(parent.fields)
        and all(WEIGHT[child.fields[f]] >= WEIGHT[parent.fields[f]] for f in child.fields if f in parent.fields)
        and child.persons <= parent.persons
        and child.actions <= parent.actions
        and child.places <= parent.places
        and parent.since <= child.since <= child.until <= parent.until
        and child.return_days <= parent.return_days
        and list(Again).index(child.again) <= list(Again).index(parent.again)
        and child.report_hours <= parent.report_hours
        and RUNGS.index(child.rung) <= RUNGS.index(parent.rung)
    )
    assert (exceeds(child, parent) == ()) is inside


@given(rows())
def test_the_same_again_is_no_more(row: Entrustment) -> None:
    assert exceeds(row, row) == ()


@st.composite
def below(draw: st.DrawFn, parent: Entrustment) -> Entrustment:
    """A row inside another."""
    kept = draw(st.sets(st.sampled_from(sorted(parent.fields)), min_size=1))
    length = (parent.until - parent.since).days
    start = draw(st.integers(0, length))
    return replace(
        parent,
        fields={f: parent.fields[f] for f in kept},
        persons=draw(st.integers(1, parent.persons)),
        actions=draw(st.frozensets(st.sampled_from(sorted(parent.actions)), min_size=1)),
        since=parent.since + timedelta(days=start),
        until=parent.since + timedelta(days=draw(st.integers(start, length))),
        rung=draw(st.sampled_from(RUNGS[: RUNGS.index(parent.rung) + 1])),
    )


@settings(max_examples=40)
@given(rows(), st.data())
def test_through_any_number_of_firms_the_last_holds_no_more_than_the_first(top: Entrustment, data: st.DataObject) -> None:
    middle = data.draw(below(top))
    last = data.draw(below(middle))
    assert exceeds(middle, top) == ()
    assert exceeds(last, middle) == ()
    assert exceeds(last, top) == ()


@pytest.mark.parametrize(
    ("moves", "day", "expected"),
    [
        ((), DAY, Status.DRAFT),
        ((What.AGREED,), DAY, Status.DRAFT),
        ((What.APPROVED,), DAY, Status.IN_FORCE),
        ((What.APPROVED,), date(2026, 10, 31), Status.NOT_YET),
        ((What.APPROVED,), date(2026, 11, 1), Status.IN_FORCE),
        ((What.APPROVED,), date(2027, 3, 31), Status.IN_FORCE),
        ((What.APPROVED,), date(2027, 4, 1), Status.OVER),
        ((What.APPROVED, What.SUSPENDED), DAY, Status.SUSPENDED),
        ((What.APPROVED, What.SUSPENDED), date(2027, 4, 1), Status.OVER),
        ((What.APPROVED, What.SUSPENDED, What.RESUMED), DAY, Status.IN_FORCE),
        ((What.APPROVED, What.ENDED), DAY, Status.ENDED),
        ((What.APPROVED, What.ENDED, What.RESUMED), DAY, Status.ENDED),
        ((What.APPROVED, What.ENDED, What.APPROVED), DAY, Status.ENDED),
        ((What.APPROVED, What.ENDED, What.RETURNED), DAY, Status.RETURNED),
        ((What.APPROVED, What.RETURNED), date(2027, 4, 1), Status.RETURNED),
        ((What.APPROVED, What.RETURNED), DAY, Status.IN_FORCE),
        ((What.RETURNED,), DAY, Status.DRAFT),
        ((What.ENDED, What.APPROVED), DAY, Status.ENDED),
    ],
)
def test_what_a_row_is_on_a_day(moves: tuple[What, ...], day: date, expected: Status) -> None:
    assert status(AGENCY, moves, day) is expected


@settings(max_examples=60)
@given(st.lists(st.sampled_from(list(What)), max_size=6), DAYS)
def test_without_an_approval_nothing_is_ever_in_force(moves: list[What], day: date) -> None:
    found = status(AGENCY, [m for m in moves if m is not What.APPROVED], day)
    assert found in (Status.DRAFT, Status.ENDED, Status.RETURNED)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(list(What)), max_size=6), DAYS, st.sampled_from([What.SUSPENDED, What.ENDED]))
def test_a_stop_is_a_stop(moves: list[What], day: date, stop: What) -> None:
    assert status(AGENCY, [*moves, stop], day) is not Status.IN_FORCE


@settings(max_examples=60)
@given(st.lists(st.sampled_from(list(What)), max_size=6), DAYS)
def test_in_force_means_within_its_term(moves: list[What], day: date) -> None:
    if status(AGENCY, moves, day) is Status.IN_FORCE:
        assert AGENCY.since <= day <= AGENCY.until


def test_the_ladder_goes_from_nothing_to_the_fields_themselves() -> None:
    assert lower(Rung.AGGREGATE) == ()
    nobody_reached = (Rung.AGGREGATE, Rung.PULL, Rung.HOLDER_SENDS, Rung.HOLDER_POSTS, Rung.ALIASES, Rung.PSEUDONYMS)
    assert lower(Rung.FIELDS) == (*nobody_reached, Rung.CONTACT)


def test_more_people_may_stop_than_may_begin_again() -> None:
    assert MAY[What.RESUMED] < MAY[What.SUSPENDED]
    assert MAY[What.APPROVED] <= MAY[What.SUSPENDED]
    assert MAY[What.AGREED] == {Role.OFFICER}


def test_every_move_has_its_people_and_its_statuses() -> None:
    assert set(MAY) == set(FROM) == set(What)


def test_every_field_of_a_row_is_judged_by_itself_or_against_the_one_above() -> None:
    """A field added to the row has to be thought about here."""
    known = {*FAULTY, *WIDER, "parent", "since", "rung", "by", "at"}
    assert {f.name for f in fields_of(Entrustment)} <= known
