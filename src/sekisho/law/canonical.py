"""One spelling for everything that is signed or hashed: RFC 8785 restricted to what our words need.

Floats are refused (their spelling is not ours to choose), times are UTC to the microsecond with a `Z`, sets are sorted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any, cast


def plain(value: Any) -> Any:
    """Turn a value into what JSON can hold. Raises TypeError for what has no single spelling, naive times included."""
    kind = type(value)
    if kind is str or value is None or kind is int or kind is bool:
        return value
    if names := _fields(cast("Hashable", kind)):
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if kind is MappingProxyType or isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, frozenset | set):
        return sorted((plain(v) for v in value), key=str)
    return value if isinstance(value, bool | int | str) else _scalar(value)


@cache
def _fields(kind: Hashable) -> tuple[str, ...]:
    """The names of a dataclass's fields; none for any other type."""
    return tuple(f.name for f in fields(kind)) if is_dataclass(kind) else ()


def _scalar(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"a time without a zone has no single spelling: {value!r}")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"PT{value // timedelta(seconds=1)}S"
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"no single spelling for {type(value).__name__}")


def canonical(value: Any) -> bytes:
    """The bytes that are signed and hashed: sorted keys, no spaces, UTF-8."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
