"""Japanese and English. The English sentence is the message id; `locale/ja` holds the Japanese, compiled here when first needed.

Words of the case book come with both languages in them and are only picked, never translated.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("ja", "en")
LOCALE = Path(__file__).parent / "locale"
JST = timezone(timedelta(hours=9), "JST")

_RANGE = re.compile(r"^\s*([A-Za-z-]{1,16})\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*$")


def N_(message: str) -> str:
    """Marks a sentence for translation."""
    return message


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The labels of one language. A clean clone has only the .po file; it is compiled in memory."""
    source = LOCALE / language / "LC_MESSAGES" / "console.po"
    if not source.is_file():
        return gettext.NullTranslations()
    with source.open("rb") as lines:
        messages = read_po(lines, locale=language, domain="console")
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def choose(cookie: str | None, accept: str) -> str:
    """The visitor's language: what they chose, else what their browser prefers, else Japanese."""
    if cookie in LANGUAGES:
        return cookie
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept[:512].split(",")):
        found = _RANGE.match(part)
        if found:
            tag, weight = found.group(1).lower().split("-")[0], float(found.group(2) or "1")
            if tag in LANGUAGES and weight > 0:
                wanted.append((-weight, place, tag))
    return min(wanted)[2] if wanted else LANGUAGES[0]


def pick(words: Mapping[str, str] | str | None, language: str) -> str:
    """A sentence of the case book in one language; the other one where it is all there is."""
    if words is None or isinstance(words, str):
        return words or ""
    return words.get(language) or next((words[o] for o in LANGUAGES if words.get(o)), "")


def moment(text: Any) -> datetime | None:
    """An ISO time or day as a UTC datetime; None for what is none."""
    if not isinstance(text, str) or not text:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def is_day(text: str) -> bool:
    """A calendar day has no zone and is shown as it is."""
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text))
