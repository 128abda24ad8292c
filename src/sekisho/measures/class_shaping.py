"""An application that a few lines fill the band with is slowed down at congested hours, alike for all, known by its ports alone.

Nobody learns who uses it: at intake a flow becomes a number of its line and hour, and no step told has fewer than LEAST lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.ladder import distribution
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "class-shaping"
E = Element
SHAPES = frozenset({E.HEADER, E.PARTY, E.COUNT})


def _shape(name: str) -> Step:
    return Step(name, Kind.THROTTLE, frozenset({Act.USE}), SHAPES, PURPOSE)


@dataclass(frozen=True)
class ClassShaping:
    """`words`: whose lines, the application (`target`, known by `application`), from how much of it on a line counts, when and how far."""

    name: ClassVar[str] = "class-shaping"
    title: ClassVar[Words] = {"ja": "アプリケーションの帯域制御", "en": "Bandwidth control of an application"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("count-class", Kind.COLLECT, frozenset({Act.LEARN}), SHAPES | {E.DATETIME}, PURPOSE),
        *map(_shape, ("shape", "shape-against-copyright", "shape-leak-virus", "shape-surge")),
    )
    streams: ClassVar[tuple[Stream, ...]] = (
        Stream("class-volumes", "count-class", "flows", "class-volumes", "hourly-class-volumes", ("line", "start", "octets", "of_class")),
    )
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = ("class-volumes", ("token", "start", "octets", "of_class"))
    counts: ClassVar[bool] = True
    """Its look gives figures although it sees tokens: nobody is followed up."""
    days_looked_at: ClassVar[int] = 7
    words: ClassVar[tuple[str, ...]] = (
        *("target", "application", "hours", "lines", "selects", "rows", "ranges", "line_v6", "links"),
        *("window_hours", "heavy_mb", "kbit", "capacity_kbit", "full_permille", "heavy_permille", "few_permille", "may_leave"),
    )

    def find(self, rows: ir.Table) -> ir.Table:
        """The distribution by what a line moved of the application; all lines with all they moved stand below it."""
        return distribution(rows, "of_class")

    def proposes(self) -> tuple[str, ...]:
        return ()
