"""A contractor's named person hands in mails for one set of people, and never holds an address of any of them.

Who answers for the set admits that person: for one row of the register, with what the person may not choose (sender, reply desk, hosts,
speed). What is handed in is laid before somebody of ours like any campaign. Sources: 個人情報の保護に関する法律 25条; the marathon of 2024.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.law.campaign import DIGEST, HOST, LANGUAGES, MOST_A_MINUTE, MOST_PERSONS, Attached, Text, named_well
from sekisho.law.words import Role

EVERYBODY = "everybody"
"""The alias of the whole set."""
ALIAS = re.compile(r"[0-9a-f]{16}")
"""The alias of one person: the same as in a list handed over on the rung of aliases."""
FEW = 10
"""Counts are told in tens, rounded down, and none of a mailing to fewer people than this: they would tell who."""
WINDOW = timedelta(days=7)
"""How long a mailing may be sent where its writer does not say."""
MOST_A_DAY = 50
"""So many mailings one person hands in within a day: each is read by somebody of ours."""
MAY_ADMIT = (Role.DESK, Role.OFFICER)
MAY_SHUT = (Role.DESK, Role.HELP_DESK, Role.ENGINEER, Role.REVIEWER, Role.OFFICER, Role.WINDOW)
"""To stop is everybody's."""


@dataclass(frozen=True)
class Admission:
    """As a named person of the operator signs it. `recipients`: the root over the set (`desk/commitment.py`), `persons` how many.

    `person`: who of the contractor's; `people`: what the set is called; `announcement` by language, where a mailing says none.
    """

    entrustment: str
    person: str
    people: str
    announcement: Mapping[str, str]
    hosts: tuple[str, ...]
    sender_name: str
    reply_desk: str
    per_minute: int
    fields: tuple[str, ...]
    recipients: str
    persons: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Shut:
    """An admission ends now."""

    admission: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Mailing:
    """What the contractor writes: nothing else is theirs to say. Without `since` it may go once approved, without `until` for a week."""

    name: str
    texts: Mapping[str, Text]
    attachments: tuple[Attached, ...] = ()
    announcement: Mapping[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    training: bool = False


def faults(said: Admission) -> tuple[str, ...]:
    """What is missing or wrong in an admission by itself, by field; empty if nothing is. Empty, unknown and missing mean no."""
    good = {
        "person": bool(said.person.strip()),
        "people": bool(said.people.strip()),
        "announcement": set(said.announcement) == set(LANGUAGES) and all(w.strip() for w in said.announcement.values()),
        "hosts": bool(said.hosts) and all(HOST.fullmatch(h) for h in said.hosts),
        "sender_name": bool(said.sender_name.strip()),
        "per_minute": 0 < said.per_minute <= MOST_A_MINUTE,
        "fields": all(map(named_well, said.fields)) and len(set(said.fields)) == len(said.fields),
        "recipients": DIGEST.fullmatch(said.recipients) is not None,
        "persons": 0 < said.persons <= MOST_PERSONS,
    }
    return tuple(name for name, right in good.items() if not right)


def told(count: int) -> int:
    """A count as a contractor is told it: in tens, rounded down."""
    return count - count % FEW
