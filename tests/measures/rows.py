"""Relations for measures, in DuckDB's memory, with the very columns and types that a look would show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from sekisho.measures.measure import Measure
from sekisho.store.schema import SHAPES

CONNECTION = duckdb.connect()
BACKEND = ibis.duckdb.from_connection(CONNECTION)


def shown(measure: Measure) -> pa.Schema:
    """The columns a look of this measure is shown: `token` stands for the line, the rest is as the stream keeps it."""
    assert measure.look is not None
    name, columns = measure.look
    shape = SHAPES[next(s.shape for s in measure.streams if s.name == name)].schema
    return pa.schema([pa.field(c, pa.string() if c == "token" else in_duckdb(shape.field(c).type)) for c in columns])


def in_duckdb(kind: pa.DataType) -> pa.DataType:
    """Bytes of a fixed length are bytes there."""
    return pa.binary() if pa.types.is_fixed_size_binary(kind) else kind


def relation(measure: Measure, rows: Iterable[Mapping[str, Any]]) -> Any:
    """An Ibis relation of these rows."""
    CONNECTION.register("a_look", pa.Table.from_pylist(list(rows), schema=shown(measure)))
    return BACKEND.table("a_look")


def found(measure: Measure, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the measure finds, row by row in its own order."""
    return list(measure.find(relation(measure, rows)).to_pyarrow().to_pylist())
