"""A campaign: one message to many people, approved as it stands, byte for byte, for one set of recipients and one window of time.

What is signed, approved and sent is one object; its digest covers every text, link, attachment and time, and a commitment to the set of
recipients. Whoever changes any of them has another campaign. Sources: 個人情報の保護に関する法律 25条; the marathon of 2024.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from sekisho.law import question
from sekisho.law.canonical import digest, plain
from sekisho.law.question import Question
from sekisho.law.words import Role

LANGUAGES = ("ja", "en")
DIGEST = re.compile(r"[0-9a-f]{64}")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::\d{1,5})?")
FIELD = re.compile(r"[a-z][a-z0-9_]{0,31}")
FILE = re.compile(r"[\w][\w .()-]{0,99}")
MEDIA = frozenset({"application/pdf", "image/png", "image/jpeg", "text/calendar", "text/csv"})
"""What may be attached: nothing that runs."""
LONGEST = timedelta(days=31)
MOST_PERSONS = 20_000
"""So many recipients one campaign may have; more people are more campaigns, each approved."""
MOST_ATTACHED = 1 << 20
MOST_A_MINUTE = 60_000
LONGEST_REASON = 200
LATER = frozenset({"asks", "viewing"})
"""Fields that came later: a campaign that leaves them empty has the digest it had without them."""
VIEWING = re.compile(r"viewing-[0-9a-f]{16}")
OWN_FIELDS = frozenset({"name", "check_url", "check_code", "stop_url"})
"""What a text may always say of its one recipient: their name, and the codes of this very mail."""
INVITES = frozenset({"invite_url", "invite_code"})
"""What an invitation says beside: where its code is typed, and the code, which stands in no link."""
TRAINING: Mapping[str, str] = MappingProxyType({"ja": "【訓練】", "en": "[TRAINING]"})
"""How subject and text of a training begin, so that nobody takes it for a message."""


@dataclass(frozen=True)
class Text:
    """What one person reads. `html` may be empty: the plain text never is."""

    subject: str
    plain: str
    html: str = ""


@dataclass(frozen=True)
class Attached:
    """A file that goes with every mail of the campaign. `content`: base64."""

    name: str
    media: str
    content: str


@dataclass(frozen=True)
class Campaign:
    """One mailing as its submitter signs it.

    `announcement` is what the public page says of it, by language; `texts` by language. `hosts`: where links may lead, and nowhere else.
    `sender`, `reply_desk`: addresses. `since`, `until`: the window, UTC. `fields`: which fields of a recipient the texts may name.
    `recipients`: the root over the set (`desk/commitment.py`), `persons` how many. `entrustment`: the row it is sent for, or
    empty. A `training` goes to a sink and to nobody else. `advertising` is refused here: the case of advertising mail is another. `asks`:
    the question of an invitation, which each answers with a code of their own; `viewing`: or the closed viewing that the code opens.
    """

    name: str
    announcement: Mapping[str, str]
    texts: Mapping[str, Text]
    attachments: tuple[Attached, ...]
    hosts: tuple[str, ...]
    sender: str
    sender_name: str
    reply_desk: str
    since: datetime
    until: datetime
    per_minute: int
    fields: tuple[str, ...]
    recipients: str
    persons: int
    entrustment: str
    training: bool
    advertising: bool
    by: str
    at: datetime
    asks: Question | None = None
    viewing: str = ""

    @property
    def invites(self) -> bool:
        """Whether each mail holds a code of its own."""
        return self.asks is not None or bool(self.viewing)


@dataclass(frozen=True)
class Recipient:
    """One person of the list. `salt` (32 random bytes, hex) keeps a leaf of the commitment from being guessed from an address."""

    mail: str
    name: str
    language: str
    salt: str
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return "Recipient(...)"


class Lost(StrEnum):
    """Why somebody of the approved set is not sent to. The set only shrinks, and each loss says why."""

    WITHDRAWN = "withdrawn"  # the person took part no longer, or took their word back
    STOPPED = "stopped"  # 受信拒否: asked for no more mail
    BOUNCED = "bounced"  # mail to this address came back for good
    ENTRUSTMENT = "entrustment-stopped"
    NO_CONSENT = "no-consent"


class State(StrEnum):
    """Where one recipient's mail stands."""

    WAITING = "waiting"
    BEGUN = "begun"  # handed to the sending process, no answer yet
    UNSURE = "unsure"  # that process died, or the server never answered: the server is asked before anything is sent again
    ACCEPTED = "accepted"  # our mail server has it
    REFUSED = "refused"
    UNSENDABLE = "unsendable"
    UNKNOWN = "unknown"  # the server could not tell either: listed for a person, never sent again
    LOST = "lost"
    BOUNCED = "bounced"  # accepted, and came back


