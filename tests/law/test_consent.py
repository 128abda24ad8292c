"""Consent is one person's clear answer to one question, and lives only until something happens to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.law.consent import CLEAR, ConsentRecord, Event, Happened, Notice, Reach, Way, lacks
from sekisho.law.words import Act, Element, Kind, Role, Step
from tests.conftest import ROOT

GIVEN = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
STEP = Step("show", Kind.PUBLISH, frozenset({Act.DISCLOSE}), frozenset({Element.COUNTERPART}), "name-board", frozenset({"public"}))
NOTICE = Notice("board-notice", "3", "a" * 64, "ja")
RECORD = ConsentRecord(
    id="consent-0000000000000000",
    principal="p" * 64,
    party=Role.ATTENDEE,
    sides=frozenset({"attendee"}),
    reach=Reach.INDIVIDUAL,
    acts=frozenset({Act.DISCLOSE}),
    elements=frozenset({Element.COUNTERPART}),
    purposes=frozenset({"name-board"}),
    audience=frozenset({"public"}),
    notice=NOTICE,
    way=Way.OWN_SCREEN,
    days=2,
    until=GIVEN + timedelta(days=2),
    default_off=True,
    refusal_free=True,
    withdrawable=True,
    events=(Event(Happened.GIVEN, GIVEN, "attendee"),),
)
LATER = GIVEN + timedelta(hours=1)


def test_an_answer_that_nobody_typed_has_no_level() -> None:
    """Only a code typed by its giver gives one; what was never said must not read as shown."""
    assert RECORD.level == 0


def then(what: Happened, **after: int) -> ConsentRecord:
    return replace(RECORD, events=(*RECORD.events, Event(what, GIVEN + timedelta(**after), "attendee")))


def test_it_covers_the_step_it_was_given_for() -> None:
    assert RECORD.live(LATER)
    assert RECORD.covers(STEP, LATER)


@pytest.mark.parametrize(
    "changes",
    [
        {"reach": Reach.BLANKET},
        {"acts": frozenset({Act.LEARN})},
        {"acts": frozenset()},
        {"elements": frozenset({Element.COUNT})},
        {"elements": frozenset()},
        {"purposes": frozenset({"statistics"})},
        {"purposes": frozenset()},
        {"audience": frozenset({"operator"})},
        {"audience": frozenset()},
        {"sides": frozenset()},
        {"default_off": False},
        {"refusal_free": False},
        {"withdrawable": False},
        {"events": ()},
        *({"way": way} for way in Way if way not in CLEAR),
    ],
    ids=str,
)
def test_what_is_not_there_is_not_consent(changes: dict[str, Any]) -> None:
    """Each thing the reference document asks for, taken away alone."""
    assert not replace(RECORD, **changes).covers(STEP, LATER)


@pytest.mark.parametrize("way", sorted(CLEAR))
def test_any_clear_act_will_do(way: Way) -> None:
    assert replace(RECORD, way=way).covers(STEP, LATER)


@pytest.mark.parametrize("element", [e for e in Element if e is not Element.COUNTERPART])
def test_consent_to_one_element_is_none_to_another(element: Element) -> None:
    """Counting is not reading; the name asked for is not the person who asked."""
    assert not RECORD.covers(replace(STEP, elements=frozenset({Element.COUNTERPART, element})), LATER)


def test_consent_to_one_audience_is_none_to_a_larger() -> None:
    assert RECORD.covers(replace(STEP, audience=frozenset({"public"})), LATER)
    assert not RECORD.covers(replace(STEP, audience=frozenset({"public", "sponsor"})), LATER)


def test_a_step_that_names_nothing_is_covered_by_nothing() -> None:
    for empty in ({"elements": frozenset()}, {"purpose": ""}, {"audience": frozenset()}):
        assert not RECORD.covers(replace(STEP, **empty), LATER)  # type: ignore[arg-type] # one field at a time


@pytest.mark.parametrize("what", [h for h in Happened if h is not Happened.GIVEN])
def test_what_happens_afterwards_ends_it_at_that_moment(what: Happened) -> None:
    over = then(what, minutes=30)
    assert over.covers(STEP, GIVEN + timedelta(minutes=30) - timedelta(microseconds=1))
    assert over.state(GIVEN + timedelta(minutes=30)) is what
    assert not over.covers(STEP, GIVEN + timedelta(minutes=30))


def test_it_counts_from_the_moment_it_was_given_until_its_period_is_over() -> None:
    """Given before use, not for what was done earlier; over is over."""
    assert RECORD.state(GIVEN - timedelta(microseconds=1)) is None
    assert not RECORD.covers(STEP, GIVEN - timedelta(microseconds=1))
    assert RECORD.covers(STEP, GIVEN)
    assert RECORD.covers(STEP, RECORD.until - timedelta(microseconds=1))
    assert RECORD.state(RECORD.until) is Happened.EXPIRED
    assert not RECORD.covers(STEP, RECORD.until)


def test_who_withdrew_may_give_again() -> None:
    again = replace(RECORD, events=(*then(Happened.WITHDRAWN, minutes=10).events, Event(Happened.GIVEN, LATER, "attendee")))
    assert not again.covers(STEP, GIVEN + timedelta(minutes=20))
    assert again.covers(STEP, LATER)


@given(st.lists(st.tuples(st.sampled_from(Happened), st.integers(0, 100)), max_size=6), st.integers(0, 100))
def test_it_lives_only_if_the_last_thing_that_happened_is_that_it_was_given(happened: list[tuple[Happened, int]], when: int) -> None:
    events = tuple(Event(what, GIVEN + timedelta(minutes=n), "attendee") for what, n in sorted(happened, key=lambda h: h[1]))
    record, now = replace(RECORD, events=events), GIVEN + timedelta(minutes=when)
    past = [e for e in events if e.at <= now]
    assert record.live(now) == (bool(past) and past[-1].what is Happened.GIVEN)


def test_as_evidence_it_says_what_the_book_asks_for_and_names_nobody() -> None:
    """Field by field the book's kind `consent`; the principal stays in the record."""
    from sekisho.law.casebook import load

    kind = load(ROOT / "casebook" / "jp").kinds["consent"]
    value = RECORD.value(others_left_out=False)
    assert value.keys() == kind.fields.keys()
    assert RECORD.principal not in str(dict(value))
    assert RECORD.id not in str(dict(value))


