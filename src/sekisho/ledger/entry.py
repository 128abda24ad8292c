"""What is written in the ledger: an envelope of kinds, identifiers, digests, times and flags that anybody may read.

Bodies are not here. An entry commits to a body with a salt; who holds both can show the body, and when the salt is
destroyed nobody can tell any more, while the tree stays whole. Values have shapes that no name, address or domain has.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from sekisho.ledger.faults import EntryRefused
from sekisho.ledger.files import MAX_ENTRY

VERSION = 1
SALT = 32
MAX_FIELDS = 32
MAX_FLAGS = 32


class EntryType(StrEnum):
    """What happened. Values are only ever appended: old ledgers stay readable."""

    PLAN = "plan"
    EVIDENCE = "evidence"
    APPROVAL = "approval"
    CONFIRMATION = "confirmation"
    PERMIT = "permit"
    WITHDRAWAL = "withdrawal"
    EXPIRY = "expiry"
    KEY_MADE = "key-made"
    LOOK = "look"
    KEY_RELEASE = "key-release"
    ORDER = "order"
    DONE = "done"
    REFUSED = "refused"
    DESTROYED = "destroyed"
    PERSON = "person"
    TEXT_ADOPTED = "text-adopted"
    CHECKPOINT_SEEN = "checkpoint-seen"
    STARTED = "started"
    CLOCK_JUMP = "clock-jump"
    OPT_OUT = "opt-out"
    DISMISSED = "dismissed"
    UNCONFIRMED = "unconfirmed"
    FOUND = "found"
    LOOK_OVER = "look-over"
    INVITED = "invited"
    REFERRED = "referred"
    RECOVERED = "recovered"
    BOOK_LOADED = "book-loaded"
    EXCHANGED = "exchanged"
    NOTICE_SHOWN = "notice-shown"
    CONSENT = "consent"
    CONSENT_OVER = "consent-over"
    COMMENT = "comment"
    ENVELOPE = "envelope"
    ENVELOPE_APPROVED = "envelope-approved"
    ENVELOPE_USED = "envelope-used"
    ENVELOPE_REVIEWED = "envelope-reviewed"
    CASE_OPENED = "case-opened"
    CASE_MOVED = "case-moved"
    ATTACHED = "attached"
    LETTER_DRAFTED = "letter-drafted"
    HELD = "held"
    HOLD_ENDED = "hold-ended"
    REMINDED = "reminded"
    ENVELOPE_REVOKED = "envelope-revoked"
    NOTICE_CHANGED = "notice-changed"
    REVEAL = "reveal"
    ENTRUSTED = "entrusted"
    ENTRUSTMENT_MOVED = "entrustment-moved"
    SCANNED = "scanned"
    PARTY_KEY = "party-key"
    HAND_OVER = "hand-over"
    HANDED_OVER = "handed-over"
    ASKED_WHERE = "asked-where"
    EFFECT = "effect"
    OWNER = "owner"
    CAMPAIGN = "campaign"
    MAILED = "mailed"
    MAIL_ANSWERED = "mail-answered"
    RECIPIENT_LOST = "recipient-lost"
    MAIL_STOPPED = "mail-stopped"
    LINE_OPENED = "line-opened"
    LINE_CLOSED = "line-closed"
    VIEWING = "viewing"
    TOOL = "tool"
    CANARY_MAIL = "canary-mail"
    ADMITTED = "admitted"
    ADMISSION_SHUT = "admission-shut"
    HANDED_IN = "handed-in"
    RETURN_ENDED = "return-ended"
    REPLY = "reply"
    REPLY_READ = "reply-read"
    REPLY_CLOSED = "reply-closed"
    SENDER_HELD = "sender-held"
    SENDER_RESTORED = "sender-restored"
    LETTERS_TAKEN = "letters-taken"
    REPORTER_HANDED = "reporter-handed"
    EFFECT_COUNTED = "effect-counted"
    NUMBERS_RELEASED = "numbers-released"
    TALK = "talk"
    TALK_MAIL = "talk-mail"
    PASSED_ON = "passed-on"
    TALK_MAIL_ANSWERED = "talk-mail-answered"
    HELD_MAIL_READ = "held-mail-read"
    HELD_MAIL_SETTLED = "held-mail-settled"
    SWITCHED = "switched"
    EVENT_ENDED = "event-ended"


HEX = r"(?:[0-9a-f]{16}|[0-9a-f]{64}|[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15})"
KINDS = (
    "plan", "permit", "evidence", "approval", "confirmation", "withdrawal", "person", "look", "release", "order", "finding",
    "petition", "segment", "stream", "text", "case", "key", "receipt", "letter", "hold", "run", "process", "consent",
    "matter", "move", "attachment", "reminder", "envelope", "use", "record",
    "entrustment", "scan", "handover", "partykey", "owner", "campaign", "batch", "loss", "stop", "exception", "viewing",
    "tool", "canary", "admission", "handin", "return", "reply", "pause", "count", "talk", "passing", "switch", "event",
)  # fmt: skip
CLASSES = ("content", "party", "counterpart", "datetime", "place", "count", "existence", "header", "inferable", "footer")
PROCESSES = ("keep", "collect", "work", "act", "show")
OPAQUE = rf"(?:(?:unsafe-demo-)?(?:{'|'.join(KINDS)})-)?{HEX}"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

IDS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(KINDS, OPAQUE)
    | {
        "case": r"[a-z]{2}/(?:[A-Z][0-9]?-[0-9]{1,2}|TERMS)/[0-9]{1,3}",
        "key": rf"{OPAQUE}|{OPAQUE}/(?:{'|'.join(CLASSES)})/{DAY}",
        "process": "|".join(PROCESSES),
        "optout": HEX,
        "book": r"[0-9a-f]{64}",
        "bundle": r"[0-9a-f]{64}",
    }
)
"""Which identifiers an entry may carry, each with its shape. Opaque ones are 16 or 64 hex digits or a version-4 UUID's
32, with the kind in front if wanted: any 32 digits could be an IPv6 address, any 8 an IPv4 one. There is no field for
words of the caller's choosing, since a surname is a word too. Append fields; never widen a shape."""