MAY_SUBMIT = (Role.DESK, Role.OFFICER, Role.ENGINEER)
MAY_LOSE = (Role.DESK, Role.HELP_DESK, Role.OFFICER, Role.WINDOW, Role.REVIEWER)
"""To take somebody off a list is nearly everybody's; to put somebody on it is nobody's."""


@dataclass(frozen=True)
class Loss:
    """Somebody of the set is not sent to after all: signed by who says so. `recipient`: the pseudonym, as the list shows it."""

    campaign: str
    recipient: str
    why: Lost
    by: str
    at: datetime


@dataclass(frozen=True)
class Reachable:
    """Mail to this address came back, and it is good after all: signed by who says so, and how they know. `recipient`: the pseudonym."""

    recipient: str
    reason: str
    by: str
    at: datetime


def identity(said: Campaign) -> str:
    """What is approved: SHA-256 over every byte of the campaign, hex."""
    words: Mapping[str, object] = plain(said)
    return digest({name: value for name, value in words.items() if name not in LATER or value})


def faults(said: Campaign) -> tuple[str, ...]:
    """What is missing or wrong in a campaign by itself, by field; empty if nothing is. Empty, unknown and missing mean no."""
    good = {
        "name": bool(said.name.strip()) and (not said.training or said.name.startswith(tuple(TRAINING.values()))),
        "announcement": set(said.announcement) == set(LANGUAGES) and all(w.strip() for w in said.announcement.values()),
        "texts": bool(said.texts) and set(said.texts) <= set(LANGUAGES) and all(_text(t) for t in said.texts.values()),
        "training": not said.training or all(_marked(said.texts[lang], mark) for lang, mark in TRAINING.items() if lang in said.texts),
        "attachments": all(_attached(a) for a in said.attachments) and sum(len(a.content) for a in said.attachments) <= MOST_ATTACHED,
        "hosts": bool(said.hosts) and all(HOST.fullmatch(h) for h in said.hosts),
        "sender_name": bool(said.sender_name.strip()),
        "until": timedelta(0) < said.until - said.since <= LONGEST,
        "per_minute": 0 < said.per_minute <= MOST_A_MINUTE,
        "fields": all(map(named_well, said.fields)) and len(set(said.fields)) == len(said.fields),
        "recipients": DIGEST.fullmatch(said.recipients) is not None,
        "persons": 0 < said.persons <= MOST_PERSONS,
        "viewing": not said.viewing or (VIEWING.fullmatch(said.viewing) is not None and said.asks is None),
    }
    asked = question.faults(said.asks, said.texts) if said.asks else ()
    return (*(name for name, right in good.items() if not right), *(f"asks.{name}" for name in asked))


def named_well(name: str) -> bool:
    """Whether a field of the list has a name of its own, none of ours."""
    return FIELD.fullmatch(name) is not None and name not in OWN_FIELDS | INVITES


def _text(text: Text) -> bool:
    return bool(text.subject.strip() and text.plain.strip())


def _marked(text: Text, mark: str) -> bool:
    parts = [text.subject, text.plain, *([text.html] if text.html else [])]
    return all(mark in part for part in parts) and text.subject.startswith(mark)


def _attached(file: Attached) -> bool:
    return FILE.fullmatch(file.name) is not None and file.media in MEDIA and bool(file.content)
