"""Mail from sources on a block list is refused, for recipients who agreed to that, each for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Rbl:
    """`words`: how old the list may be, and whether mail from a listed source is refused or put off."""

    name: ClassVar[str] = "rbl"
    title: ClassVar[Words] = {"ja": "RBL（送信元の拒否リスト）による受信拒否", "en": "Refusing mail by a block list (RBL)"}
    steps: ClassVar[tuple[Step, ...]] = (Step("reject", Kind.BLOCK, frozenset({Act.USE}), frozenset({Element.PARTY}), "rbl"),)
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("rows", "lines", "selects", "fresh_hours", "answer", "when_down")

    def find(self, rows: ir.Table) -> ir.Table:
        """It keeps no stream: the mail server asks about each recipient."""
        return rows.limit(0)

    def proposes(self) -> tuple[str, ...]:
        return ()
