"""Keep who sent a post, as sealed records of a service: day keys that live as long as the case allows, and no longer.

The service seals each record itself; this node makes the keys (`desk/posts/sender_keys.py`) and holds no record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

SENDER = frozenset({Element.PARTY, Element.DATETIME, Element.HEADER})
DESTINATIONS = frozenset({Element.PARTY, Element.DATETIME, Element.COUNTERPART})


@dataclass(frozen=True)
class PostLogKeeping:
    """`words`: what a plan says beside its days. `service`: whose senders. `kinds`: of which records; none named, all of the step."""

    name: ClassVar[str] = "post-log-keeping"
    title: ClassVar[Words] = {"ja": "投稿・接続のログの保存", "en": "Keeping logs of posts and of access"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("keep-post-log", Kind.COLLECT, frozenset({Act.LEARN}), SENDER, "post-log-keeping"),
        Step("keep-access-log", Kind.COLLECT, frozenset({Act.LEARN}), SENDER, "access-log"),
        Step("keep-destinations", Kind.COLLECT, frozenset({Act.LEARN}), DESTINATIONS, "destination-log"),
        Step("erase", Kind.DELETE, frozenset({Act.USE}), SENDER, "post-log-keeping"),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("service", "kinds", "fields")

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: a record is opened one at a time, for a case."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
