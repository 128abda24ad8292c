"""Refuse port 25 outward to lines with dynamic addresses, once a submission port is there and everybody was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "op25b"


@dataclass(frozen=True)
class Op25b:
    """`words`: which prefixes dynamic addresses come from, which of them are given for good, our own mail servers, and whose lines."""

    name: ClassVar[str] = "op25b"
    title: ClassVar[Words] = {"ja": "OP25B（25番ポートの外向き通信の遮断）", "en": "OP25B: outbound port 25 blocking"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("block-port-25", Kind.BLOCK, frozenset({Act.USE}), frozenset({Element.COUNTERPART, Element.PARTY}), PURPOSE),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("rows", "lines", "selects", "carriers", "ranges", "static", "own_mail")

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: the rule names ranges, and no line."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
