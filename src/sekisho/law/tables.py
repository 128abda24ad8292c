"""Strict reading of TOML tables: every key is asked for once, by type, and what nobody asked for is an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from sekisho.law.words import Value, Words

E = TypeVar("E", bound=StrEnum)
LONGEST_TEXT = 4000
MOST_ITEMS = 500
LANGUAGES = frozenset({"ja", "en"})


class CasebookError(ValueError):
    """The case book is wrong: in which file, where in it, and what to change."""

    def __init__(self, file: str, where: str, what: str) -> None:
        super().__init__(f"{file}: {where}: {what}")
        self.file = file
        self.where = where
        self.what = what


def frozen(value: Any) -> Value:
    """A TOML value that nobody can change any more. Raises TypeError for floats and times of day."""
    if isinstance(value, Mapping):
        return MappingProxyType({str(k): frozen(v) for k, v in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(v) for v in value)
    if isinstance(value, datetime):
        raise TypeError("write days, not times")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{type(value).__name__} has no single spelling")


class Table:
    """One TOML table. Call `done` when everything was asked for."""

    def __init__(self, file: str, where: str, data: object) -> None:
        self.file = file
        self.where = where
        if not isinstance(data, dict):
            raise CasebookError(file, where, "must be a table")
        self.data: dict[str, Any] = data
        self.asked: set[str] = set()

    def error(self, key: str, what: str) -> CasebookError:
        return CasebookError(self.file, f"{self.where}.{key}" if self.where else key, what)

    def done(self) -> None:
        for key in self.data:
            if key not in self.asked:
                raise self.error(key, "nobody knows this key; remove it or correct its spelling")

    def _take(self, key: str, kind: type | tuple[type, ...], what: str) -> Any:
        self.asked.add(key)
        if key not in self.data:
            raise self.error(key, "is missing")
        value = self.data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise self.error(key, f"must be {what}")
        return value

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def text(self, key: str) -> str:
        value: str = self._take(key, str, "text")
        if not value.strip() or len(value) > LONGEST_TEXT:
            raise self.error(key, f"must be 1 to {LONGEST_TEXT} characters of text")
        return value

    def number(self, key: str, least: int = 0) -> int:
        value: int = self._take(key, int, "a whole number")
        if value < least:
            raise self.error(key, f"must be at least {least}")
        return value

    def flag(self, key: str) -> bool:
        value: bool = self._take(key, bool, "true or false")
        return value

    def day(self, key: str) -> date:
        value: date = self._take(key, date, "a day, written 2018-09-26 without quotes")
        if isinstance(value, datetime):
            raise self.error(key, "must be a day, not a time")
        return value

    def word(self, key: str, enum: type[E]) -> E:
        return self._as(key, self.text(key), enum)

    def words(self, key: str) -> Words:
        """A sentence in every language of the book."""
        table = Table(self.file, f"{self.where}.{key}", self._take(key, dict, "a sentence by language"))
        if missing := LANGUAGES - table.data.keys():
            raise self.error(key, f"has no words in {', '.join(sorted(missing))}")
        said = {language: table.text(language) for language in sorted(LANGUAGES)}
        table.done()
        return MappingProxyType(said)

    def texts(self, key: str) -> tuple[str, ...]:
        values: list[Any] = self._take(key, list, "a list of texts")
        if not values or len(values) > MOST_ITEMS or not all(isinstance(v, str) and v for v in values):
            raise self.error(key, f"must be a list of 1 to {MOST_ITEMS} texts")
        if len(set(values)) != len(values):
            raise self.error(key, "names something twice")
        return tuple(values)

    def set_of(self, key: str, enum: type[E]) -> frozenset[E]:
        return frozenset(self._as(key, v, enum) for v in self.texts(key))

    def table(self, key: str) -> Table:
        return Table(self.file, f"{self.where}.{key}" if self.where else key, self._take(key, dict, "a table"))

    def tables(self, key: str) -> Iterator[Table]:
        """Tables under `key`, none if it is absent."""
        self.asked.add(key)
        values = self.data.get(key, [])
        if not isinstance(values, list) or len(values) > MOST_ITEMS:
            raise self.error(key, f"must be up to {MOST_ITEMS} tables, written [[{key}]]")
        for number, value in enumerate(values, 1):
            name = value.get("id", number) if isinstance(value, dict) else number
            yield Table(self.file, f"{self.where}.{key}[{name}]" if self.where else f"{key}[{name}]", value)

    def value(self, key: str) -> Value:
        self.asked.add(key)
        if key not in self.data:
            raise self.error(key, "is missing")
        try:
            return frozen(self.data[key])
        except TypeError as why:
            raise self.error(key, str(why)) from why

    def mapping(self, key: str) -> Mapping[str, Value]:
        """A table of plain values; empty if it is absent."""
        value = self.value(key) if key in self.data else MappingProxyType({})
        if not isinstance(value, Mapping):
            raise self.error(key, "must be a table")
        return value

    def maybe(self, key: str, take: Callable[[str], Any], default: Any = None) -> Any:
        self.asked.add(key)
        return take(key) if key in self.data else default

    def _as(self, key: str, value: str, enum: type[E]) -> E:
        try:
            return enum(value)
        except ValueError:
            raise self.error(key, f"{value!r} is not one of {', '.join(e.value for e in enum)}") from None
