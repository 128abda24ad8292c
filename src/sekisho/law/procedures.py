"""Procedures as tables: states, moves between them, the clocks they start, the letters they draft, the holds they set.

A case is its events and nothing else: where it stands, what is known and which clocks run is worked out from them anew each
time (`law/walking.py`), so a restart changes nothing. Days are those of the book's country.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from sekisho.law.clocks import Clock
from sekisho.law.public import Answer, Door
from sekisho.law.words import Authority, Certainty, Role, Value, Words, nothing

OPENING = "open"
"""The first event of every case."""
FACT_TYPES = frozenset({"str", "text", "int", "bool", "day", "choice", "choices", "items", "data"})
"""str: one line; text: several; choice: one of the fact's choices; choices: several of them; items: several, each with its value as
`choice=value`; data: which sealed data, as `SELECTOR` says."""
CHOOSING = frozenset({"choice", "choices", "items"})
ITEM_FORMS = frozenset({"line", "endpoint", "moment"})
"""How an item's value is spelled: any line; an address and its port, 192.0.2.1:443 or [2001:db8::1]:443; 2026-11-20T12:03:04.120Z."""
DECISIONS = frozenset({"removed", "limited", "kept", "restored", "upheld", "disclosed", "refused", "no-data", "dropped"})
"""What a move may decide, for statements of reasons and for counting."""
ABOUT = frozenset({"deletion", "appeal", "disclosure"})
KEPT = frozenset({"", "each", "sealed"})
"""Empty: what was told last is what is known. each: told anew each time, and listed where it belongs. sealed: never shown again."""
BLANK = re.compile(r"〔ここに書く：[^〕]*〕|\[write here: [^\]]*\]")
"""A place in a prepared text that whoever picks it fills in; no fact of a case holds one."""
LONGEST = {"str": 300, "text": 4000}
MOST_DATA = 50
SELECTOR = re.compile(
    r"(?P<permit>permit-[0-9a-f]{16})/(?P<column_class>[a-z][a-z-]{2,15}|\*)/(?P<first>\d{4}-\d\d-\d\d)(?:\.\.(?P<last>\d{4}-\d\d-\d\d))?"
)
"""Sealed data that exist: the permit they are kept under, a column class or *, a day or two days with .. between them."""


@dataclass(frozen=True)
class Fact:
    """What a case may know. `choices` are the words for each value of a choice; `sample` is a value that fits, or one for each language.

    `since`: choices that exist only from a day on; `forms`: how the values of items are spelled, if not as any line. `shown_if` names a
    yes-or-no fact without whose yes this one, and every word of it, is hidden in letters to the other side. `kept`: see KEPT. `own` are
    the operator's own words: letters do not mark them as somebody else's.
    """

    id: str
    title: Words
    type: str
    sample: Value
    choices: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    since: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    forms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    shown_if: str = ""
    kept: str = ""
    own: bool = False

    def sample_in(self, language: str) -> Value:
        """The value that fits, in a language of the book."""
        return self.sample[language] if isinstance(self.sample, Mapping) else self.sample


@dataclass(frozen=True)
class State:
    """Where a case may stand. `waits` says for what, or what came out of a final one."""

    id: str
    title: Words
    waits: Words
    final: bool = False


@dataclass(frozen=True)
class ClockRule:
    """A clock of the procedure. `day` is the fact with the day it starts on, empty for the day of the move that starts it.

    With `of`, the total of those facts over the whole case is its length, and the clock's own length the most there may be.
    With `large_platform` it runs only for an operator designated as a large platform.
    """

    id: str
    title: Words
    clock: Clock
    source: str
    day: str = ""
    of: tuple[str, ...] = ()
    large_platform: bool = False


@dataclass(frozen=True)
class Must:
    """One sentence that must be true of the facts before a move: `is_` a value, or a total within `least` and `most`.

    `not_before` names a day fact that every day in `of` must not precede. What is chosen in `of` must all be `among` what is chosen in
    each of those facts, with the same values where both have them, or `only` these choices; `has` are choices that must be there.
    """

    id: str
    words: Words
    of: tuple[str, ...]
    is_: Value = None
    least: int | None = None
    most: int | None = None
    not_before: str = ""
    among: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    has: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """One piece of evidence out of a case: its fields are the facts named; a yes or no stands for itself.

    Where documents vouch for the kind, one of these `papers` does, the first that is attached; `its_digest` is the field with its digest.
    """

    kind: str
    fields: Mapping[str, Value]
    papers: tuple[str, ...] = ()
    its_digest: str = ""


@dataclass(frozen=True)
class Grounds:
    """The step for which the case book must find a lawful ground from what the case itself knows. `scope`: word to fact; `may`: words
    that the plan has only where the case knows the fact.
    """

    measure: str
    step: str
    scope: Mapping[str, Value]
    evidence: tuple[Proof, ...]
    may: Mapping[str, Value] = field(default_factory=nothing)


@dataclass(frozen=True)
class Asks:
    """The step the gate must have permitted before the move."""

    measure: str
    step: str


@dataclass(frozen=True)
class Kept:
    """A paper whose copy goes before the file does: after so many days as the fact `days` said when a move of `under` got its permit.

    Without such a permit, or where the fact is 0, no copy is taken at all.
    """

    paper: str
    days: str
    under: tuple[str, ...]


@dataclass(frozen=True)
class Holds:
    """The hold a move sets: on the data the fact names, until the end of the clock's last day."""

    data: str
    clock: str


