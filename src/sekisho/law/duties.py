"""The words of the other question: what is owed after something happened, what shields, what must not be deleted.

A rule speaks about kinds of events, whose facts are typed fields. A field nobody filled in is unknown, and unknown is held
against the operator: it starts no exemption, meets no condition, finishes no duty and ends no hold. That something has not
happened is said, by the word `not-yet`; it is never concluded from silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

from sekisho.law.clocks import Clock
from sekisho.law.tables import CasebookError
from sekisho.law.words import Authority, Certainty, Dissent, Regime, Value, Words

NOT_YET = "not-yet"
"""What a day-field says when the thing is known not to have happened."""

FIELD_TYPES = frozenset({"day", "bool", "int", "str"})
PLAIN = frozenset({"is", "least", "most", "among", "has", "only", "given"})
"""What may be asked of one fact. `given = true`: it has happened or been said; there is no asking for absence."""

Asks: TypeAlias = tuple[Mapping[str, Value], ...]
"""Any of these tables; within a table every field must answer."""


@dataclass(frozen=True)
class Field:
    """One fact of an event: its type, its words, and for a text the values it may have."""

    name: str
    type: str
    words: Words
    among: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventKind:
    """What can be said about one kind of event. The first of `dated_by` that is given picks the law of its day."""

    name: str
    title: Words
    fields: Mapping[str, Field]
    dated_by: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """What every rule says of itself: whose it is, in which words, from where, since when, and how sure the book is.

    It binds an operator of one of `regimes` who has one of `roles` (any role if empty), about events of these kinds.
    Dates, authority, certainty, `cites` and `ask` as with a case; never edited once released.
    """

    id: str
    title: Words
    words: Words
    source: str
    authority: Authority
    certainty: Certainty
    since: date
    seen: date
    events: tuple[str, ...]
    until: date | None = None
    sure_from: date | None = None
    regimes: frozenset[Regime] = frozenset(Regime)
    roles: frozenset[str] = frozenset()
    rows: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    dissent: tuple[Dissent, ...] = ()
    ask: Words | None = None
    notes: Words | None = None

    def in_force(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def certainty_on(self, day: date) -> Certainty:
        """From memory where only a remembered date says that it holds on that day."""
        remembered = self.sure_from is not None and day < self.sure_from
        return Certainty.MEM if remembered and self.certainty.decides_alone else self.certainty


@dataclass(frozen=True)
class Doing:
    """One way of having done it: on the day `by`, if the facts of `where` say so too.

    With `ahead` the day counts only if that clock, started by it, was over when the act came.
    """

    by: str
    where: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    ahead: Clock | None = None


@dataclass(frozen=True)
class DutyRule(Rule):
    """What somebody must do, towards whom, by when.

    One of three says when: `clock`, `by` (the fact in which an order names its own last day) or `before` (the act it must
    precede). With `may` it is a right: not used in time it lapses instead of being breached. `when`: any of these must hold
    (always, if empty); `unless`: any of these frees. `awaits` names a day others bring about; until it is there nothing is
    due, and once the clock `forfeits` has run out without it, nothing ever will be. `ends` are days with which it lapses.
    """

    to: Words = field(default_factory=lambda: MappingProxyType({}))
    clock: Clock | None = None
    by: str = ""
    before: str = ""
    may: bool = False
    when: Asks = ()
    unless: Asks = ()
    done: tuple[Doing, ...] = ()
    awaits: str = ""
    forfeits: Clock | None = None
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """One condition of a shield: any of `asks`; with `after`, that this clock was over on the day of the act."""

    id: str
    words: Words
    asks: Asks = ()
    after: Clock | None = None


@dataclass(frozen=True)
class ShieldRule(Rule):
    """What protects from liability if every condition holds on the day `acts` names (now, if it is empty)."""

    conditions: tuple[Asked, ...] = ()
    acts: str = ""


@dataclass(frozen=True)
class Span:
    """A number of days a fact names: at most `most`, and `most` where nobody says."""

    field: str
    most: int


@dataclass(frozen=True)
class HoldRule(Rule):
    """What must not be deleted, from which day, until when. It blocks deletion; it never permits disclosure.

    It ends with `clock`, or with the sum of `spans` (days, at most `in_all`) after `starts`, or with the first day of
    `ends`; the earliest of these that is known. `unless`: any of these says there is no hold.
    """

    what: Words = field(default_factory=lambda: MappingProxyType({}))
    starts: str = ""
    clock: Clock | None = None
    spans: tuple[Span, ...] = ()
    in_all: int = 0
    ends: tuple[str, ...] = ()
    unless: Asks = ()
    when: Asks = ()


@dataclass(frozen=True)
class Duties:
    """All rules of the `owed` folder, with the kinds of events and the roles they speak of. Raises CasebookError if unsound."""

    kinds: Mapping[str, EventKind] = field(default_factory=lambda: MappingProxyType({}))
    roles: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    says: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    duties: tuple[DutyRule, ...] = ()
    shields: tuple[ShieldRule, ...] = ()
    holds: tuple[HoldRule, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for rule in self.rules:
            _must(rule.id not in seen, rule.id, "stands there twice")
            seen.add(rule.id)
            _sound(rule, self)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return (*self.duties, *self.shields, *self.holds)


def _sound(rule: Rule, book: Duties) -> None:
    _must(bool(rule.events), rule.id, "is about no kind of event")
    for name in rule.events:
        _must(name in book.kinds, rule.id, f"nobody knows events of kind {name!r}; known are {', '.join(sorted(book.kinds))}")
    unknown = rule.roles - book.roles.keys()
    _must(not unknown, rule.id, f"names a role the book does not know: {', '.join(sorted(unknown))}")
    _must(bool(rule.regimes), rule.id, "binds nobody: name regimes")
    _must(rule.until is None or rule.until > rule.since, rule.id, "ends before it begins")
    _must(rule.sure_from is None or rule.since < rule.sure_from <= rule.seen, rule.id, "is sure from a day outside of `since` to `seen`")
    _must(rule.certainty.decides_alone or rule.ask is not None, rule.id, "is uncertain and does not say what to ask the officer")
    if isinstance(rule, DutyRule):
        _duty(rule)
    elif isinstance(rule, ShieldRule):
        _must(bool(rule.conditions), rule.id, "has no conditions; an empty list would shield everybody")
        _must(len({c.id for c in rule.conditions}) == len(rule.conditions), rule.id, "has two conditions of one id")
        for asked in rule.conditions:
            _must(bool(asked.asks) or asked.after is not None, f"{rule.id} {asked.id}", "asks nothing")
    elif isinstance(rule, HoldRule):
        _must(bool(rule.ends) or bool(rule.spans) or rule.clock is not None, rule.id, "never ends; name a clock, spans or ends")
        _must(not rule.spans or rule.in_all > 0, rule.id, "has spans and does not say how many days in all")
    for name in rule.events:
        for used, type_ in _used(rule):
            fields = book.kinds[name].fields
            _must(used in fields, rule.id, f"{name} has no field {used!r}")
            _must(not type_ or fields[used].type == type_, rule.id, f"{name}.{used} must be of type {type_}")


def _duty(rule: DutyRule) -> None:
    ways = [rule.clock is not None, bool(rule.by), bool(rule.before)]
    _must(sum(ways) == 1, rule.id, "must say when in one way: a clock, the fact `by`, or the act it comes `before`")
    _must(bool(rule.done), rule.id, "can never be done; say which fact finishes it")
    _must(rule.forfeits is None or bool(rule.awaits), rule.id, "forfeits what it does not await")
    for doing in rule.done:
        _must(doing.ahead is None or bool(rule.before), rule.id, "is ahead of no act; name what it comes before")


def _used(rule: Rule) -> Iterator[tuple[str, str]]:
    """Every field a rule speaks of, with the type it must have (empty: any)."""
    if isinstance(rule, DutyRule):
        yield from _clocks(rule.clock, rule.forfeits)
        yield from ((name, "day") for name in (rule.before, rule.by, rule.awaits, *rule.ends) if name)
        for doing in rule.done:
            yield doing.by, "day"
            yield from _asked(rule.id, (doing.where,))
        yield from _asked(rule.id, rule.when + rule.unless)
    elif isinstance(rule, ShieldRule):
        yield from ((name, "day") for name in (rule.acts,) if name)
        for asked in rule.conditions:
            yield from _clocks(asked.after)
            yield from _asked(rule.id, asked.asks)
    elif isinstance(rule, HoldRule):
        yield from ((name, "day") for name in (rule.starts, *rule.ends))
        yield from ((span.field, "int") for span in rule.spans)
        yield from _clocks(rule.clock)
        yield from _asked(rule.id, rule.unless + rule.when)


def _clocks(*clocks: Clock | None) -> Iterator[tuple[str, str]]:
    yield from ((clock.starts, "day") for clock in clocks if clock is not None)


def _asked(where: str, asks: Iterable[Mapping[str, Value]]) -> Iterator[tuple[str, str]]:
    for table in asks:
        for name, asked in table.items():
            if isinstance(asked, Mapping):
                good = bool(asked) and asked.keys() <= PLAIN and asked.get("given", True) is True
                _must(good, where, f"{name}: what is asked is a value or a table of {', '.join(sorted(PLAIN))}; given can only be true")
            yield name, ""


def _must(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise CasebookError("owed", where, what)
