"""Show one film, or some files, to invited people and nobody else, as long as their rights holder agreed to, and not one day longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "closed-viewing"


@dataclass(frozen=True)
class ClosedViewing:
    """`words` are `keep`'s own: which viewing, which film, to which day, on how many devices. Nobody drafts them by hand."""

    name: ClassVar[str] = "closed-viewing"
    title: ClassVar[Words] = {"ja": "招待した人だけへの映像・ファイルの公開", "en": "A film or files for invited people only"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("show", Kind.SEND, frozenset({Act.USE}), frozenset({Element.PARTY}), PURPOSE, frozenset({"recipient"})),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("viewing", "work", "last_day", "devices")

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