@pytest.mark.parametrize(
    ("sides", "needed", "party", "field"),
    [
        ({"caller"}, 1, frozenset(), ""),
        ({"caller"}, 2, frozenset(), "sides"),
        ({"caller", "called"}, 2, frozenset(), ""),
        ({"caller"}, 0, frozenset(), "sides"),
        ({"caller"}, 1, frozenset({"caller", "called"}), ""),
        ({"organiser"}, 1, frozenset({"caller", "called"}), "sides"),
        ({"", "caller"}, 2, frozenset(), "sides"),
    ],
)
def test_as_many_sides_agree_as_the_case_asks_for(sides: set[str], needed: int, party: frozenset[str], field: str) -> None:
    """Contested in law: a parameter of the case. Who is no party to the communication does not count for one."""
    value = replace(RECORD, sides=frozenset(sides)).value(others_left_out=True)
    assert lacks(value, STEP, needed, party) == field


def test_what_is_no_list_lists_nobody() -> None:
    value = dict(RECORD.value(others_left_out=True))
    for field in ("sides", "elements", "purposes", "audience"):
        for wrong in ("public", (), (1,), None, True):
            assert lacks({**value, field: wrong}, STEP) == field
    assert lacks({}, STEP) == "sides"


def test_of_two_things_at_one_instant_the_one_written_later_counts() -> None:
    """Whatever was written before both."""
    first = Event(Happened.WITHDRAWN, GIVEN, "attendee")
    both = (first, Event(Happened.REFUSED, LATER, "attendee"), Event(Happened.GIVEN, LATER, "attendee"))
    assert replace(RECORD, events=both).state(LATER) is Happened.GIVEN
    assert replace(RECORD, events=(both[2], both[1])).state(LATER) is Happened.REFUSED
