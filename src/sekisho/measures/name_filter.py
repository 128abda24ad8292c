"""A filter of names that is on by default and can be switched off: by category, at the resolver, under the five conditions of 2006."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "name-filter"
FILTER = Step("filter-names", Kind.BLOCK, frozenset({Act.LEARN, Act.USE}), frozenset({Element.COUNTERPART}), PURPOSE)


@dataclass(frozen=True)
class NameFilter:
    """`words`: whose lines, from when, which list in which categories, and the digest of the words that customers were given about them."""

    name: ClassVar[str] = "name-filter"
    title: ClassVar[Words] = {"ja": "初期設定オンの名前フィルタ", "en": "Filter of names, on by default"}
    steps: ClassVar[tuple[Step, ...]] = (FILTER,)
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("lines", "selects", "list", "origin", "ranges", "line_v6", "starts", "told", "categories")

    def find(self, rows: ir.Table) -> ir.Table:
        """It looks at nothing."""
        return rows.limit(0)

    def proposes(self) -> tuple[str, ...]:
        return ()
