"""The subscriber register: what lines are known by, and for each line a box with its contact. Each import is one sealed file.

    file = sealed line keys ("{permit}/party/{period}"); a row of kind "contact" holds a box sealed to "{permit}/contact/{period}"

Who may read line keys finds the box of a line and cannot open it: contacts are opened one at a time, by who sends.
For each line the last import that names it wins. A line-key row whose `kind` is null says: this line is known by nothing more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.store.errors import SealError, ShapeError, StoreFull
from sekisho.store.journal import sync_folder
from sekisho.store.parts import periods as days_of
from sekisho.store.parts import stream_folder
from sekisho.store.schema import CONTACT, CONTACTS, LINE_KEYS
from sekisho.store.seal import Halves, Release, only, open_batch, open_note, seal_batch, seal_note
from sekisho.store.spec import key_id

REGISTER = "register"
IMPORT = ".import"
LARGEST_BOX = 8192
_PARTY = "party"


@dataclass(frozen=True)
class Contact:
    """Whom to write to about a line. Held only between opening and sending."""

    line: str
    mail: str | None
    name: str | None
    language: str | None

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return "Contact(...)"


def write_register(folder: Path, permit_id: str, period: str, line_keys: pa.Table, contacts: pa.Table, halves: Halves) -> Path:
    """Seal one import. Raises ShapeError for other columns or a row without a line, StoreFull when the disk refuses."""
    _check(line_keys, LINE_KEYS)
    _check(contacts, CONTACTS)
    home = stream_folder(folder, permit_id, REGISTER) / period
    number = 1 + max((int(p.stem) for p in _imports(folder, permit_id, days_of(folder, permit_id, REGISTER))), default=0)
    path = home / f"{number:010d}{IMPORT}"
    key = key_id(permit_id, CONTACT, period)
    boxes = [_boxed(row, key, halves(key)) for row in contacts.to_pylist()]
    table = pa.concat_tables([line_keys, pa.Table.from_pylist(boxes, schema=LINE_KEYS)]).combine_chunks()
    party = key_id(permit_id, _PARTY, period)
    sealed = seal_batch(table, {tuple(LINE_KEYS.names): (party, halves(party))}, _bound(path))
    try:
        home.mkdir(mode=0o750, parents=True, exist_ok=True)
        _write(path, sealed)
    except OSError as error:
        raise StoreFull.by(error, home) from error
    return path


def read_line_keys(folder: Path, permit_id: str, periods: Iterable[str], release: Release) -> pa.Table:
    """What every line is known by, as LINE_KEYS, boxes included and shut. `periods`: the days of import whose keys still live."""
    days = sorted(set(periods))
    release = only({key_id(permit_id, _PARTY, d) for d in days}, release)
    seen: set[str] = set()
    found = [LINE_KEYS.empty_table()]
    for path in _imports(folder, permit_id, days):
        table = open_batch(path.read_bytes(), LINE_KEYS.names, release, _bound(path)).cast(LINE_KEYS)
        new = table.filter(pc.invert(pc.is_in(table["line"], value_set=pa.array(sorted(seen), pa.string()))))
        found.append(new.filter(pc.is_valid(new["kind"])))
        seen.update(str(line) for line in new["line"].to_pylist())
    return pa.concat_tables(found)


def box_key(box: str) -> str:
    """The key id a contact box is sealed to. Raises SealError for what is no box."""
    key, _, sealed = box.partition(" ")
    if len(box) > LARGEST_BOX or not sealed or key.split("/")[1:2] != [CONTACT]:
        raise SealError("not-a-box", "this is no contact of the register")
    return key


def open_contact(box: str, release: Release) -> Contact:
    """Open one contact. Asks `release` once. Raises SealError, and what `release` raises."""
    key = box_key(box)
    try:
        said = json.loads(open_note(only({key}, release), key, bytes.fromhex(box.partition(" ")[2])))
        return Contact(**said)
    except (ValueError, TypeError) as error:
        raise SealError("not-a-box", "the box does not hold a contact: the writer was wrong") from error


def box_contact(contact: Contact, key: str, half: bytes) -> str:
    """One contact in a box of that key id, sealed to its public half. Raises SealError for a half that is none."""
    note = json.dumps(asdict(contact), ensure_ascii=False).encode()
    return f"{key} {seal_note(half, key, note).hex()}"


def _boxed(row: dict[str, Any], key: str, half: bytes) -> dict[str, Any]:
    return {"line": row["line"], "kind": CONTACT, "value": box_contact(Contact(**row), key, half)}


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
