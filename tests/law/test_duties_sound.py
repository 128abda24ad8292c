"""What a rule of what is owed must be, asked sentence by sentence, each at its edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.law.clocks import Clock, Unit
from sekisho.law.duties import PLAIN, Asked, Doing, Duties, DutyRule, EventKind, Field, HoldRule, Rule, ShieldRule, Span
from sekisho.law.tables import CasebookError
from sekisho.law.words import Authority, Certainty

WORDS = {"ja": "言葉", "en": "words"}
DAY = date(2020, 6, 1)
TYPES = {"known": "day", "done": "day", "act": "day", "persons": "int", "secrecy": "bool"}
LEAK = EventKind("leak", WORDS, {n: Field(n, t, WORDS) for n, t in TYPES.items()}, ("known",))
CLOCK = Clock("known", Unit.DAYS, 3)
HEAD: dict[str, Any] = {
    "title": WORDS,
    "words": WORDS,
    "source": "somewhere",
    "authority": Authority.STATUTE,
    "certainty": Certainty.LAW,
    "since": DAY,
    "seen": DAY + timedelta(days=9),
    "events": ("leak",),
}
DUTY = DutyRule("duty", **HEAD, clock=CLOCK, done=(Doing("done"),))
SHIELD = ShieldRule("shield", **HEAD, conditions=(Asked("a", WORDS, ({"secrecy": False},)),), acts="act")
HOLD = HoldRule("hold", **HEAD, starts="known", clock=CLOCK)


def book(*rules: Rule) -> Duties:
    return Duties(
        {"leak": LEAK},
        {"carrier": WORDS},
        duties=tuple(r for r in rules if isinstance(r, DutyRule)),
        shields=tuple(r for r in rules if isinstance(r, ShieldRule)),
        holds=tuple(r for r in rules if isinstance(r, HoldRule)),
    )


def refused(rule: Rule, **changed: Any) -> str:
    with pytest.raises(CasebookError) as why:
        book(replace(rule, **changed))
    assert why.value.file == "owed"
    return f"{why.value.where}: {why.value.what}"


def test_what_is_sound_is_taken() -> None:
    assert len(book(DUTY, SHIELD, HOLD).rules) == 3


@pytest.mark.parametrize("rule", [DUTY, SHIELD, HOLD], ids=["duty", "shield", "hold"])
def test_every_rule_is_about_something_binds_somebody_and_has_its_dates_in_order(rule: Rule) -> None:
    assert refused(rule, events=()).endswith(": is about no kind of event")
    assert refused(rule, events=("flood",)).endswith(": nobody knows events of kind 'flood'; known are leak")
    assert refused(rule, regimes=frozenset()).endswith(": binds nobody: name regimes")
    assert refused(rule, roles=frozenset({"king"})).endswith(": names a role the book does not know: king")
    for until in (DAY, DAY - timedelta(days=1)):
        assert refused(rule, until=until).endswith(": ends before it begins")
    for sure_from in (DAY, DAY - timedelta(days=1), DAY + timedelta(days=10)):
        assert refused(rule, sure_from=sure_from).endswith(": is sure from a day outside of `since` to `seen`")
    assert refused(rule, certainty=Certainty.MEM).endswith(": is uncertain and does not say what to ask the officer")
    for good in ({"until": DAY + timedelta(days=1)}, {"sure_from": DAY + timedelta(days=1)}, {"sure_from": HEAD["seen"]}):
        book(replace(rule, **good))
    book(replace(rule, certainty=Certainty.MEM, ask=WORDS, roles=frozenset({"carrier"})))


def test_a_rule_is_in_force_from_its_first_day_and_not_on_the_day_it_ends() -> None:
    ends = replace(DUTY, until=DAY + timedelta(days=5))
    assert [ends.in_force(DAY + timedelta(days=n)) for n in (-1, 0, 4, 5, 6)] == [False, True, True, False, False]
    assert DUTY.in_force(date(2400, 1, 1))


def test_a_rule_is_remembered_until_the_day_a_source_attests_it_and_sure_on_it() -> None:
    rule = replace(DUTY, sure_from=DAY + timedelta(days=2))
    assert [rule.certainty_on(DAY + timedelta(days=n)) for n in (0, 1, 2)] == [Certainty.MEM, Certainty.MEM, Certainty.LAW]
    assert replace(rule, certainty=Certainty.INF).certainty_on(DAY) is Certainty.INF


def test_a_duty_says_when_in_one_way_and_how_it_is_done() -> None:
    one_way = "duty: must say when in one way: a clock, the fact `by`, or the act it comes `before`"
    assert refused(DUTY, clock=None) == refused(DUTY, by="act") == refused(DUTY, before="act") == one_way
    assert refused(DUTY, clock=None, by="act", before="act") == one_way
    assert refused(DUTY, done=()) == "duty: can never be done; say which fact finishes it"
    assert refused(DUTY, forfeits=CLOCK) == "duty: forfeits what it does not await"
    ahead = (Doing("done", ahead=CLOCK),)
    assert refused(DUTY, done=ahead) == "duty: is ahead of no act; name what it comes before"
    book(replace(DUTY, clock=None, before="act", done=ahead), replace(DUTY, id="d2", forfeits=CLOCK, awaits="act"))


def test_a_duty_is_a_duty_unless_it_is_said_to_be_a_right() -> None:
    """And a hold without spans has no days in all."""
    assert DUTY.may is False
    assert HOLD.in_all == 0


def test_a_shield_without_conditions_would_shield_everybody() -> None:
    assert refused(SHIELD, conditions=()) == "shield: has no conditions; an empty list would shield everybody"
    assert refused(SHIELD, conditions=(SHIELD.conditions[0],) * 2) == "shield: has two conditions of one id"
    assert refused(SHIELD, conditions=(Asked("a", WORDS),)) == "shield a: asks nothing"
    book(replace(SHIELD, acts="", conditions=(Asked("a", WORDS, after=CLOCK),)))


def test_a_hold_ends_some_day() -> None:
    assert refused(HOLD, clock=None) == "hold: never ends; name a clock, spans or ends"
    spans = (Span("persons", 3),)
    assert refused(HOLD, clock=None, spans=spans) == "hold: has spans and does not say how many days in all"
    book(replace(HOLD, clock=None, spans=spans, in_all=1), replace(HOLD, id="h2", clock=None, ends=("done",)))


@pytest.mark.parametrize(
    ("rule", "changed", "field"),
    [
        (DUTY, {"clock": Clock("gone", Unit.DAYS, 3)}, "gone"),
        (DUTY, {"clock": None, "by": "gone"}, "gone"),
        (DUTY, {"clock": None, "before": "gone"}, "gone"),
        (DUTY, {"awaits": "gone"}, "gone"),
        (DUTY, {"awaits": "act", "forfeits": Clock("gone", Unit.DAYS, 3)}, "gone"),
        (DUTY, {"ends": ("gone",)}, "gone"),
        (DUTY, {"done": (Doing("gone"),)}, "gone"),
        (DUTY, {"done": (Doing("done", {"gone": True}),)}, "gone"),
        (DUTY, {"when": ({"gone": True},)}, "gone"),
        (DUTY, {"unless": ({"gone": True},)}, "gone"),
        (SHIELD, {"acts": "gone"}, "gone"),
        (SHIELD, {"conditions": (Asked("a", WORDS, after=Clock("gone", Unit.DAYS, 3)),)}, "gone"),
        (SHIELD, {"conditions": (Asked("a", WORDS, ({"gone": True},)),)}, "gone"),
        (HOLD, {"starts": "gone"}, "gone"),
        (HOLD, {"clock": Clock("gone", Unit.DAYS, 3)}, "gone"),
        (HOLD, {"spans": (Span("gone", 3),), "in_all": 3}, "gone"),
        (HOLD, {"ends": ("gone",)}, "gone"),
        (HOLD, {"unless": ({"gone": True},)}, "gone"),
        (HOLD, {"when": ({"gone": True},)}, "gone"),
    ],
)
def test_every_fact_a_rule_speaks_of_is_one_of_its_events(rule: Rule, changed: dict[str, Any], field: str) -> None:
    assert refused(rule, **changed) == f"{rule.id}: leak has no field {field!r}"


@pytest.mark.parametrize(
    ("rule", "changed", "says"),
    [
        (DUTY, {"clock": Clock("persons", Unit.DAYS, 3)}, "leak.persons must be of type day"),
        (DUTY, {"done": (Doing("persons"),)}, "leak.persons must be of type day"),
        (DUTY, {"ends": ("persons",)}, "leak.persons must be of type day"),
        (SHIELD, {"acts": "persons"}, "leak.persons must be of type day"),
        (HOLD, {"starts": "persons"}, "leak.persons must be of type day"),
        (HOLD, {"spans": (Span("act", 3),), "in_all": 3}, "leak.act must be of type int"),
    ],
)
def test_a_fact_is_of_the_type_it_is_used_as(rule: Rule, changed: dict[str, Any], says: str) -> None:
    assert refused(rule, **changed) == f"{rule.id}: {says}"


def test_what_is_asked_of_a_fact_is_a_value_or_a_table_of_known_words() -> None:
    says = f"persons: what is asked is a value or a table of {', '.join(sorted(PLAIN))}; given can only be true"
    for asked in ({}, {"atleast": 1}, {"least": 1, "atleast": 1}, {"given": False}, {"given": 1}):
        assert refused(DUTY, when=({"persons": asked},)) == f"duty: {says}"
    for asked in (3, None, {"least": 1}, {"given": True}, {**dict.fromkeys(PLAIN, 1), "given": True}):
        book(replace(DUTY, when=({"persons": asked},)))
