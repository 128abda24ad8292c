"""A mail that somebody hands in as the text of a mailing: subject, texts by language, files. Bytes of strangers; RFC 5322, 2045, 2183.

Who it is for stands on the envelope alone. A header that names anybody but our own aliases is refused, so that no program that puts its
list into To or Bcc hands in a list of people. Of the headers nothing but the subject and the language is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from itertools import islice

from sekisho.wire.cursor import FormError

WHO = "submission"
MOST = 3 << 20
MOST_PARTS = 40
NAMING = ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc", "apparently-to", "x-envelope-to")
WRAPPERS = frozenset({"multipart/mixed", "multipart/alternative"})
LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True)
class File:
    """An attached file."""

    name: str
    media: str
    content: bytes


@dataclass(frozen=True)
class Submitted:
    """`texts`: by language, by kind ("plain", "html")."""

    subject: str
    texts: Mapping[str, Mapping[str, str]]
    files: tuple[File, ...]


def read_submitted(raw: bytes, domain: str, language: str) -> Submitted:
    """`domain`: of our aliases; `language`: of a text that does not say its own. Raises FormError: too-large, names-people, part,
    charset, twice (two texts of one kind in one language), no-plain, no-subject."""
    if len(raw) > MOST:
        raise FormError(WHO, "too-large", f"{MOST} octets at most")
    try:
        return _read(message_from_bytes(raw, policy=compat32), domain, language)
    except RecursionError:
        raise FormError(WHO, "part", "nested too deep") from None


def _read(mail: Message, domain: str, language: str) -> Submitted:
    _names_nobody(mail, domain)
    outermost = _language(mail, language)
    texts: dict[str, dict[str, str]] = {}
    files: list[File] = []
    for number, part in enumerate(islice(mail.walk(), MOST_PARTS + 1), 1):
        if number > MOST_PARTS:
            raise FormError(WHO, "part", f"more than {MOST_PARTS}")
        kind = part.get_content_type()
        if part.is_multipart():
            if kind not in WRAPPERS:
                raise FormError(WHO, "part", f"number {number} is neither mixed nor alternative")
        elif part.get_content_disposition() == "attachment":
            files.append(File(_decoded(part.get_filename() or ""), kind, _octets(part)))
        else:
            _lay(texts, part, _language(part, outermost), number)
    subject = _decoded(mail.get("subject", "")).strip()
    if not subject:
        raise FormError(WHO, "no-subject")
    if not texts or any("plain" not in kinds for kinds in texts.values()):
        raise FormError(WHO, "no-plain", "each language needs a text/plain part")
    return Submitted(subject, texts, tuple(files))


def _names_nobody(mail: Message, domain: str) -> None:
    for name in NAMING:
        for _, address in getaddresses([str(h) for h in mail.get_all(name, [])]):
            if "@" in address and address.rpartition("@")[2].casefold() != domain:
                raise FormError(WHO, "names-people", f"the header {name} names an address that is no alias")


def _language(part: Message, otherwise: str) -> str:
    said = str(part.get("content-language", "")).strip().lower()[:2]
    return said if LANGUAGE.fullmatch(said) else otherwise


def _lay(texts: dict[str, dict[str, str]], part: Message, language: str, number: int) -> None:
    kind = {"text/plain": "plain", "text/html": "html"}.get(part.get_content_type())
    if kind is None:
        raise FormError(WHO, "part", f"number {number} is no text, and not attached")
    if kind in texts.setdefault(language, {}):
        raise FormError(WHO, "twice", f"part {number}")
    try:
        text = _octets(part).decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):
        raise FormError(WHO, "charset", f"part {number}") from None
    texts[language][kind] = text.replace("\r\n", "\n")


def _octets(part: Message) -> bytes:
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def _decoded(said: object) -> str:
    text = re.sub(r"\r?\n[ \t]", " ", str(said))
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError):
        raise FormError(WHO, "charset", "a header") from None