@dataclass(frozen=True)
class Move:
    """One thing that can be done. `title` is on the button, `does` says what it does in law.

    `facts` must be told, `may` can be; `papers` must be attached; `over` are clocks that must have run out, `within` clocks that
    must not have. A move with `at_end_of` is made by the node itself when that clock has run out; nobody signs it. `second` names a move
    whose maker may not make this one too, `apart` further ones; who signed for their permits may not either. `also` are further letters;
    `decides`: see DECISIONS. A move `under` others lets something out: the permit that the last of these got must live. One that
    `withdraws` ends every permit the case got so far.
    """

    id: str
    title: Words
    does: Words
    source: str
    leaves: tuple[str, ...]
    to: str
    roles: frozenset[Role] = frozenset()
    facts: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    must: tuple[Must, ...] = ()
    asks: Asks | None = None
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    letter: str = ""
    holds: Holds | None = None
    lifts: bool = False
    at_end_of: str = ""
    second: str = ""
    grounds: Grounds | None = None
    also: tuple[str, ...] = ()
    decides: str = ""
    under: tuple[str, ...] = ()
    withdraws: bool = False
    apart: tuple[str, ...] = ()

    @property
    def letters(self) -> tuple[str, ...]:
        return ((self.letter,) if self.letter else ()) + self.also


T = TypeVar("T", State, Fact, ClockRule, Move)


def _named(rows: Iterable[T], name: str) -> T:
    for row in rows:
        if row.id == name:
            return row
    raise KeyError(name)


@dataclass(frozen=True)
class Reminder:
    """Who is told, so many days before a clock runs out; on the last day itself with 0."""

    clock: str
    days_before: int
    role: Role
    words: Words


@dataclass(frozen=True)
class Procedure:
    """A table of the engine. `law` names the articles as letters do; `keep_days` is how long a file is kept after its end.

    `earlier` are the names the articles had, each with the day on which it ceased, oldest first. `about`: see ABOUT, empty for others.
    With `room` it is an incident: `law/incident.py` folds its moves, and its rules hold beside the table's.

    What makes one sound: `law/walkable.py`.
    """

    id: str
    title: Words
    law: Words
    since: date
    seen: date
    source: str
    authority: Authority
    certainty: Certainty
    keep_days: int
    opening: Move
    states: tuple[State, ...]
    facts: tuple[Fact, ...]
    moves: tuple[Move, ...]
    papers: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    clocks: tuple[ClockRule, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    until: date | None = None
    notes: Words | None = None
    door: Door | None = None
    answer: Answer | None = None
    earlier: tuple[tuple[date, Words], ...] = ()
    about: str = ""
    room: bool = False
    kept: tuple[Kept, ...] = ()

    def law_on(self, day: date) -> Words:
        """The articles by the name they had on this day."""
        return next((words for until, words in self.earlier if day < until), self.law)

    def binding(self, large_platform: bool) -> Procedure:
        """The table as it binds an operator: unless it is one, without the clocks of large platforms and the moves that only stop these."""
        gone = set() if large_platform else {c.id for c in self.clocks if c.large_platform}
        if not gone:
            return self

        def without(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name for name in names if name not in gone)

        def kept(move: Move) -> Move:
            return replace(
                move, starts=without(move.starts), stops=without(move.stops), over=without(move.over), within=without(move.within)
            )

        return replace(
            self,
            opening=kept(self.opening),
            moves=tuple(kept(m) for m in self.moves if not m.stops or not gone.issuperset(m.stops)),
            clocks=tuple(c for c in self.clocks if c.id not in gone),
            reminders=tuple(r for r in self.reminders if r.clock not in gone),
        )

    def in_force(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def state(self, name: str) -> State:
        """Raises KeyError."""
        return _named(self.states, name)

    def fact(self, name: str) -> Fact:
        """Raises KeyError."""
        return _named(self.facts, name)

    def clock(self, name: str) -> ClockRule:
        """Raises KeyError."""
        return _named(self.clocks, name)

    def move(self, name: str) -> Move:
        """Raises KeyError."""
        return self.opening if name == OPENING else _named(self.moves, name)

    def out_of(self, state: str) -> tuple[Move, ...]:
        return tuple(m for m in self.moves if state in m.leaves)


@dataclass(frozen=True)
class Event:
    """A move that was made: on which day, and what it told."""

    move: str
    day: date
    facts: Mapping[str, Value] = field(default_factory=nothing)


@dataclass(frozen=True)
class Running:
    """A clock of a case: started on `since`, `due` its last day, `stopped` the day it was stopped, if it was.

    `sure` is false where somebody still has to enter the holidays of a year it was counted through.
    """

    clock: str
    since: date
    due: date
    stopped: date | None = None
    sure: bool = True

    def late(self, today: date) -> bool:
        """For what is owed: its last day has passed."""
        return self.stopped is None and today > self.due

    def over(self, today: date) -> bool:
        """For what is waited for: its last day has surely passed."""
        return self.late(today) and self.sure


@dataclass(frozen=True)
class Standing:
    """Where a case is: state, what is known last, totals of whole numbers, each clock as it was last started."""

    state: str
    facts: Mapping[str, Value]
    totals: Mapping[str, int]
    clocks: Mapping[str, Running]


@dataclass(frozen=True)
class Lack:
    """One thing that keeps a move from being made: a code, and the name it is about."""

    code: str
    name: str
