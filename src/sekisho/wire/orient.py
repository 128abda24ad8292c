"""From src and dst, which have no element of communication, to `line` (ours) and `peer` (the other side)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from sekisho.wire.batches import arrow
from sekisho.wire.exporters import address_bytes
from sekisho.wire.prefixes import Octets, Prefixes, halves, octets_of, there

OUT, IN = 0, 1
"""Direction: 0 is line to peer, 1 is peer to line."""

pc: Any = pyarrow.compute  # its stubs know no chunked columns

_TURNED = {"src": ("line", "peer"), "src_port": ("line_port", "peer_port"), "dst": ("peer", "line"), "dst_port": ("peer_port", "line_port")}
_ORDER = (
    "line",
    "line_port",
    "peer",
    "peer_port",
    "protocol",
    "direction",
    "start",
    "end",
    "packets",
    "octets",
    "tcp_flags",
    "in_interface",
    "out_interface",
    "exporter",
)


@dataclass(frozen=True, eq=False)
class Oriented:
    """`table` has the columns of the flows shape that its source had; `transit` rows had no side of ours and are gone.

    `unknown` rows had no addresses at all. `prefix[i]` is the index in the prefix table that row i's line belongs to.
    """

    table: pa.Table
    prefix: NDArray[np.int32]
    transit: int
    unknown: int


def orient(flows: pa.Table, own: Prefixes) -> Oriented:
    """Turn normalised flows (at least src and dst) by the operator's prefixes.

    Own-to-own gives two rows, one for each line; what touches no own prefix is dropped and counted. Raises KeyError
    where src or dst is not there.
    """
    src, dst = octets_of(flows["src"]), octets_of(flows["dst"])
    known = there(flows["src"]) & there(flows["dst"])
    from_own, to_own = own.find(src), own.find(dst)
    out, into = np.flatnonzero(known & (from_own >= 0)), np.flatnonzero(known & (to_own >= 0))
    sides = [(rows, way) for rows, way in ((out, OUT), (into, IN)) if len(rows)] or [(out, OUT)]
    pieces = [_side(flows, rows, way) for rows, way in sides]  # where all go one way nothing is copied
    transit = int((known & (from_own < 0) & (to_own < 0)).sum())
    prefix = np.concatenate([from_own[out], to_own[into]])
    return Oriented(pa.concat_tables(pieces).combine_chunks(), prefix, transit, int((~known).sum()))


def _side(flows: pa.Table, rows: NDArray[np.intp], direction: int) -> pa.Table:
    taken = flows if len(rows) == flows.num_rows else flows.take(_indices(rows))
    named = {_TURNED[n][direction] if n in _TURNED else n: taken[n] for n in flows.column_names}
    named["direction"] = pa.chunked_array([arrow(np.full(len(rows), direction, np.uint8), pa.uint8())])
    return pa.table({n: named[n] for n in (*_ORDER, *sorted(set(named) - set(_ORDER))) if n in named})


def _indices(rows: NDArray[Any]) -> pa.Array[Any]:
    return arrow(rows.astype(np.int64, copy=False), pa.int64())


class Watchlist:
    """Addresses to look for, each with a port or with any."""

    def __init__(self, entries: Iterable[tuple[str, int | None]]) -> None:
        """Raises ValueError for text that is no address or a port out of range."""
        anywhere, at_port = set(), set()
        for address, port in entries:
            if port is not None and not 0 <= port <= 0xFFFF:
                raise ValueError(f"no port: {port}")
            if port is None:
                anywhere.add(address_bytes(address))
            else:
                at_port.add(address_bytes(address) + port.to_bytes(2))
        self._any = np.array(sorted(anywhere), "V16")
        self._ports = np.array(sorted(at_port), "V18")
        self._highs = np.unique(np.array([int.from_bytes(e[8:16]) for e in anywhere | at_port], np.uint64))

    def __len__(self) -> int:
        return len(self._any) + len(self._ports)

    def match(self, peers: Octets, ports: NDArray[np.uint16] | None) -> NDArray[np.bool_]:
        """True where a peer is listed, at any port or at this one. Without ports, entries with a port match nothing."""
        hit = np.isin(halves(peers)[1], self._highs)  # most rows end here: the low half alone is not listed
        at = np.flatnonzero(hit)
        if not len(at):
            return hit
        some = np.ascontiguousarray(peers[at])
        found = np.isin(some.view("V16").reshape(-1), self._any)
        if ports is not None and len(self._ports):
            both = np.concatenate([some, ports[at].astype(">u2").view(np.uint8).reshape(-1, 2)], axis=1)
            found |= np.isin(np.ascontiguousarray(both).view("V18").reshape(-1), self._ports)
        hit[at] = found
        return hit


def match_list(flows: pa.Table, listed: Watchlist) -> NDArray[np.bool_]:
    """Which oriented rows have a peer on the list: one boolean a row. A null peer never matches, a null port only any-port entries."""
    mask = _match(flows, listed)
    return mask & there(flows["peer"])


def _match(flows: pa.Table, listed: Watchlist) -> NDArray[np.bool_]:
    peers = octets_of(flows["peer"])
    if "peer_port" not in flows.column_names:
        return listed.match(peers, None)
    told = there(flows["peer_port"])
    ports = np.asarray(pc.fill_null(flows["peer_port"], 0), np.uint16)
    mask = listed.match(peers, ports)
    if not told.all():
        mask[~told] = listed.match(peers[~told], None)
    return mask


_SUM_KEYS = ("minute", "exporter", "interface", "prefix", "direction", "protocol")


def sums(oriented: Oriented, own: Prefixes) -> pa.Table:
    """Add flows up by minute, exporter, interface, own prefix, direction and protocol; no address is left.

    The minute is that of the flow's end; the interface is the one the line's side hangs on: in for line to peer, out for peer to
    line. Packets and octets are as sent. Needs end, exporter, in_interface, out_interface, protocol, packets and octets.
    """
    flows: dict[str, Any] = dict(zip(oriented.table.column_names, oriented.table.columns, strict=True))
    outward = pc.equal(flows["direction"], OUT)
    labels = pa.array([*own.labels], pa.string())
    columns: dict[str, Any] = {
        "minute": pc.floor_temporal(flows["end"], unit="minute"),
        "exporter": flows["exporter"],
        "interface": pc.if_else(outward, flows["in_interface"], flows["out_interface"]),
        "prefix": labels.take(_indices(oriented.prefix)),
        "direction": flows["direction"],
        "protocol": flows["protocol"],
        "packets": flows["packets"],
        "octets": flows["octets"],
    }
    keyed = pa.table(columns)
    added = keyed.group_by([*_SUM_KEYS]).aggregate([("packets", "sum"), ("octets", "sum"), ([], "count_all")])
    return added.select([*_SUM_KEYS, "packets_sum", "octets_sum", "count_all"]).rename_columns([*_SUM_KEYS, *_AMOUNTS]).cast(_SUMS)


_AMOUNTS = ("packets", "octets", "flows")
_KINDS: list[tuple[str, pa.DataType]] = [
    ("minute", pa.timestamp("ms", "UTC")),
    ("exporter", pa.binary(16)),
    ("interface", pa.uint32()),
    ("prefix", pa.string()),
    ("direction", pa.uint8()),
    ("protocol", pa.uint8()),
    ("packets", pa.uint64()),
    ("octets", pa.uint64()),
    ("flows", pa.uint64()),
]
_SUMS = pa.schema(_KINDS)


def addresses(texts: Iterable[str]) -> pa.Array[Any]:
    """Address texts as a binary(16) column. Raises ValueError for what is no address."""
    return pa.array([address_bytes(t) for t in texts], pa.binary(16))
