"""See how much flows through which interface and prefix, to run and design the network. No address is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class TrafficPicture:
    """Flows are added up at intake to our own prefix and interface, minute by minute."""

    name: ClassVar[str] = "traffic-picture"
    title: ClassVar[Words] = {"ja": "網の設計・運用のための通信量", "en": "Traffic figures for running the network"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step(
            "count",
            Kind.COLLECT,
            frozenset({Act.LEARN}),
            frozenset({Element.HEADER, Element.COUNT, Element.DATETIME}),
            "traffic-picture",
        ),
    )
    streams: ClassVar[tuple[Stream, ...]] = (
        Stream(
            "sums",
            "count",
            "flows",
            "sums",
            "sums",
            ("minute", "exporter", "interface", "prefix", "direction", "protocol", "packets", "octets", "flows"),
        ),
    )
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = (
        "sums",
        ("minute", "exporter", "interface", "prefix", "direction", "packets", "octets", "flows"),
    )

    def find(self, rows: ir.Table) -> ir.Table:
        """One row per minute, exporter, interface, prefix and direction: packets, octets, flows."""
        keys = ["minute", "exporter", "interface", "prefix", "direction"]
        return rows.group_by(keys).agg(packets=rows.packets.sum(), octets=rows.octets.sum(), flows=rows.flows.sum()).order_by(keys)

    def proposes(self) -> tuple[str, ...]:
        return ()
