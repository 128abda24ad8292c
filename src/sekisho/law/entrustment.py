"""An entrustment: who holds which of our people's data, how many, for which purpose, where, until when, and under which contract.

A tree: controller, contractor, sub-contractor. Nobody below may ever hold more than the one above (`exceeds`). What happens to an
entrustment afterwards is added as moves, never edited. Sources: 個人情報の保護に関する法律 25条・27条5項1号; the marathon of 2024.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from sekisho.law.words import Role

DIGEST = re.compile(r"[0-9a-f]{64}")
COUNTRY = re.compile(r"[A-Z]{2}")
NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
LONGEST_DAYS = 3660
MOST_PERSONS = 2_000_000_000
MOST_HOURS = 72
"""An incident is reported to us within three days at the latest: ours is reported within three to five."""


class FieldClass(StrEnum):
    """What a field is. The last two are 要配慮個人情報: they need their own consent, and every leak of them is reportable."""

    ORDINARY = "ordinary"
    CONTACT = "contact"  # an address, a number: what one can be reached by
    FINANCIAL = "financial"
    HEALTH = "health"  # 健康・病歴等
    SENSITIVE = "sensitive"  # その他の要配慮個人情報

    @property
    def special(self) -> bool:
        """Whether it is 要配慮個人情報."""
        return self in (FieldClass.HEALTH, FieldClass.SENSITIVE)


WEIGHT: Mapping[FieldClass, int] = MappingProxyType({c: n for n, c in enumerate(FieldClass)})
"""From least to most: nobody below may call a field less than what it is called above."""


class Action(StrEnum):
    """What a contractor may be allowed to do. Making accounts in people's names is no word of this list, and never will be."""

    STORE = "store"
    SEND_MAIL = "send-mail"
    SEND_POST = "send-post"
    PHONE = "phone"
    PRINT = "print"
    SHIP = "ship"
    ANSWER = "answer"  # 問合せへの回答
    MEASURE = "measure"  # 計測・記録
    PUBLISH = "publish-results"
    CARE = "medical-care"  # 救護
    ANALYSE = "analyse"
    ERASE = "erase"


NEVER = frozenset({"create-account", "list-mail", "own-use"})
"""What no entrustment may allow: accounts others make, mail that shows one person to the other, use for the contractor's own ends."""


class Again(StrEnum):
    """Whether the contractor may hand on (再委託), from strictest to loosest."""

    FORBIDDEN = "forbidden"
    PRIOR_CONSENT = "prior-consent"  # 事前の承諾
    NOTICE = "free-with-notice"  # 通知のうえ可


class Rung(StrEnum):
    """How much leaves our hands, from nothing to everything. Above the first, somebody gives a reason and another approves."""

    AGGREGATE = "aggregate"  # counts only
    PULL = "pull"  # we publish, people come by themselves
    HOLDER_SENDS = "holder-sends"  # who holds the data already sends for the contractor
    HOLDER_POSTS = "holder-posts"  # the same by letter, for people without the web
    ALIASES = "aliases"  # an opaque address for each person and entrustment
    PSEUDONYMS = "pseudonyms"  # numbers, no way to reach anybody
    CONTACT = "contact"  # what people are reached by, and nothing beside it
    FIELDS = "fields"  # the fields themselves


RUNGS: tuple[Rung, ...] = tuple(Rung)
NOTHING_LEAVES = frozenset({Rung.PULL, Rung.HOLDER_SENDS, Rung.HOLDER_POSTS})
"""On these rungs there is no file to hand over."""


class What(StrEnum):
    """What can happen to an entrustment after it was entered."""

    AGREED = "agreed"  # the controller consents to the re-entrustment
    APPROVED = "approved"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    ENDED = "ended"
    RETURNED = "returned"  # given back or erased, with proof


class Status(StrEnum):
    """What an entrustment is on a day."""

    DRAFT = "draft"
    NOT_YET = "not-yet"
    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    OVER = "over"  # its last day has passed; what was handed over is not back yet
    ENDED = "ended"
    RETURNED = "returned"


@dataclass(frozen=True)
class Entrustment:
    """One row of the register, as a named person of the operator signs it and answers for it.

    `parent` is the entrustment this is handed on from; empty: from us. `party`, `contact`: the firm and where it answers. `ground` is a
    case of the book. `fields` maps a field's name to its class. `consent` is the digest of the text by which people agreed that
    special fields are handed over; `contract` that of the contract. `places` are ISO 3166 codes. `since`, `until`: both days
    included. `return_days`: within how many days after the end it is given back or erased, with proof. `report_hours`: within how many
    hours an incident is reported to us. `rung`: the highest rung of the ladder it allows; `reason`: why no lower one will do.
    `chosen_for`, `checked`: why this firm, and when its handling was last looked at.
    """

    parent: str
    party: str
    contact: str
    purpose: str
    ground: str
    fields: Mapping[str, FieldClass]
    consent: str
    persons: int
    actions: frozenset[Action]
    places: frozenset[str]
    since: date
    until: date
    return_days: int
    again: Again
    contract: str
    chosen_for: str
    checked: date
    report_hours: int
    rung: Rung
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Move:
    """Something that happens to an entrustment: signed by who does it. `proof`: the digest of a document, where there must be one."""

    entrustment: str
    what: What
    reason: str
    proof: str
    by: str
    at: datetime


