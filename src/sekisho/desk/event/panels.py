"""The panels of a board, each as people review it. A panel that says or reads anything else has another digest: it is another panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.gate.permit import Permit
from sekisho.law.canonical import digest
from sekisho.law.words import Words

MEASURE = "event-board"
COUNT = "count"


@dataclass(frozen=True)
class Panel:
    """One panel: the step that permits it, the counters it reads, over how many seconds, and to what its numbers are rounded down.

    `level`: 0 is of no communication, 1 is a total over communications (the board ladder).
    """

    name: str
    step: str
    level: int
    counters: tuple[str, ...]
    window_seconds: int
    rounded_to: int
    title: Words

    @property
    def digest(self) -> str:
        return digest(self)

    @property
    def reviewed(self) -> str:
        """How a plan names it: "name:digest"."""
        return f"{self.name}:{self.digest}"


PANELS: Mapping[str, Panel] = {
    p.name: p
    for p in (
        Panel(
            "traffic", "show-network", 0, ("octets.in", "octets.out"), 180, 1000, {"ja": "上流回線の通信量", "en": "Traffic of the uplink"}
        ),
        Panel("devices", "show-network", 0, ("devices", "leases"), 10, 5, {"ja": "つながっている端末", "en": "Devices connected"}),
        Panel("zones", "show-network", 0, ("zone.*",), 10, 5, {"ja": "会場の混み具合", "en": "Where the venue is busy"}),
        Panel("queries", "show-resolver", 1, ("queries",), 180, 1, {"ja": "名前の問合せ", "en": "Name look-ups"}),
        Panel("ipv6", "show-resolver", 1, ("queries", "queries.ipv6"), 60, 1, {"ja": "IPv6 で来た問合せ", "en": "Look-ups over IPv6"}),
        Panel("types", "show-resolver", 1, ("qtype.*",), 60, 1, {"ja": "問合せの種別", "en": "Types of look-ups"}),
        Panel(
            "cache",
            "show-resolver",
            1,
            ("cache.hits", "cache.misses"),
            60,
            1,
            {"ja": "キャッシュで答えた割合", "en": "Answered from the cache"},
        ),
    )
}


def lets_count(permit: Permit) -> bool:
    """Whether it lets an event's counters be read: no stream, totals alone."""
    return (permit.measure, permit.step.name) == (MEASURE, COUNT)


def allowed(panel: Panel, permit: Permit) -> bool:
    """Whether this permit is for this very panel: its step, and the digest that was reviewed."""
    named = permit.scope.get("panels")
    return permit.measure == MEASURE and permit.step.name == panel.step and isinstance(named, tuple) and panel.reviewed in named


def smallest(permit: Permit) -> int:
    """Below this many, nothing is shown. A permit that does not say shows nothing at all."""
    said = permit.scope.get("suppressed_below")
    return said if isinstance(said, int) and not isinstance(said, bool) and said >= 1 else 1 << 62
