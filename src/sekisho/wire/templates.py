"""Templates, and how the rows they describe lie in bytes.

A template becomes a numpy dtype once; fixed-width rows then stay bytes until a whole batch is decoded. Rows with
variable-length fields (RFC 7011 §7) are split one by one: fixed parts joined into such rows, the rest into lists.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakValueDictionary

import numpy as np

from sekisho.wire.cursor import Cursor, FormError
from sekisho.wire.elements import InfoElement, Kind, describe, describe_scope

VARIABLE = 65535
"""The field length that means: each row says its own (RFC 7011 §7)."""


class Field(NamedTuple):
    """One field specifier: element number, length in bytes (VARIABLE: told by each row), enterprise number (0: IANA)."""

    element: int
    length: int
    pen: int = 0


class Template(NamedTuple):
    """A template record. The first `scope` fields are scope. 0: it describes flows; else options (negative: without scope)."""

    id: int
    fields: tuple[Field, ...]
    scope: int = 0


class Column(NamedTuple):
    """One field of a layout: its column name, element, and place: byte offset in the row, or index among the varying."""

    name: str
    element: InfoElement
    field: Field
    place: int

    @property
    def varies(self) -> bool:
        return self.field.length == VARIABLE


class Layout:
    """How the rows of a template lie in bytes. Interned by `layout_of`: same fields, same layout, whoever exports them.

    `size` is the width of the fixed part, `least` the smallest number of bytes one row can have on the wire.
    """

    __slots__ = ("__weakref__", "_dtype", "by_name", "columns", "least", "options", "segments", "size", "varying", "version")

    def __init__(self, version: int, fields: tuple[Field, ...], scope: int) -> None:
        self.version = version
        self.options = scope != 0
        self.columns = _columns(version, fields, scope)
        self.by_name = {c.name: c for c in self.columns}
        self.size = sum(f.length for f in fields if f.length != VARIABLE)
        self.varying = sum(f.length == VARIABLE for f in fields)
        self.least = self.size + self.varying
        self.segments = _segments(fields)
        self._dtype: np.dtype[np.void] | None = None

    @property
    def dtype(self) -> np.dtype[np.void]:
        """The fixed part as a numpy type, made when rows are first decoded: a template alone should cost little."""
        if self._dtype is None:
            fixed = [c for c in self.columns if not c.varies and c.field.length]
            self._dtype = np.dtype(
                {
                    "names": [c.name for c in fixed],
                    "formats": [_format(c) for c in fixed],
                    "offsets": [c.place for c in fixed],
                    "itemsize": self.size,
                }
            )
        return self._dtype


def _columns(version: int, fields: tuple[Field, ...], scope: int) -> tuple[Column, ...]:
    columns: list[Column] = []
    seen: dict[str, int] = {}
    offset = varying = 0
    for index, field in enumerate(fields):
        element = describe_scope(field.element) if version == 9 and index < scope else describe(field.element, field.pen)
        times = seen[element.name] = seen.get(element.name, 0) + 1
        name = element.name if times == 1 else f"{element.name}_{times}"
        if field.length == VARIABLE:
            columns.append(Column(name, element, field, varying))
            varying += 1
        else:
            columns.append(Column(name, element, field, offset))
            offset += field.length
    return tuple(columns)


def _segments(fields: tuple[Field, ...]) -> tuple[int, ...]:
    """Runs of fixed bytes between varying fields: a run before each varying field, and one after the last."""
    runs = [0]
    for field in fields:
        if field.length == VARIABLE:
            runs.append(0)
        else:
            runs[-1] += field.length
    return tuple(runs)


_NUMBERS = frozenset({Kind.UNSIGNED, Kind.BOOLEAN, Kind.SECONDS, Kind.MILLISECONDS, Kind.MICROSECONDS, Kind.NANOSECONDS})


def _format(column: Column) -> str:
    length, kind = column.field.length, column.element.kind
    if kind in _NUMBERS and length in (1, 2, 4, 8):
        return f">u{length}"
    if kind is Kind.SIGNED and length in (1, 2, 4, 8):
        return f">i{length}"
    if kind is Kind.FLOAT and length in (4, 8):
        return f">f{length}"
    return f"V{length}"


_layouts: WeakValueDictionary[tuple[int, tuple[Field, ...], int], Layout] = WeakValueDictionary()


def layout_of(version: int, template: Template) -> Layout:
    """The one layout for these fields. It is forgotten when no template and no row needs it."""
    key = (version, template.fields, template.scope)
    layout = _layouts.get(key)
    if layout is None:
        layout = _layouts[key] = Layout(*key)
    return layout


def check(template: Template, most_fields: int) -> None:
    """Refuse what no exporter needs and what would cost memory. Raises FormError `reserved-id`, `empty-template`, `template-bomb`."""
    if template.id < 256:
        raise FormError("exporter", "reserved-id", f"template id {template.id} is below 256")
    if len(template.fields) > most_fields:
        raise FormError("exporter", "template-bomb", f"{len(template.fields)} fields, at most {most_fields} are kept")
    if not any(f.length for f in template.fields):
        raise FormError("exporter", "empty-template", "a row of this template would have no bytes")


class Rows(NamedTuple):
    """Rows of one set: `total` of them, fixed parts joined, one list per varying field; `fault` is what stopped the reading."""

    total: int
    fixed: bytes
    varying: tuple[list[bytes], ...] = ()
    fault: str | None = None


def split(layout: Layout, data: bytes) -> Rows:
    """Cut the body of a data set into rows. What is shorter than any row is padding."""
    if not layout.varying:
        count = len(data) // layout.size
        return Rows(count, data if count * layout.size == len(data) else data[: count * layout.size])
    return _split_varying(layout, data)


def _split_varying(layout: Layout, data: bytes) -> Rows:
    fixed: list[bytes] = []
    varying: tuple[list[bytes], ...] = tuple([] for _ in range(layout.varying))
    cursor, count, fault = Cursor(data), 0, None
    while cursor.left >= layout.least:
        try:
            parts, values = _row(layout, cursor)
        except FormError as error:
            fault = error.code
            break
        fixed.append(parts)
        for column, value in zip(varying, values, strict=True):
            column.append(value)
        count += 1
    return Rows(count, b"".join(fixed), varying, fault)


def _row(layout: Layout, cursor: Cursor) -> tuple[bytes, list[bytes]]:
    parts = [cursor.take(layout.segments[0])]
    values = []
    for run in layout.segments[1:]:
        size = cursor.u8()
        values.append(cursor.take(cursor.u16() if size == 255 else size))
        parts.append(cursor.take(run))
    return b"".join(parts), values