@dataclass(frozen=True)
class PartyKey:
    """The key (age1...) to which what we hand over on this row is sealed. `proof`: the digest of the paper by which the party told it."""

    entrustment: str
    key: str
    proof: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Giving:
    """Hand over this very file under this permit. `file`, `without`: SHA-256; `without` is a list of those who objected, or empty."""

    permit: str
    file: str
    without: str
    by: str
    at: datetime


@dataclass(frozen=True)
class AskedWhere:
    """Somebody asks where their data went. `who`: the SHA-256 of what was typed, so that the signature holds no address."""

    who: str
    by: str
    at: datetime


MAY: Mapping[What, frozenset[Role]] = MappingProxyType({
    What.AGREED: frozenset({Role.OFFICER}),
    What.APPROVED: frozenset({Role.REVIEWER, Role.OFFICER}),
    What.SUSPENDED: frozenset({Role.DESK, Role.ENGINEER, Role.REVIEWER, Role.OFFICER, Role.WINDOW}),
    What.RESUMED: frozenset({Role.REVIEWER, Role.OFFICER}),
    What.ENDED: frozenset({Role.DESK, Role.OFFICER, Role.WINDOW}),
    What.RETURNED: frozenset({Role.DESK, Role.OFFICER}),
})  # fmt: skip
"""Who may do what. To stop is everybody's, to begin again is not."""

FROM: Mapping[What, frozenset[Status]] = MappingProxyType({
    What.AGREED: frozenset({Status.DRAFT}),
    What.APPROVED: frozenset({Status.DRAFT}),
    What.SUSPENDED: frozenset({Status.IN_FORCE, Status.NOT_YET}),
    What.RESUMED: frozenset({Status.SUSPENDED}),
    What.ENDED: frozenset({Status.DRAFT, Status.NOT_YET, Status.IN_FORCE, Status.SUSPENDED, Status.OVER}),
    What.RETURNED: frozenset({Status.ENDED, Status.OVER}),
})  # fmt: skip
"""In which status each can happen."""

PROVED = frozenset({What.AGREED, What.RETURNED})
"""What needs a document."""


def status(said: Entrustment, moves: Iterable[What], day: date) -> Status:
    """What it is on a day, after these moves in their order. A move that could not happen then changes nothing."""
    found, suspended = Status.DRAFT, False
    for what in moves:
        if found in (Status.ENDED, Status.RETURNED) and what is not What.RETURNED:
            continue
        if what is What.RETURNED and (found is Status.ENDED or (found is Status.IN_FORCE and day > said.until)):
            found = Status.RETURNED
        elif what is What.ENDED:
            found = Status.ENDED
        elif what is What.APPROVED and found is Status.DRAFT:
            found = Status.IN_FORCE
        elif what in (What.SUSPENDED, What.RESUMED):
            suspended = what is What.SUSPENDED
    if found is not Status.IN_FORCE:
        return found
    if day > said.until:
        return Status.OVER
    if suspended:
        return Status.SUSPENDED
    return Status.IN_FORCE if day >= said.since else Status.NOT_YET


def faults(said: Entrustment) -> tuple[str, ...]:
    """What is missing or wrong in a row by itself, by field; empty if nothing is. Empty, unknown and missing mean no."""
    special = any(c.special for c in said.fields.values())
    good = {
        "party": bool(said.party.strip()),
        "contact": bool(said.contact.strip()),
        "purpose": NAME.fullmatch(said.purpose) is not None,
        "ground": bool(said.ground.strip()),
        "fields": bool(said.fields) and all(NAME.fullmatch(f) for f in said.fields),
        "consent": DIGEST.fullmatch(said.consent) is not None if special or said.consent else True,
        "persons": 0 < said.persons <= MOST_PERSONS,
        "actions": bool(said.actions),
        "places": bool(said.places) and all(COUNTRY.fullmatch(p) for p in said.places),
        "until": said.since <= said.until and (said.until - said.since).days <= LONGEST_DAYS,
        "return_days": 0 <= said.return_days <= LONGEST_DAYS,
        "contract": DIGEST.fullmatch(said.contract) is not None,
        "chosen_for": bool(said.chosen_for.strip()),
        "checked": said.checked <= said.at.date(),
        "report_hours": 0 < said.report_hours <= MOST_HOURS,
        "reason": said.rung is Rung.AGGREGATE or bool(said.reason.strip()),
    }
    return tuple(name for name, right in good.items() if not right)


def exceeds(child: Entrustment, parent: Entrustment) -> tuple[str, ...]:
    """In which respects a sub-contractor would hold more than the one above; empty if in none."""
    below = {
        "purpose": child.purpose == parent.purpose,
        "fields": child.fields.keys() <= parent.fields.keys(),
        "classes": all(WEIGHT[c] >= WEIGHT[parent.fields[f]] for f, c in child.fields.items() if f in parent.fields),
        "persons": child.persons <= parent.persons,
        "actions": child.actions <= parent.actions,
        "places": child.places <= parent.places,
        "term": parent.since <= child.since and child.until <= parent.until,
        "return_days": child.return_days <= parent.return_days,
        "again": tuple(Again).index(child.again) <= tuple(Again).index(parent.again),
        "report_hours": child.report_hours <= parent.report_hours,
        "rung": RUNGS.index(child.rung) <= RUNGS.index(parent.rung),
    }
    return tuple(name for name, holds in below.items() if not holds)


def lower(rung: Rung) -> Sequence[Rung]:
    """The rungs below, least data first: what to ask for instead."""
    return RUNGS[: RUNGS.index(rung)]
