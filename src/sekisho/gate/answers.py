"""What the gate says: a tree from step over axis and case down to each condition. Values, never exceptions, never a bare no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from sekisho.law.words import Authority, Axis, Certainty, Duty, Ground, Role, Step, Value, Words, nothing


@dataclass(frozen=True)
class Met:
    """The condition holds, on this evidence (digests)."""

    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unmet:
    """The condition does not hold. `why` is a code with `detail`; `who` may supply what is missing; `kind` is the evidence wanted."""

    why: str
    who: frozenset[Role] = frozenset()
    kind: str | None = None
    detail: Mapping[str, Value] = field(default_factory=nothing)


@dataclass(frozen=True)
class Ask:
    """No machine can tell; these people must answer."""

    whom: frozenset[Role]
    question: Words


Answer: TypeAlias = Met | Unmet | Ask


@dataclass(frozen=True)
class Checked:
    """One condition and what its check said."""

    condition: str
    words: Words
    answer: Answer


class Outcome(StrEnum):
    """What an axis, a case or a step comes to."""

    PERMITTED = "permitted"
    REFUSED = "refused"
    REFERRED = "referred"
    OUT = "out-of-scope"


@dataclass(frozen=True)
class Tried:
    """One case tried for a step: its ground, authority, dates of force, and each condition."""

    case: str
    title: Words
    ground: Ground
    authority: Authority
    certainty: Certainty
    source: str
    since: date
    until: date | None
    seen: date
    outcome: Outcome
    checked: tuple[Checked, ...]
    confirmed_by: str | None = None
    ask: Words | None = None
    duties: tuple[Duty, ...] = ()
    signatures: int = 0
    ends: datetime | None = None


@dataclass(frozen=True)
class AxisAnswer:
    """One axis for one step: every case tried, and the one it stands on, if any.

    `norms` are the ids of the book's norms the step touches on this axis before any ground is asked for.
    """

    axis: Axis
    title: Words
    outcome: Outcome
    tried: tuple[Tried, ...]
    stands_on: str | None = None
    norms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """A line of the to-do list: what is missing, for which axis and case, and who can supply it.

    `what` is one of: condition, evidence, confirmation, signature, case.
    """

    what: str
    axis: Axis | None
    case: str | None
    condition: str | None
    words: Words
    who: frozenset[Role]
    kind: str | None = None
    why: str = ""


@dataclass(frozen=True)
class Decision:
    """The answer for one step: the outcome with the whole tree behind it.

    REFUSED and REFERRED carry `missing`; PERMITTED and OUT carry what a permit needs (`duties`, `ends`).
    """

    step: Step
    on: date
    outcome: Outcome
    axes: tuple[AxisAnswer, ...]
    missing: tuple[Missing, ...]
    duties: tuple[Duty, ...]
    ends: datetime
    book: str

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases the answer stands on, one per axis that applies."""
        return tuple(a.stands_on for a in self.axes if a.stands_on)

    @property
    def signatures(self) -> int:
        """How many reviewers must approve: the most that any case it stands on asks for."""
        stood = {a.stands_on for a in self.axes if a.stands_on}
        return max((t.signatures for a in self.axes for t in a.tried if t.case in stood), default=0)
