"""The bytes of one mail of a campaign: fixed by the campaign and by this one recipient's own fields, and by nothing else.

The serializer is ours: one To, no header that a library might add, no address but the sender's, the reply desk's and the recipient's.
`{{word}}` in a text is replaced by the recipient's own value; a value is never read as a text. RFC 5322, 2045, 2047, 2369, 8058.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from sekisho.effects.order import Unsendable
from sekisho.law.campaign import Attached, Campaign, Text

PLACE = re.compile(r"\{\{([a-z][a-z0-9_]{0,31})\}\}")
WORD = 36
"""Octets of a header in one encoded word: 48 letters of base64."""
PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+")
LINE = 76
BOUNDARY = "=_" + hashlib.sha256(b"sekisho campaign").hexdigest()[:32]
"""The same in every mail: what stands between two is base64, which has no such line."""


@dataclass(frozen=True)
class Own:
    """What is one recipient's own in a mail. `values`: what the text may say of them; `stop_url`: where one press stops all mail."""

    mail: str
    name: str
    language: str
    message_id: str
    stop_url: str
    values: Mapping[str, str]

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return "Own(...)"


def message_id(campaign: str, leaf: bytes, sender: str) -> str:
    """Depends on the approved campaign and on the recipient's leaf alone: the server's log is asked by it what became of the mail."""
    return f"<{hashlib.sha256(b'sekisho campaign ' + campaign.encode() + leaf).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"


def compose(said: Campaign, own: Own) -> bytes:
    """One mail, lines ended by CRLF, 7-bit. Raises Unsendable for a text the campaign does not have in the recipient's language."""
    text = said.texts.get(own.language)
    if text is None:
        raise Unsendable("language")
    head = [
        _header("From", said.sender, said.sender_name),
        _header("To", own.mail, own.name),
        _header("Reply-To", said.reply_desk),
        f"Subject: {_words(filled(text.subject, own.values), len('Subject: '))}",
        f"Date: {_date(said.since)}",
        f"Message-ID: {own.message_id}",
        "Auto-Submitted: auto-generated",
        f"List-Unsubscribe: <{own.stop_url}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        f"Content-Language: {own.language}",
        "MIME-Version: 1.0",
    ]
    return ("\r\n".join([*head, _content(text, said.attachments, own.values)])).encode("ascii")


def filled(template: str, values: Mapping[str, str], *, in_html: bool = False) -> str:
    """The text with this recipient's values. Raises Unsendable("places") for a word nobody gave."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise Unsendable("places")
        return html.escape(values[found[1]]) if in_html else values[found[1]]

    return PLACE.sub(value, template)


def _content(text: Text, files: tuple[Attached, ...], values: Mapping[str, str]) -> str:
    """The content headers, an empty line and the body; the outermost part's headers stand among those of the mail."""
    body = _leaf("text/plain; charset=utf-8", filled(text.plain, values))
    if text.html:
        body = _many("alternative", BOUNDARY + "a", [body, _leaf("text/html; charset=utf-8", filled(text.html, values, in_html=True))])
    if files:
        body = _many("mixed", BOUNDARY + "m", [body, *(_file(f) for f in files)])
    return body


def _leaf(kind: str, text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{_base64(lines.encode())}"


def _many(kind: str, boundary: str, parts: list[str]) -> str:
    inner = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'


@lru_cache(maxsize=64)
def _file(file: Attached) -> str:
    """RFC 2231 for a name that is not ASCII."""
    named = f'filename="{file.name}"' if file.name.isascii() else f"filename*=utf-8''{''.join(f'%{b:02X}' for b in file.name.encode())}"
    body = _base64(base64.b64decode(file.content, validate=True))
    return f"Content-Type: {file.media}\r\nContent-Disposition: attachment; {named}\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}"


def _base64(raw: bytes) -> str:
    whole = base64.b64encode(raw).decode("ascii")
    return "".join(f"{whole[i : i + LINE]}\r\n" for i in range(0, len(whole), LINE))


def _header(name: str, address: str, shown: str = "") -> str:
    if not shown:
        return f"{name}: {address}"
    quoted = f'"{shown}"' if PLAIN_NAME.fullmatch(shown) else _words(shown, len(name) + 2)
    return f"{name}: {quoted}\r\n <{address}>"


def _words(text: str, before: int) -> str:
    """A header's text: as it is if it is ASCII and short, else RFC 2047 words, no character cut in two."""
    if text.isascii() and text.isprintable() and "=?" not in text and before + len(text) <= LINE:
        return text
    chunks, chunk = [], b""
    for character in text:
        raw = character.encode()
        if len(chunk) + len(raw) > WORD:
            chunks.append(chunk)
            chunk = b""
        chunk += raw
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(c).decode('ascii')}?=" for c in [*chunks, chunk])


@lru_cache(maxsize=8)
def _date(at: datetime) -> str:
    """When the message was complete and approved to go: the beginning of its window (RFC 5322 3.6.1)."""
    return format_datetime(at.astimezone(UTC))
