"""The headers that carry a way: `Forwarded` (RFC 7239, section 4) and `X-Forwarded-For`, read completely or not at all.

A parameter stands at most once in an element (section 4). A parser that lets the last one win lets a stranger write the sender:
with `host="$http_host"` in nginx's line, `Host: x";for="192.0.2.66:1` adds a second `for`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sekisho_sender.nodes import End, Unreadable, bare, node

LONGEST = 4096
MOST = 32
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
QUOTED = re.compile(r'"((?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t \x21-\x7e])*)"')
ESCAPED = re.compile(r"\\(.)")
OURS = ("for", "by")


@dataclass(frozen=True, slots=True)
class Element:
    """What one proxy added. `pairs`: its parameters in their order, names in lower case, values without quotes; `raw`: as it came."""

    pairs: tuple[tuple[str, str], ...]
    raw: str

    def end(self, name: str) -> End:
        """What `for` or `by` says. Only what stands before every other parameter counts: the others may carry a stranger's text."""
        for said, value in self.pairs:
            if said == name:
                return node(value)
            if said not in OURS:
                break
        late = any(said == name for said, _ in self.pairs)
        return End(None, None, "behind-other-parameters" if late else "not-said")

    @property
    def is_plain(self) -> bool:
        """Whether it has parameters that only the proxy itself writes."""
        return all(name in OURS or (name == "proto" and value in ("http", "https", "ws", "wss")) for name, value in self.pairs)


def parse(text: str) -> tuple[Element, ...]:
    """Every element of a Forwarded header, the oldest first. Raises Unreadable unless the whole text is as RFC 7239 writes it."""
    if len(text) > LONGEST:
        raise Unreadable("too-long")
    found: list[Element] = []
    at = skip(text, 0)
    while at < len(text):
        start = at
        pairs, at = element(text, at)
        if pairs:
            found.append(Element(pairs, text[start:at].strip()))
        if at < len(text) and text[at] != ",":
            raise Unreadable("not-forwarded")
        at = skip(text, at + 1)
        if len(found) > MOST:
            raise Unreadable("too-many")
    return tuple(found)


def element(text: str, at: int) -> tuple[tuple[tuple[str, str], ...], int]:
    """The parameters from `at`, and where the element ends. Space may stand around `,` and `;`, where proxies write it, nowhere else."""
    pairs: dict[str, str] = {}
    while at < len(text) and text[at] != ",":
        if text[at] != ";":
            name, value, at = pair(text, at)
            if name in pairs:
                raise Unreadable("repeated")
            pairs[name] = value
        at = skip(text, at)
        if at < len(text) and text[at] == ";":
            at = skip(text, at + 1)
        elif at < len(text) and text[at] != ",":
            raise Unreadable("not-forwarded")
    return tuple(pairs.items()), at


def pair(text: str, at: int) -> tuple[str, str, int]:
    name = TOKEN.match(text, at)
    if name is None or text[name.end() : name.end() + 1] != "=":
        raise Unreadable("not-forwarded")
    at = name.end() + 1
    if quoted := QUOTED.match(text, at):
        return name.group().lower(), ESCAPED.sub(r"\1", quoted[1]), quoted.end()
    if token := TOKEN.match(text, at):
        return name.group().lower(), token.group(), token.end()
    raise Unreadable("not-forwarded")


def skip(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return at


def parse_list(text: str, *, with_port: bool) -> tuple[tuple[End, str], ...]:
    """Every element of an X-Forwarded-For header and its text, the oldest first.

    with_port: the proxy writes `ip:port`; then IPv6 without brackets is unreadable, since its port might be taken for its last group.
    """
    if len(text) > LONGEST:
        raise Unreadable("too-long")
    words = [word.strip(" \t") for word in text.split(",")] if text.strip(" \t") else []
    if len(words) > MOST:
        raise Unreadable("too-many")
    return tuple(((node if with_port else bare)(word), word) for word in words)
