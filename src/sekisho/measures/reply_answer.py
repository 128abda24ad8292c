"""Answer somebody who replied to a mail of a campaign: them alone, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Value, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir


@dataclass(frozen=True)
class ReplyAnswer:
    """`binds`: what `keep` writes into every plan of it, and holds itself to: to whom it goes, what it quotes, how often, by which text."""

    name: ClassVar[str] = "reply-answer"
    title: ClassVar[Words] = {"ja": "返信への回答", "en": "Answering one reply"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("answer", Kind.SEND, frozenset({Act.USE}), frozenset({Element.PARTY}), "reply-answer", frozenset({"recipient"})),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    text: ClassVar[str] = "reply-answer@1"
    binds: ClassVar[Mapping[str, Value]] = {"to": ("writer",), "quotes": 0, "times": 1, "lines": "every-line-found"}

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: somebody wrote."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
