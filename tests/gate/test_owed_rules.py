"""The other question over one rule at a time: each way a duty, a shield and a hold can stand, at the very days where it turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import pytest

from sekisho.gate.owed import owed
from sekisho.gate.owing import Breached, Done, Due, Ended, Holds, Lapsed, NotDue, NotHeld, Open, Owed, OwedDuty, OwedHold, Shut, State
from sekisho.law.clocks import Clock, Unit
from sekisho.law.duties import NOT_YET, Asked, Doing, Duties, DutyRule, EventKind, Field, HoldRule, Rule, ShieldRule, Span
from sekisho.law.facts import Event, Facts
from sekisho.law.words import Authority, Certainty, Regime
from tests.gate.books import WORDS, permitted_world

DAY_FIELDS = ("happened", "begun", "act", "done", "again", "ended", "over", "awaited", "ordered")
FIELDS = {n: Field(n, "day", WORDS) for n in DAY_FIELDS} | {"x": Field("x", "bool", WORDS), "y": Field("y", "bool", WORDS)}
FIELDS |= {n: Field(n, "int", WORDS) for n in ("days", "more")}
KIND = EventKind("thing", WORDS, MappingProxyType(FIELDS), ("happened", "begun"))
ABOUT: dict[str, Any] = {
    "id": "rule", "title": WORDS, "words": WORDS, "source": "somewhere", "authority": Authority.MINISTRY, "certainty": Certainty.LAW,
    "since": date(2018, 1, 1), "seen": date(2026, 1, 1), "events": ("thing",),
}  # fmt: skip
WEEK = Clock("begun", Unit.DAYS, 7)
TIMED: dict[str, Any] = {"clock": WEEK, "done": (Doing("done"), Doing("again")), "ends": ("ended", "over")}
BEFORE: dict[str, Any] = {"before": "act", "done": (Doing("done"),), "ends": ("ended", "over")}
ORDERED: dict[str, Any] = {"by": "ordered", "done": (Doing("done"),)}
SHIELD: dict[str, Any] = {"conditions": (Asked("c", WORDS, ({"x": True},)),)}
HOLD: dict[str, Any] = {"starts": "begun", "clock": WEEK, "ends": ("ended", "over")}


def june(day: int) -> str:
    return date(2020, 6, day).isoformat()


def asked(*rules: Rule, today: int = 10, regime: Regime | None = Regime.TBA, roles: Any = frozenset(), **facts: Any) -> Owed:
    by = {kind: tuple(r for r in rules if isinstance(r, kind)) for kind in (DutyRule, ShieldRule, HoldRule)}
    known = MappingProxyType({"thing": KIND})
    duties = Duties(known, {"r": WORDS}, {}, by[DutyRule], by[ShieldRule], by[HoldRule])  # type: ignore[arg-type] # sorted just now
    given = {n: june(v) if n in DAY_FIELDS and isinstance(v, int) else v for n, v in {"happened": 1, **facts}.items() if v is not None}
    now = datetime(2020, 6, today, 3, tzinfo=UTC)
    return owed(Facts((Event("it", "thing", given),), regime, roles), replace(permitted_world().book, owed=duties), now)


def duty(words: dict[str, Any], *, today: int = 10, regime: Regime | None = Regime.TBA, roles: Any = frozenset(), **facts: Any) -> OwedDuty:
    (found,) = asked(DutyRule(**ABOUT, **words), today=today, regime=regime, roles=roles, **facts).duties
    assert isinstance(found, OwedDuty)
    return found


def day(number: int) -> date:
    return date(2020, 6, number)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, Breached(None)),
        ({"done": 3}, Done(day(3), late=True)),  # nobody said when the act came
        ({"act": NOT_YET}, Due(None, before="act")),
        ({"act": NOT_YET, "done": 3}, Done(day(3))),
        ({"act": NOT_YET, "ended": 3}, Lapsed(day(3), "ended")),
        ({"act": 5}, Breached(day(5))),
        ({"act": 5, "done": 5}, Done(day(5))),
        ({"act": 5, "done": 6}, Done(day(6), late=True)),
        ({"act": 5, "ended": 5}, Lapsed(day(5), "ended")),
        ({"act": 5, "ended": 6}, Breached(day(5))),
        ({"act": 5, "ended": 6, "done": 7}, Done(day(7), late=True)),
        ({"act": 5, "ended": 4, "over": 3}, Lapsed(day(3), "over")),
    ],
    ids=str,
)
def test_what_is_due_before_an_act(facts: dict[str, Any], state: State) -> None:
    found = duty(BEFORE, **facts)
    assert found.state == state
    assert found.presumed == (() if "act" in facts else ("act",))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"begun": 1}, Breached(day(9), day(8))),
        ({"begun": 3}, Due(day(10), 0)),
        ({"begun": 2}, Breached(day(10), day(9))),
        ({"begun": 1, "done": 8}, Done(day(8))),
        ({"begun": 1, "done": 9}, Done(day(9), late=True)),
        ({"begun": 1, "done": 9, "again": 4}, Done(day(4))),
        ({"begun": 1, "ended": 8}, Lapsed(day(8), "ended")),
        ({"begun": 1, "ended": 9}, Breached(day(9), day(8))),
        ({"begun": 1, "ended": 7, "over": 6}, Lapsed(day(6), "over")),
        ({}, Breached(None)),
        ({"done": 3}, Done(day(3), late=True)),
        ({"begun": NOT_YET}, NotDue("not-begun", ("begun",))),
        ({"begun": NOT_YET, "ended": 3}, Lapsed(day(3), "ended")),
    ],
    ids=str,
)
def test_what_is_due_by_the_end_of_a_term(facts: dict[str, Any], state: State) -> None:
    found = duty(TIMED, **facts)
    assert found.state == state
    assert found.presumed == (() if "begun" in facts else ("begun",))


def test_a_right_that_is_not_used_lapses() -> None:
    assert duty({**TIMED, "may": True}, begun=1).state == Lapsed(day(9), "begun")
    assert duty({**TIMED, "may": True}).state == Lapsed(None, "begun")


def test_what_has_no_number_is_due_at_once_and_its_practice_counts() -> None:
    prompt = {**TIMED, "clock": Clock("begun", Unit.PROMPTLY, practice=(3, 5))}
    assert duty(prompt, begun=5).state == Due(day(10), 0, at_once=True, aim=day(10))
    assert duty(prompt, begun=4).state == Breached(day(10), day(9), at_once=True)
    assert duty(prompt).state == Breached(None, at_once=True)
    assert duty({**TIMED, "clock": Clock("begun", Unit.AT_ONCE)}, begun=10).state == Due(day(10), 0, at_once=True)


def test_an_order_names_its_own_day() -> None:
    assert duty(ORDERED, ordered="2020-06-10").state == Due(day(10), 0)
    assert duty(ORDERED, ordered="2020-06-09").state == Breached(day(10), day(9))
    assert duty(ORDERED).state == Breached(None)


def test_only_so_long_ahead_of_the_act_is_done() -> None:
    """Published for seven full days when the act comes; where nobody says when it came, nothing was ahead of it."""
    ahead = {**BEFORE, "done": (Doing("done", ahead=Clock("done", Unit.DAYS, 7)),)}
    assert duty(ahead, done=1, act=9).state == Done(day(1))
    assert duty(ahead, today=20, done=1, act=8).state == Breached(day(8))
    assert duty(ahead, today=20, done=1, act=NOT_YET).state == Done(day(1))
    assert duty(ahead, today=8, done=1, act=NOT_YET).state == Due(None, before="act")
    assert duty(ahead, today=20, done=1).state == Breached(None)


def test_a_way_of_doing_it_counts_only_with_what_it_asks() -> None:
    way = {**TIMED, "done": (Doing("done", MappingProxyType({"x": True})),)}
    assert duty(way, begun=1, done=5, x=True).state == Done(day(5))
    assert duty(way, begun=1, done=5, x=False).state == Breached(day(9), day(8))
    assert duty(way, begun=1, done=5).state == Breached(day(9), day(8))


@pytest.mark.parametrize(
    ("words", "facts", "presumed"),
    [
        ({"unless": ({"x": True},)}, {"x": False}, ()),
        ({"unless": ({"x": True},)}, {}, ("x",)),
        ({"when": ({"x": True},)}, {"x": True}, ()),
        ({"when": ({"x": True},)}, {}, ("x",)),
        ({"awaits": "awaited"}, {"awaited": 2}, ()),
        ({"awaits": "awaited"}, {}, ("awaited",)),
        ({"roles": frozenset({"r"})}, {"roles": None}, ("operator.roles",)),
        ({"roles": frozenset({"r"})}, {"roles": frozenset({"r"})}, ()),
        ({}, {"roles": None}, ()),
        ({"regimes": frozenset({Regime.TBA})}, {"regime": None}, ("operator.regime",)),
        ({"regimes": frozenset({Regime.TBA})}, {}, ()),
        ({}, {"regime": None}, ()),
    ],
    ids=str,
)
def test_what_nobody_said_is_presumed_and_nothing_else(words: dict[str, Any], facts: dict[str, Any], presumed: tuple[str, ...]) -> None:
    found = duty({**TIMED, **words}, begun=5, **facts)
    assert found.state == Due(day(12), 2)
    assert found.presumed == presumed


@pytest.mark.parametrize(
    ("words", "facts", "state"),
    [
        ({"unless": ({"x": True},)}, {"x": True}, NotDue("exempt", ("x",))),
        ({"when": ({"x": True},)}, {"x": False}, NotDue("does-not-apply", ("x",))),
        ({"when": ({"x": True, "y": True}, {"x": True})}, {"x": False, "y": False}, NotDue("does-not-apply", ("x",))),
        ({"when": ({"x": True}, {"y": True})}, {"x": False, "y": False}, NotDue("does-not-apply", ("x", "y"))),
        ({"roles": frozenset({"r"})}, {}, NotDue("not-bound", ("operator.roles",))),
        ({"regimes": frozenset({Regime.WIRE})}, {}, NotDue("not-bound", ("operator.regime",))),
        ({}, {"happened": 11}, NotDue("not-happened")),
        ({"awaits": "awaited"}, {"awaited": NOT_YET}, NotDue("awaits", ("awaited",))),
        ({"awaits": "awaited"}, {"awaited": NOT_YET, "ended": 4}, Lapsed(day(4), "ended")),
        ({"awaits": "awaited", "forfeits": WEEK}, {"awaited": NOT_YET, "begun": 2}, Lapsed(day(10), "awaited")),
        ({"awaits": "awaited", "forfeits": WEEK}, {"awaited": NOT_YET, "begun": 3}, NotDue("awaits", ("awaited",))),
    ],
    ids=str,
)
def test_what_is_not_owed_and_what_that_rests_on(words: dict[str, Any], facts: dict[str, Any], state: State) -> None:
    assert duty({**TIMED, **words}, **{"begun": 5, **facts}).state == state


@pytest.mark.parametrize(
    ("words", "facts", "answer"),
    [
        ({}, {"x": True}, Open(day(10))),
        ({}, {"x": True, "happened": 10}, Open(day(10))),
        ({}, {}, Shut(("c",))),
        ({}, {"x": True, "happened": None}, Shut(("happened",))),
        ({}, {"x": True, "happened": None, "begun": 2}, Open(day(10))),
        ({}, {"happened": 11, "regime": None}, Shut(("not-happened", "c"))),
        ({"regimes": frozenset({Regime.TBA})}, {"happened": 11, "regime": None}, Shut(("not-bound", "not-happened", "c"))),
        ({"regimes": frozenset({Regime.WIRE})}, {"x": True}, Shut(("not-bound",))),
        ({"regimes": frozenset({Regime.TBA})}, {"x": True, "regime": None}, Shut(("not-bound",))),
        ({"acts": "act"}, {"x": True, "act": 4}, Open(day(4))),
        ({"acts": "act"}, {"x": True, "act": NOT_YET}, Open(day(10))),
        ({"acts": "act"}, {"x": True}, Shut(("act",))),
        ({"certainty": Certainty.MEM, "ask": WORDS}, {"x": True}, Shut(("confirmation",))),
    ],
    ids=str,
)
def test_a_shield_is_open_or_says_everything_that_shuts_it(words: dict[str, Any], facts: dict[str, Any], answer: Open | Shut) -> None:
    about = {**ABOUT, **words}
    (found,) = asked(ShieldRule(**{**about, **SHIELD}), **facts).shields
    assert found.answer == answer


@pytest.mark.parametrize(
    ("today", "facts", "met", "missing", "against", "over"),
    [
        (9, {"begun": 1, "x": True}, True, (), (), day(8)),
        (8, {"begun": 1, "x": True}, False, (), (), day(8)),
        (9, {"begun": 1, "x": False}, False, (), ("x",), day(8)),
        (9, {"begun": 1}, False, ("x",), (), day(8)),
        (9, {"x": True}, False, ("begun",), (), None),
        (9, {}, False, ("x", "begun"), (), None),
        (9, {"x": False, "begun": NOT_YET}, False, (), ("x", "begun"), None),
    ],
    ids=str,
)
def test_a_condition_that_waits_says_what_it_lacks_and_when_the_wait_is_over(
    today: int, facts: dict[str, Any], met: bool, missing: tuple[str, ...], against: tuple[str, ...], over: date | None
) -> None:
    waits = (Asked("c", WORDS, ({"x": True},), WEEK),)
    (found,) = asked(ShieldRule(**ABOUT, conditions=waits), today=today, **facts).shields
    (said,) = found.conditions
    assert (said.met, said.missing, said.against, said.over) == (met, missing, against, over)


def test_a_condition_may_be_a_wait_alone() -> None:
    (found,) = asked(ShieldRule(**ABOUT, conditions=(Asked("c", WORDS, (), WEEK),)), today=9, begun=1).shields
    assert found.answer == Open(day(9))


SPANS = {"starts": "begun", "spans": (Span("days", 5), Span("more", 5)), "in_all": 8}


@pytest.mark.parametrize(
    ("words", "facts", "answer", "presumed", "capped"),
    [
        (HOLD, {"begun": 3}, Holds(day(10)), (), False),
        (HOLD, {"begun": 2}, Ended(day(10)), (), False),
        (HOLD, {"begun": 3, "ended": 9}, Ended(day(10)), (), False),
        (HOLD, {"begun": 3, "ended": 10, "over": 4}, Ended(day(5)), (), False),
        (HOLD, {"begun": NOT_YET}, NotHeld("not-begun", ("begun",)), (), False),
        (HOLD, {}, Holds(None), ("begun",), False),
        (HOLD, {"begun": 3, "happened": 11}, NotHeld("not-happened"), (), False),
        ({**HOLD, "regimes": frozenset({Regime.WIRE})}, {"begun": 3}, NotHeld("not-bound", ("operator.regime",)), (), False),
        ({**HOLD, "when": ({"x": True},)}, {"begun": 3, "x": False}, NotHeld("does-not-apply", ("x",)), (), False),
        ({**HOLD, "when": ({"x": True},)}, {"begun": 3, "x": True}, Holds(day(10)), (), False),
        ({**HOLD, "when": ({"x": True},)}, {"begun": 3}, Holds(day(10)), ("x",), False),
        ({**HOLD, "unless": ({"x": True},)}, {"begun": 3, "x": True}, NotHeld("exempt", ("x",)), (), False),
        ({**HOLD, "unless": ({"x": True},)}, {"begun": 3, "x": False}, Holds(day(10)), (), False),
        ({**HOLD, "unless": ({"x": True},)}, {"begun": 3}, Holds(day(10)), ("x",), False),
        (SPANS, {"begun": 5, "days": 5, "more": 3}, Holds(day(13)), (), False),
        (SPANS, {"begun": 5, "days": 5, "more": 4}, Holds(day(13)), (), True),
        (SPANS, {"begun": 5, "days": 6, "more": 0}, Holds(day(10)), (), True),
        (SPANS, {"begun": 5, "days": 4, "more": 0}, Ended(day(10)), (), False),
        (SPANS, {"begun": 5}, Holds(day(13)), ("days", "more"), True),
        (SPANS, {"days": 1, "more": 1}, Holds(None), ("begun",), False),
    ],
    ids=str,
)
def test_a_hold_stands_until_its_day_and_says_what_it_presumes(
    words: dict[str, Any], facts: dict[str, Any], answer: Any, presumed: tuple[str, ...], capped: bool
) -> None:
    (found,) = asked(HoldRule(**{**ABOUT, **words}), **facts).holds
    assert isinstance(found, OwedHold)
    assert (found.answer, found.presumed, found.capped) == (answer, presumed, capped)


def test_a_hold_counted_into_a_year_nobody_entered_has_no_end_yet() -> None:
    """Working days of a year without its holidays may be fewer than they seem: nothing is deleted on a guess."""
    counted = {**HOLD, "clock": Clock("begun", Unit.BUSINESS_DAYS, 2)}
    (found,) = asked(HoldRule(**ABOUT, **counted), today=10, begun=1).holds
    assert found.answer == Holds(None)


def test_the_whole_answer_lists_what_is_due_and_what_is_breached_and_any_hold_blocks_deletion() -> None:
    week, late = DutyRule(**ABOUT, **TIMED), DutyRule(**{**ABOUT, "id": "late"}, **ORDERED)
    stands, over = HoldRule(**{**ABOUT, "id": "stands"}, **HOLD), HoldRule(**{**ABOUT, "id": "over"}, starts="act", ends=("awaited",))
    found = asked(week, late, stands, over, begun=5, ordered="2020-06-01", act=1, awaited=2)
    assert [d.rule.id for d in found.due] == ["rule"]
    assert [d.rule.id for d in found.breached] == ["late"]
    assert [isinstance(h.answer, Holds) for h in found.holds] == [True, False]
    assert found.blocks_deletion
    assert not asked(over, act=1, awaited=2).blocks_deletion
    assert not found.holds[0].discloses
    assert found.on == day(10)
