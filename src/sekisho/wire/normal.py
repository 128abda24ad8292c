"""One set of names over all exporters: only the asked columns of a batch, in fixed types. What is not asked is not decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sekisho.wire.batches import Batch, arrow, ntp, unsigned
from sekisho.wire.templates import Column

_ICMP = (1, 58)
_WRAP = 1 << 32
_MAPPED = np.frombuffer(b"\0" * 10 + b"\xff\xff" + bytes(4), np.uint32)
_FAR = 1 << 45  # milliseconds: the year 3084; what is later is no time


@dataclass(frozen=True, eq=False)
class Known:
    """Values, and which of them are known. Unknown ones become null."""

    values: NDArray[Any]
    valid: NDArray[np.bool_]


Maker: TypeAlias = Callable[[Batch], "Known | None"]


def normalise(batch: Batch, names: frozenset[str]) -> pa.Table:
    """The asked columns (of NAMES, in that order) as an Arrow table, one row per flow record; option data give none.

    src, dst, exporter: 16 bytes, IPv4 as ::ffff:a.b.c.d. start, end: UTC milliseconds. packets, octets: as sent, not multiplied
    by sampling; `sampling` tells one in how many packets was seen, where the exporter told it. dst_port of ICMP is
    type * 256 + code. What a record does not tell is null. Raises ValueError for a name that is not in NAMES.
    """
    strange = names - frozenset(NAMES)
    if strange:
        raise ValueError(f"no such flow column: {', '.join(sorted(strange))}; there are: {', '.join(NAMES)}")
    wanted = [n for n in NAMES if n in names]
    kinds = pa.schema([(n, NAMES[n][0]) for n in wanted])
    if batch.options or not len(batch):
        return kinds.empty_table()
    return pa.table([_arrow(NAMES[n][1](batch), NAMES[n][0], len(batch)) for n in wanted], schema=kinds)


def _arrow(known: Known | None, kind: pa.DataType, rows: int) -> pa.Array[Any]:
    if known is None:
        return pa.nulls(rows).cast(kind)
    if pa.types.is_fixed_size_binary(kind):
        return arrow(known.values, kind, known.valid)
    return arrow(known.values.astype(_DTYPES.get(kind, np.int64), copy=False), kind, known.valid)


_DTYPES: dict[pa.DataType, Any] = {pa.uint8(): np.uint8, pa.uint16(): np.uint16, pa.uint32(): np.uint32, pa.uint64(): np.uint64}


def _everywhere(batch: Batch) -> NDArray[np.bool_]:
    return np.ones(len(batch), np.bool_)


def _column(batch: Batch, name: str) -> Column | None:
    column = batch.layout.by_name.get(name)
    return column if column is not None and not column.varies and column.field.length else None


def _numbers(batch: Batch, *names: str, most: int = (1 << 64) - 1) -> Known | None:
    """The first of the named fields that the template has. A value over `most` is not known."""
    for name in names:
        column = _column(batch, name)
        values = unsigned(batch, column) if column is not None else None
        if values is not None:
            fits = values.dtype.itemsize * 8 <= most.bit_length()
            return Known(values, _everywhere(batch) if fits else values <= most)
    return None


def _address(batch: Batch, four: str, six: str) -> Known | None:
    """16-byte addresses. Where a template has both families, the row's IP version or the one that is not zero decides."""
    short, long = _octets(batch, four, 4), _octets(batch, six, 16)
    if short is None:
        return None if long is None else Known(long, _everywhere(batch))
    words = np.empty((len(batch), 4), np.uint32)
    words[:] = _MAPPED
    words[:, 3] = short.view(np.uint32)[:, 0]
    mapped = words.view(np.uint8)
    if long is None:
        return Known(mapped, _everywhere(batch))
    version = _numbers(batch, "ipVersion")
    is_six = long.any(axis=1)
    if version is not None:
        is_six = (version.values == 6) | (is_six & (version.values != 4))
    return Known(np.where(is_six.reshape(-1, 1), long, mapped), _everywhere(batch))


def _octets(batch: Batch, name: str, size: int) -> NDArray[np.uint8] | None:
    column = _column(batch, name)
    return batch.octets(column) if column is not None and column.field.length == size else None


def _src(batch: Batch) -> Known | None:
    return _address(batch, "sourceIPv4Address", "sourceIPv6Address")


