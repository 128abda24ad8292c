"""Terms and privacy text of a service with posts, written from what is in force, and held against what was published.

The wording is the operator's (`texts/terms/posts@1.toml`); the kinds kept, their terms, the doors and the days of the law come from
`public_terms`. What was published and does not say the same any more has drifted.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from sekisho.desk.filled import filled
from sekisho.desk.papers import LANGUAGES, PaperError
from sekisho.law.canonical import digest

FOLDER, WORDS = "terms", "posts@1.toml"
KINDS = ("terms", "privacy")
TAG = re.compile(r"<[^<>]{0,2000}>")
SHORT = 16
Json = Mapping[str, Any]


@dataclass(frozen=True)
class PostsTexts:
    """What is in force, as `public_terms` says it, and the folder of the operator's texts."""

    told: Json
    texts: Path


@dataclass(frozen=True)
class Drift:
    """One line that is published otherwise: `-` what the settings say, `+` what stands there."""

    text: str
    language: str
    lines: tuple[str, ...]


def carry_out(request: PostsTexts) -> dict[tuple[str, str], str]:
    """(text, language) to the whole text. Raises PaperError naming the file and what it lacks."""
    path = request.texts / FOLDER / WORDS
    try:
        words = tomllib.loads(path.read_text(encoding="utf-8"))
        return {(kind, lang): _written(words[lang], kind, lang, request.told) for lang in LANGUAGES for kind in KINDS}
    except (OSError, ValueError) as why:
        raise PaperError(f"{path}: {why}") from why
    except KeyError as why:
        raise PaperError(f"{path}: no words for {why}") from why


def drift(request: PostsTexts, published: str) -> list[Drift]:
    """What a published page says otherwise; none when it holds every text of some language whole and nothing in between.

    The page may hold anything before and after; tags and blanks do not count.
    """
    page = _plain(published)
    made = carry_out(request)
    found = {lang: [d for kind in KINDS if (d := _drifted(made[kind, lang], page, kind, lang))] for lang in LANGUAGES}
    return min(found.values(), key=lambda drifts: sum(len(d.lines) for d in drifts))


def _drifted(text: str, page: list[str], kind: str, language: str) -> Drift | None:
    lines = _plain(text)
    if any(page[at : at + len(lines)] == lines for at in range(len(page) - len(lines) + 1)):
        return None
    start = page.index(lines[0]) if lines[0] in page else 0
    compared = difflib.ndiff(lines, page[start : start + len(lines) + 2])
    return Drift(kind, language, tuple(line for line in compared if line[:1] in "-+"))


def _plain(text: str) -> list[str]:
    """Its lines as people read them: no tags, no marks of headings and lists, one blank for many."""
    shown = (" ".join(unescape(TAG.sub(" ", line)).split()) for line in re.split(r"\n|<br */?>|</(?:p|li|h[1-6])>", text))
    return [bare for line in shown if (bare := re.sub(r"^(?:#+|[-*]|\d+\.)\s+", "", line).strip())]


def _written(words: Json, kind: str, language: str, told: Json) -> str:
    return "\n".join(_lines(words[kind].strip("\n"), words, language, told)) + "\n"


def _lines(text: str, words: Json, language: str, told: Json) -> Iterator[str]:
    known = _known(told)
    for line in text.split("\n"):
        mark, _, rest = line.partition(" ")
        if mark == "@kept":
            yield from (filled(rest, known | _kept(row, words)) for row in told["kept"])
        elif mark == "@door":
            yield from (filled(rest, {"title": door["title"][language], "url": door["url"]}) for door in told["doors"])
        elif mark in ("@nothing-kept", "@large"):
            if told["large_platform"] if mark == "@large" else not told["kept"]:
                yield filled(rest, known)
        else:
            yield filled(line, known)


def _known(told: Json) -> dict[str, str]:
    operator = told["operator"]
    return {
        "service": told["service"],
        "operator": operator["name"],
        "window": operator["window"],
        "contact": " ".join(str(operator[k]) for k in ("phone", "hours") if operator[k] != "-"),
        "fingerprint": digest(told)[:SHORT],
        **{name: str(days) for name, days in told["days"].items()},
    }


def _kept(row: Json, words: Json) -> dict[str, str]:
    fields = words["list"].join(words["fields"].get(f, f) for f in row["fields"])
    return {"kind": words["kinds"].get(row["kind"], row["kind"]), "fields": fields, "days": str(row["days"])}
