"""Refuse port 25 outward to lines with dynamic addresses: counted before, announced, and with a submission port in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Value, Words
from sekisho.measures.measure import Gauge, Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "op25b"
E = Element
BULK = 20
"""So many connections of one line to port 25 in a day are not a person writing mail. Ours: no source gives a number."""


def load(rows: Sequence[Mapping[str, Value]]) -> Mapping[str, Value] | None:
    """The evidence "load" from the days counted: the day with most lines that send in bulk."""
    most = max((int(str(r.get("bulk") or 0)) for r in rows), default=None)
    if most is None:
        return None
    return {"what": "direct-bulk-lines", "measured": most, "unit": "lines-a-day", "impaired": most > 0}


@dataclass(frozen=True)
class Op25b:
    """`words`: which prefixes dynamic addresses come from, which of them are given for good, our own mail servers, whose lines, the
    digest of the text it was announced with, and the case in which the owner of roamed lines was asked."""

    name: ClassVar[str] = "op25b"
    title: ClassVar[Words] = {"ja": "OP25B（25番ポートの外向き通信の遮断）", "en": "OP25B: outbound port 25 blocking"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count-lines", Kind.COLLECT, frozenset({Act.LEARN}), frozenset({E.PARTY, E.COUNTERPART, E.DATETIME, E.HEADER}), PURPOSE),
        Step("block-port-25", Kind.BLOCK, frozenset({Act.USE}), frozenset({E.COUNTERPART, E.PARTY}), PURPOSE),
        Step("ask-owner", Kind.HAND_OVER, frozenset({Act.PROVIDE}), frozenset({E.HEADER}), PURPOSE, frozenset({"other-provider"})),
        Step("block-roamed", Kind.BLOCK, frozenset({Act.USE}), frozenset({E.COUNTERPART, E.PARTY}), PURPOSE),
    )
    streams: ClassVar[tuple[Stream, ...]] = (
        Stream("direct", "count-lines", "flows", "flows", "dynamic-lines-direct-to-25", ("line", "start")),
    )
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = ("direct", ("token", "start"))
    counts: ClassVar[bool] = True
    """Its look gives figures although it sees tokens: nobody is followed up."""
    gauges: ClassVar[tuple[Gauge, ...]] = (Gauge("load", "load-meter", load),)
    words: ClassVar[tuple[str, ...]] = ("rows", "lines", "selects", "carriers", "ranges", "static", "own_mail", "announcement", "request")

    prefixes: ClassVar[tuple[str, ...]] = ("ranges", "static")
    """Words that list ranges of addresses: what is none is named when the plan is proposed."""

    def find(self, rows: ir.Table) -> ir.Table:
        """One row of a day: lines that would be refused, those of them that send in bulk, and their connections."""
        each = rows.group_by("token").agg(connections=rows.count())
        bulk = (each.connections >= BULK).cast("int64")
        counted = each.agg(lines=each.count(), bulk=bulk.sum(), connections=each.connections.sum())
        return counted.filter(counted.lines > 0)

    def proposes(self) -> tuple[str, ...]:
        return ()
