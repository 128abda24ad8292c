"""The subscriber register: what lines are known by, and whom to write to, sealed in two classes. Each import is one file.

    file = "SKR1" | length(4) | sealed line keys ("{permit}/party/{period}") | sealed contacts ("{permit}/contact/{period}")

For each line the last import that names it wins. A line-key row whose `kind` is null says: this line is known by nothing more.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.store.errors import SealError, ShapeError, StoreFull
from sekisho.store.journal import sync_folder
from sekisho.store.parts import periods as days_of
from sekisho.store.parts import stream_folder
from sekisho.store.schema import CONTACT, CONTACTS, LINE_KEYS
from sekisho.store.seal import Halves, Release, only, open_batch, seal_batch
from sekisho.store.spec import key_id

REGISTER = "register"
IMPORT = ".import"
_MAGIC = b"SKR1"
_LENGTH = struct.Struct(">I")
_PARTY = "party"


@dataclass(frozen=True)
class Contact:
    """Whom to write to about a line. Held only between opening and sealing to `act`."""

    line: str
    mail: str | None
    name: str | None
    language: str | None


def write_register(folder: Path, permit_id: str, period: str, line_keys: pa.Table, contacts: pa.Table, halves: Halves) -> Path:
    """Seal one import. Raises ShapeError for other columns or a row without a line, StoreFull when the disk refuses."""
    _check(line_keys, LINE_KEYS)
    _check(contacts, CONTACTS)
    home = stream_folder(folder, permit_id, REGISTER) / period
    number = 1 + max((int(p.stem) for p in _imports(folder, permit_id, days_of(folder, permit_id, REGISTER))), default=0)
    path = home / f"{number:010d}{IMPORT}"
    parts = []
    for table, schema, kind in ((line_keys, LINE_KEYS, _PARTY), (contacts, CONTACTS, CONTACT)):
        key = key_id(permit_id, kind, period)
        parts.append(seal_batch(table, {tuple(schema.names): (key, halves(key))}, _bound(path)))
    try:
        home.mkdir(mode=0o750, parents=True, exist_ok=True)
        _write(path, _MAGIC + _LENGTH.pack(len(parts[0])) + b"".join(parts))
    except OSError as error:
        raise StoreFull.by(error, home) from error
    return path


def read_line_keys(folder: Path, permit_id: str, periods: Iterable[str], release: Release) -> pa.Table:
    """What every line is known by, as LINE_KEYS. Opens no contact. `periods`: the days of import whose keys still live."""
    days = sorted(set(periods))
    release = only({key_id(permit_id, _PARTY, d) for d in days}, release)
    seen: set[str] = set()
    found = [LINE_KEYS.empty_table()]
    for path in _imports(folder, permit_id, days):
        table = open_batch(_read(path)[0], LINE_KEYS.names, release, _bound(path)).cast(LINE_KEYS)
        new = table.filter(pc.invert(pc.is_in(table["line"], value_set=pa.array(sorted(seen), pa.string()))))
        found.append(new.filter(pc.is_valid(new["kind"])))
        seen.update(str(n) for n in new["line"].to_pylist())
    return pa.concat_tables(found)


def read_contact(folder: Path, permit_id: str, periods: Iterable[str], line: str, release: Release) -> Contact | None:
    """The contact of one line, or None. Newest import first; stops where the line is found."""
    days = sorted(set(periods))
    release = only({key_id(permit_id, CONTACT, d) for d in days}, release)
    for path in _imports(folder, permit_id, days):
        table = open_batch(_read(path)[1], CONTACTS.names, release, _bound(path))
        rows = table.filter(pc.equal(table["line"], pa.scalar(line))).to_pylist()
        if rows:
            return Contact(**rows[-1])
    return None


def _imports(folder: Path, permit_id: str, days: Sequence[str]) -> list[Path]:
    """Newest first."""
    home = stream_folder(folder, permit_id, REGISTER)
    files = [p for d in days if (home / d).is_dir() for p in (home / d).iterdir() if p.suffix == IMPORT]
    return sorted(files, key=lambda p: p.stem, reverse=True)


def _check(table: pa.Table, schema: pa.Schema) -> None:
    if table.schema.names != schema.names or table.schema.types != schema.types:
        raise ShapeError("wrong-columns", f"the register takes {schema.names}, got {table.schema.names}")
    if table["line"].null_count:
        raise ShapeError("no-line", "a row of the register names no line")


def _bound(path: Path) -> bytes:
    """An import opens only under its own day and number: an old one cannot be laid over a newer one."""
    return f"{path.parent.name}/{path.stem}".encode()


def _read(path: Path) -> tuple[bytes, bytes]:
    raw = path.read_bytes()
    if len(raw) < 8 or raw[:4] != _MAGIC:
        raise SealError("not-sealed", f"{path.name} is no import, or cut in its first bytes")
    (length,) = _LENGTH.unpack_from(raw, 4)
    return raw[8 : 8 + length], raw[8 + length :]


def _write(path: Path, raw: bytes) -> None:
    new = path.with_suffix(".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(raw)
            out.flush()
            os.fsync(out.fileno())
        os.link(new, path)
    finally:
        new.unlink()
    sync_folder(path.parent)
