"""A mail that came back, read: a delivery status notification (RFC 3464), or what older servers write. Bytes of strangers, never raising.

What is read is at most `MOST` octets and `MOST_PARTS` parts. Only two things are taken from it: whether and how the delivery failed, and
the detail of the address it came back to. No address in it is believed, and nothing of it is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from itertools import islice

MOST = 256 << 10
MOST_PARTS = 20
STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY = re.compile(r"(?<![\d.])5[05]\d[ -]")
DETAIL = re.compile(r"[^@+\s<>]{1,64}\+([a-z2-7]{1,64})@[^@\s<>]{1,255}", re.IGNORECASE)
FAILED, DELAYED, OTHER = "failed", "delayed", "other"


@dataclass(frozen=True)
class Bounce:
    """`code`: the detail (after the +) of the address it came to, empty if none; `kind`: failed, delayed or other (an automatic answer,
    a person); `status`: RFC 3463, empty where none was said."""

    code: str
    kind: str
    status: str = ""


def read_bounce(raw: bytes) -> Bounce:
    """What one mail says; `other` for whatever is no notice of a server."""
    mail = message_from_bytes(raw[:MOST], policy=compat32)
    code = _code(mail)
    fields = [f for part in islice(mail.walk(), MOST_PARTS) if part.get_content_type() == "message/delivery-status" for f in _fields(part)]
    told = [(_said(f, "action").lower(), _status(_said(f, "status"))) for f in fields if "action" in f]
    if not told:
        return Bounce(code, *_plain(mail))
    for action, kind in (("failed", FAILED), ("delayed", DELAYED)):
        for said, status in told:
            if said == action:
                return Bounce(code, kind, status)
    return Bounce(code, OTHER)


def _code(mail: Message) -> str:
    """Of the address our own server wrote on top; a header further down is a stranger's."""
    for name in ("X-Original-To", "Delivered-To"):
        found = DETAIL.fullmatch(_said(mail, name).strip("<> "))
        if found:
            return found[1].lower()
    return ""


def _fields(part: Message) -> list[Message]:
    """The groups of fields of a status part; the parser has split them at empty lines."""
    payload = part.get_payload()
    return [p for p in payload[:MOST_PARTS] if isinstance(p, Message)] if isinstance(payload, list) else []


def _said(mail: Message, name: str) -> str:
    return str(mail.get(name, "")).strip()[:1000]


def _status(said: str) -> str:
    found = STATUS.match(said)
    return ".".join(found.groups()) if found else ""


def _plain(mail: Message) -> tuple[str, str]:
    """A bounce in words only: from the empty return path, with a status or a reply code of failure, and no automatic answer of a person."""
    automatic = _said(mail, "Auto-Submitted").lower().startswith("auto-replied")
    if automatic or _said(mail, "Return-Path") != "<>":
        return OTHER, ""
    for part in islice(mail.walk(), MOST_PARTS):
        if part.get_content_type() != "text/plain":
            continue
        body = part.get_payload(decode=True)
        text = body.decode("latin-1") if isinstance(body, bytes) else ""
        if found := next((f for f in STATUS.finditer(text) if f[1] == "5"), None):
            return FAILED, ".".join(found.groups())
        if REPLY.search(text):
            return FAILED, "5.0.0"
    return OTHER, ""
