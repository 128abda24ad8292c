"""Rows of one layout, decoded all at once with numpy into native Arrow columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sekisho.wire.elements import Kind
from sekisho.wire.exporters import Origin
from sekisho.wire.templates import Column, Layout

Numbers: TypeAlias = NDArray[np.uint64]

NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905); NTP seconds below 2**31 are taken as the era from 2036."""


@dataclass(frozen=True, eq=False)
class Batch:
    """All rows of one layout since the last take. `counts[i]` rows came with `origins[i]`, in order of receipt."""

    layout: Layout
    fixed: bytes
    varying: tuple[list[bytes], ...]
    origins: tuple[Origin, ...]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.counts.sum())

    @property
    def options(self) -> bool:
        """True where the rows tell about the exporter, not about flows."""
        return self.layout.options

    @cached_property
    def rows(self) -> NDArray[np.void]:
        """The fixed parts, one structured row each, still in network order."""
        if not self.layout.size:
            return np.zeros(len(self), np.dtype([]))
        return np.frombuffer(self.fixed, self.layout.dtype)

    def octets(self, column: Column) -> NDArray[np.uint8]:
        """The bytes of a fixed-width column, shape (rows, length)."""
        grid = np.frombuffer(self.fixed, np.uint8).reshape(-1, self.layout.size)
        return np.ascontiguousarray(grid[:, column.place : column.place + column.field.length])

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """One value per origin to one value per row."""
        return np.repeat(values, self.counts, axis=0)

    def column(self, name: str) -> pa.Array[Any]:
        """One field as Arrow. Raises KeyError for a name the template does not have."""
        column = self.layout.by_name[name]
        if column.varies:
            return _from_values(column, self.varying[column.place])
        if not column.field.length:
            return pa.nulls(len(self))
        return _FIXED[column.element.kind](self, column)

    def table(self) -> pa.Table:
        """Every field, plus exporter (16 bytes), domain, template, received and exported.

        Unsigned numbers have the width the registry gives them, however few bytes were sent. A field's name that these five
        already use cannot occur: the registry has none of them.
        """
        arrays = {name: self.column(name) for name in self.layout.by_name}
        return pa.table({**_origin_columns(self), **arrays})


def _origin_columns(batch: Batch) -> dict[str, pa.Array[Any]]:
    origins = batch.origins
    address = np.frombuffer(b"".join(o.address for o in origins), np.uint8).reshape(-1, 16)
    return {
        "exporter": binary_array(batch.spread(address)),
        "domain": arrow(batch.spread(np.array([o.domain for o in origins], np.uint32)), pa.uint32()),
        "template": arrow(batch.spread(np.array([o.template for o in origins], np.uint16)), pa.uint16()),
        "received": arrow(batch.spread(np.array([o.received_ms for o in origins], np.int64)), pa.timestamp("ms", "UTC")),
        "exported": arrow(batch.spread(np.array([o.exported_ms for o in origins], np.int64)), pa.timestamp("ms", "UTC")),
    }


def arrow(values: NDArray[Any], kind: pa.DataType, valid: NDArray[np.bool_] | None = None) -> pa.Array[Any]:
    """Numbers, or shape (rows, width) bytes, as an Arrow column without copying; where `valid` is false: null."""
    mask = None if valid is None or bool(valid.all()) else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    return pa.Array.from_buffers(kind, len(values), [mask, pa.py_buffer(np.ascontiguousarray(values).data)])


def binary_array(octets: NDArray[np.uint8]) -> pa.Array[Any]:
    """Shape (rows, width) bytes as a fixed-size binary column."""
    return arrow(octets, pa.binary(octets.shape[1]))


def unsigned(batch: Batch, column: Column) -> Numbers | None:
    """A fixed-width column as unsigned numbers in the machine's order, or None where its bytes cannot be one (over 8)."""
    length = column.field.length
    if length > 8 or length == 0:
        return None
    if length in (1, 2, 4, 8) and column.element.kind not in (Kind.OCTETS, Kind.ADDRESS, Kind.STRING, Kind.FLOAT, Kind.SIGNED):
        return _native(batch.rows[column.name])
    wide = np.zeros((len(batch), 8), np.uint8)
    wide[:, 8 - length :] = batch.octets(column)
    return wide.view(">u8").astype(np.uint64).reshape(-1)


