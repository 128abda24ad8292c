"""What is asked of the world, as plain data: its permit, its target, its end, and how it is undone. And what came of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

LOCAL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
MAILBOX = re.compile(rf"({LOCAL}{{1,64}})@({LABEL}(?:\.{LABEL})*)")
"""A mail address as it may stand on an envelope: in ASCII, nothing quoted, no address literal."""
UNSEEN = ("Cc", "Zl", "Zp", "Cs")
DIRECTIONS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Unicode categories and directions that nothing may have which is sent: a reader does not see them, and takes the words for others."""


class Undo(StrEnum):
    """How an effect ends when its permit does."""

    NONE = "none"  # a delivered mail stays delivered: the order only forbids to begin after its end
    LAPSE = "lapse"  # the device forgets unless it is told again
    REVERSE = "reverse"  # a second command takes it back


class Outcome(StrEnum):
    """What became of an order."""

    ACCEPTED = "accepted"  # the other side took it and answers for it from now on
    REFUSED = "refused"  # the other side said no for good; nothing was delivered
    DEFERRED = "deferred"  # nothing was handed over; the same order may be tried again
    UNKNOWN = "unknown"  # handed over and never answered: listed for a person, never sent again blindly
    STOPPED = "stopped"  # the permit, or the order's own time, ended before the hand-over; nothing was delivered


@dataclass(frozen=True)
class Order:
    """One effect on one target. `recipient` is sealed to the process that acts; `text` is "id@version", `text_digest` what was approved.

    `params` are the values for the text's placeholders, never the recipient's own; `not_after` is the last moment it may begin.
    """

    id: str
    permit: str
    effect: str
    recipient: bytes
    text: str
    text_digest: str
    language: str
    not_after: datetime
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    undo: Undo = Undo.NONE


def message_id(order_id: str, domain: str) -> str:
    """Depends on the order alone, so that a mail offered twice can be recognised by whoever got it twice."""
    return f"<{hashlib.sha256(b'sekisho mail order ' + order_id.encode()).hexdigest()[:40]}@{domain}>"


@dataclass(frozen=True)
class Rendered:
    """A text with its values filled in: what one person will read."""

    subject: str
    body: str
    language: str


@dataclass(frozen=True)
class Receipt:
    """What came of an order. `stage` is how far it got, `code` and `enhanced` the server's answer (RFC 5321, RFC 3463).

    `why` is a word of ours. `message_id` depends on the order alone, so the same order tried twice can be recognised;
    `digest` is SHA-256 of the bytes offered.
    Never holds an address or a server's prose, which may repeat one.
    """

    order: str
    outcome: Outcome
    stage: str
    at: datetime
    message_id: str
    digest: str
    code: int | None = None
    enhanced: str = ""
    why: str = ""


class Stopped(Exception):
    """What `may_still` raises: the permit no longer carries this order. `code` is a fixed word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unsendable(ValueError):
    """The order's own data do not make a safe message. `code` says which part; the value itself is never repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
