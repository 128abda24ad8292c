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
TEXT = r"(?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t \x21-\x7e])*+"
PARAMETER = re.compile(
    rf"""[ \t]*+(?:({TOKEN.pattern}+)=(?:"({TEXT})"|({TOKEN.pattern}+)))?+[ \t]*+(?P<ends>[;,]|\Z)""", re.ASCII
)  # space may stand around `;` and `,`, where proxies write it, nowhere else; no part gives back what it took
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
    pairs: dict[str, str] = {}
    start = at = 0
    while at < len(text):
        read = PARAMETER.match(text, at)
        if read is None:
            raise Unreadable("not-forwarded")
        name, quoted, token, ends = read.groups()
        if name is not None:
            name = name.lower()
            if name in pairs:
                raise Unreadable("repeated")
            pairs[name] = token if quoted is None else ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted
        at = read.end()
        if ends == ";" and at < len(text):
            continue
        if pairs:
            found.append(Element(tuple(pairs.items()), text[start:at].removesuffix(",").strip(" \t")))
        if len(found) > MOST:
            raise Unreadable("too-many")
        pairs, start = {}, at
    return tuple(found)


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
