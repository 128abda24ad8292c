"""A list of people as organisers have it: CSV (RFC 4180) in UTF-8 or CP932, read strictly; written so that no spreadsheet computes.

A stranger made the file. Errors name line and column and never hold a word of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sekisho.wire.cursor import FormError

WHO = "list"
LARGEST = 3 << 20
MOST_COLUMNS = 128
MOST_ROWS = 100_000
LONGEST_CELL = 2000
UTF8, CP932 = "utf-8", "cp932"
CELL = re.compile(r'(?:"((?:[^"]|"")*+)"|([^",\r\n]*+))(,|\r\n|\n|\r|\Z)')
NO_CHARACTER = re.compile("[\uf8f0-\uf8f3]")
"""What the decoder makes of bytes that are no character of CP932."""
COMPUTES = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""How a cell begins that a spreadsheet may compute or run, in half or full width."""


@dataclass(frozen=True)
class PeopleList:
    """`columns`: the first line; `rows`: each as long; `lines`: where each row begins, from 1; `encoding`: what it was written in."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    encoding: str

    def __repr__(self) -> str:
        """Never shows whom: values end up in tracebacks."""
        return f"PeopleList({len(self.rows)} rows)"


def read_list(raw: bytes) -> PeopleList:
    """Raises FormError: too-large, utf-16, encoding, quote, cell-too-long, control-character, too-many-columns, too-many-rows, no-columns,
    column-unnamed, column-twice, too-few-cells, too-many-cells.
    """
    text, encoding = _text(raw)
    lines = _lines(text)
    _, head = next(lines, (1, ()))
    columns = tuple(unicodedata.normalize("NFKC", c).strip() for c in head)
    _head(columns)
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    for number, cells in lines:
        if not any(c.strip() for c in cells):
            continue
        if len(cells) != len(columns):
            code = "too-few-cells" if len(cells) < len(columns) else "too-many-cells"
            raise _wrong(code, number, min(len(cells), len(columns)) + (len(cells) > len(columns)))
        if len(rows) == MOST_ROWS:
            raise _wrong("too-many-rows", number, 1)
        rows.append(cells)
        numbers.append(number)
    return PeopleList(columns, tuple(rows), tuple(numbers), encoding)


def write_list(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with its mark, CRLF, every cell quoted: what the spreadsheets of the recipient open as it is, and compute nothing of."""
    return "\ufeff".encode() + b"".join(_line(r).encode() for r in (columns, *rows))


def pack(content: bytes, without: bytes) -> bytes:
    """Two lists as one: how long the first is, in four bytes, then both."""
    return len(content).to_bytes(4, "big") + content + without


def unpack(packed: bytes) -> tuple[bytes, bytes]:
    """Undo `pack`. Raises FormError("not-a-list")."""
    length = int.from_bytes(packed[:4], "big")
    if len(packed) < 4 or length > len(packed) - 4:
        raise FormError(WHO, "not-a-list")
    return packed[4 : 4 + length], packed[4 + length :]


def harmless(cell: str) -> str:
    """The cell, with an apostrophe in front where a spreadsheet would compute it."""
    begins = unicodedata.normalize("NFKC", cell.lstrip(" \u3000\u00a0"))[:1]
    return f"'{cell}" if begins in COMPUTES and begins else cell


def _line(cells: Sequence[str]) -> str:
    return ",".join('"' + harmless(c).replace('"', '""') + '"' for c in cells) + "\r\n"


def _text(raw: bytes) -> tuple[str, str]:
    """UTF-8 where the bytes are that, else what Japanese spreadsheets write."""
    if len(raw) > LARGEST:
        raise FormError(WHO, "too-large", f"{len(raw)} bytes, at most {LARGEST}")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FormError(WHO, "utf-16", "save it as CSV in UTF-8 or Shift_JIS")
    try:
        return raw.decode("utf-8-sig"), UTF8
    except UnicodeDecodeError as why:
        if raw.startswith(b"\xef\xbb\xbf"):
            raise _undecoded(why.object[: why.start]) from why
    try:
        text = raw.decode(CP932)
    except UnicodeDecodeError as why:
        raise _undecoded(raw[: why.start]) from why
    if none := NO_CHARACTER.search(text):
        raise _undecoded(text[: none.start()].encode(CP932))
    return text, CP932


def _undecoded(before: bytes) -> FormError:
    return _wrong("encoding", before.count(b"\n") + 1, before.rpartition(b"\n")[2].count(b",") + 1)


def _lines(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(the line it begins on, its cells)."""
    at, line, begins, cells = 0, 1, 1, list[str]()
    while at < len(text) or cells:
        found = CELL.match(text, at)
        if found is None:
            raise _wrong("quote", line, len(cells) + 1)
        quoted, bare, ends = found.groups()
        cell = bare if quoted is None else quoted.replace('""', '"').replace("\r\n", "\n").replace("\r", "\n")
        _cell(cell, line, len(cells) + 1)
        cells.append(cell)
        at, line = found.end(), line + cell.count("\n")
        if ends != ",":
            yield begins, tuple(cells)
            cells, line = [], line + 1
            begins = line


def _cell(cell: str, line: int, column: int) -> None:
    if column > MOST_COLUMNS:
        raise _wrong("too-many-columns", line, column)
    if len(cell) > LONGEST_CELL:
        raise _wrong("cell-too-long", line, column)
    if not cell.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in cell):
        raise _wrong("control-character", line, column)


def _head(columns: tuple[str, ...]) -> None:
    if not any(columns):
        raise _wrong("no-columns", 1, 1)
    for number, name in enumerate(columns, 1):
        if not name:
            raise _wrong("column-unnamed", 1, number)
        if name in columns[: number - 1]:
            raise _wrong("column-twice", 1, number)


def _wrong(code: str, line: int, column: int) -> FormError:
    return FormError(WHO, code, f"line {line}, column {column}")