DIGESTS = frozenset({
    "book", "body", "plan", "shown", "evidence", "permit", "text", "segment", "list", "recipients", "software", "settings",
    "checkpoint", "undo", "order", "view",
})  # fmt: skip
TIMES = frozenset({
    "since", "until", "received", "due", "made", "seen", "destroyed-until", "started", "before", "after",
})  # fmt: skip
COMMITMENTS = frozenset({
    "body", "recipient", "reasons", "scope", "party", "value", "answer", "name", "contact", "subject",
})  # fmt: skip
FLAGS = frozenset({
    "duty-delete", "duty-notify", "duty-publish", "duty-report", "duty-review", "duty-undo",
    "one-person", "out-of-scope", "unsafe-demo", "held", "bulk", "emergency",
})  # fmt: skip

_IDS = {name: re.compile(shape) for name, shape in IDS.items()}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def commit(body: bytes) -> tuple[str, bytes]:
    """A commitment to `body`, in hex, and the salt (32 fresh bytes) that opens it: SHA-256 over salt, then body."""
    salt = secrets.token_bytes(SALT)
    return hashlib.sha256(salt + body).hexdigest(), salt


def opens(commitment: str, salt: bytes, body: bytes) -> bool:
    """Whether `salt` and `body` are what was committed to."""
    return len(salt) == SALT and hmac.compare_digest(commitment.encode(), hashlib.sha256(salt + body).hexdigest().encode())


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. Raises EntryRefused from birth for a field or value that is not of a known shape.

    `at` is when `keep` decided; `flags` are of FLAGS; the rest maps a field to its value.
    """

    type: EntryType
    at: datetime
    ids: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    commitments: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.type, EntryType):
            raise EntryRefused("type: not an EntryType; append the new type there first")
        _require_time("at", self.at)
        for name, value in _bounded("ids", self.ids, IDS):
            _require(f"ids.{name}", value, _IDS[name])
        for group, known in (("digests", DIGESTS), ("commitments", COMMITMENTS)):
            for name, value in _bounded(group, getattr(self, group), known):
                _require(f"{group}.{name}", value, _DIGEST)
        for name, time in _bounded("times", self.times, TIMES):
            _require_time(f"times.{name}", time)
        if len(self.flags) > MAX_FLAGS:
            raise EntryRefused(f"flags: more than {MAX_FLAGS}")
        for flag in self.flags:
            if flag not in FLAGS:
                raise EntryRefused("flags: not one the ledger knows; append it in ledger/entry.py")
        for group in ("ids", "digests", "times", "commitments"):
            object.__setattr__(self, group, MappingProxyType(dict(getattr(self, group))))

    def encode(self) -> bytes:
        """The bytes that are logged: JSON with sorted keys, no spaces, ASCII; one spelling for one entry."""
        plain = {
            "v": VERSION,
            "type": self.type.value,
            "at": _spell(self.at),
            "ids": dict(self.ids),
            "digests": dict(self.digests),
            "times": {name: _spell(time) for name, time in self.times.items()},
            "flags": sorted(set(self.flags)),
            "commitments": dict(self.commitments),
        }
        filled = {name: value for name, value in plain.items() if value not in ({}, [])}
        return json.dumps(filled, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes) -> Entry:
        """Read an entry back. Raises EntryRefused for anything `encode` does not write, byte for byte."""
        if len(data) > MAX_ENTRY:
            raise EntryRefused("longer than an entry may be")
        try:
            plain = json.loads(data.decode("ascii"))
            entry = cls(
                type=EntryType(plain["type"]),
                at=_read_time(plain["at"]),
                ids=plain.get("ids", {}),
                digests=plain.get("digests", {}),
                times={name: _read_time(time) for name, time in plain.get("times", {}).items()},
                flags=tuple(plain.get("flags", ())),
                commitments=plain.get("commitments", {}),
            )
        except EntryRefused:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as why:
            raise EntryRefused(f"not an entry of version {VERSION} ({type(why).__name__})") from None
        if entry.encode() != data:
            raise EntryRefused(f"not spelled as version {VERSION} spells it")
        return entry


def _bounded(group: str, mapping: Mapping[str, object], known: Iterable[str]) -> list[tuple[str, object]]:
    if not isinstance(mapping, Mapping) or len(mapping) > MAX_FIELDS:
        raise EntryRefused(f"{group}: not a mapping of at most {MAX_FIELDS} fields")
    allowed = set(known)
    for number, name in enumerate(mapping):
        if name not in allowed:
            raise EntryRefused(f"{group}: field number {number} is not one the ledger knows; append it in ledger/entry.py with its shape")
    return list(mapping.items())


def _require(where: str, value: object, shape: re.Pattern[str]) -> None:
    """The value itself is never repeated in the error: it may be the very name that must not be written anywhere."""
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise EntryRefused(f"{where}: not of the shape {shape.pattern[:60]}; commit to it instead of writing it")


def _require_time(where: str, value: object) -> None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise EntryRefused(f"{where}: not a time with a zone")


def _spell(time: datetime) -> str:
    return time.astimezone(UTC).strftime(_TIME)


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
