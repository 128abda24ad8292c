"""How much each line of some ranges moved in each hour, and how much of one application. The rest of a flow is gone at intake."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute

from sekisho.effects.application import read_application
from sekisho.effects.ports import PROTOCOLS
from sekisho.effects.prefix_sets import read_lines
from sekisho.gate.permit import Permit
from sekisho.store.schema import ADDRESS
from sekisho.store.spec import CLASS_VOLUMES, VOLUMES
from sekisho.wire.prefixes import Prefixes, octets_of

__all__ = ["CLASS_VOLUMES", "VOLUMES", "ClassVolumes", "Volumes"]

MAPPED = np.frombuffer(bytes(10) + b"\xff\xff", np.uint8)
pc: Any = pyarrow.compute  # its stubs know no chunked columns


class Volumes:
    """By the words of a permit: the ranges its lines have addresses of, and how long a prefix a line has of IPv6."""

    needs: ClassVar[frozenset[str]] = frozenset()
    sums: ClassVar[tuple[str, ...]] = ("octets",)

    def __init__(self, permit: Permit) -> None:
        """Raises BadScope for a scope without ranges."""
        ranges, length = read_lines(permit.scope)
        self.ranges = Prefixes(map(str, ranges))
        self.mask = np.frombuffer(((1 << 128) - (1 << (128 - length))).to_bytes(16), np.uint8)

    def rows(self, turned: pa.Table) -> pa.Table:
        """Of oriented rows, one for each line and hour: `start` is the hour's, `octets` the sum of both directions."""
        ours = turned.filter(pa.array(self.ranges.find(octets_of(turned["line"])) >= 0))
        octets = octets_of(ours["line"])
        mapped = (octets[:, :12] == MAPPED).all(axis=1, keepdims=True)
        lines = np.where(mapped, octets, octets & self.mask).astype(np.uint8)
        whole = pa.FixedSizeBinaryArray.from_buffers(ADDRESS, len(lines), [None, pa.py_buffer(lines.tobytes())])
        hours = pc.floor_temporal(ours["start"], unit="hour")
        hourly = pa.table({"line": whole, "start": hours, **self.amounts(ours)})
        added = hourly.group_by(["line", "start"]).aggregate([(name, "sum") for name in self.sums])
        return added.rename_columns([n.removesuffix("_sum") for n in added.column_names])

    def amounts(self, ours: pa.Table) -> dict[str, Any]:
        """What is added up of each flow."""
        return {"octets": ours["octets"]}


class ClassVolumes(Volumes):
    """Besides, what was of the application that the permit declares. A flow without ports is of none."""

    needs: ClassVar[frozenset[str]] = frozenset({"src_port", "dst_port", "protocol"})
    sums: ClassVar[tuple[str, ...]] = ("octets", "of_class")

    def __init__(self, permit: Permit) -> None:
        """Raises BadScope for a scope without ranges, or without an application known by its ports."""
        super().__init__(permit)
        self.application = read_application(permit.scope)

    def amounts(self, ours: pa.Table) -> dict[str, Any]:
        protocols, *ports = (np.asarray(pc.fill_null(ours[n], 0)) for n in ("protocol", "line_port", "peer_port"))
        found = np.zeros(ours.num_rows, np.bool_)
        for protocol, (first, last) in self.application:
            within = [(side >= first) & (side <= last) for side in ports]
            found |= (protocols == PROTOCOLS[protocol]) & (within[0] | within[1])
        return {**super().amounts(ours), "of_class": pc.if_else(pa.array(found), ours["octets"], pa.scalar(0, pa.uint64()))}
