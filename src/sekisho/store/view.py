"""A look at a stream: a projected relation over what the permit names, and nothing else. Runs in the `work` child.

(1) the permit is compiled to the columns it shows; another column is refused before any key is asked for
(2) the parts of the days are listed: segments, and journals that no segment replaced yet
(3) keys may be asked for only of these classes and days; `release` is `keep`'s word, with its ledger entry first
(4) `line` becomes `token`, a keyed hash per purpose and day, made here; `line` itself is not in the relation
(5) DuckDB, in memory: no spill, no files, no network, no extensions; the measure gets the relation, never a connection
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Self, TypeAlias

import duckdb
import ibis
import pyarrow as pa
import pyarrow.dataset as ds
from duckdb.func import FunctionNullHandling, PythonUDFType

from sekisho.gate.permit import Permit
from sekisho.store.errors import ColumnRefused, SealError, StoreError
from sekisho.store.journal import Journal
from sekisho.store.opening import Opening
from sekisho.store.parts import Part, segments
from sekisho.store.schema import SHAPES
from sekisho.store.seal import Release, only
from sekisho.store.spec import FOOTER, ViewSpec, classes_of, compile_view, key_id
from sekisho.store.stream import SEGMENT_HEAD

TokenKey: TypeAlias = Callable[[str], bytes]
"""Period to the 32-byte key of this look's purpose, from `keep`."""

LINE = "line"
TOKEN = "token"
_TRIES = 20
_ENDINGS = 500
_PAUSE = 0.01
_MOST_TOKENS = 1 << 20
_CLOSED_IN = (
    "temp_directory = ''",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "python_enable_replacements = false",
    "enable_external_access = false",
)


def token_of(key: bytes, line: bytes) -> str:
    """The token of a line under one purpose's key of one day: keyed BLAKE2b (RFC 7693), 32 hex digits."""
    return blake2b(line, key=key, digest_size=16, person=b"sekisho/token").hexdigest()


@dataclass
class View:
    """An open look. `relation` is an Ibis table; `released` counts keys asked for, by key id; `torn` counts journals cut by a crash.

    After `close` the relation and everything made from it fail, and the keys go as soon as the last read-ahead has ended.
    """

    relation: ibis.Table
    released: Counter[str]
    torn: int
    _connection: duckdb.DuckDBPyConnection
    _opening: Opening | None
    _tokens: list[Tokens]

    def close(self) -> None:
        """End the look, also from another thread while a query runs: that query fails at once. Raises StoreError if it does not end."""
        if self._opening is not None:
            self._opening.close()
        for _ in range(_ENDINGS):
            self._connection.interrupt()
            try:
                self._connection.close()
            except duckdb.Error:
                sleep(_PAUSE)
                continue
            for known in self._tokens:
                known.forget()
            self._opening = None
            return
        raise StoreError("look-goes-on", "a query did not end when interrupted: end the process")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def open_view(
    folder: Path,
    permit: Permit,
    stream: str,
    columns: Sequence[str],
    periods: Iterable[str],
    release: Release,
    token_key: TokenKey | None = None,
    *,
    memory: str = "2GB",
) -> View:
    """Open the named columns of a stream for the named days.

    `release` is asked here and nowhere later: once per column class and file, and once per segment for its footer.
    Raises SpecError or ColumnRefused before any key is asked for, SealError for changed files, and what `release` raises.
    """
    spec = compile_view(permit, stream)
    _may_show(spec, columns)
    raw = tuple(LINE if c == TOKEN else c for c in columns)
    if TOKEN in columns and token_key is None:
        raise ColumnRefused("no-token-key", "a token needs this purpose's key of the day")
    return _Look(folder, spec, raw, release, token_key if TOKEN in columns else None, memory).open(sorted(set(periods)), tuple(columns))


