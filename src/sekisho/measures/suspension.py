"""Warn, suspend or end a customer's service: about one customer at a time, for one case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "suspension"
USE, PARTY = frozenset({Act.USE}), frozenset({Element.PARTY})


@dataclass(frozen=True)
class Suspension:
    """`words`: that like customers are treated alike, and what the customer was chosen by. Which account it is, only the case knows."""

    name: ClassVar[str] = "suspension"
    title: ClassVar[Words] = {"ja": "警告・利用停止・契約解除", "en": "Warning, suspension and termination"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("warn", Kind.SEND, USE, PARTY, PURPOSE, frozenset({"subscriber"})),
        Step("suspend", Kind.BLOCK, USE, PARTY, PURPOSE),
        Step("terminate", Kind.BLOCK, USE, PARTY, PURPOSE),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("lines", "selects")

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: a case says who."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
