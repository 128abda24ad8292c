"""Tell the owner of a mail account that it reached its sending limit: why, until when, and how the help desk lifts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Value, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

PURPOSE = "held-sender-notice"


@dataclass(frozen=True)
class HeldSenderNotice:
    """`binds`: what `keep` writes into every plan of it, and holds itself to: who is told, how often, by which text."""

    name: ClassVar[str] = "held-sender-notice"
    title: ClassVar[Words] = {"ja": "送信制限に達したことの本人への通知", "en": "Telling the owner of a mail account that it is held"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("tell-owner", Kind.SEND, frozenset({Act.USE}), frozenset({Element.PARTY}), PURPOSE, frozenset({"subscriber"})),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    text: ClassVar[str] = "held-sender-notice@1"
    binds: ClassVar[Mapping[str, Value]] = {"held_by": ("sending-limit",), "times": 1, "lines": "every-line-found"}

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: the limit itself says who reached it."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