def _native(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(values.dtype.newbyteorder("="))


def _from_unsigned(batch: Batch, column: Column) -> pa.Array[Any]:
    values = unsigned(batch, column)
    if values is None:
        return binary_array(batch.octets(column))
    width = max(column.element.width, 1 << (column.field.length - 1).bit_length())
    return arrow(values.astype(f"u{width}", copy=False), {1: pa.uint8(), 2: pa.uint16(), 4: pa.uint32(), 8: pa.uint64()}[width])


def _from_signed(batch: Batch, column: Column) -> pa.Array[Any]:
    length = column.field.length
    if length > 8:
        return binary_array(batch.octets(column))
    octets = batch.octets(column)
    wide = np.where(octets[:, :1] & 0x80, np.uint8(255), np.uint8(0)).repeat(8, axis=1)
    wide[:, 8 - length :] = octets
    return arrow(wide.view(">i8").astype(np.int64).reshape(-1), pa.int64())


def _from_float(batch: Batch, column: Column) -> pa.Array[Any]:
    if column.field.length not in (4, 8):
        return binary_array(batch.octets(column))
    return arrow(batch.rows[column.name].astype(np.float64), pa.float64())


def _from_boolean(batch: Batch, column: Column) -> pa.Array[Any]:
    values = unsigned(batch, column)
    if values is None:
        return binary_array(batch.octets(column))
    told = values == 1
    unknown = (values != 1) & (values != 2)
    return pa.array([None if u else bool(t) for t, u in zip(told, unknown, strict=True)], pa.bool_())


def _from_seconds(batch: Batch, column: Column) -> pa.Array[Any]:
    return _from_time(batch, column, "s", lambda v: v)


def _from_milliseconds(batch: Batch, column: Column) -> pa.Array[Any]:
    return _from_time(batch, column, "ms", lambda v: v)


def _from_microseconds(batch: Batch, column: Column) -> pa.Array[Any]:
    return _from_time(batch, column, "us", lambda v: ntp(v, 1_000_000))


def _from_nanoseconds(batch: Batch, column: Column) -> pa.Array[Any]:
    return _from_time(batch, column, "ns", lambda v: ntp(v, 1_000_000_000))


def ntp(values: NDArray[Any], per_second: int) -> NDArray[np.int64]:
    """64-bit NTP times to ticks since 1970 (RFC 7011 §6.1.9). A zero time stays zero and means unknown."""
    wide = values.astype(np.uint64)
    seconds = (wide >> np.uint64(32)).astype(np.int64)
    seconds += np.where(seconds < 1 << 31, 1 << 32, 0) - NTP_EPOCH
    fraction = (wide & np.uint64(0xFFFFFFFF)).astype(np.float64) / (1 << 32)
    ticks = seconds * per_second + np.minimum(np.rint(fraction * per_second), per_second - 1).astype(np.int64)
    return np.where(wide == 0, 0, ticks)


def _from_time(batch: Batch, column: Column, unit: str, to_ticks: Callable[[NDArray[Any]], NDArray[Any]]) -> pa.Array[Any]:
    values = unsigned(batch, column)
    if values is None:
        return binary_array(batch.octets(column))
    ticks = to_ticks(values)
    valid = (ticks <= _LATEST[unit]) & (values != 0)
    return arrow(ticks.astype(np.int64), _TICKS[unit], valid)


_YEAR_9999 = 253_402_300_799
_LATEST = {"s": _YEAR_9999, "ms": _YEAR_9999 * 1000, "us": _YEAR_9999 * 1_000_000, "ns": (1 << 63) - 1}
"""What lies later is no time but noise, and nobody's calendar could print it."""

_TICKS: dict[str, pa.DataType] = {
    "s": pa.timestamp("s", "UTC"),
    "ms": pa.timestamp("ms", "UTC"),
    "us": pa.timestamp("us", "UTC"),
    "ns": pa.timestamp("ns", "UTC"),
}


def _from_octets(batch: Batch, column: Column) -> pa.Array[Any]:
    return binary_array(batch.octets(column))


def _from_text(batch: Batch, column: Column) -> pa.Array[Any]:
    octets = batch.octets(column).tobytes()
    size = column.field.length
    return _from_values(column, [octets[i : i + size] for i in range(0, len(octets), size)])


_FIXED: dict[Kind, Callable[[Batch, Column], pa.Array[Any]]] = {
    Kind.UNSIGNED: _from_unsigned,
    Kind.SIGNED: _from_signed,
    Kind.FLOAT: _from_float,
    Kind.BOOLEAN: _from_boolean,
    Kind.SECONDS: _from_seconds,
    Kind.MILLISECONDS: _from_milliseconds,
    Kind.MICROSECONDS: _from_microseconds,
    Kind.NANOSECONDS: _from_nanoseconds,
    Kind.ADDRESS: _from_octets,
    Kind.STRING: _from_text,
    Kind.OCTETS: _from_octets,
}


def _from_values(column: Column, values: list[bytes]) -> pa.Array[Any]:
    """Values of their own length each: text (padding zeros cut, wrong UTF-8 replaced), small numbers, else bytes."""
    kind = column.element.kind
    if kind is Kind.STRING:
        return pa.array([v.rstrip(b"\0").decode("utf-8", "replace") for v in values], pa.string())
    if kind is Kind.UNSIGNED:
        return pa.array([int.from_bytes(v) if 0 < len(v) <= 8 else None for v in values], pa.uint64())
    return pa.array(values, pa.binary())
