"""What Postfix writes to its log about accounts that signed in: who handed in which mail, what became of each recipient, failed log-ins.

A line is read by where its words stand, from the left. What strangers can put into one (a HELO, a recipient, a reply of another server,
the name in a failed log-in) stands behind those words, and is never searched. No recipient, sender or subject is in what comes out.
Formats: Postfix 3.7's own source (smtpd.c, smtpd_sasl_glue.c, log_adhoc.c, qmgr), syslog heads of RFC 3164 and RFC 3339.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

LONGEST = 8192
"""Octets of a line; Postfix's own end at 2,048 for syslog. A longer one is no line of Postfix's, and is left out whole."""

DAEMON = r"[a-z-]{1,30}"
HEAD = re.compile(
    r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[0-9:.+Z-]{8,24}) [^ ]{1,255} "
    rf"postfix[a-z0-9-]{{0,30}}(?:/[a-z0-9-]{{1,30}})?/({DAEMON})\[\d{{1,10}}\]: (.*)",
    re.DOTALL,
)
CLIENT = r"[A-Za-z0-9._-]{1,255}\[([0-9A-Fa-f:.]{2,45})\](?::\d{1,5})?"
QUEUE = r"([0-9A-Za-z]{5,30})"
HANDED_IN = re.compile(rf"{QUEUE}: client={CLIENT}, sasl_method=[A-Z0-9_-]{{1,20}}, sasl_username=(.+?)(?:, sasl_sender=.*)?", re.DOTALL)
FAILED = re.compile(rf"warning: {CLIENT}: SASL [A-Z0-9_-]{{1,20}} authentication failed: (.*)", re.DOTALL)
NAMED = ", sasl_username="
NOBODYS = r"5\.1\.(?:1|2|3|6|10)"
"""Enhanced codes that say: this is nobody's address (RFC 3463, 3.2; RFC 7505). The others of that class speak of the sender."""
REJECTED = re.compile(rf"{QUEUE}: reject: RCPT from {CLIENT}: 5\d\d {NOBODYS} ")
ADDRESS = r'<(?:"(?:[^"\\]|\\.)*+"(?:@[^<>" ]*+)?|[^"<>]*+)>'
DELIVERED = re.compile(
    rf"{QUEUE}: to={ADDRESS}, (?:orig_to={ADDRESS}, )?relay=[^ ,]{{1,500}}, (?:conn_use=\d+, )?"
    r"delay=[0-9.]+, delays=[0-9./]+, dsn=(\d\.\d{1,3}\.\d{1,3}), status=(sent|bounced) \("
)
REMOVED = re.compile(rf"{QUEUE}: removed")
DELIVERS = frozenset({"smtp", "lmtp", "local", "virtual", "pipe", "error"})


@dataclass(frozen=True)
class HandedIn:
    """An account handed in a mail, from that address."""

    queue: str
    account: str = field(repr=False)
    client: str = field(repr=False)


@dataclass(frozen=True)
class Ended:
    """One recipient of that mail: `refused` as nobody's address, or not."""

    queue: str
    refused: bool


@dataclass(frozen=True)
class Removed:
    """The mail left the queue; its number may be used again."""

    queue: str


@dataclass(frozen=True)
class LogInFailed:
    """Whoever it was said that name: nothing says that it is theirs."""

    account: str = field(repr=False)
    client: str = field(repr=False)


Said: TypeAlias = HandedIn | Ended | Removed | LogInFailed


class Lines:
    """Octets as they come from a file; whole lines, the half one at the end kept for the next time."""

    def __init__(self) -> None:
        self._half = bytearray()
        self._skips = False
        self.too_long = 0

    def feed(self, part: bytes) -> Iterator[str]:
        """Octets that are no UTF-8 stand as the surrogates U+DC80..U+DCFF."""
        *whole, half = part.split(b"\n")
        for line in whole:
            self._add(line)
            if not self._skips:
                yield self._half.decode("utf-8", "surrogateescape")
            self._half.clear()
            self._skips = False
        self._add(half)

    def _add(self, part: bytes) -> None:
        if not self._skips and len(self._half) + len(part) > LONGEST:
            self._skips = True
            self.too_long += 1
            self._half.clear()
        elif not self._skips:
            self._half += part

    def drop(self, *, within: bool = False) -> None:
        """What came is forgotten; `within` a line, what is left of that line as well."""
        self._half.clear()
        self._skips = within


def read_line(line: str) -> Said | None:
    """None for whatever is not about a signed-in account's mail, or has no form we know."""
    head = HEAD.fullmatch(line)
    if head is None:
        return None
    daemon, said = head[1], head[2]
    if daemon == "smtpd":
        return _smtpd(said)
    if daemon in DELIVERS and (found := DELIVERED.match(said)):
        return Ended(found[1], found[3] == "bounced" and re.fullmatch(NOBODYS, found[2]) is not None)
    if daemon == "qmgr" and (found := REMOVED.fullmatch(said)):
        return Removed(found[1])
    return None


def _smtpd(said: str) -> Said | None:
    if found := HANDED_IN.fullmatch(said):
        return HandedIn(found[1], found[3], found[2])
    if (found := REJECTED.match(said)) and found[1] != "NOQUEUE":
        return Ended(found[1], refused=True)
    if found := FAILED.fullmatch(said):
        account = found[2].partition(NAMED)[2]
        return LogInFailed(account, found[1]) if account else None
    return None


__all__ = ["LONGEST", "Ended", "HandedIn", "Lines", "LogInFailed", "Removed", "Said", "read_line"]
