"""What people sign beside plans and cases. Plain words: who shows or signs them needs nothing of what `keep` stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sekisho.law.consent import Notice, Reach, Way
from sekisho.law.words import Act, Element, Role, Value

LARGEST_COUNT = 999_999_999
"""What is counted in a day is below a thousand million."""


@dataclass(frozen=True)
class Invite:
    """The legal officer invites a person into roles; an outside reviewer for one plan, and nothing else."""

    name: str
    roles: frozenset[Role]
    by: str
    at: datetime
    plan: str = ""


@dataclass(frozen=True)
class Dismissal:
    """`dismissed`: the person whose signatures end; `by`: the officer who says so, and why."""

    dismissed: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Comment:
    """`text` about a plan; `conflict`: the author declares a conflict of interest in it."""

    plan: str
    text: str
    conflict: bool
    person: str
    at: datetime


@dataclass(frozen=True)
class StopBoard:
    """Every panel of the public board is to go, now. Nobody need say why: that can be written down afterwards."""

    person: str
    at: datetime


@dataclass(frozen=True)
class EndEvent:
    """The event of this name is over: its permits end, and its keys are destroyed."""

    event: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CopiesSearched:
    """Somebody searched every copy they know of for what ended with `ended`: so many folders, files and octets.

    `keys`: files of destroyed keys that lay there; `answers`: sealed answers there, of which `open` are sealed to a key that lives;
    `words`, `hits`: how many words were looked for in every file, and how many files held one; `unread`: files that could not be read,
    or are archives.
    """

    ended: str
    folders: int
    files: int
    octets: int
    keys: int
    answers: int
    open: int
    words: int
    hits: int
    unread: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Retraction:
    """The officer no longer stands by a confirmation, and says why. Any officer may: the word was the operator's."""

    confirmation: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class BookChange:
    """The book of digest `book` replaces that of `replaces`. `package`: digest of the signed file.

    `older` says by name that a book is wanted which does not follow the one in force.
    """

    book: str
    replaces: str
    package: str
    older: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class Taking:
    """The bundle of this digest, by this operator's key (hex), is shown here from now on."""

    bundle: str
    key: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Answered:
    """One person's answer to one question, as a named person of the operator signs that it was given.

    `line`: whose; it is not kept, only its pseudonym. `days`: how long the consent lasts. `given`: yes or no.
    """

    line: str
    party: Role
    sides: frozenset[str]
    acts: frozenset[Act]
    elements: frozenset[Element]
    purpose: str
    audience: frozenset[str]
    notice: Notice
    way: Way
    days: int
    given: bool
    default_off: bool
    refusal_free: bool
    withdrawable: bool
    by: str
    at: datetime
    reach: Reach = Reach.INDIVIDUAL
    switch_test: str = ""
    parity: str = ""
    survey: str = ""


@dataclass(frozen=True)
class ConsentEnd:
    """A named person writes down that the giver withdrew (by telephone, at the window). `what` is withdrawn."""

    consent: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class NoticeChanged:
    """The text with this id is another one now: whoever agreed to an older version has not agreed to what is done today."""

    notice: str
    version: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Use:
    """Somebody on duty asks for one of these parts of the plan's scope, and says why. Each part: the words that are narrowed."""

    envelope: str
    scopes: tuple[Mapping[str, Value], ...]
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class UseReview:
    """What a reviewer found about one use, the day after."""

    use: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Revocation:
    """Somebody ends an envelope now, and says why."""

    envelope: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class LineOpening:
    """The help desk lets a caller's line send to port 25 all the same: by the one-time code they read out, for so many days, and why."""

    code: str
    reason: str
    days: int
    by: str
    at: datetime


@dataclass(frozen=True)
class SenderRestoring:
    """The help desk lets a caller's mail account send again: by the one-time number of the notice, which they read out, and why."""

    code: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class LineClosing:
    """That exception ends now, and why."""

    exception: str
    reason: str
    by: str
    at: datetime


class EffectKind(StrEnum):
    """What is counted by day beside measures. `load` in whatever unit the operator keeps to."""

    COMPLAINTS = "complaints"
    HELP_DESK = "help-desk"
    BLACKLIST = "blacklist"
    REPORTS = "reports"
    LOAD = "load"


@dataclass(frozen=True)
class EffectCount:
    """How many of a kind there were on a day (Japan's)."""

    day: date
    kind: EffectKind
    count: int


@dataclass(frozen=True)
class EffectCounts:
    """Counts of days, as whoever signs them counted or read them."""

    counts: tuple[EffectCount, ...]
    by: str
    at: datetime
