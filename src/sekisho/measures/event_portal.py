"""An event's own captive portal: a first plain web request is led to the page that asks, until the device has answered yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sekisho.law.words import Act, Element, Kind, Step, Words
from sekisho.measures.measure import Stream

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class EventPortal:
    """No stream: nothing of a request is kept, not even where it was going.

    `words`: `rows` says whose requests, `interface` where attendees come in, `port` of the page on this machine.
    """

    name: ClassVar[str] = "event-portal"
    title: ClassVar[Words] = {"ja": "会場Wi-Fiの案内ページ（キャプティブポータル）", "en": "Captive portal of an event's Wi-Fi"}
    steps: ClassVar[tuple[Step, ...]] = (
        Step("lead-to-portal", Kind.MATCH, frozenset({Act.USE}), frozenset({Element.HEADER}), "event-portal"),
    )
    streams: ClassVar[tuple[Stream, ...]] = ()
    look: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    words: ClassVar[tuple[str, ...]] = ("rows", "interface", "port")

    def find(self, rows: ir.Table) -> ir.Table:
        """Nothing is looked for."""
        return rows

    def proposes(self) -> tuple[str, ...]:
        return ()
