"""What a mail to an alias says: as a child that may die of it says it, and as `act` believes it.

A child that a mail took over can say for that mail what its writer could have written; of anybody else's it never hears.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import compat32
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

from sekisho.law.canonical import plain
from sekisho.law.reading import ReadingError, read
from sekisho.wire.cursor import FormError
from sekisho.wire.machines import of_a_machine
from sekisho.wire.own_words import LONGEST, MOST, OwnWords, read_own_words

__all__ = ["LONGEST_ANSWER", "MACHINE", "MOST", "Read", "believed", "said", "shown"]

LONGEST_ANSWER = 12 * LONGEST + (1 << 16)
"""Octets: each character of a text as JSON spells it, and the names of files."""
ALIAS = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
NAMED = re.compile(r"[0-9a-f]{64}")
CODE = re.compile(r"[a-z-]{1,32}")
MACHINE = "machine"
TO = ("x-original-to", "delivered-to")
"""What our own mail server writes above everything a sender wrote: the topmost counts."""


@dataclass(frozen=True)
class Read:
    """`alias`: local part it was delivered to, or empty; `named`: digest of its Message-ID, or empty.

    `why`: code of what made it unreadable; `words` are None only with one.
    """

    alias: str
    named: str
    why: str = ""
    words: OwnWords | None = None

    def __repr__(self) -> str:
        """Never shows a word: values end up in tracebacks."""
        return "Read(...)"


def said(raw: bytes) -> Mapping[str, Any]:
    """Runs in the child: raises whatever a mail makes it raise."""
    mail = message_from_bytes(raw, policy=compat32)
    to = next((str(value) for name, value in mail.items() if name.lower() in TO), "")
    alias = parseaddr(to)[1].partition("@")[0].strip().casefold()
    identity = "".join(str(mail.get("message-id", "")).split())
    named = sha256(identity.encode("utf-8", "replace")).hexdigest() if identity else ""
    found = {"alias": alias if ALIAS.fullmatch(alias) else "", "named": named, "why": "", "words": None}
    try:
        return {**found, "words": plain(read_own_words(raw))}
    except FormError as why:
        return {**found, "why": MACHINE if of_a_machine(mail) else why.code}


def shown(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """A held mail for whoever reads it at the terminal: its writer's own words, numbered as reasons number them, and names of files.

    Nothing for one that cannot be read.
    """
    try:
        words = read_own_words(raw)
    except FormError:
        return "", ()
    return words.text, words.files


def believed(answer: object) -> Read:
    """Raises ValueError for anything but this form: whoever read the mail may have become its author's."""
    try:
        one = read(Read, answer)
    except ReadingError as why:
        raise ValueError(why.code) from why
    words = one.words
    if not all(pattern.fullmatch(text) for pattern, text in ((ALIAS, one.alias), (NAMED, one.named), (CODE, one.why)) if text):
        raise ValueError("none of our words")
    if (words is None) != bool(one.why) or (words is not None and len(words.text) > LONGEST):
        raise ValueError("words, or why there are none")
    return one
