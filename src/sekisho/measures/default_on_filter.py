"""A filter that is on by default and can be switched off: packets of named classes, under the five conditions of 2006."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "default-on-filter"
SEEN = frozenset({Element.COUNTERPART, Element.HEADER})


def _block(name: str) -> Step:
    return Step(name, Kind.BLOCK, frozenset({Act.LEARN, Act.USE}), SEEN, PURPOSE)


@dataclass(frozen=True)
class DefaultOnFilter:
    """`words`: whose lines, from when, which classes of packets, and the digest of the words that customers were given about them."""

    name: ClassVar[str] = "default-on-filter"
    title: ClassVar[Words] = {"ja": "初期設定オンのフィルタ", "en": "Default-on filter"}
    steps: ClassVar[tuple[Step, ...]] = tuple(map(_block, ("filter", "block-all")))
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("lines", "selects", "ranges", "line_v6", "starts", "told", "classes")

    def find(self, rows: ir.Table) -> ir.Table:
        """It looks at nothing."""
        return rows.limit(0)

    def proposes(self) -> tuple[str, ...]:
        return ()
