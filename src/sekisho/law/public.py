"""The public sides of a procedure: the door a stranger comes in by, and the page on which whoever was asked answers.

Both are part of the table: which facts are asked, which are shown to the other side, which moves an answer makes. Nothing that is
not named here is told to anybody outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sekisho.law.words import Words

GIVEN = frozenset({"today", "language", "form"})
"""What the node fills in by itself: the day the form arrived, the language it was read in, and that it came by the form."""


@dataclass(frozen=True)
class Door:
    """A form anybody may send: `facts` must be told, `may` can be, `pledges` must be answered with yes.

    `next` says what happens then, and when. `given`: facts the node fills in. `paper`: what the form itself is kept as; `papers`: which a
    file may be. `tells`: facts that the person who sent the form may read later, by receipt number and code.
    """

    title: Words
    lead: Words
    next: Words
    place: int
    facts: tuple[str, ...]
    may: tuple[str, ...] = ()
    pledges: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    paper: str = ""
    papers: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    helps: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Receipt:
    """What it makes when the person asked types the code: the move, the fact with that day, the paper it is the proof of."""

    move: str
    day: str
    paper: str


@dataclass(frozen=True)
class Choice:
    """One answer: what it means in plain words, the move it makes, the fact with its day, and the one with the person's reason, if any.

    `tells`: facts that this answer is, by itself.
    """

    id: str
    title: Words
    says: Words
    move: str
    day: str
    reason: str = ""
    tells: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Answer:
    """The page of the person who was asked. `shows`: facts of the case they may read, unless the fact itself is hidden from them.

    The code stands in the letter that `letter`, a move, drafts. `clock` is the term they have; `paper` what an answer is kept as.
    """

    title: Words
    lead: Words
    letter: str
    clock: str
    paper: str
    shows: tuple[str, ...]
    receipt: Receipt
    choices: tuple[Choice, ...]
