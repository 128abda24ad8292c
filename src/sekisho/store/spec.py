"""A permit's scope, compiled: which rows and columns a stream keeps and for how long, and what a view of it may show.

    scope = {"streams": {"hits": {"shape": "flows", "rows": "hits", "columns": [...], "list": "<sha256>", "term_days": 30}}}
    scope = {"views": {"hits": {"shape": "flows", "of": "<permit the stream was kept under>", "columns": [...], "line": "open"}}}

A permit that keeps a stream may also look at it, by the same columns. Empty, unknown and missing mean no.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa

from sekisho.gate.permit import Permit
from sekisho.law.words import Value
from sekisho.store.errors import SpecError
from sekisho.store.schema import SHAPES, column_class, element

FOOTER = "footer"
DIRECT_MAIL = "dynamic-lines-direct-to-25"
VOLUMES = "hourly-volumes"
CLASS_VOLUMES = "hourly-class-volumes"
ROWS = frozenset({"all", "hits", "sums", DIRECT_MAIL, VOLUMES, CLASS_VOLUMES})
LONGEST_TERM = 3660
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_STREAM_WORDS = frozenset({"shape", "rows", "columns", "list", "term_days", "period", "line"})
_VIEW_WORDS = frozenset({"shape", "of", "columns", "line"})


@dataclass(frozen=True)
class StreamSpec:
    """One stream as its permit names it. `term` counts from the end of a period; a period is a UTC day of receipt."""

    name: str
    shape: str
    rows: str
    columns: tuple[str, ...]
    list_digest: str | None
    term: timedelta
    period: str = "day"

    @property
    def schema(self) -> pa.Schema:
        """The columns kept, in the permit's order."""
        return pa.schema([SHAPES[self.shape].schema.field(n) for n in self.columns])

    @property
    def classes(self) -> dict[str, tuple[str, ...]]:
        """Column class to its columns."""
        return classes_of(self.shape, self.columns)


@dataclass(frozen=True)
class ViewSpec:
    """What a look may see of a stream kept under the permit `of`. `tokens`: `line` is shown only as a token."""

    name: str
    shape: str
    of: str
    columns: tuple[str, ...]
    tokens: bool

    @property
    def shown(self) -> tuple[str, ...]:
        """The column names a measure may ask for."""
        return tuple("token" if self.tokens and c == "line" else c for c in self.columns)


def classes_of(shape: str, columns: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Column class to the columns of it, classes and columns in the given order."""
    schema = SHAPES[shape].schema
    found: dict[str, tuple[str, ...]] = {}
    for name in columns:
        kind = column_class(schema, name)
        found[kind] = (*found.get(kind, ()), name)
    return found


def key_id(permit_id: str, column_class: str, period: str) -> str:
    """The name of the key that seals a column class of a permit's streams in one period."""
    return f"{permit_id}/{column_class}/{period}"


def period_of(moment: datetime) -> str:
    """The UTC day a record was received. Raises SpecError for a time without a zone."""
    if moment.tzinfo is None:
        raise SpecError("naive-time", "the clock gave a time without a zone")
    return moment.astimezone(UTC).date().isoformat()


def term_end(period: str, term: timedelta) -> datetime:
    """When the keys of a period are due for destruction: its last instant plus the term."""
    return datetime.combine(date.fromisoformat(period), time(), UTC) + timedelta(days=1) + term


def compile_stream(permit: Permit, name: str) -> StreamSpec:
    """The stream `name` of a permit. Raises SpecError with the reason when the scope does not carry it."""
    words = _entry(permit, "streams", name, _STREAM_WORDS)
    shape = _shape(name, words)
    rows, digest = words.get("rows"), words.get("list")
    if rows not in ROWS or (rows == "sums") != (shape == "sums"):
        raise SpecError("bad-rows", f"{name}: rows is one of {', '.join(sorted(ROWS))}, sums for the shape sums alone; not {rows!r}")
    if rows == "hits" and (not isinstance(digest, str) or _DIGEST.fullmatch(digest) is None):
        raise SpecError("no-list", f"{name}: hits of which list? Its SHA-256 is missing")
    if rows != "hits" and digest is not None:
        raise SpecError("bad-rows", f"{name}: a list is named, but rows is {rows!r}")
    if words.get("period", "day") != "day":
        raise SpecError("bad-period", f"{name}: a period is a day")
    listed = digest if isinstance(digest, str) else None
    return StreamSpec(name, shape, str(rows), _columns(permit, name, shape, words), listed, _term(name, words))


def compile_view(permit: Permit, name: str) -> ViewSpec:
    """What the permit lets a look see of stream `name`: its `views` entry, else its own stream. Raises SpecError."""
    named = permit.scope.get("views")
    if isinstance(named, Mapping) and name in named:
        words = _entry(permit, "views", name, _VIEW_WORDS)
        of = words.get("of")
        if not isinstance(of, str) or not of:
            raise SpecError("no-source", f"{name}: under which permit was the stream kept? `of` is missing")
        shape = _shape(name, words)
        return ViewSpec(name, shape, of, _columns(permit, name, shape, words), _tokens(name, words))
    spec = compile_stream(permit, name)
    return ViewSpec(name, spec.shape, permit.id, spec.columns, _tokens(name, _entry(permit, "streams", name, _STREAM_WORDS)))


def _entry(permit: Permit, kind: str, name: str, known: frozenset[str]) -> Mapping[str, Value]:
    entries = permit.scope.get(kind)
    words = entries.get(name) if isinstance(entries, Mapping) else None
    if not isinstance(words, Mapping) or _NAME.fullmatch(name) is None:
        raise SpecError("no-stream", f"permit {permit.id} names no {kind} entry {name!r}")
    unknown = set(words) - known
    if unknown:
        raise SpecError("unknown-word", f"{name}: {', '.join(sorted(unknown))}")
    return words


def _shape(name: str, words: Mapping[str, Value]) -> str:
    shape = words.get("shape")
    if not isinstance(shape, str) or shape not in SHAPES:
        raise SpecError("unknown-shape", f"{name}: {shape!r} is none of {', '.join(sorted(SHAPES))}")
    return shape


def _columns(permit: Permit, name: str, shape: str, words: Mapping[str, Value]) -> tuple[str, ...]:
    listed = words.get("columns")
    columns = tuple(c for c in listed if isinstance(c, str)) if isinstance(listed, tuple | list) else ()
    if not isinstance(listed, tuple | list) or not columns or len(columns) != len(listed) or len(set(columns)) != len(columns):
        raise SpecError("no-columns", f"{name}: columns is a list of different names, and not empty")
    schema = SHAPES[shape].schema
    for column in columns:
        if column not in schema.names:
            raise SpecError("unknown-column", f"{name}: {column} is no column of {shape}")
        if element(schema, column) not in permit.step.elements:
            raise SpecError("element-not-permitted", f"{name}: {column} is {element(schema, column)}, which the step does not name")
    return columns


def _term(name: str, words: Mapping[str, Value]) -> timedelta:
    days = words.get("term_days")
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= LONGEST_TERM:
        raise SpecError("no-term", f"{name}: term_days is a whole number of days up to {LONGEST_TERM}")
    return timedelta(days=days)


def _tokens(name: str, words: Mapping[str, Value]) -> bool:
    how = words.get("line", "token")
    if how not in ("token", "open"):
        raise SpecError("bad-line", f"{name}: line is shown as token or open, not {how!r}")
    return how == "token"
