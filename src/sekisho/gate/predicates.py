"""What may be asked of one value: small, closed, and false for whatever it does not understand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sekisho.law.words import Plan, Step, Value


@dataclass(frozen=True)
class Asking:
    """One predicate: what is asked, of which value, in which plan and step."""

    asked: Value
    value: Value
    plan: Plan
    step: Step


def holds(asked: Value, value: Value, plan: Plan, step: Step) -> bool:
    """Whether `value` is what is asked: a plain value to equal, or a table of predicates that must all hold."""
    if value is None:
        return False
    if not isinstance(asked, Mapping):
        return _same(asked, value)
    return bool(asked) and all(k in PREDICATES and PREDICATES[k](Asking(v, value, plan, step)) for k, v in asked.items())


def plainly(asked: Value, value: Value) -> bool:
    """Whether one fact is what is asked, where no plan stands behind it: equality, bounds, membership, and that it was given."""
    if value is None:
        return False
    if not isinstance(asked, Mapping):
        return _same(asked, value)
    return bool(asked) and all(k in PLAIN and PLAIN[k](v, value) for k, v in asked.items())


def _same(asked: Value, value: Value) -> bool:
    """Equal and of one type: True is not 1."""
    return type(asked) is type(value) and asked == value


def _number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _bound(asked: Value, value: Value, *, least: bool) -> bool:
    if not _number(asked) or not _number(value):
        return False
    assert isinstance(asked, int) and isinstance(value, int)  # noqa: S101, PT018 - said to the type checker
    return value >= asked if least else value <= asked


def _all_in(some: Value, others: Value) -> bool:
    return isinstance(some, tuple) and bool(some) and isinstance(others, tuple) and all(any(_same(o, v) for o in others) for v in some)


def _day(a: Asking, *, strictly: bool) -> bool:
    if a.asked is not True or not isinstance(a.value, str):
        return False
    day = a.plan.day.isoformat()
    return a.value < day if strictly else a.value <= day


def _age(a: Asking) -> int | None:
    """How many days before the day of the act the value lies; None for what is no day, or where no number of days is asked for."""
    if not isinstance(a.asked, int) or isinstance(a.asked, bool) or not isinstance(a.value, str):
        return None
    try:
        return (a.plan.day - date.fromisoformat(a.value)).days
    except (ValueError, OverflowError):
        return None


def _within_days(a: Asking) -> bool:
    """A day at most so many days before the day of the act, and not after it."""
    age = _age(a)
    return age is not None and isinstance(a.asked, int) and 0 <= age <= a.asked


def _days_ago(a: Asking) -> bool:
    """A day at least so many days before the day of the act: "seven days have passed since" is 8, the first day excluded."""
    age = _age(a)
    return age is not None and isinstance(a.asked, int) and age >= max(0, a.asked)


def _scope(a: Asking) -> bool:
    """What the plan says of the same thing is covered by the evidence: equal, or all of it inside the list."""
    said = a.plan.scope.get(a.asked) if isinstance(a.asked, str) else None
    if said is None:
        return False
    return _all_in(said, a.value) if isinstance(said, tuple) else _same(said, a.value)


def _named(a: Asking) -> bool:
    purpose = a.step.purpose
    return a.asked is True and (a.value == purpose or (isinstance(a.value, tuple) and purpose in a.value))


PREDICATES: Mapping[str, Callable[[Asking], bool]] = MappingProxyType(
    {
        "is": lambda a: _same(a.asked, a.value),
        "least": lambda a: _bound(a.asked, a.value, least=True),
        "most": lambda a: _bound(a.asked, a.value, least=False),
        "among": lambda a: _all_in((a.value,), a.asked),
        "has": lambda a: _all_in(a.asked, a.value),
        "only": lambda a: _all_in(a.value, a.asked),
        "scope": _scope,
        "by-day": lambda a: _day(a, strictly=False),
        "before-day": lambda a: _day(a, strictly=True),
        "within-days": _within_days,
        "days-ago": _days_ago,
        "step": _named,
    }
)
"""One function for every name in `law.checks.PREDICATES`; a test holds the two together."""

PLAIN: Mapping[str, Callable[[Value, Value], bool]] = MappingProxyType(
    {
        "is": _same,
        "least": lambda asked, value: _bound(asked, value, least=True),
        "most": lambda asked, value: _bound(asked, value, least=False),
        "among": lambda asked, value: _all_in((value,), asked),
        "has": _all_in,
        "only": lambda asked, value: _all_in(value, asked),
        "given": lambda asked, _value: asked is True,
    }
)
"""One function for every name in `law.duties.PLAIN`; a test holds the two together."""