def _dst(batch: Batch) -> Known | None:
    return _address(batch, "destinationIPv4Address", "destinationIPv6Address")


def _exporter(batch: Batch) -> Known:
    addresses = np.frombuffer(b"".join(o.address for o in batch.origins), np.uint8).reshape(-1, 16)
    return Known(batch.spread(addresses), _everywhere(batch))


def _src_port(batch: Batch) -> Known | None:
    return _numbers(batch, "sourceTransportPort", "udpSourcePort", "tcpSourcePort", most=0xFFFF)


def _dst_port(batch: Batch) -> Known | None:
    port = _numbers(batch, "destinationTransportPort", "udpDestinationPort", "tcpDestinationPort", most=0xFFFF)
    kind = _icmp_fields(batch)
    if kind is None or port is None:
        return port or kind
    icmp = _is_icmp(batch) & kind.valid & (port.values == 0)
    return Known(np.where(icmp, kind.values, port.values), port.valid | icmp)


def _is_icmp(batch: Batch) -> NDArray[np.bool_]:
    protocol = _protocol(batch)
    return np.zeros(len(batch), np.bool_) if protocol is None else np.isin(protocol.values, _ICMP)


def _icmp_fields(batch: Batch) -> Known | None:
    """ICMP type * 256 + code from the fields meant for it; the family not in use is zero."""
    found: NDArray[np.uint16] | None = None
    for both, kind, code in (("icmpTypeCodeIPv4", "icmpTypeIPv4", "icmpCodeIPv4"), ("icmpTypeCodeIPv6", "icmpTypeIPv6", "icmpCodeIPv6")):
        whole, high, low = _numbers(batch, both, most=0xFFFF), _numbers(batch, kind, most=0xFF), _numbers(batch, code, most=0xFF)
        if whole is not None:
            value = whole.values.astype(np.uint16)
        elif high is not None:
            value = np.left_shift(high.values.astype(np.uint16), np.uint16(8))
            value |= np.uint16(0) if low is None else low.values.astype(np.uint16)
        else:
            continue
        found = value if found is None else np.where(found == 0, value, found)
    return None if found is None else Known(found, _everywhere(batch))


def _icmp(batch: Batch) -> Known | None:
    port, kind, icmp = _dst_port(batch), _icmp_fields(batch), _is_icmp(batch)
    chosen = port or kind
    return None if chosen is None else Known(chosen.values.astype(np.uint16), chosen.valid & icmp)


def _icmp_type(batch: Batch) -> Known | None:
    both = _icmp(batch)
    return None if both is None else Known(both.values >> np.uint16(8), both.valid)


def _icmp_code(batch: Batch) -> Known | None:
    both = _icmp(batch)
    return None if both is None else Known(both.values & np.uint16(0xFF), both.valid)


def _protocol(batch: Batch) -> Known | None:
    return _numbers(batch, "protocolIdentifier", most=0xFF)


def _packets(batch: Batch) -> Known | None:
    return _numbers(batch, "packetDeltaCount", "packetTotalCount", "initiatorPackets", "postPacketDeltaCount")


def _octet_count(batch: Batch) -> Known | None:
    return _numbers(batch, "octetDeltaCount", "octetTotalCount", "initiatorOctets", "postOctetDeltaCount")


def _tcp_flags(batch: Batch) -> Known | None:
    flags = _numbers(batch, "tcpControlBits")
    return None if flags is None else Known(flags.values.astype(np.uint8), flags.valid)


def _in_interface(batch: Batch) -> Known | None:
    return _numbers(batch, "ingressInterface", "ingressPhysicalInterface", most=0xFFFFFFFF)


def _out_interface(batch: Batch) -> Known | None:
    return _numbers(batch, "egressInterface", "egressPhysicalInterface", most=0xFFFFFFFF)


def _start(batch: Batch) -> Known | None:
    return _instant(batch, "flowStart") or _observed(batch)


def _end(batch: Batch) -> Known | None:
    end = _instant(batch, "flowEnd")
    if end is not None:
        return end
    start, lasted = _instant(batch, "flowStart"), _numbers(batch, "flowDurationMilliseconds", most=_WRAP - 1)
    if start is not None and lasted is not None:
        return Known(start.values + lasted.values.astype(np.int64), start.valid & lasted.valid)
    return _observed(batch)