def rows_for_token(
    folder: Path,
    permit: Permit,
    stream: str,
    token: str,
    columns: Sequence[str],
    periods: Iterable[str],
    release: Release,
    token_key: TokenKey,
) -> pa.Table:
    """The rows behind a token, `line` included: every line is hashed again in here. For the step `identify` alone.

    The permit's view must say `"line": "open"`. Raises ColumnRefused otherwise, and like `open_view`.
    """
    spec = compile_view(permit, stream)
    if spec.tokens:
        raise ColumnRefused("line-sealed", f"permit {permit.id} shows tokens of {stream} only")
    _may_show(spec, columns)
    raw = tuple(dict.fromkeys([LINE, *columns]))
    _may_show(spec, raw)
    with _Look(folder, spec, raw, release, token_key, "2GB").open(sorted(set(periods)), (*raw, TOKEN)) as view:
        found: pa.Table = view.relation.filter(view.relation[TOKEN] == token).select(*columns).to_pyarrow()
    return found.cast(pa.schema([SHAPES[spec.shape].schema.field(c) for c in columns]))


def _may_show(spec: ViewSpec, columns: Sequence[str]) -> None:
    if not columns or len(set(columns)) != len(columns):
        raise ColumnRefused("no-columns", "name the columns, each once")
    refused = [c for c in columns if c not in spec.shown]
    if refused:
        raise ColumnRefused("column-not-permitted", f"the permit shows {', '.join(spec.shown)}; asked for {', '.join(refused)}")


class _Look:
    """What it takes to open one view."""

    def __init__(
        self, folder: Path, spec: ViewSpec, raw: tuple[str, ...], release: Release, token_key: TokenKey | None, memory: str
    ) -> None:
        self._folder, self._spec, self._raw, self._memory = folder, spec, raw, memory
        self._ask, self._ask_token = release, token_key
        self._schema = pa.schema([SHAPES[spec.shape].schema.field(n) for n in raw])
        self._tokens: list[Tokens] = []
        self.released: Counter[str] = Counter()
        self.torn = 0

    def open(self, periods: Sequence[str], shown: tuple[str, ...]) -> View:
        allowed = {key_id(self._spec.of, c, p) for p in periods for c in (*classes_of(self._spec.shape, self._raw), FOOTER)}
        release = only(allowed, self._counted)
        opening = Opening(release)
        connection = duckdb.connect(":memory:")
        try:
            for setting in (*_CLOSED_IN, f"memory_limit = '{self._memory}'"):
                connection.execute(f"SET {setting}")
            parts, tails = self._tails(periods, release)
            selects = [s for p in periods for s in self._period(connection, opening, p, parts, tails.get(p, []), shown)]
            opening.scan()
            connection.execute(f"CREATE VIEW look AS {' UNION ALL '.join(selects or [self._empty(connection, shown)])}")
            backend = ibis.duckdb.from_connection(connection)
            connection.execute("SET lock_configuration = true")
            return View(backend.table("look"), self.released, self.torn, connection, opening, self._tokens)
        except BaseException:
            connection.close()
            opening.close()
            raise

    def _counted(self, key: str, wrapped: bytes) -> bytes:
        self.released[key] += 1
        return self._ask(key, wrapped)

    def _tails(self, periods: Sequence[str], release: Release) -> tuple[list[Part], dict[str, list[pa.Table]]]:
        """Open the journals. One that vanished has become a segment meanwhile: list again."""
        for _ in range(_TRIES):
            parts = segments(self._folder, self._spec.of, self._spec.name, periods)
            try:
                journals = [(p, Journal.read(p.path)) for p in parts if not p.is_segment]
            except FileNotFoundError:
                continue
            self.torn = sum(j.torn for _, j in journals)
            tails: dict[str, list[pa.Table]] = {}
            for part, journal in journals:
                tails.setdefault(part.period, []).extend(journal.open(self._raw, release))
            return [p for p in parts if p.is_segment], tails
        raise StoreError("restless", "the stream rotated each time it was read: try again")

    def _period(
        self,
        connection: duckdb.DuckDBPyConnection,
        opening: Opening,
        period: str,
        parts: list[Part],
        tails: list[pa.Table],
        shown: tuple[str, ...],
    ) -> list[str]:
        """One day's selects: its segments and its journal tails."""
        sources: list[ds.Dataset | pa.Table] = []
        mine = [p for p in parts if p.period == period]
        if mine:
            sources.append(self._dataset(opening, mine))
        if tails:
            sources.append(pa.concat_tables([t if t.schema.equals(self._schema) else t.cast(self._schema) for t in tails]))
        tag = period.replace("-", "")
        if sources and self._ask_token is not None:
            self._token_function(connection, Tokens(self._ask_token(period)), f"token_{tag}")
        for i, source in enumerate(sources):
            connection.register(f"part_{tag}_{i}", source)
        return [_select(shown, f'token_{tag}("{LINE}")', f"part_{tag}_{i}") for i in range(len(sources))]

    def _dataset(self, opening: Opening, parts: list[Part]) -> ds.Dataset:
        """The segments of a day with the projected schema only. Each must be the one it was written as."""
        dataset = ds.dataset([str(p.path) for p in parts], schema=self._schema, format=opening.format)
        for part, fragment in zip(parts, dataset.get_fragments(), strict=True):
            head = _segment_head(part, fragment.physical_schema.metadata or {})
            for kind in classes_of(self._spec.shape, self._raw):
                key = key_id(self._spec.of, kind, part.period)
                opening.hold(key, _key_of(part, head, key))
        return dataset

    def _token_function(self, connection: duckdb.DuckDBPyConnection, known: Tokens, name: str) -> None:
        self._tokens.append(known)
        hashed = lambda lines: _tokens(known, lines)  # noqa: E731  # DuckDB evaluates the annotations of a def, and ours are generic
        connection.create_function(name, hashed, ["BLOB"], "VARCHAR", type=PythonUDFType.ARROW, null_handling=FunctionNullHandling.SPECIAL)

    def _empty(self, connection: duckdb.DuckDBPyConnection, shown: tuple[str, ...]) -> str:
        connection.register("nothing", self._schema.empty_table())
        return _select(shown, "NULL::VARCHAR", "nothing")


