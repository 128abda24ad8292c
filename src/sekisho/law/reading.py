"""The way back from canonical JSON to our words, strictly: unknown keys, wrong types and unknown enum words are refused by path."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")
DEEPEST = 32
SECONDS = re.compile(r"PT(-?\d{1,12})S")


class ReadingError(ValueError):
    """Something handed to us is not of the shape asked for. `path` says where, `code` says how."""

    def __init__(self, path: str, code: str) -> None:
        super().__init__(path or "(whole)", code)
        self.path = path
        self.code = code


def read(kind: type[T], value: object, path: str = "") -> T:
    """`value` (decoded JSON) as `kind`: a dataclass of our words. Raises ReadingError, naming the path."""
    return cast("T", _read(kind, value, path, 0))


def _read(kind: Any, value: object, path: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise ReadingError(path, "too-deep")
    origin = typing.get_origin(kind)
    if kind is Any:
        return value
    if origin is typing.Union or origin is types.UnionType:
        return _union(kind, value, path, depth)
    if origin is tuple:
        return tuple(_items(typing.get_args(kind)[0], value, path, depth))
    if origin is frozenset:
        return frozenset(_items(typing.get_args(kind)[0], value, path, depth))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(typing.get_args(kind)[1], value, path, depth)
    if isinstance(kind, typing.ForwardRef | str):
        return _free(value, path, depth)
    if is_dataclass(kind):
        return _dataclass(cast("type[Any]", kind), value, path, depth)
    return _scalar(kind, value, path)


def _union(kind: Any, value: object, path: str, depth: int) -> object:
    choices = typing.get_args(kind)
    if value is None and type(None) in choices:
        return None
    for choice in choices:
        if choice is type(None):
            continue
        try:
            return _read(choice, value, path, depth + 1)
        except ReadingError as why:
            last = why
    if len(choices) > 2 and last.path == path:
        raise ReadingError(path, "not-a-value")
    raise last


def _items(kind: Any, value: object, path: str, depth: int) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ReadingError(path, "not-a-list")
    return [_read(kind, item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]


def _mapping(kind: Any, value: object, path: str, depth: int) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ReadingError(path, "not-an-object")
    return types.MappingProxyType({str(k): _read(kind, v, f"{path}.{k}", depth + 1) for k, v in value.items()})


def _free(value: object, path: str, depth: int) -> object:
    """A `Value`: what facts, evidence and scopes are made of."""
    if depth > DEEPEST:
        raise ReadingError(path, "too-deep")
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return tuple(_free(v, f"{path}[{i}]", depth + 1) for i, v in enumerate(value))
    if isinstance(value, Mapping):
        return types.MappingProxyType({str(k): _free(v, f"{path}.{k}", depth + 1) for k, v in value.items()})
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise ReadingError(path, "not-a-value")


def _dataclass(kind: type[Any], value: object, path: str, depth: int) -> object:
    if not isinstance(value, Mapping):
        raise ReadingError(path, "not-an-object")
    hints, needed = _fields(cast("Hashable", kind))
    for key in value:
        if key not in hints:
            raise ReadingError(f"{path}.{key}".lstrip("."), "unknown-key")
    filled = {}
    for name, hint in hints.items():
        where = f"{path}.{name}".lstrip(".")
        if name in value:
            filled[name] = _read(hint, value[name], where, depth + 1)
        elif name in needed:
            raise ReadingError(where, "missing")
    return kind(**filled)


@cache
def _fields(kind: Hashable) -> tuple[Mapping[str, Any], frozenset[str]]:
    """The types of a dataclass's fields in their order, and which of them have no default."""
    hints = typing.get_type_hints(kind)
    specs = {f.name: f for f in fields(cast("Any", kind))}
    needed = frozenset(n for n, f in specs.items() if f.default is MISSING and f.default_factory is MISSING)
    return {n: hints[n] for n in specs}, needed


def _scalar(kind: Any, value: object, path: str) -> object:
    if kind in (str, bool) or kind is int:
        if type(value) is not kind:
            raise ReadingError(path, f"not-{kind.__name__}")
        return value
    if not isinstance(value, str):
        if isinstance(value, datetime | date) and isinstance(value, kind):
            return value
        raise ReadingError(path, f"not-{getattr(kind, '__name__', 'text')}")
    try:
        return _from_text(kind, value)
    except (ValueError, OverflowError) as why:
        raise ReadingError(path, f"not-{kind.__name__}") from why


def _from_text(kind: Any, value: str) -> object:
    if issubclass(kind, Enum):
        return kind(value)
    if kind is bytes:
        return bytes.fromhex(value)
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment
    if kind is date:
        return date.fromisoformat(value)
    if kind is timedelta and (found := SECONDS.fullmatch(value)):
        return timedelta(seconds=int(found[1]))
    raise ValueError(value)
