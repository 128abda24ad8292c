"""A list of names by category, as such lists are handed out to be kept: `[category]` on a line of its own, and below it a name a line.

`#` begins a remark. A name stands for itself and everything below it. Names are written as DNS has them (RFC 1035 letters, IDNA in its
ASCII form). A line that is none of these spoils the whole list: of half a list nobody knows which half.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sekisho.wire.cursor import FormError

WHO = "name-list"
LARGEST = 32 << 20
MOST_NAMES = 500_000
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"{LABEL}(?:\.{LABEL})+")
"""At least two labels: nobody lists a whole top-level domain by a slip."""
CATEGORY = re.compile(r"\[([a-z][a-z0-9-]{0,31})\]")
LONGEST = 253


@dataclass(frozen=True)
class NameList:
    """What a list file holds: names by category. `digest` is SHA-256 of its octets."""

    digest: str
    names: Mapping[str, frozenset[str]] = field(repr=False)

    def counts(self) -> Mapping[str, int]:
        """How many names each category has."""
        return {category: len(names) for category, names in sorted(self.names.items())}

    def met(self, names: Iterable[str]) -> Mapping[str, int]:
        """How many of these names each category would take for its own: a dry run, numbers alone."""
        asked = list(names)
        return {category: sum(_under(name, listed) for name in asked) for category, listed in sorted(self.names.items())}


def read_name_list(raw: bytes) -> NameList:
    """Raises FormError: too-large, not-text, no-category, bad-line, twice (each with its line), empty."""
    found: dict[str, set[str]] = {}
    category, count = "", 0
    for number, line in _lines(raw):
        if heading := CATEGORY.fullmatch(line):
            category = heading[1]
            if category in found:
                raise FormError(WHO, "twice", f"line {number}")
            found[category] = set()
            continue
        if not category:
            raise FormError(WHO, "no-category", f"line {number}")
        found[category].add(_name(line, number))
        count += 1
        if count > MOST_NAMES:
            raise FormError(WHO, "too-large")
    if not found or not all(found.values()):
        raise FormError(WHO, "empty")
    return NameList(hashlib.sha256(raw).hexdigest(), {c: frozenset(names) for c, names in found.items()})


def read_names(raw: bytes) -> frozenset[str]:
    """Names alone, one a line, as an operator gives their own to try a list on. Raises FormError as above."""
    found = frozenset(_name(line, number) for number, line in _lines(raw))
    if not found:
        raise FormError(WHO, "empty")
    return found


def in_wire(name: str) -> bytes:
    """As a name stands in a DNS message."""
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0"


def _lines(raw: bytes) -> Iterable[tuple[int, str]]:
    """Every line that says something, with its number."""
    if len(raw) > LARGEST:
        raise FormError(WHO, "too-large")
    try:
        text = raw.decode("ascii", "strict")
    except UnicodeDecodeError as why:
        raise FormError(WHO, "not-text", f"octet {why.start}") from why
    for number, line in enumerate(text.splitlines(), 1):
        if said := line.partition("#")[0].strip():
            yield number, said


def _name(line: str, number: int) -> str:
    name = line.lower().removesuffix(".")
    if len(name) > LONGEST or not NAME.fullmatch(name):
        raise FormError(WHO, "bad-line", f"line {number}")
    return name


def _under(name: str, listed: Collection[str]) -> bool:
    """Whether the name or one above it is listed."""
    labels = name.split(".")
    return any(".".join(labels[n:]) in listed for n in range(len(labels)))
