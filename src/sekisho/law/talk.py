"""A masked talk: two people who both agreed write to each other through us, each under an alias, until one of them has had enough.

Who opens it says it, signed; so does whoever looks at a mail that was held, and says what becomes of it. Sources: 電気通信事業法 4条1項;
同意取得の在り方に関する参照文書 (2021-02-25); SimpleLogin issues 2608, 733 and 993 (what quotes leak).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sekisho.law.words import Role

MAY_OPEN = (Role.DESK, Role.OFFICER)
MAY_READ = (Role.DESK, Role.HELP_DESK, Role.OFFICER)
SIDES = 2
MOST = 1 << 20
"""Octets of a mail that is taken in."""
MOST_WAITING = 50
"""Mails of one side that wait or are held: nobody can fill the desk of the other."""
MOST_LINES = 200
LONGEST_KEPT_DAYS = 7
"""So long after its end a talk's mails can still be settled; then their key is destroyed."""


class State(StrEnum):
    """Where one mail of a talk stands."""

    WAITING = "waiting"
    BEGUN = "begun"  # handed to the sending process, no answer yet
    UNSURE = "unsure"  # that process died: the mail server is asked before anything is sent again
    PASSED = "passed"  # our mail server has it; its words are gone from here
    REFUSED = "refused"  # our mail server would not have it
    UNKNOWN = "unknown"  # the server could not tell either: listed for a person, never sent again
    HELD = "held"  # waits for a person of the desk
    RETURNED = "returned"  # its writer was told why it was not passed on
    DROPPED = "dropped"


class Fate(StrEnum):
    """What a person of the desk makes of a held mail."""

    RELEASE = "release"  # passed on without the lines and files that give somebody away; machines look at it once more
    RETURN = "return"  # its writer is told which lines kept it here
    DROP = "drop"  # nobody wrote it (an automatic answer, a bounce), or it is not for passing on


@dataclass(frozen=True)
class Reason:
    """Why a mail is held: machine, another-writer, files, nothing-left, address, telephone, host, hidden,
    unreadable, unsendable; and where, in words of ours. Never what stood there.
    """

    code: str
    where: str


@dataclass(frozen=True)
class OpenTalk:
    """Between the two people of an invitation, who both said yes to it."""

    invitation: str
    by: str
    at: datetime


@dataclass(frozen=True)
class ReadHeld:
    """Somebody of the desk reads one held mail."""

    mail: str
    by: str
    at: datetime


@dataclass(frozen=True)
class SettleHeld:
    """And says what becomes of it. `without`: lines (from 1, of the writer's own words) that are left out where it is released."""

    mail: str
    fate: Fate
    without: tuple[int, ...]
    by: str
    at: datetime
