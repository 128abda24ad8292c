"""A reply to a mail of a campaign, read: which mail it answers, and what a person reads of it. Bytes of strangers, never raising.

Nothing of it is ever put into another mail. Files that came with it are named and not opened.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from itertools import islice

from sekisho.desk.messages.answer import CODE
from sekisho.law.reply import MOST

IDS = re.compile(r"<([0-9a-f]{40}@[A-Za-z0-9.-]{1,255})>", re.IGNORECASE)
MOST_IDS = 20
MOST_PARTS = 40
MOST_HEADER = 8000
LONGEST = 20_000
"""Characters of a text that are shown."""


@dataclass(frozen=True)
class Answers:
    """Message-IDs it names, newest first, without brackets; and the check code in its subject, or empty."""

    ids: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class Shown:
    """`sender`: as it claims; `text`: its first plain text, without what a terminal would act on; `files`: names of what came with it."""

    sender: str
    subject: str
    text: str
    files: tuple[str, ...]


def answers(raw: bytes) -> Answers:
    """Nothing for what is no mail."""
    try:
        mail = message_from_bytes(raw[:MOST], policy=compat32)
    except RecursionError:
        return Answers()
    named = [str(mail.get("in-reply-to", ""))[:MOST_HEADER], str(mail.get("references", ""))[-MOST_HEADER:]]
    ids = [*IDS.findall(named[0]), *reversed(IDS.findall(named[1]))]
    found = CODE.search(unicodedata.normalize("NFKC", _header(mail, "subject")))
    return Answers(tuple(dict.fromkeys(i.lower() for i in ids))[:MOST_IDS], found[0] if found else "")


def shown(raw: bytes) -> Shown:
    """Whatever can be shown of it."""
    try:
        return _shown(message_from_bytes(raw[:MOST], policy=compat32))
    except RecursionError:
        return Shown("", "", "", ())


def _shown(mail: Message) -> Shown:
    text, files = "", []
    for part in islice(mail.walk(), MOST_PARTS):
        if part.get_filename() or part.get_content_disposition() == "attachment":
            files.append(_plain(_decoded(part.get_filename() or part.get_content_type()))[:200])
        elif part.get_content_type() == "text/plain" and not text:
            text = _text(part)
    return Shown(_plain(_header(mail, "from")), _plain(_header(mail, "subject")), text[:LONGEST], tuple(files))


def _text(part: Message) -> str:
    body = part.get_payload(decode=True)
    octets = body if isinstance(body, bytes) else b""
    try:
        said = octets.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):
        said = octets.decode("latin-1")
    return "\n".join(_plain(line) for line in said.splitlines())


def _header(mail: Message, name: str) -> str:
    return _decoded(mail.get(name, ""))[:MOST_HEADER]


def _decoded(said: object) -> str:
    text = re.sub(r"\r?\n[ \t]*", " ", str(said))[:MOST_HEADER]
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError, MessageError):
        return text


def _plain(line: str) -> str:
    """Without control and direction characters."""
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs") or c == "\t" else "�" for c in line)
