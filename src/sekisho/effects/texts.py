"""Letters and notices as documents: one file per text, version and language, with strict front matter and placeholders from a fixed list.

A file is ``texts/{language}/{id}@{version}.md``: TOML between two lines of ``+++``, then plain text. ``{{name}}`` is replaced
by a value; nothing else is a template, and a value is never read as one. Languages are written side by side, not translated by
the program, and a text that lacks one of them does not load.

A text with `fact` and `serves` is no letter: it is what is often written for that fact of a case, to be picked and adapted where one
of these moves asks for it. Its subject is what it is called in the list.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from sekisho.effects.order import Rendered
from sekisho.law.canonical import digest

LANGUAGES = ("ja", "en")
STATUSES = frozenset({"draft", "adopted"})
KEYS: Mapping[str, type] = {"id": str, "version": int, "language": str, "status": str, "subject": str}
MAY: Mapping[str, type] = {"to": str, "fact": str, "serves": list}
TO = frozenset({"", "claimant", "poster", "provider", "person", "people", "customer", "authority", "contractor", "entruster"})
"""Who a letter of a case goes to; empty where the text does not say."""
PLACEHOLDERS = frozenset(
    {
        "name",  # of the person, from the register
        "reference",  # number of this notice, shown on the page where a receiver can check it
        "operator",
        "first_seen",  # Japan Standard Time, as `jst` writes it
        "last_seen",
        "contacts",
        "list_origin",
        "list_date",
        "terms_version",
        "help_url",
        "check_url",
        "my_data_url",
        "withdraw_url",
        "window_name",
        "window_phone",
        "window_hours",
        "number",  # of a case, as people call it
        "today",
        "answer_code",  # by which whoever is asked answers; made when the letter is drafted, known to nobody else
        "answer_url",
        "role",  # of whom an incident's ladder calls
        "call_until",  # as `jst` writes it
        "room_url",
        "party",  # the firm an order goes to
        "stopped_at",  # when a program asked for no more mail, as `jst` writes it
        "stop_url",  # where a person takes that back, with the code of one mail
        "check_code",  # of that mail
        "typed_code",  # that somebody asked for on the page of a question, by which they agree
        "asked_at",  # when they did, as `jst` writes it
        "good_until",
        "page_url",
        "own_url",  # of the same page: good without the code in the browser that asked
        "held_at",  # when a mail account reached its limit, as `jst` writes it
        "held_until",
        "limit_messages",
        "limit_minutes",
        "alike_accounts",  # so many accounts at least acted alike
        "restore_code",  # by which the help desk lifts the limit; made when the letter is sent, known to nobody else
        "why",  # a mail was not passed on: kinds and places, in words of ours
        "law",  # the articles a procedure stands on
    }
)
OF_A_CASE = re.compile(r"(?:fact|due|days)_[a-z][a-z0-9_]{0,62}")
"""A fact of a case, the last day of one of its clocks, or how long such a clock runs; which there are, its procedure says."""
FACT = re.compile(r"[a-z][a-z0-9_]{0,62}")
SERVES = re.compile(r"[a-z*][a-z0-9*-]{0,62}/[a-z*][a-z0-9*-]{0,62}")
PLACE = re.compile(r"\{\{([^{}]*)\}\}")
NUMBERED = re.compile(r"\s*[(（][^()（）]*\{\{[^{}]*\}\}[^()（）]*[)）]")
FILE = re.compile(r"([a-z][a-z0-9-]{0,62})@([1-9][0-9]{0,3})\.md")
SECURE = re.compile(r"https://[!-~]+|http://localhost(?::\d{1,5})?(?:/[!-~]*)?")
MOST_TEXT = 64 * 1024
REMEMBERED = 512
"""Files."""
MOST_VALUE = 300
MOST_QUOTED = 16 * 1024
JST = timezone(timedelta(hours=9))


class TextError(ValueError):
    """A text, or the values for one, cannot be used; says which file or placeholder and why."""


@dataclass(frozen=True)
class Text:
    """One document in one language. `digest` is SHA-256 of the file's bytes; `places` the placeholders it uses."""

    id: str
    version: int
    language: str
    status: str
    subject: str
    body: str
    places: frozenset[str]
    digest: str
    to: str = ""
    fact: str = ""
    serves: tuple[str, ...] = ()
    """Patterns of procedure/move, like deletion-inquiry*/keep."""

    @property
    def name(self) -> str:
        """What orders and approvals call it."""
        return f"{self.id}@{self.version}"

    @property
    def title(self) -> str:
        """What people call it: the subject without the number of the case."""
        return NUMBERED.sub("", self.subject)


