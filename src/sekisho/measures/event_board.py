"""A public board of an event's network from counters alone: read once a second, shown as totals, kept nowhere on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PUBLIC = frozenset({"public"})


@dataclass(frozen=True)
class EventBoard:
    """No stream: totals live in the memory of `keep` for as long as the permit. `words`: what a plan binds itself to.

    `per`: whose totals. `suppressed_below`: smaller numbers of devices or queries are not shown. `panels`: "name:digest" of each
    panel that was reviewed; a panel that says anything else is another panel.
    """

    name: ClassVar[str] = "event-board"
    title: ClassVar[Words] = {"ja": "カウンタだけによる会場の公開ボード", "en": "Public board of an event, from counters alone"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count", Kind.COLLECT, frozenset({Act.LEARN}), frozenset({Element.COUNT, Element.HEADER}), "event-board"),
        Step("show-network", Kind.PUBLISH, frozenset({Act.DISCLOSE}), frozenset({Element.COUNT}), "event-board", PUBLIC),
        Step("show-resolver", Kind.PUBLISH, frozenset({Act.DISCLOSE}), frozenset({Element.COUNT, Element.HEADER}), "event-board", PUBLIC),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("per", "suppressed_below", "panels")

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
