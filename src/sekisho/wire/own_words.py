"""What somebody wrote anew in a mail, without what they answered: quotes, forwarded mails and signatures are where addresses leak.

Bytes of strangers. Of the mail nothing is taken but the lines of its one plain text, the names of its files, and who it says wrote it.
What is left is lines as they stood, in their order; none is made up, and none is mended. RFC 5322, 2045, 3676 (4.3, signatures).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from enum import StrEnum
from itertools import islice

from sekisho.wire.cursor import FormError
from sekisho.wire.machines import of_a_machine

WHO = "talk"
MOST = 4 << 20
MOST_PARTS = 40
MOST_HEADER = 2000
MOST_TEXT = 200_000
LONGEST = 20_000
"""Characters of a text as it came, and of what is left of it."""
WRITTEN_OVER = 3
"""Lines over which a mail program breaks the sentence that begins a quote."""
SIGNED = 12
"""Lines of a signature under a rule, at most."""
QUOTED = re.compile(r"\s*(?:[A-Za-z]{0,4}[>»]|[|│┃])")
HEAD = re.compile(r"\W*(?:From|To|Cc|Sent|Date|Subject|差出人|宛先|送信者|送信日時|日時|日付|件名|送信元)\W*:", re.IGNORECASE)
FORWARDED = re.compile(
    r"\W*(?:begin forwarded message\W*|[-=_]+ *(?:original message|forwarded message|original appointment|reply message"
    r"|元のメッセージ|転送メッセージ|転送されたメッセージ|オリジナルメッセージ)\b.*)",
    re.IGNORECASE,
)
WROTE = re.compile(
    r"(?:on\b.{4,400}\bwrote|am\b.{4,400}\bschrieb\b.{0,200}|le\b.{4,400}\ba écrit|.{0,300}<[^<>\s]{1,64}@[^<>\s]{1,255}>.{0,20}"
    r"|.{1,300}(?:が|は|さん|より|から)(?:書きました|書かれました|のメッセージ))\s*[::]"
    r"|.{1,300}(?:さん|様|氏|殿|>)(?:が|は)書きました[。.]?"
    r"|.{1,300}(?:さん|様|氏|殿|>)(?:から)?のメール\s*[::]",
    re.IGNORECASE,
)
MAIL_OF = re.compile(r".{1,300}(?:のメール|のメッセージ|wrote|書きました)\W{0,3}", re.IGNORECASE)
"""Begins a quote only where a quoted line follows."""
BROKEN = re.compile(r"(?:on|am|le|\d{4}[年/.-])", re.IGNORECASE)
"""How such a sentence begins where it runs over lines."""
DEVICE = re.compile(r"(?:sent from my\b.{1,60}|get outlook for\b.{1,60}|.{1,40}から送信(?:されました)?。?)", re.IGNORECASE)
RULE = re.compile(r"([-=_*~+.・─━═☆★◆■□◇○●※♪#〜])(?:\s*[-=_*~+.・─━═☆★◆■□◇○●※♪#〜]){4,}")


class Cut(StrEnum):
    """What was left out."""

    QUOTE = "quote"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"


@dataclass(frozen=True)
class OwnWords:
    """`text`: may be empty; `files`: names of whatever came with it; `writers`: addresses its From names, in small letters, unproven;
    `machine`: whether it says that no person wrote it."""

    text: str
    files: tuple[str, ...] = ()
    cut: tuple[Cut, ...] = ()
    writers: tuple[str, ...] = ()
    machine: bool = False

    def __repr__(self) -> str:
        """Never shows a word: values end up in tracebacks."""
        return "OwnWords(...)"


def read_own_words(raw: bytes) -> OwnWords:
    """Raises FormError: too-large, part (too many, or a whole mail inside), charset, no-plain."""
    if len(raw) > MOST:
        raise FormError(WHO, "too-large", f"{MOST} octets at most")
    try:
        return _read(message_from_bytes(raw, policy=compat32))
    except RecursionError:
        raise FormError(WHO, "part", "nested too deep") from None


def own(text: str) -> tuple[str, tuple[Cut, ...]]:
    """The lines somebody wrote anew, and what was left out, each kind once."""
    lines = _visible(text).split("\n")
    kept: list[str] = []
    cut: list[Cut] = []
    at = 0
    while at < len(lines):
        kind, over = _begins(lines, at)
        if kind is None:
            kept.append(lines[at].rstrip())
        else:
            cut.append(kind)
        at += over
    return "\n".join(kept).strip("\n"), tuple(dict.fromkeys(cut))


def _begins(lines: Sequence[str], at: int) -> tuple[Cut | None, int]:
    """What begins at a line that is none of the writer's own words, and how many lines it takes; (None, 1) for a line of theirs."""
    rest, line = len(lines) - at, _plain(lines[at])
    if QUOTED.match(line):
        return Cut.QUOTE, 1
    if FORWARDED.fullmatch(line) or (HEAD.match(line) and HEAD.match(_next(lines, at + 1))) or _ruled_head(lines, at):
        return Cut.FORWARDED, rest
    if over := _attribution(lines, at):
        return Cut.QUOTE, over if QUOTED.match(_next(lines, at + over)) else rest
    if line in ("--", "—") or (RULE.fullmatch(line) and rest <= SIGNED):
        return Cut.SIGNATURE, rest
    return (Cut.SIGNATURE, 1) if DEVICE.fullmatch(line) else (None, 1)


