"""Tell a subscriber that a terminal on their line talks to a known command-and-control server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir

PURPOSE = "infected-notice"
E = Element


def step(name: str, kind: Kind, acts: set[Act], elements: set[Element], audience: str = "operator") -> Step:
    return Step(name, kind, frozenset(acts), frozenset(elements), PURPOSE, frozenset({audience}))


@dataclass(frozen=True)
class InfectedNotice:
    """Flows are matched against a list as they come in; only hits are kept, and who it was is opened last and once."""

    name: ClassVar[str] = "infected-notice"
    title: ClassVar[Words] = {"ja": "感染端末の注意喚起", "en": "Notice to infected subscribers"}
    steps: ClassVar[tuple[Step, ...]] = (
        step("register", Kind.COLLECT, {Act.COLLECT}, {E.PARTY}),
        step("record", Kind.COLLECT, {Act.LEARN}, {E.PARTY, E.DATETIME, E.HEADER}),
        step("match", Kind.MATCH, {Act.LEARN, Act.USE}, {E.COUNTERPART, E.PARTY, E.DATETIME, E.HEADER}),
        step("identify", Kind.IDENTIFY, {Act.USE}, {E.PARTY, E.DATETIME, E.HEADER}),
        step("notify", Kind.SEND, {Act.USE}, {E.PARTY}, audience="subscriber"),
    )
    streams: ClassVar[tuple[Stream, ...]] = (
        Stream(
            "hits",
            "match",
            "flows",
            "flows",
            "hits",
            ("line", "line_port", "peer", "peer_port", "protocol", "start", "end"),
            seen_by="identify",
        ),
        Stream(
            "assignments",
            "record",
            "accounting",
            "assignments",
            "all",
            ("address", "prefix_length", "user", "nas", "session", "status", "at", "session_seconds"),
            seen_by="identify",
        ),
        Stream("line-keys", "register", "register", "line-keys", "all", ("line", "kind", "value", "valid_from", "valid_until"), "identify"),
        Stream("contacts", "register", "register", "contacts", "all", ("line", "mail", "name", "language"), "notify"),
    )
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = ("hits", ("token", "peer", "peer_port", "start"))

    contacts: int = 3
    """Fewer contacts may be a scan that met the server by chance."""

    def find(self, rows: ir.Table) -> ir.Table:
        """One row per token with at least `contacts` contacts: token, first, last, contacts, servers."""
        found = rows.group_by("token").agg(
            first=rows.start.min(),
            last=rows.start.max(),
            contacts=rows.start.nunique(),
            servers=rows.peer.nunique(),
        )
        return found.filter(found.contacts >= self.contacts).order_by("token")

    def proposes(self) -> tuple[str, ...]:
        return ("identify", "notify")
