"""Refuse mail that comes straight from other providers' dynamic address ranges: where bulk mail comes from is counted before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Value, Words
from sekisho.measures.measure import Gauge, Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "ip25b"
E = Element
BULK = 100
"""So many messages of one network (/24, /64) in an hour are bulk mail. This number and those below are ours: no source gives any."""
LATELY = 7 * 24
"""Hours of counts that the evidence is read off."""
HARDLY = 50
"""Of a thousand messages in bulk, so many may come from elsewhere than the dynamic ranges and still be hardly any."""
ENOUGH = 900
"""Of a thousand messages in bulk from dynamic ranges, so many a limit for all alike must put off to be enough."""
SPARED = 10
"""And of a thousand messages of everybody else, no more than so many."""


def origin(rows: Sequence[Mapping[str, Value]]) -> Mapping[str, Value] | None:
    """The evidence "bulk-mail-origin" from the last hours counted."""
    told = [(r, found) for r in rows[-LATELY:] if isinstance(found := r.get("found"), Mapping)]
    if not told:
        return None
    words = ("dynamic_bulk", "other_bulk", "dynamic_over", "others_over", "others")
    dynamic, other, over, others_over, others = (sum(int(str(found[w])) for _, found in told) for w in words)
    bulk = dynamic + other
    from_fixed, from_dynamic = (1000 * n // max(1, bulk) for n in (other, dynamic))
    enough = 1000 * over >= ENOUGH * dynamic and 1000 * others_over <= SPARED * others
    return {
        "messages": bulk, "from_fixed_permille": from_fixed, "from_dynamic_permille": from_dynamic,
        "hardly_from_fixed": 1000 * other <= HARDLY * bulk, "comes_from_dynamic": dynamic > 0, "uniform_rate_control_enough": enough,
        "measured_to": str(told[-1][0]["hour"])[:10],
    }  # fmt: skip


@dataclass(frozen=True)
class Ip25b:
    """`words`: how old the list of ranges may be, which senders are let in, and where who is refused reads why."""

    name: ClassVar[str] = "ip25b"
    title: ClassVar[Words] = {"ja": "IP25B（他社の動的IPからのメール受信の遮断）", "en": "IP25B: inbound port 25 blocking"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count-origins", Kind.LOOK, frozenset({Act.LEARN, Act.USE}), frozenset({E.COUNT, E.PARTY, E.DATETIME}), PURPOSE),
        Step("block-inbound-25", Kind.BLOCK, frozenset({Act.USE}), frozenset({E.PARTY}), PURPOSE),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    gauges: ClassVar[tuple[Gauge, ...]] = (Gauge("bulk-mail-origin", "mail-meter", origin),)
    words: ClassVar[tuple[str, ...]] = ("rows", "lines", "selects", "fresh_hours", "senders", "page", "when_down")

    def find(self, rows: ir.Table) -> ir.Table:
        """It keeps no stream: the mail server's counts come as figures."""
        return rows.limit(0)

    def proposes(self) -> tuple[str, ...]:
        return ()
