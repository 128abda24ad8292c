"""Let two people write to each other through us, each under an alias: neither learns the other's address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "masked-talk"


@dataclass(frozen=True)
class MaskedTalk:
    """`words`: which talk, the digest of the text both sides agreed to, and for how many days."""

    name: ClassVar[str] = "masked-talk"
    title: ClassVar[Words] = {"ja": "アドレスを伏せた二人の連絡", "en": "Masked two-way talk"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step(
            "pass-on",
            Kind.SEND,
            frozenset({Act.LEARN, Act.USE}),
            frozenset({Element.CONTENT, Element.PARTY, Element.COUNTERPART, Element.HEADER}),
            PURPOSE,
            frozenset({"recipient"}),
        ),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("talk", "agreed_text", "days")

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: one mail is read as it is passed on."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
