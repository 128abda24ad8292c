"""Whoever signs up is checked no more than the risk asks for; a new account sends less until a person has looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "sign-up-check"
COUNTED = frozenset({Element.COUNT, Element.PARTY, Element.DATETIME})


@dataclass(frozen=True)
class SignUpCheck:
    """`words`: how much a new account sends, and in how many days somebody looks. What an applicant is asked for, the case says."""

    name: ClassVar[str] = "sign-up-check"
    title: ClassVar[Words] = {
        "ja": "申込み時の確認と新しいアカウントの送信制限",
        "en": "Checks at sign-up, and a new account's lower limit",
    }
    steps: ClassVar[tuple[Step, ...]] = (
        Step("ask", Kind.COLLECT, frozenset({Act.COLLECT, Act.USE}), frozenset({Element.PARTY}), PURPOSE, frozenset({"applicant"})),
        Step("probation", Kind.THROTTLE, frozenset({Act.USE}), COUNTED, PURPOSE),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = (
        *("rows", "lines", "selects", "messages", "addressees", "window", "when_down", "look_days"),
        *("risk", "methods", "copy_days"),
    )

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for: a case says who."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
