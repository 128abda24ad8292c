"""A public board of what devices of attendees who agreed look up: kinds of a published list, and names, told with noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PUBLIC = frozenset({"public"})
LOOKED_UP = frozenset({Element.PARTY, Element.COUNTERPART, Element.DATETIME})
COUNTED = frozenset({Act.LEARN, Act.USE})
NAMES, CATEGORIES = "attendee-names", "attendee-categories"
"""Two purposes, asked apart: who agreed to one of them agreed to nothing else."""


@dataclass(frozen=True)
class AttendeeNames:
    """No stream: a window's counts live in the memory of `tap`, and only numbers with noise leave it.

    `words`: `names` says how a name is cut, `kinds` what stands for it, `window_minutes` how long is counted, `releases_a_day` how often
    a day is told of, `rho_a_day` (millionths) and `delta_a_day` (trillionths) what that may tell of one device. `suppressed_below`: what
    fewer devices asked for is not shown. `panels`: "name:digest" of each panel that was reviewed.
    """

    name: ClassVar[str] = "attendee-names"
    title: ClassVar[Words] = {
        "ja": "同意した来場者の端末によるボード（分野と名前）",
        "en": "Board from devices of attendees who agreed: categories and names",
    }
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count-names", Kind.COLLECT, COUNTED, LOOKED_UP, NAMES),
        Step("show-names", Kind.PUBLISH, frozenset({Act.DISCLOSE}), frozenset({Element.COUNTERPART}), NAMES, PUBLIC),
        Step("count-categories", Kind.COLLECT, COUNTED, LOOKED_UP, CATEGORIES),
        Step("show-categories", Kind.PUBLISH, frozenset({Act.DISCLOSE}), frozenset({Element.COUNTERPART}), CATEGORIES, PUBLIC),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = (
        *("rows", "names", "kinds", "window_minutes", "releases_a_day", "rho_a_day", "delta_a_day", "suppressed_below", "panels"),
    )

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