@dataclass(frozen=True)
class Texts:
    """Every text of a folder, each in every language."""

    by_name: Mapping[str, Mapping[str, Text]]

    def find(self, name: str, language: str) -> Text:
        """The document of this name and language. Raises TextError for one that is not there; languages do not stand in for each other."""
        try:
            return self.by_name[name][language]
        except KeyError:
            raise TextError(f"there is no text {name!r} in {language!r}") from None

    def digest(self, name: str) -> str:
        """What an approval of a text signs: all its languages together. Raises TextError for a name that is not there."""
        if name not in self.by_name:
            raise TextError(f"there is no text {name!r}")
        return digest({language: text.digest for language, text in self.by_name[name].items()})


def load(folder: Path) -> Texts:
    """Read a folder of texts. Raises TextError, naming the file, at the first thing that is not as it must be."""
    found: dict[str, dict[str, Text]] = {}
    for language in LANGUAGES:
        for path in sorted((folder / language).glob("*")):
            text = read(path, language)
            found.setdefault(text.name, {})[language] = text
    if not found:
        raise TextError(f"{folder} holds no texts: it needs a folder for each of {', '.join(LANGUAGES)}")
    for name, versions in found.items():
        _complete(name, versions)
    return Texts(found)


def read(path: Path, language: str) -> Text:
    """Read one file. Raises TextError."""
    named = FILE.fullmatch(path.name)
    if named is None:
        raise TextError(f"{path}: a text is called id@version.md, in small letters, digits and hyphens")
    data = path.read_bytes()
    if len(data) > MOST_TEXT:
        raise TextError(f"{path}: {len(data)} octets, more than {MOST_TEXT}")
    return _made(path, named[1], int(named[2]), language, data)


@lru_cache(maxsize=REMEMBERED)
def _made(path: Path, name: str, version: int, language: str, data: bytes) -> Text:
    """The same octets under the same name are the same text: a folder is read at every letter, and seldom changes."""
    front, body = _parts(path, data)
    subject, said = str(front["subject"]), (front["id"], front["version"], front["language"])
    if said != (name, version, language):
        raise TextError(f"{path}: its front matter calls it {said}")
    if front["status"] not in STATUSES:
        raise TextError(f"{path}: status is one of {', '.join(sorted(STATUSES))}")
    places = _places(path, [subject, body])
    to = str(front.get("to", ""))
    if to not in TO:
        raise TextError(f"{path}: to is one of {', '.join(sorted(TO - {''}))}")
    found = hashlib.sha256(data).hexdigest()
    return Text(name, version, language, str(front["status"]), subject, body, places, found, to, *_prepared(path, front, places))


