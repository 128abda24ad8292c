"""Send the code of an open question to whoever typed their own address on its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Value, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir


@dataclass(frozen=True)
class AskedCode:
    """`binds`: what `keep` holds itself to: for whom, one mail for one request, and after how many days nothing is left of it.

    A plan says in its scope by `opens` for which purposes of consent a code may be asked for.
    """

    name: ClassVar[str] = "asked-code"
    title: ClassVar[Words] = {"ja": "本人が求めた確認符号のメール", "en": "A code by mail for whoever asked for it"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("answer", Kind.SEND, frozenset({Act.USE}), frozenset({Element.PARTY}), "asked-code", frozenset({"recipient"})),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("opens",)
    text: ClassVar[str] = "asked-code@1"
    binds: ClassVar[Mapping[str, Value]] = {"asked": ("own-address",), "times": 1, "kept_days": 1, "lines": "every-line-found"}

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: somebody asks."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
