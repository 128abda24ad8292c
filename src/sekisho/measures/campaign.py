"""Send one approved message to many people, each in an envelope of their own: a campaign, permitted as it stands, to the last byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "campaign"


@dataclass(frozen=True)
class Campaign:
    """`words` are `keep`'s own: which campaign, its digest, the commitment to its recipients. Nobody drafts them by hand."""

    name: ClassVar[str] = "campaign"
    title: ClassVar[Words] = {"ja": "多くの人への連絡メール", "en": "A message to many people"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("send", Kind.SEND, frozenset({Act.USE}), frozenset({Element.PARTY}), PURPOSE, frozenset({"recipient"})),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("campaign", "recipients", "training")

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: a message is written by people."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
