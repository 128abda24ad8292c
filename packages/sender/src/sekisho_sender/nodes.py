"""One end of a connection as proxies write it in a header: `ip:port` in its spellings, and what says openly that it says nothing.

Every reader is strict: ASCII digits, no sign, no space, no zone. What does not fit completely raises Unreadable; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sekisho_sender.record import plain_ip

PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
OBFUSCATED = re.compile(r"_[A-Za-z0-9._-]{1,64}", re.ASCII)
LONGEST = 128


class Unreadable(ValueError):
    """A header that is not as the proxy that overwrites it writes it. Its word is a code: what was wrong."""


@dataclass(frozen=True, slots=True)
class End:
    """What a proxy said about one end. `ip` None: it said that it does not tell, and `why` says how. `port` None: `why_port` says how."""

    ip: str | None
    port: int | None
    why: str = ""
    why_port: str = ""


def read_port(text: str) -> tuple[int | None, str]:
    """Port and why it is empty. 0 is how servers write that they do not know; an empty text is nginx after its realip module."""
    if text == "":
        return None, "not-said"
    if OBFUSCATED.fullmatch(text):
        return None, "obfuscated"
    if not PORT.fullmatch(text) or int(text) > 65535:
        raise Unreadable("port")
    return (int(text), "") if int(text) else (None, "zero")


def read_ip(text: str, version: int = 0) -> str:
    """One address in its one spelling; `version` 4 or 6 asks for that spelling, 0 takes either."""
    if version and (":" in text) != (version == 6):
        raise Unreadable("address")
    try:
        return plain_ip(text)
    except ValueError as wrong:
        raise Unreadable("address") from wrong


def make(ip: str, port: str | None) -> End:
    known, why = read_port(port or "")
    return End(ip, known, why_port=why)


@lru_cache(4096)
def node(text: str) -> End:
    """A node of RFC 7239, section 6, unquoted: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `unknown`, `_hidden`."""
    if len(text) > LONGEST:
        raise Unreadable("too-long")
    if text.startswith("["):
        inside, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise Unreadable("address")
        return make(read_ip(inside, 6), rest[1:])
    name, colon, port = text.partition(":")
    if name.lower() == "unknown" or OBFUSCATED.fullmatch(name):
        read_port(port)
        return End(None, None, "unknown" if name.lower() == "unknown" else "obfuscated")
    if colon and ":" in port:
        raise Unreadable("address")  # IPv6 without brackets: where its port begins cannot be known
    return make(read_ip(name, 4), port)


@lru_cache(4096)
def bare(text: str) -> End:
    """An element of X-Forwarded-For from a proxy that writes addresses: as a node, or IPv6 without brackets and without a port."""
    if len(text) > LONGEST:
        raise Unreadable("too-long")
    return End(read_ip(text, 6), None, why_port="not-said") if text.count(":") > 1 and "[" not in text else node(text)


@lru_cache(4096)
def viewer(text: str) -> End:
    """`ip:port` where a port always follows, so that IPv6 needs no brackets: CloudFront-Viewer-Address, HAProxy's `%[src]:%[src_port]`."""
    if len(text) > LONGEST:
        raise Unreadable("too-long")
    ip, colon, port = text.rpartition(":")
    if not colon or OBFUSCATED.fullmatch(port):
        raise Unreadable("port")
    if ip.startswith("[") and ip.endswith("]"):
        return make(read_ip(ip[1:-1], 6), port)
    return make(read_ip(ip), port)