def _prepared(path: Path, front: Mapping[str, Any], places: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """The fact a prepared text is for, and where; nothing for a letter."""
    fact, serves = front.get("fact", ""), tuple(front.get("serves", ()))
    if not fact and not serves:
        return "", ()
    if "to" in front or not FACT.fullmatch(fact) or not serves or not all(isinstance(s, str) and SERVES.fullmatch(s) for s in serves):
        raise TextError(f"{path}: a prepared text names its fact and serves moves as procedure/move, and goes to nobody by itself")
    if wrong := {p for p in places if not p.startswith("fact_")}:
        raise TextError(f"{path}: a prepared text has places for facts of the case only, not {', '.join(sorted(wrong))}")
    return fact, serves


def render(text: Text, params: Mapping[str, str]) -> Rendered:
    """Fill in the values, each exactly once read. Raises TextError for a value that is missing, not asked for, or not one safe line."""
    if lacking := text.places - params.keys():
        raise TextError(f"{text.name} needs a value for {', '.join(sorted(lacking))}")
    if unasked := params.keys() - text.places:
        raise TextError(f"{text.name} has no place for {', '.join(sorted(unasked))}")
    for place, value in params.items():
        if not _quoted(place, value):
            _one_line(place, value)
    return Rendered(_filled(text.subject, params), _filled(text.body, params), text.language)


def jst(at: datetime) -> str:
    """A moment as letters write it, in Japan Standard Time, to the minute. Raises TextError for a time without a zone."""
    if at.tzinfo is None:
        raise TextError("a time without a zone cannot be told to anybody")
    return at.astimezone(JST).strftime("%Y-%m-%d %H:%M")


def _parts(path: Path, data: bytes) -> tuple[dict[str, Any], str]:
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextError(f"{path}: not UTF-8 at octet {error.start}") from error
    pieces = whole.split("+++\n", 2)
    if len(pieces) != 3 or pieces[0]:
        raise TextError(f"{path}: starts with front matter between two lines of +++")
    try:
        front = tomllib.loads(pieces[1])
    except tomllib.TOMLDecodeError as error:
        raise TextError(f"{path}: front matter: {error}") from error
    if front.keys() - MAY.keys() != KEYS.keys():
        raise TextError(f"{path}: front matter has exactly {', '.join(KEYS)}; it has {', '.join(front)}")
    for key, kind in {**KEYS, **MAY}.items():
        if key in front and type(front[key]) is not kind:
            raise TextError(f"{path}: {key} must be {kind.__name__}")
    if not pieces[2].strip() or not str(front["subject"]).strip():
        raise TextError(f"{path}: an empty subject or body")
    _printable(path, [str(front["subject"])], "")
    _printable(path, [pieces[2]], "\n")
    return front, pieces[2]


def _printable(path: Path, pieces: Iterable[str], besides: str) -> None:
    for piece in pieces:
        if odd := next((c for c in piece if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in besides), None):
            raise TextError(f"{path}: holds the invisible character U+{ord(odd):04X}")


def _places(path: Path, pieces: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for piece in pieces:
        found |= {match[1] for match in PLACE.finditer(piece)}
        if "{" in PLACE.sub("", piece) or "}" in PLACE.sub("", piece):
            raise TextError(f"{path}: a brace that belongs to no placeholder")
    if unknown := {name for name in found - PLACEHOLDERS if OF_A_CASE.fullmatch(name) is None}:
        raise TextError(f"{path}: no such placeholder: {', '.join(sorted(unknown))}")
    return frozenset(found)


def _complete(name: str, versions: Mapping[str, Text]) -> None:
    if absent := set(LANGUAGES) - versions.keys():
        raise TextError(f"{name} is missing in {', '.join(sorted(absent))}")
    first, *others = versions.values()
    for other in others:
        if other.places != first.places:
            raise TextError(f"{name}: {first.language} and {other.language} differ in {', '.join(sorted(other.places ^ first.places))}")
        if other.to != first.to:
            raise TextError(f"{name}: {first.language} goes to {first.to or 'nobody'}, {other.language} to {other.to or 'nobody'}")
        if (other.fact, other.serves) != (first.fact, first.serves):
            raise TextError(f"{name}: {first.language} and {other.language} differ in fact or serves")
        if other.status != first.status:
            raise TextError(f"{name}: {first.language} is {first.status}, {other.language} is {other.status}")


def _one_line(place: str, value: str) -> None:
    if not value.strip() or len(value) > MOST_VALUE:
        raise TextError(f"the value for {place} must have between one and {MOST_VALUE} characters")
    if any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") for c in value):
        raise TextError(f"the value for {place} must be one line without control characters")
    if place.endswith("_url") and SECURE.fullmatch(value) is None:
        raise TextError(f"the value for {place} must be an https address")


def quoted(words: str) -> str:
    """Somebody else's words of several lines, each line marked as theirs: none of them passes for a line of ours."""
    return "\n".join(f"> {line}" for line in words.split("\n"))


def set_in(words: str) -> str:
    """Words of several lines that are no part of the text, each line set in: none of them passes for a line of the text."""
    return "\n".join(f"  {line}" for line in words.split("\n"))


def _quoted(place: str, value: str) -> bool:
    """Whether the value is a fact in somebody else's words, rows of what was chosen, or an answer's words, marked line by line."""
    marked = all(line.startswith(("> ", "  ")) for line in value.split("\n"))
    theirs = place.startswith("fact_") and len(value) <= MOST_QUOTED and marked and bool(value.strip())
    return theirs and not any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") and c != "\n" for c in value)


def _filled(piece: str, params: Mapping[str, str]) -> str:
    return PLACE.sub(lambda match: params[match[1]], piece)
