"""What may not leave: one mail read byte by byte as a receiver, a mail program and a curious contractor would. Errors name where.

The numbered looks, as the docs name them:
 (1) lines and octets: CRLF alone, ASCII alone, no line over 998 octets
 (2) headers: ours and no others, each once; no Cc, no Bcc, no receipt, nothing folded into another
 (3) one recipient, and it is this one
 (4) parts: text/plain there and first; charset UTF-8 that decodes; files of the declared kinds
 (5) no address but ours and the recipient's, in any spelling, in any part
 (6) links: to declared hosts, over TLS, showing where they lead
 (7) HTML: nothing remote, nothing that runs, nothing that counts who reads
 (8) a way out (RFC 8058), and a way to check that the mail is genuine
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from sekisho.law.campaign import MEDIA

LONGEST_LINE = 998
HEADERS = frozenset({
    "from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted", "list-unsubscribe", "list-unsubscribe-post",
    "content-language", "mime-version", "content-type", "content-transfer-encoding", "dkim-signature",
})  # fmt: skip
NEEDED = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type")
COPIES = frozenset({"cc", "bcc", "resent-to", "resent-cc", "resent-bcc", "apparently-to", "x-envelope-to"})
INNER = frozenset({"content-type", "content-transfer-encoding", "content-disposition"})
WRAPPERS = frozenset({"multipart/alternative", "multipart/mixed"})
LINK = re.compile(r"""(?:https?://|//|www\.)[^\s<>"'、。「」（）]+""", re.IGNORECASE)
SHOWN_HOST = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?=[/:\s?#]|$)", re.IGNORECASE)
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]*@[\w.-]*")
ASCII_ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
FETCHES = frozenset({"src", "srcset", "background", "poster", "data", "action", "formaction", "cite", "longdesc", "manifest", "ping"})
RUNS = frozenset({
    "script", "iframe", "object", "embed", "form", "input", "button", "base", "meta", "link", "svg", "math", "video", "audio", "frame",
})  # fmt: skip
ALSO_NO = re.compile(r"url\s*\(|@import|expression\s*\(", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: a header's name, or a part and its line. Never repeats an address in full."""

    code: str
    where: str
    what: str = ""


@dataclass(frozen=True)
class Allowed:
    """What this one mail may hold: its recipient, our own addresses, the hosts links may lead to, and where its receiver checks it."""

    recipient: str
    ours: frozenset[str]
    hosts: frozenset[str]
    check_url: str


def look(raw: bytes, allowed: Allowed) -> tuple[Fault, ...]:
    """Every fault of one mail, looks (1) to (8) in turn; empty if it may leave."""
    found = [*_octets(raw)]
    mail = message_from_bytes(raw, policy=compat32)
    found += _headers(mail)
    found += _recipient(mail, allowed)
    texts, wrong = _parts(mail)
    found += wrong
    for where, kind, text in texts:
        found += _addresses(text, where, allowed)
        if kind == "text/html":
            found += _html(text, where, allowed)
        elif kind == "text/plain":
            found += _links(text, where, allowed)
    found += _ways_out(mail, [t for _, kind, t in texts if kind == "text/plain"], allowed)
    return tuple(dict.fromkeys(found))


def _octets(raw: bytes) -> Iterator[Fault]:
    if not raw.isascii() or b"\0" in raw:
        at = next(n for n, line in enumerate(raw.split(b"\n"), 1) if not line.isascii() or b"\0" in line)
        yield Fault("charset", f"line {at}", "not-ascii")
    if raw.count(b"\n") != raw.count(b"\r\n") or raw.count(b"\r") != raw.count(b"\r\n"):
        yield Fault("line-ending", "mail", "cr-or-lf")
    for number, line in enumerate(raw.split(b"\r\n"), 1):
        if len(line) > LONGEST_LINE:
            yield Fault("long-line", f"line {number}", str(len(line)))


def _headers(mail: Message) -> Iterator[Fault]:
    names = [name.lower() for name in mail]
    for name in sorted(set(names)):
        if name in COPIES:
            yield Fault("copy", f"header {name}")
        elif name not in HEADERS:
            yield Fault("foreign-header", f"header {name[:60]}")
        if names.count(name) > 1:
            yield Fault("repeated-header", f"header {name[:60]}")
    yield from (Fault("missing-header", f"header {name}") for name in NEEDED if name not in names)
    for name in ("from", "to", "reply-to", "subject"):
        if any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") for c in _decoded(mail, name)):
            yield Fault("header-injection", f"header {name}", "control-character")
    if mail.defects:
        yield Fault("header-injection", "headers", type(mail.defects[0]).__name__)


def _decoded(mail: Message, name: str) -> str:
    """A header as a person reads it; its own folding is no part of it."""
    said = re.sub(r"\r?\n[ \t]", " ", str(mail.get(name, "")))
    if "=?" not in said and said.isascii():
        return said
    try:
        return str(make_header(decode_header(said)))
    except (LookupError, ValueError):
        return said + "\x00"


def _recipient(mail: Message, allowed: Allowed) -> Iterator[Fault]:
    to = ADDRESS.findall(_decoded(mail, "to"))
    if len(to) != 1 or "," in re.sub(r'"[^"]*"', "", str(mail.get("to", ""))):
        yield Fault("recipients", "header to", str(len(to)))
    elif to[0].casefold() != allowed.recipient.casefold():
        yield Fault("recipients", "header to", "another")
    for name in ("from", "reply-to", "subject", "list-unsubscribe", "content-type", "message-id"):
        text = _decoded(mail, name)
        if name == "message-id":
            text = text.strip().strip("<>").partition("@")[0]
        yield from _addresses(text, f"header {name}", allowed)


def _parts(mail: Message) -> tuple[list[tuple[str, str, str]], list[Fault]]:
    """(where, kind, text) of each part that is read, and what is wrong with the parts."""
    texts: list[tuple[str, str, str]] = []
    wrong: list[Fault] = []
    for number, part in enumerate((p for p in mail.walk() if not p.is_multipart()), 1):
        kind, where = part.get_content_type(), f"part {number} ({part.get_content_type()})"
        inner = {n.lower() for n in part} - INNER if part is not mail else set()
        wrong += [Fault("foreign-header", f"{where} header {name[:60]}") for name in sorted(inner)]
        body = part.get_payload(decode=True)
        raw = body if isinstance(body, bytes) else b""
        attached = part.get_content_disposition() == "attachment"
        if kind not in MEDIA | {"text/plain", "text/html"} or (kind in ("text/plain", "text/html")) == attached:
            wrong.append(Fault("part", where, "undeclared"))
        elif kind.startswith("text/"):
            text, bad = _text(part, raw, where, attached)
            wrong += bad
            texts.append((f"{where} {part.get_filename() or ''}".strip(), kind, text))
        else:
            texts.append((f"{where} {part.get_filename() or ''}".strip(), kind, "\n".join(_in_octets(raw))))
    wrong += [Fault("part", p.get_content_type()) for p in mail.walk() if p.is_multipart() and p.get_content_type() not in WRAPPERS]
    first = next(iter(texts), ("", "", ""))
    if first[1] != "text/plain" or not first[2].strip():
        wrong.append(Fault("no-plain", "parts", "text/plain"))
    return texts, wrong


def _text(part: Message, raw: bytes, where: str, attached: bool) -> tuple[str, list[Fault]]:
    said = (part.get_content_charset() or ("utf-8" if attached else "")).lower()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as why:
        return raw.decode("utf-8", "replace"), [Fault("charset", where, str(why.start))]
    return text, [] if said == "utf-8" else [Fault("charset", where, said)]


def _in_octets(raw: bytes) -> list[str]:
    """Addresses that stand readable in a file, also in UTF-16 as PDF and image descriptions write it. Packed streams are not unpacked."""
    return list(dict.fromkeys(f.decode("ascii") for octets in (raw, raw.replace(b"\0", b"")) for f in ASCII_ADDRESS.findall(octets)))


def _addresses(text: str, where: str, allowed: Allowed) -> Iterator[Fault]:
    known = {a.casefold() for a in allowed.ours} | {allowed.recipient.casefold()}
    for number, line in enumerate(text.split("\n"), 1):
        for plain in _spellings(line):
            for address in ADDRESS.findall(plain):
                if address.strip(".'`").casefold() not in known:
                    at = f"{where} line {number}" if where.startswith("part") else where
                    yield Fault("foreign-address", at, _masked(address))


def _spellings(line: str) -> Iterable[str]:
    """As it stands, full-width made narrow, entities and per-cent signs undone: each once, where an @ shows."""
    if "@" not in line and "&" not in line and "%" not in line and line.isascii():
        return ()
    plain = unicodedata.normalize("NFKC", line)
    forms = {plain, html.unescape(plain), unquote(plain)}
    return sorted(f for f in forms if "@" in f)


def _masked(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain[:1]}…"


def _links(text: str, where: str, allowed: Allowed) -> Iterator[Fault]:
    for number, line in enumerate(text.split("\n"), 1):
        for found in LINK.findall(line):
            yield from _link(found, f"{where} line {number}", allowed)


def _link(target: str, where: str, allowed: Allowed) -> Iterator[Fault]:
    try:
        parts = urlsplit(target)
        host, port, user = (parts.hostname or "").lower(), parts.port, parts.username
    except ValueError:
        yield Fault("link", where, "not-a-url")
        return
    at = f"{host}:{port}" if port else host
    if at not in allowed.hosts or user is not None:
        yield Fault("undeclared-host", where, at[:80])
    elif parts.scheme.lower() != "https" and host != "localhost":
        yield Fault("not-https", where, at[:80])


def _html(text: str, where: str, allowed: Allowed) -> Iterator[Fault]:
    reader = _Reader(where, allowed)
    reader.feed(text)
    reader.close()
    yield from reader.found
    if ALSO_NO.search(text):
        yield Fault("remote-content", where, "style")


class _Reader(HTMLParser):
    """Looks (6) and (7) over one HTML part."""

    def __init__(self, where: str, allowed: Allowed) -> None:
        super().__init__(convert_charrefs=True)
        self.where, self.allowed = where, allowed
        self.found: list[Fault] = []
        self.href = ""
        self.shown = ""

    def _say(self, code: str, what: str = "") -> None:
        self.found.append(Fault(code, f"{self.where} line {self.getpos()[0]}", what))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in RUNS or any(name.startswith("on") for name in said):
            self._say("active-content", tag)
        if tag == "img":
            self._say("tracking-pixel" if _unseen(said) else "remote-content", tag)
        elif FETCHES & set(said):
            self._say("remote-content", tag)
        if tag == "a":
            self.href, self.shown = said.get("href", ""), ""
            self._target(self.href)
        elif "href" in said:
            self._say("remote-content", tag)

    def _target(self, href: str) -> None:
        if href.lower().startswith("mailto:"):
            if unquote(href[7:]).casefold() not in {a.casefold() for a in self.allowed.ours}:
                self._say("foreign-address", _masked(unquote(href[7:])))
        elif not href.lower().startswith(("https:", "http:")):
            self._say("link", href[:40])
        else:
            self.found += _link(href, f"{self.where} line {self.getpos()[0]}", self.allowed)

    def handle_data(self, data: str) -> None:
        if self.href:
            self.shown += data
        else:
            self.found += _links(data, self.where, self.allowed)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.href:
            to_mail = self.href.lower().startswith("mailto:")
            host = self.href.rpartition("@")[2].lower() if to_mail else (urlsplit(self.href).hostname or "").lower()
            if any(found.lower() != host for found in SHOWN_HOST.findall(unicodedata.normalize("NFKC", self.shown))):
                self._say("link-shows-another", host[:80])
            self.href = ""


def _unseen(said: dict[str, str]) -> bool:
    """A picture nobody is meant to see."""
    small = any(said.get(side, "").strip().rstrip("px") in ("0", "1") for side in ("width", "height"))
    style = said.get("style", "").replace(" ", "").lower()
    hidden = "display:none" in style or "visibility:hidden" in style
    return small or hidden or re.search(r"(?:width|height):[01](?:px)?(?:;|$)", style) is not None


def _ways_out(mail: Message, texts: list[str], allowed: Allowed) -> Iterator[Fault]:
    way, press = str(mail.get("list-unsubscribe", "")), str(mail.get("list-unsubscribe-post", ""))
    if not way.startswith(("<https://", "<http://localhost")) or press != "List-Unsubscribe=One-Click":
        yield Fault("no-unsubscribe", "header list-unsubscribe", "rfc-8058")
    if not allowed.check_url or not any(allowed.check_url in text for text in texts):
        yield Fault("no-check", "part 1 (text/plain)", allowed.check_url)
