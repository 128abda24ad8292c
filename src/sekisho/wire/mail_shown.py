"""Whose addresses stand in a mail, in any byte of it: header, text, file, link; plain, encoded, or as a digest (as portraits are kept).

Each address looked for must have a local part nobody could write by chance; it is looked for by that part alone.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32

LEAST = 10
REMOTE = re.compile(r"""<(?:img|body|table|td)\b[^>]*\b(?:src|background)\s*=\s*["']?(?:https?:)?//""", re.IGNORECASE)
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+")
ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
ARCHIVE = ("list-archive", "archived-at", "x-archived-at")


def shown(raw: bytes, addresses: Iterable[str]) -> Mapping[str, str]:
    """Address to where it stands first: "header NAME", "part N (TYPE)", or "bytes" where no reader would see it but it is there."""
    found: dict[str, str] = {}
    places = list(_places(raw))
    for address in addresses:
        spelled = _spellings(address)
        for where, text in places:
            if any(s in (text if exact else text.casefold()) for s, exact in spelled):
                found[address] = where
                break
    return found


def answered_to(raw: bytes, *, everybody: bool) -> tuple[str, ...]:
    """To whom a mail program writes when somebody presses "reply", or "reply to all"."""
    mail = message_from_bytes(raw, policy=compat32)
    first = ADDRESS.findall(_decoded(mail.get("reply-to") or mail.get("from") or ""))
    more = [a for n in ("to", "cc") for said in mail.get_all(n, []) for a in ADDRESS.findall(_decoded(said))] if everybody else []
    return tuple(dict.fromkeys([*first, *more]))


def header(raw: bytes, name: str) -> str:
    """A header as a person reads it; empty where there is none."""
    return _decoded(message_from_bytes(raw, policy=compat32).get(name) or "")


def counts_readers(raw: bytes) -> bool:
    """Whether it has a picture that is fetched from elsewhere when it is opened."""
    return any(REMOTE.search(text) for where, text in _places(raw) if "text/html" in where)


def archived(raw: bytes) -> bool:
    """Whether it says where it can be read on the web."""
    mail = message_from_bytes(raw, policy=compat32)
    return any(name in mail for name in ARCHIVE)


def texts(raw: bytes) -> str:
    """Subject and every part that is read, one after the other."""
    return "\n".join(t for where, t in _places(raw) if where.startswith("part") or where == "header subject")


def _places(raw: bytes) -> Iterator[tuple[str, str]]:
    mail = message_from_bytes(raw, policy=compat32)
    for name, said in mail.items():
        yield f"header {name.lower()[:60]}", _unfolded(_decoded(said))
    for number, part in enumerate((p for p in mail.walk() if not p.is_multipart()), 1):
        where = f"part {number} ({part.get_content_type()})"
        yield where, _unfolded(_text(part))
        if part is not mail:
            yield where, "\n".join(_unfolded(_decoded(v)) for v in part.values())
    yield "bytes", _unfolded(raw.decode("latin-1"))


def _text(part: Message) -> str:
    body = part.get_payload(decode=True)
    octets = body if isinstance(body, bytes) else b""
    try:
        said = octets.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):
        said = octets.decode("latin-1")
    return said + "\n" + octets.replace(b"\0", b"").decode("latin-1") if not said.isascii() else said


def _unfolded(text: str) -> str:
    """As it stands; and with width, entities and per-cent signs undone."""
    plain = unicodedata.normalize("NFKC", text)
    return "\n".join(dict.fromkeys((text, plain, html.unescape(plain), _percent(plain), _percent(html.unescape(plain)))))


def _percent(text: str) -> str:
    """As a link spells it, undone."""
    return ENCODED.sub(lambda m: bytes.fromhex(m[0].replace("%", "")).decode("utf-8", "replace"), text)


def _decoded(said: object) -> str:
    text = re.sub(r"\r?\n[ \t]", " ", str(said))
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError):
        return text


def _spellings(address: str) -> list[tuple[str, bool]]:
    """(spelling, whether capitals count) of an address: its local part, in base64 wherever it begins, in hex, and digests of the whole."""
    local, octets = address.partition("@")[0].casefold(), address.casefold().encode()
    if len(local) < LEAST:
        raise ValueError("too-short")
    part = local.encode()
    packed = [base64.b64encode(b"x" * n + part).decode()[4 if n else 0 :].rstrip("=")[:-1] for n in range(3)]
    digests = [hashlib.new(name, octets, usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")]
    return [(local, False), (part.hex(), False), *((d, False) for d in digests), *((p, True) for p in packed)]
