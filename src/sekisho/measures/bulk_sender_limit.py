"""A mail account that sends in bulk is slowed down: messages and recipients are counted, nothing else; the limit ends when it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Value, Words
from sekisho.measures.measure import Gauge, Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "bulk-sender-limit"
E = Element
BULK = 500
"""So many messages of one account in an hour are not a person writing. Ours: the panel of 2006 spoke of 40,000 and gave no lower number."""
LATELY = 24
"""Hours of counts that the load is read off."""
COUNTED = frozenset({E.COUNT, E.PARTY, E.DATETIME})


def load(rows: Sequence[Mapping[str, Value]]) -> Mapping[str, Value] | None:
    """The evidence "load" from the last hours counted: what the busiest account sent in its busiest hour."""
    most = max((int(str(r.get("most") or 0)) for r in rows[-LATELY:]), default=None)
    if most is None:
        return None
    return {"what": "messages-of-one-account", "measured": most, "unit": "an-hour", "impaired": most >= BULK}


@dataclass(frozen=True)
class BulkSenderLimit:
    """`words`: how many messages and recipients in how long, and what becomes of mail while the policy service cannot answer."""

    name: ClassVar[str] = "bulk-sender-limit"
    title: ClassVar[Words] = {"ja": "迷惑メール大量送信者への送信制限", "en": "Limiting a bulk mail sender"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count", Kind.LOOK, frozenset({Act.LEARN, Act.USE}), COUNTED, PURPOSE),
        Step("limit", Kind.THROTTLE, frozenset({Act.USE}), COUNTED, PURPOSE),
        Step("read-content", Kind.LOOK, frozenset({Act.LEARN}), frozenset({E.CONTENT}), PURPOSE),
        Step("read-sample", Kind.LOOK, frozenset({Act.LEARN}), frozenset({E.CONTENT}), PURPOSE),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    gauges: ClassVar[tuple[Gauge, ...]] = (Gauge("load", "load-meter", load),)
    words: ClassVar[tuple[str, ...]] = ("rows", "lines", "selects", "messages", "addressees", "window", "when_down")

    def find(self, rows: ir.Table) -> ir.Table:
        """It keeps no stream: the mail server's counts come as figures."""
        return rows.limit(0)

    def proposes(self) -> tuple[str, ...]:
        return ()
