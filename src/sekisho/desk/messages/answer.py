"""An answer to the mail that told somebody of a stop: the word it asks for in its first line takes the stop back, and nothing else does.

Vacation notes, bounces and other machines answer too. What they send says so in its headers (RFC 3834), or lacks the word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

from sekisho.wire.machines import of_a_machine

CODE = re.compile(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}")
LARGEST = 1 << 20


@dataclass(frozen=True)
class Understood:
    """`code`: the check code of the mail that was stopped; else empty, and `why`: machine, no-word, no-code or no-mail."""

    code: str = ""
    why: str = ""


def understood(raw: bytes, words: Container[str]) -> Understood:
    """What one mail says, as it arrived. `words`: what its first line may be, in small letters and of one width, without marks around it.

    Never raises: a mail that cannot be read says nothing.
    """
    try:
        mail = message_from_bytes(raw[:LARGEST], policy=default)
        if of_a_machine(mail):
            return Understood(why="machine")
        found = CODE.search(unicodedata.normalize("NFKC", str(mail.get("subject", ""))))
        if not found:
            return Understood(why="no-code")
        return Understood(found[0]) if _first_line(mail) in words else Understood(why="no-word")
    except (MessageError, LookupError, ValueError, AttributeError, TypeError, AssertionError, RecursionError):
        return Understood(why="no-mail")


def _first_line(mail: EmailMessage) -> str:
    """The first line that is not empty, as it is compared."""
    body = mail.get_body(("plain", "html"))
    text = str(body.get_content()) if body is not None else ""
    if body is not None and body.get_content_type() == "text/html":
        reader = _Lines()
        reader.feed(text)
        reader.close()
        text = reader.text
    lines = (" ".join(unicodedata.normalize("NFKC", line).split()) for line in text.splitlines())
    return next((line for line in lines if line), "").casefold().strip(" .,!。、「」“”\"'")


class _Lines(HTMLParser):
    """The text of an HTML part, each block on a line of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.unseen = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script", "title"):
            self.unseen += 1
        elif tag in ("p", "div", "br", "blockquote", "tr", "li"):
            self.text += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self.unseen = max(0, self.unseen - 1)
        elif tag in ("p", "div", "tr"):
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.text += data.replace("\n", " ")
