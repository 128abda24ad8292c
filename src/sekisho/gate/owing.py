"""What the gate says to the other question: what is owed, what shields, what must stay. Values, each with its rule beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sekisho.law.duties import Asked, DutyRule, HoldRule, ShieldRule
from sekisho.law.facts import Event
from sekisho.law.words import Certainty


@dataclass(frozen=True)
class Due:
    """It is owed. `by` is the last day; None if it is due before the act `before` and that act has not come.

    `at_once`: the law gives no number. `aim` is the last day by the guideline's practice. `left` is days to `by`.
    `unentered` are the years whose holidays nobody entered: `by` is then the earliest day it can be.
    """

    by: date | None
    left: int | None = None
    at_once: bool = False
    aim: date | None = None
    before: str = ""
    unentered: tuple[int, ...] = ()


@dataclass(frozen=True)
class NotDue:
    """It is not owed. `why`: not-bound, does-not-apply, exempt, awaits, not-begun, not-happened. `facts` are those it rests on."""

    why: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """It was done on that day; `late` if that was after the term, or nobody can tell."""

    on: date
    late: bool = False


@dataclass(frozen=True)
class Breached:
    """It was not done in time. `since` is the first day of the breach, None where nobody said when the term began."""

    since: date | None
    by: date | None = None
    at_once: bool = False


@dataclass(frozen=True)
class Lapsed:
    """It ended before it was due, or the right was not used: on that day (None if nobody can tell), with that fact or clock."""

    on: date | None
    by: str


State: TypeAlias = Due | NotDue | Done | Breached | Lapsed


@dataclass(frozen=True)
class OwedDuty:
    """One duty about one event. `presumed` are the unknown facts that were held against the operator."""

    rule: DutyRule
    event: Event
    state: State
    certainty: Certainty
    presumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """One condition of a shield. `missing` are facts nobody gave, `against` those that say otherwise; `over` when a wait ends."""

    asked: Asked
    met: bool
    missing: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    over: date | None = None


@dataclass(frozen=True)
class Open:
    """Every condition holds: on that day the rule protects."""

    on: date


@dataclass(frozen=True)
class Shut:
    """It does not protect; `missing` are the conditions that fail (or not-bound, not-happened, confirmation)."""

    missing: tuple[str, ...]


@dataclass(frozen=True)
class OwedShield:
    """One shield about one event, with every condition and what it lacks."""

    rule: ShieldRule
    event: Event
    answer: Open | Shut
    certainty: Certainty
    conditions: tuple[Answered, ...] = ()


@dataclass(frozen=True)
class Holds:
    """Must not be deleted, up to and with that day; None while nobody can say. It never permits disclosure."""

    until: date | None


@dataclass(frozen=True)
class Ended:
    """The hold is over: deletion is no longer blocked by it since that day."""

    on: date


@dataclass(frozen=True)
class NotHeld:
    """There is no hold. `why`: not-bound, exempt, does-not-apply, not-begun, not-happened."""

    why: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwedHold:
    """One hold about one event. `presumed` as with duties; `capped` where more days were asked than the law allows."""

    rule: HoldRule
    event: Event
    answer: Holds | Ended | NotHeld
    certainty: Certainty
    presumed: tuple[str, ...] = ()
    capped: bool = False

    @property
    def discloses(self) -> bool:
        """A hold keeps; it shows nothing to anybody."""
        return False


@dataclass(frozen=True)
class Owed:
    """Everything owed on a day of the country, by the book of that digest. Each rule answers alone, each event alone."""

    on: date
    book: str
    duties: tuple[OwedDuty, ...]
    shields: tuple[OwedShield, ...]
    holds: tuple[OwedHold, ...]

    @property
    def breached(self) -> tuple[OwedDuty, ...]:
        return tuple(d for d in self.duties if isinstance(d.state, Breached))

    @property
    def due(self) -> tuple[OwedDuty, ...]:
        return tuple(d for d in self.duties if isinstance(d.state, Due))

    @property
    def blocks_deletion(self) -> bool:
        """Whether any hold stands: a deletion job must leave its data alone."""
        return any(isinstance(h.answer, Holds) for h in self.holds)
