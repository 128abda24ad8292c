"""Somebody replies to a mail of a campaign: a named person of a desk opens it, may answer whoever wrote, and sends it on to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sekisho.law.campaign import Recipient
from sekisho.law.words import Role

MAY_READ = (Role.DESK, Role.HELP_DESK, Role.OFFICER)
MOST = 256 << 10
"""Octets of a reply that are kept."""
MOST_OF_ONE = 20
"""So many replies to one mail are kept: whoever has it cannot fill the desk."""


MOST_ANSWER = 4000
"""Characters of an answer."""


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


@dataclass(frozen=True)
class AnswerReply:
    """Somebody of the desk answers whoever wrote it, and nobody else, in these words."""

    reply: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """An answer on its way, sealed as one: whom it goes to, and its words."""

    to: Recipient
    words: str

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return "Answer(...)"
