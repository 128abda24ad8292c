"""A public board that shows names people asked the resolver for: declared so that it can be proposed, and refused with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PUBLIC = frozenset({"public"})
LOGGED = frozenset({Element.PARTY, Element.COUNTERPART, Element.DATETIME, Element.HEADER})


@dataclass(frozen=True)
class NameBoard:
    """No stream is compiled for it: nothing here reads a name. `names`: how they would be cut; cutting changes no answer."""

    name: ClassVar[str] = "name-board"
    title: ClassVar[Words] = {"ja": "会場ネットワークの公開ボード", "en": "Public board of an event network"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step(
            "show-names",
            Kind.PUBLISH,
            frozenset({Act.LEARN, Act.USE, Act.DISCLOSE}),
            frozenset({Element.COUNTERPART}),
            "name-board",
            PUBLIC,
        ),
        Step("show-totals", Kind.PUBLISH, frozenset({Act.DISCLOSE}), frozenset({Element.COUNT}), "totals-board", PUBLIC),
        Step("keep-for-faults", Kind.COLLECT, frozenset({Act.LEARN}), LOGGED, "fault-handling"),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("names", "suppressed_below")

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