_UNITS: tuple[tuple[str, Callable[[NDArray[Any]], NDArray[np.int64]]], ...] = (
    ("Milliseconds", lambda v: v.astype(np.int64)),
    ("Microseconds", lambda v: ntp(v, 1000)),
    ("Nanoseconds", lambda v: ntp(v, 1000)),
    ("Seconds", lambda v: v.astype(np.int64) * 1000),
)


def _instant(batch: Batch, edge: str) -> Known | None:
    for unit, to_ms in _UNITS:
        told = _numbers(batch, edge + unit)
        if told is not None:
            instant = to_ms(told.values)
            return Known(instant, (told.values != 0) & (instant >= 0) & (instant < _FAR))
    before_export = _numbers(batch, f"{edge}DeltaMicroseconds", most=_WRAP - 1)
    if before_export is not None:
        return Known(_exported(batch) - before_export.values.astype(np.int64) // 1000, before_export.valid)
    uptime = _numbers(batch, f"{edge}SysUpTime", most=_WRAP - 1)
    return None if uptime is None else _from_uptime(batch, uptime)


def _observed(batch: Batch) -> Known | None:
    """For event records: the one time they have."""
    return _instant(batch, "observationTime")


def _exported(batch: Batch) -> NDArray[np.int64]:
    return batch.spread(np.array([o.exported_ms for o in batch.origins], np.int64))


def _from_uptime(batch: Batch, told: Known) -> Known:
    """Milliseconds since the exporter started, a number that wraps at 2**32, to UTC by its distance from the export time."""
    init = _numbers(batch, "systemInitTimeMilliseconds")
    at_export = np.zeros(len(batch.origins), np.int64)
    valid = np.ones(len(batch.origins), np.bool_)
    for index, origin in enumerate(batch.origins):
        if origin.uptime_ms is not None:
            at_export[index] = origin.uptime_ms
        elif origin.init_ms is not None:
            at_export[index] = (origin.exported_ms - origin.init_ms) % _WRAP
        else:
            valid[index] = False
    exported = _exported(batch)
    if init is not None:
        there = (init.values != 0) & (init.values < _FAR)
        up = np.where(there, (exported - init.values.astype(np.int64)) % _WRAP, batch.spread(at_export))
        known = there | batch.spread(valid)
    else:
        up, known = batch.spread(at_export), batch.spread(valid)
    ago = (up.astype(np.uint32) - told.values.astype(np.uint32)).view(np.int32)  # wraps as the exporter's clock does
    return Known(exported - ago, known & told.valid)


def _sampling(batch: Batch) -> Known | None:
    interval = batch.spread(np.array([o.sampling.default or 0 for o in batch.origins], np.uint32))
    sampler = _numbers(batch, "samplerId", "selectorId")
    if sampler is not None:
        tables = {id(o.sampling): o.sampling for o in batch.origins}
        which = batch.spread(np.array([id(o.sampling) for o in batch.origins], np.uint64))
        for key, table in tables.items():
            for number, told in table.by_sampler.items():
                interval = np.where((which == np.uint64(key)) & (sampler.values == number), np.uint32(told), interval)
    own = _numbers(batch, "samplingInterval", most=_WRAP - 1)
    if own is not None:
        interval = np.where(own.valid & (own.values > 0), own.values, interval)
    return Known(interval, interval > 0)


_ADDRESS = pa.binary(16)
_INSTANT = pa.timestamp("ms", tz="UTC")

NAMES: dict[str, tuple[pa.DataType, Maker]] = {
    "src": (_ADDRESS, _src),
    "dst": (_ADDRESS, _dst),
    "src_port": (pa.uint16(), _src_port),
    "dst_port": (pa.uint16(), _dst_port),
    "protocol": (pa.uint8(), _protocol),
    "start": (_INSTANT, _start),
    "end": (_INSTANT, _end),
    "packets": (pa.uint64(), _packets),
    "octets": (pa.uint64(), _octet_count),
    "tcp_flags": (pa.uint8(), _tcp_flags),
    "in_interface": (pa.uint32(), _in_interface),
    "out_interface": (pa.uint32(), _out_interface),
    "exporter": (_ADDRESS, _exporter),
    "icmp_type": (pa.uint8(), _icmp_type),
    "icmp_code": (pa.uint8(), _icmp_code),
    "sampling": (pa.uint32(), _sampling),
}
"""What `normalise` can give: type and maker of each column."""
