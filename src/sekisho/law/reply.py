"""Somebody answers a mail of a campaign: it goes to a desk, is opened by a named person, and is sent on to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sekisho.law.words import Role

MAY_READ = (Role.DESK, Role.HELP_DESK, Role.OFFICER)
MOST = 256 << 10
"""Octets of a reply that are kept."""
MOST_OF_ONE = 20
"""So many replies to one mail are kept: whoever has it cannot fill the desk."""


class Ending(StrEnum):
    """What became of a reply."""

    ANSWERED = "answered"
    NOTHING_ASKED = "nothing-asked"
    CASE = "case"  # it became a case of a procedure


@dataclass(frozen=True)
class OpenReply:
    """Somebody of the desk reads one reply, and who wrote it."""

    reply: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CloseReply:
    """And says what became of it."""

    reply: str
    ending: Ending
    by: str
    at: datetime