def _segment_head(part: Part, metadata: Mapping[bytes, bytes]) -> dict[str, bytes]:
    """The wrapped class keys of a segment. Raises SealError unless it is the one it was written as."""
    try:
        head = json.loads(metadata[SEGMENT_HEAD])
        keys = {str(key): base64.b64decode(raw) for key, raw in head["keys"].items()}
    except (KeyError, ValueError, AttributeError, TypeError):
        raise SealError("bad-head", f"{part.path.name} was not written by us") from None
    if head.get("sequence") != f"{part.period}/{part.sequence}":
        raise SealError("renamed", f"{part.path.name}: written as {head.get('sequence')}; a copy would count its rows twice")
    return keys


def _key_of(part: Part, keys: Mapping[str, bytes], key: str) -> bytes:
    if key not in keys:
        raise SealError("foreign-key", f"{part.path.name} was not sealed under {key}")
    return keys[key]


class Tokens(dict[bytes, str]):
    """Line to token under one key; a line is hashed when it is first met. Bounded, and emptied when the look ends."""

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._key: bytes | None = key

    def __missing__(self, line: bytes) -> str:
        if self._key is None:
            raise StoreError("look-over", "the look has ended")
        if len(self) >= _MOST_TOKENS:
            self.clear()
        return self.setdefault(line, token_of(self._key, line))

    def forget(self) -> None:
        """The key is gone; a query still running fails."""
        self._key = None
        self.clear()


def _tokens(known: Tokens, lines: pa.ChunkedArray[pa.BinaryScalar]) -> pa.Array[pa.StringScalar]:
    """A column of lines to a column of tokens; null stays null."""
    return pa.array([None if v is None else known[v] for v in lines.to_pylist()], pa.string())


def _select(shown: tuple[str, ...], token: str, source: str) -> str:
    columns = ", ".join(f"{token} AS {TOKEN}" if c == TOKEN else f'"{c}"' for c in shown)
    return f"SELECT {columns} FROM {source}"  # noqa: S608  # every name is a column of a shape or made here
