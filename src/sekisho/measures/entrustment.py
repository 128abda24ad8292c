"""Hand our people's data to a contractor, let them pass it on, enter it into a tool: each a hand-over, each on a row of the register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "entrustment"


def step(name: str, audience: str) -> Step:
    return Step(name, Kind.HAND_OVER, frozenset({Act.ENTRUST}), frozenset({Element.PARTY}), PURPOSE, frozenset({audience}))


@dataclass(frozen=True)
class Entrustment:
    """`words`: what a plan says beside its days: which row, to whom, for what, which fields of how many people, and why no less.

    Of a file, too: its SHA-256 (`file`), under which heading each field stands in it (`columns`), by which field people are counted
    (`who`), to which key it is sealed (`key`), and with how many people of our own in it (`canaries`).
    """

    name: ClassVar[str] = "entrustment"
    title: ClassVar[Words] = {"ja": "委託・再委託", "en": "Entrusting personal data"}
    steps: ClassVar[tuple[Step, ...]] = (
        step("hand-over", "contractor"),
        step("pass-on", "sub-contractor"),
        step("enter-into-tool", "tool-provider"),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = (
        *("entrustment", "to", "for", "fields", "actions"),
        *("places", "persons", "rung", "why_not_lower"),
        *("file", "columns", "who", "key", "canaries"),
    )

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: a list is handed over by people."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
