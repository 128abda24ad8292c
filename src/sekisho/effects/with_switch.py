"""What every filter with a switch says in its scope, whatever it filters: from when, in which words, and whose line an address is."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from sekisho.effects.prefix_sets import BadScope, Prefix
from sekisho.law.words import Value

ROWS = "as-told"
"""What the rules are, where customers were told of just these."""
NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
MOST_TITLE = 60
LANGUAGES = ("ja", "en")


def line_in(ranges: Iterable[Prefix], line_v6: int, address: str) -> Prefix | None:
    """The line within these ranges that an address is of: it alone, or of IPv6 its prefix of that length."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id:
            return None
        found = found.ipv4_mapped or found
    if not any(found in one for one in ranges):
        return None
    return ipaddress.ip_network((found, 32 if found.version == 4 else line_v6), strict=False)


def starts(scope: Mapping[str, Value]) -> datetime:
    said = scope.get("starts")
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadScope("scope.starts", said)
    return moment


def read_title(words: Mapping[str, Value], where: str) -> dict[str, str]:
    """A title in each language. Raises BadScope."""
    title = words.get("title")
    if not isinstance(title, Mapping) or set(title) != set(LANGUAGES) or not all(map(is_plain, title.values())):
        raise BadScope(f"{where}.title", title)
    return {language: str(title[language]) for language in LANGUAGES}


def read_tried(words: Mapping[str, Value], where: str) -> tuple[int, int]:
    """How many other things were tried before, and how many of these were taken for its own. Raises BadScope."""
    others, wrong = words.get("others"), words.get("wrong")
    if not is_count(others) or not is_count(wrong) or not 0 < int(str(others)) >= int(str(wrong)):
        raise BadScope(f"{where}.others", f"{others} {wrong}")
    return int(str(others)), int(str(wrong))


def is_count(said: Value) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and said >= 0


def is_plain(said: Value) -> bool:
    return isinstance(said, str) and 0 < len(said) <= MOST_TITLE and said.isprintable()
