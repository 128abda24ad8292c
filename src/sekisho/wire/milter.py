"""Postfix's way of showing a mail to somebody beside it (MILTER_README; Sendmail's protocol, version 6): a length, a letter, what it says.

What we ask not to be shown never leaves the mail server: flags of the first answer say which parts of a mail come at all.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sekisho.wire.cursor import Cursor, FormError

MOST = 1 << 18
"""Octets of one piece. Postfix sends bodies in pieces of 65,535, and header lines up to its header_size_limit of 102,400."""
WORD = struct.Struct("!I")
VERSION = 6
OPTIONS, MACROS, CONNECT, HELO, MAIL, HEADER, BODY, END, ABORT, QUIT, QUIT_NEXT = (
    b"O",
    b"D",
    b"C",
    b"H",
    b"M",
    b"L",
    b"B",
    b"E",
    b"A",
    b"Q",
    b"K",
)
KNOWN = b"ODCHMLBEAQKRTNU"
ACCEPT = b"\0\0\0\1a"
"""Goes on, changed as was said before and no further."""
ADD_HEADERS = 0x1
NO_CONNECT, NO_HELO, NO_MAIL, NO_RCPT, NO_BODY, NO_HEADERS, NO_EOH, NO_UNKNOWN, NO_DATA = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x100, 0x200
SILENT = 0x80 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x20000 | 0x40000 | 0x80000
"""No answer is waited for but the one at the end of a mail."""
AS_IT_STANDS = 0x100000
"""Values of headers with the space before them, as whoever signed them saw them."""
NOTHING = NO_CONNECT | NO_HELO | NO_MAIL | NO_RCPT | NO_BODY | NO_HEADERS | NO_EOH | NO_UNKNOWN | NO_DATA | SILENT
ENVELOPE = NOTHING & ~(NO_CONNECT | NO_HELO | NO_MAIL)
WHOLE = ENVELOPE & ~(NO_BODY | NO_HEADERS) | AS_IT_STANDS
FAMILY = {b"4": ipaddress.IPv4Address, b"6": ipaddress.IPv6Address}


@dataclass(frozen=True)
class Piece:
    """One thing that was said: its letter and its octets. Never shown: values end up in tracebacks."""

    letter: bytes
    said: bytes

    def __repr__(self) -> str:
        return f"Piece({self.letter!r})"


class MilterReader:
    """Octets as they come on one connection; whole pieces in their order."""

    def __init__(self) -> None:
        self._got = bytearray()

    def feed(self, part: bytes) -> Iterator[Piece]:
        """Raises FormError behind the last good piece; the connection has no form after that, and is to be closed."""
        self._got += part
        while len(self._got) > WORD.size:
            (size,) = WORD.unpack_from(self._got)
            if not 0 < size <= MOST:
                raise FormError("postfix", "bad-length", f"1 to {MOST} octets")
            if len(self._got) < WORD.size + size:
                return
            piece = Piece(bytes(self._got[4:5]), bytes(self._got[5 : 4 + size]))
            del self._got[: WORD.size + size]
            if piece.letter not in KNOWN:
                raise FormError("postfix", "unknown-letter", "the piece has no meaning in version 6")
            yield piece


def options(said: bytes, flags: int) -> bytes:
    """The answer to the first piece: version 6, lines of header added, and of the parts of a mail all but `flags`.

    Raises FormError where the mail server cannot leave them out: it would send what nobody may see."""
    cursor = Cursor(said, who="postfix")
    version, actions, offered = cursor.u32(), cursor.u32(), cursor.u32()
    if version < VERSION or not actions & ADD_HEADERS or flags & ~offered:
        raise FormError("postfix", "cannot-leave-out", "Postfix 2.6 or later is needed, with milter_protocol = 6")
    return _piece(OPTIONS, struct.pack("!III", VERSION, ADD_HEADERS, flags))


def address(said: bytes) -> str:
    """The client's address of a CONNECT; empty where it has none (a local socket, a name nobody knows). Raises FormError."""
    _, _, rest = said.partition(b"\0")
    family = FAMILY.get(rest[:1])
    if family is None:
        return ""
    text, null, _ = rest[3:].partition(b"\0")
    try:
        plain = text.decode("ascii").removeprefix("IPv6:")
        family(plain)
    except ValueError:
        raise FormError("postfix", "no-address", "CONNECT names none") from None
    if not null:
        raise FormError("postfix", "no-end", "a text without its null octet")
    return plain


def texts(said: bytes) -> tuple[bytes, ...]:
    """Texts, each with a null octet behind it. Raises FormError."""
    if not said.endswith(b"\0"):
        raise FormError("postfix", "no-end", "a text without its null octet")
    return tuple(said[:-1].split(b"\0"))


def line(said: bytes) -> bytes:
    """A line of header as it came, its folds by CRLF (Postfix tells them by LF). Raises FormError."""
    name, null, value = said.removesuffix(b"\0").partition(b"\0")
    if not (name and null and said.endswith(b"\0")):
        raise FormError("postfix", "no-header", "a name and a value, a null octet behind each")
    return name + b":" + value.replace(b"\r", b"").replace(b"\n", b"\r\n") + b"\r\n"


def macros(said: bytes) -> Mapping[str, str]:
    """Names and values behind the letter that they are about. Raises FormError."""
    found = texts(said[1:]) if said[1:] else ()
    if len(found) % 2:
        raise FormError("postfix", "half-a-macro", "a name without its value")
    spoken = [one.decode("utf-8", "surrogateescape") for one in found]
    return dict(zip(spoken[::2], spoken[1::2], strict=True))


def on_top(name: str, value: str) -> bytes:
    """A line put above every other. Raises FormError for what would not be one."""
    if not value.isascii() or not value.replace("\n ", "").isprintable():
        raise FormError("desk", "not-a-header", "printable ASCII, folded by LF and a space")
    return _piece(b"i", WORD.pack(0) + f"{name}\0 {value}\0".encode("ascii"))


def _piece(letter: bytes, said: bytes) -> bytes:
    return WORD.pack(1 + len(said)) + letter + said
