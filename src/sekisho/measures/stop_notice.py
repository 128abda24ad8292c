"""Tell somebody that a program pressed "unsubscribe" on a mail of theirs, so that one reply takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Value, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir


@dataclass(frozen=True)
class StopNotice:
    """`binds`: what `keep` writes into every plan of it, and holds itself to: which stops are told, how often each, by which text."""

    name: ClassVar[str] = "stop-notice"
    title: ClassVar[Words] = {"ja": "配信停止の確認メール", "en": "Telling somebody that their mails were stopped"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("tell", Kind.SEND, frozenset({Act.USE}), frozenset({Element.PARTY}), "stop-notice", frozenset({"recipient"})),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    text: ClassVar[str] = "stop-notice@1"
    binds: ClassVar[Mapping[str, Value]] = {"stops": ("one-press",), "times": 1, "lines": "every-line-found"}

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: a mail program says it."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
