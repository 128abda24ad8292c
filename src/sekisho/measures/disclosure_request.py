"""Answer who sent a post: to the injured, to a court's order, to another provider. One record at a time, for one case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "disclosure-request"
SENDER = frozenset({Element.PARTY, Element.DATETIME, Element.HEADER})
TELL = frozenset({Act.DISCLOSE})
CLAIMANT = frozenset({"claimant"})


@dataclass(frozen=True)
class DisclosureRequest:
    """`words`: what a plan says beside its days: whose record (`service`, `records`), and what may be told of it."""

    name: ClassVar[str] = "disclosure-request"
    title: ClassVar[Words] = {"ja": "発信者情報の開示", "en": "Disclosure of a sender"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("disclose-post", Kind.DISCLOSE, TELL, SENDER, PURPOSE, CLAIMANT),
        Step("disclose-login", Kind.DISCLOSE, TELL, SENDER, PURPOSE, CLAIMANT),
        Step("disclose-access", Kind.DISCLOSE, TELL, SENDER, PURPOSE, CLAIMANT),
        Step("disclose-by-order", Kind.DISCLOSE, TELL, SENDER, PURPOSE, CLAIMANT),
        Step("name-provider", Kind.DISCLOSE, TELL, frozenset({Element.INFERABLE}), PURPOSE, CLAIMANT),
        Step("pass-to-provider", Kind.HAND_OVER, frozenset({Act.PROVIDE}), SENDER, PURPOSE, frozenset({"other-provider"})),
        Step("use-received", Kind.IDENTIFY, frozenset({Act.USE}), SENDER, PURPOSE),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = (
        *("service", "records"),
        *("items", "login_items", "line_items", "told", "uses"),
        *("holds", "withheld_until", "withheld_law"),
    )

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: a record is opened one at a time, for a case."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
