"""What papers are made of: their words by language, the law's words as people read them, and a check said in words."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from sekisho.law.casebook import Casebook
from sekisho.law.words import Condition, Value

FOLDER = "papers"
LANGUAGES = ("ja", "en")


class PaperError(ValueError):
    """A file of the papers is not there or lacks words: which file, and what."""


@dataclass(frozen=True)
class Words:
    """Labels and the law's words in one language."""

    language: str
    labels: Mapping[str, str]
    law: Mapping[str, Mapping[str, str]]

    def of(self, group: str, word: object) -> str:
        """The law's word, as people read it; the bare word where there is none."""
        return self.law.get(group, {}).get(str(word), str(word))

    def each(self, group: str, words: Any) -> str:
        """Several, in a fixed order."""
        return self.listed(self.of(group, w) for w in sorted(map(str, words)))

    def listed(self, words: Any) -> str:
        return self.law["form"]["list"].join(words)

    def pick(self, words: Mapping[str, str] | None) -> str:
        """Words of the book, in this language."""
        return (words or {}).get(self.language) or next(iter((words or {}).values()), "")

    def day(self, day: date) -> str:
        return self.law["form"]["day"].format(year=day.year, month=day.month, day=day.day)

    def value(self, value: Value) -> str:
        """A value of evidence, scope or a condition; a digest is cut short."""
        if isinstance(value, bool):
            return self.of("value", str(value).lower())
        if isinstance(value, tuple | list):
            return self.listed(self.value(v) for v in value)
        if isinstance(value, Mapping):
            if self.language in value and set(value) <= set(LANGUAGES):
                return str(value[self.language])
            return "; ".join(f"{k}: {self.value(v)}" for k, v in value.items())
        text = "-" if value is None else str(value)
        return f"{text[:12]}…" if len(text) == 64 and " " not in text else text

    def field(self, name: str, value: Value, book: Casebook) -> str:
        """The value of a field whose words are the law's or the book's, else as any value."""
        if isinstance(value, tuple) and name == "elements":
            return self.each("element", value)
        if isinstance(value, tuple) and name in ("may_see", "audience", "within", "sides", "party"):
            return self.audience((str(v) for v in value), book)
        return self.value(value)

    def audience(self, names: Iterable[str], book: Casebook) -> str:
        """Who learns it: roles by their titles, others by their names."""
        return self.listed(self.pick(book.roles[n]) if n in book.roles else self.of("audience", n) for n in sorted(names))

    def purpose(self, name: str, book: Casebook) -> str:
        """A purpose: by the title of the measure of that name, if there is one."""
        about = book.about.get(name)
        return f"{self.pick(about.title)} ({name})" if about else name

    def checked(self, condition: Condition, book: Casebook) -> str:
        """What the condition's check looks at, in a sentence."""
        told = dict(condition.params)
        kind = book.kinds.get(str(told.get("kind")))
        said = {k: self.field(k, v, book) for k, v in told.items()}
        said["kind"] = self.pick(kind.title) if kind else ""
        where = told.get("where")
        parts = [self._predicate(k, v, book) for k, v in where.items()] if isinstance(where, Mapping) else []
        said["where"] = self.law["form"]["colon"] + self.listed(parts) if parts else ""
        rest = {k: v for k, v in told.items() if k in ("is", "only", "least", "most")}
        said["rest"] = self.listed(self._asked(k, self.value(v)) for k, v in rest.items())
        said["elements"] = self.each("element", told.get("elements", ()))
        said["sides"] = self._sides(told, book)
        template = self.law["check"].get(condition.check, condition.check)
        return template.format_map({"field": "", "within": "", "floor_permille": "", **said})

    def _sides(self, told: Mapping[str, Value], book: Casebook) -> str:
        parameter = book.parameters.get(str(told.get("parameter")))
        if parameter is None:
            return self.field("party", told.get("sides", told.get("party", "-")), book)
        return self.pick(parameter.title)

    def _predicate(self, field: str, asked: Value, book: Casebook) -> str:
        predicates = asked.items() if isinstance(asked, Mapping) else [("is", asked)]
        field = self.law["form"]["named"].format(self.pick(book.fields[field])) if field in book.fields else field
        return self.listed(f"{field}{self.law['form']['join']}{self._asked(k, self.field(field, v, book))}" for k, v in predicates)

    def _asked(self, predicate: str, said: str) -> str:
        return self.law["predicate"].get(predicate, predicate).format(value=said)


@lru_cache(maxsize=16)
def words_of(texts: Path, paper: str, language: str) -> Words:
    """The words of a paper in one language; paper "" is the law's words alone. Raises PaperError."""
    labels = _read(texts / FOLDER / f"{paper}.toml") if paper else {}
    law = _read(texts / FOLDER / "words.toml")
    try:
        return Words(
            language,
            {key: str(said[language]) for key, said in labels.items()},
            {group: {word: str(said[language]) for word, said in table.items()} for group, table in law.items()},
        )
    except (KeyError, TypeError, AttributeError) as why:
        raise PaperError(f"{texts / FOLDER}: {paper or 'words'}.toml lacks words in {language}: {why}") from why


def template_of(texts: Path, paper: str) -> Path:
    return texts / FOLDER / f"{paper}.typ"


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as why:
        raise PaperError(f"{path}: {why}") from why