def _ruled_head(lines: Sequence[str], at: int) -> bool:
    """Outlook draws a line above the head of the mail that is answered."""
    below = [_plain(line) for line in lines[at + 1 : at + 5] if line.strip()]
    return RULE.fullmatch(_plain(lines[at])) is not None and len(below) > 1 and all(HEAD.match(line) for line in below[:2])


def _attribution(lines: Sequence[str], at: int) -> int:
    """How many lines the sentence takes that begins a quote ("On … wrote:"); 0 if none begins here."""
    if not lines[at].strip():
        return 0
    for over in range(1, WRITTEN_OVER + 1):
        taken = [_plain(line) for line in lines[at : at + over]]
        if over > 1 and not (taken[-1] and BROKEN.match(taken[0])):
            return 0
        said = " ".join(taken)
        if WROTE.fullmatch(said) or (MAIL_OF.fullmatch(said) and at + over < len(lines) and QUOTED.match(_next(lines, at + over))):
            return over
    return 0


def _next(lines: Sequence[str], at: int) -> str:
    """The next line that is not empty."""
    return next((_plain(line) for line in islice(lines, at, None) if line.strip()), "")


def _plain(line: str) -> str:
    return unicodedata.normalize("NFKC", line).strip()


def _visible(text: str) -> str:
    """Lines ended alike, without what a reader does not see."""
    whole = "\n".join(text.splitlines())
    return "".join(c for c in whole if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def _read(mail: Message) -> OwnWords:
    texts: list[str] = []
    files: list[str] = []
    for number, part in enumerate(islice(mail.walk(), MOST_PARTS + 1), 1):
        if number > MOST_PARTS:
            raise FormError(WHO, "part", f"more than {MOST_PARTS}")
        kind = part.get_content_type()
        if kind.startswith("message/"):
            raise FormError(WHO, "part", f"number {number} is a whole mail")
        if part.is_multipart():
            continue
        if part.get_content_disposition() == "attachment" or part.get_filename() or kind not in ("text/plain", "text/html"):
            files.append(_decoded(part.get_filename() or kind)[:200])
        elif kind == "text/plain":
            texts.append(_text(part, number))
    if not texts:
        raise FormError(WHO, "no-plain", "no part is plain text")
    whole = "\n".join(texts)
    text, cut = own(whole) if len(whole) <= MOST_TEXT else (whole, ())
    if len(text) > LONGEST:
        raise FormError(WHO, "too-large", f"{LONGEST} characters at most, {MOST_TEXT} with what it quotes")
    named = getaddresses([_decoded(said) for said in mail.get_all("from", [])[:2]])
    return OwnWords(text, tuple(files), cut, tuple(address.casefold() for _, address in named if address), of_a_machine(mail))


def _text(part: Message, number: int) -> str:
    body = part.get_payload(decode=True)
    try:
        return (body if isinstance(body, bytes) else b"").decode(part.get_content_charset() or "utf-8")
    except (LookupError, ValueError):
        raise FormError(WHO, "charset", f"part {number}") from None


def _decoded(said: object) -> str:
    text = re.sub(r"\r?\n[ \t]*", " ", str(said))[:MOST_HEADER]
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError):
        return text
