"""What every measure declares. The contract suite in tests/measures runs over all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from sekisho.law.words import Step, Value, Words, nothing

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Stream:
    """What a step keeps: `source` feeds it, `shape` names its columns' schema, `rows` what survives intake.

    `seen_by`: the one other step that may view it, when a finding asks for it.
    """

    name: str
    step: str
    source: Literal["flows", "accounting", "register"]
    shape: str
    rows: Literal["all", "hits", "sums", "dynamic-lines-direct-to-25", "hourly-volumes", "hourly-class-volumes"]
    columns: tuple[str, ...]
    seen_by: str = ""


@dataclass(frozen=True)
class Finding:
    """What was found, about a token: nobody's name, nobody's address. `facts` are counts, times and digests."""

    measure: str
    token: str
    period: str
    first: datetime
    last: datetime
    facts: Mapping[str, Value] = field(default_factory=nothing)


@dataclass(frozen=True)
class Gauge:
    """Evidence a measure measures itself: the `kind`, the named `probe` that vouches for it, and how it is read off the latest figures.

    `read` gets the rows of figures and gives the value, or None where they say nothing. A measure that has gauges names them
    in a class variable `gauges`; they serve the purpose the figures were kept for, and no other.
    """

    kind: str
    probe: str
    read: Callable[[Sequence[Mapping[str, Value]]], Mapping[str, Value] | None]


class Measure(Protocol):
    """One thing an operator may want to do. `look` names the stream it reads and the columns it is shown; empty: it finds nothing."""

    name: ClassVar[str]
    title: ClassVar[Words]
    steps: ClassVar[tuple[Step, ...]]
    streams: ClassVar[tuple[Stream, ...]]
    look: ClassVar[tuple[str, tuple[str, ...]] | None]

    def find(self, rows: ir.Table) -> ir.Table:
        """From the permitted columns to one row per finding: token, first, last, and any further facts."""

    def proposes(self) -> tuple[str, ...]:
        """The steps that a finding asks for next; each is a decision of its own."""


def step(measure: Measure, name: str) -> Step:
    """The declared step of that name. Raises KeyError for a step the measure does not declare."""
    return {s.name: s for s in measure.steps}[name]
