"""A first mail from an unknown sender waits until its sender tries again, for recipients who agreed to that, each for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

E = Element


@dataclass(frozen=True)
class Greylisting:
    """`words`: by what a sender is known again, how long it waits, how late it may come back, and how long it is remembered."""

    name: ClassVar[str] = "greylisting"
    title: ClassVar[Words] = {
        "ja": "グレイリスティング（初めての送信元の一時的な受信延期）",
        "en": "Greylisting: a first mail waits until its sender tries again",
    }
    steps: ClassVar[tuple[Step, ...]] = (
        Step("delay", Kind.THROTTLE, frozenset({Act.LEARN, Act.USE}), frozenset({E.PARTY, E.COUNTERPART, E.DATETIME}), "greylisting"),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("rows", "lines", "selects", "by", "delay", "retry", "remember", "when_down")

    def find(self, rows: ir.Table) -> ir.Table:
        """It keeps no stream: the mail server asks about each recipient."""
        return rows.limit(0)

    def proposes(self) -> tuple[str, ...]:
        return ()
