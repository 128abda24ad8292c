"""Heavy users are slowed down at congested hours, all alike: volumes are counted as a distribution, and the class is as wide as it leaves.

Nobody learns who is heavy: no step of the distribution has fewer than LEAST lines, and the kernel applies the test to every line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.ladder import distribution
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "shaping"
E = Element
KEEPS = frozenset({E.PARTY, E.COUNT, E.DATETIME})
SHAPES = frozenset({E.HEADER, E.PARTY, E.COUNT})


def _shape(name: str) -> Step:
    return Step(name, Kind.THROTTLE, frozenset({Act.USE}), SHAPES, PURPOSE)


@dataclass(frozen=True)
class Shaping:
    """`words`: whose lines, the test (so many megabytes in so many hours), when and how far it slows down, and what the band carries."""

    name: ClassVar[str] = "shaping"
    title: ClassVar[Words] = {"ja": "帯域制御", "en": "Bandwidth control"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count-volumes", Kind.COLLECT, frozenset({Act.LEARN}), KEEPS, PURPOSE),
        *map(_shape, ("shape", "shape-against-copyright", "shape-leak-virus", "shape-surge")),
    )
    streams: ClassVar[tuple[Stream, ...]] = (
        Stream("volumes", "count-volumes", "flows", "flows", "hourly-volumes", ("line", "start", "octets")),
    )
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = ("volumes", ("token", "start", "octets"))
    counts: ClassVar[bool] = True
    """Its look gives figures although it sees tokens: nobody is followed up."""
    days_looked_at: ClassVar[int] = 7
    words: ClassVar[tuple[str, ...]] = (
        *("target", "hours", "lines", "selects", "rows", "ranges", "line_v6", "links"),
        *("window_hours", "heavy_mb", "kbit", "capacity_kbit", "full_permille", "heavy_permille", "may_leave"),
    )

    def find(self, rows: ir.Table) -> ir.Table:
        """The distribution by what a line moved in all."""
        return distribution(rows, "octets")

    def proposes(self) -> tuple[str, ...]:
        return ()
