"""Accounting rows to and from columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from sekisho.wire.intervals import Assignment

_KINDS: dict[str, pa.DataType] = {
    "address": pa.binary(16),
    "prefix_length": pa.uint8(),
    "user": pa.string(),
    "nas": pa.string(),
    "session": pa.string(),
    "status": pa.string(),
    "at": pa.timestamp("ms", tz="UTC"),
    "session_seconds": pa.uint32(),
}
COLUMNS = pa.schema(_KINDS)
"""Names and types of the assignments shape."""


def to_table(rows: Iterable[Assignment]) -> pa.Table:
    """Rows as an Arrow table of COLUMNS."""
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    return pa.table([pa.array(values, kind) for values, kind in zip(columns, _KINDS.values(), strict=True)], schema=COLUMNS)


def from_table(table: pa.Table) -> list[Assignment]:
    """The rows of a table of COLUMNS. Raises KeyError where a column is not there."""
    columns: list[list[Any]] = [table[name].cast(pa.int64()).to_pylist() if name == "at" else table[name].to_pylist() for name in _KINDS]
    return [Assignment(*row) for row in zip(*columns, strict=True)]
