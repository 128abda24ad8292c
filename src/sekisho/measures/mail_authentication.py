"""A mail gets a line that says whether its sender's domain stands behind it. Nothing is refused, moved or reported by the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

E = Element
PURPOSE = "mail-authentication"
BY_SENDER = frozenset({E.PARTY, E.HEADER})


@dataclass(frozen=True)
class MailAuthentication:
    """`words`: that a label is all that happens, that texts are hashed and nothing more, and that mail passes while none can be given."""

    name: ClassVar[str] = "mail-authentication"
    title: ClassVar[Words] = {
        "ja": "送信ドメイン認証（SPF・DKIM・DMARC）",
        "en": "Sender-domain authentication (SPF, DKIM, DMARC)",
    }
    steps: ClassVar[tuple[Step, ...]] = (
        Step("label", Kind.MATCH, frozenset({Act.USE}), BY_SENDER, PURPOSE),
        Step("label-signed", Kind.MATCH, frozenset({Act.USE}), BY_SENDER | {E.CONTENT}, PURPOSE),
        Step("discard-by-result", Kind.BLOCK, frozenset({Act.USE}), BY_SENDER, "mail-discard"),
        Step("report", Kind.DISCLOSE, frozenset({Act.DISCLOSE}), BY_SENDER | {E.COUNT}, "mail-report", frozenset({"sender-domain-owner"})),
        Step("filter-all", Kind.BLOCK, frozenset({Act.USE}), BY_SENDER, "mail-filter"),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("rows", "lines", "selects", "action", "text", "when_down")

    def find(self, rows: ir.Table) -> ir.Table:
        """It keeps no stream: the mail server shows each mail."""
        return rows.limit(0)

    def proposes(self) -> tuple[str, ...]:
        return ()
