"""Panels about what devices of attendees who agreed look up, each as people review it, and the bounds that a permit sets for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sekisho.desk.event import naming
from sekisho.gate.permit import Permit
from sekisho.law.canonical import digest
from sekisho.law.words import Words
from sekisho.measures.attendee_names import CATEGORIES, NAMES, AttendeeNames
from sekisho.store.release import Loss, Terms

MEASURE = AttendeeNames.name
MOST_DAY = 1440


@dataclass(frozen=True)
class NamedPanel:
    """One panel: the steps that permit showing and counting, the word of the scope that says how a
    name is cut, by which list, how many of them a device counts for in
    a window, and how long a release waits before anybody sees it. `level`: 2 are kinds of sites, 3 are names (the board ladder).
    """

    name: str
    step: str
    counts: str
    purpose: str
    level: int
    word: str
    cut: str
    listed: str
    each: int
    delay_seconds: int
    title: Words

    @property
    def digest(self) -> str:
        return digest(self)

    @property
    def reviewed(self) -> str:
        """How a plan names it: "name:digest"."""
        return f"{self.name}:{self.digest}"


@dataclass(frozen=True)
class Bounds:
    """What a permit's scope binds a panel to: how long is counted, the terms of one release, and what a whole day may cost a device."""

    window: timedelta
    terms: Terms
    budget: Loss


NAMED: Mapping[str, NamedPanel] = {
    p.name: p
    for p in (
        NamedPanel(
            "categories",
            "show-categories",
            "count-categories",
            CATEGORIES,
            2,
            "kinds",
            naming.CATEGORY,
            naming.listed(naming.CATEGORIES).digest,
            4,
            60,
            {"ja": "見られているサイトの分野", "en": "Kinds of sites looked up"},
        ),
        NamedPanel(
            "names",
            "show-names",
            "count-names",
            NAMES,
            3,
            "names",
            naming.REGISTERED,
            naming.listed(naming.NAMES).digest,
            8,
            900,
            {"ja": "多くの端末が見ているサイト", "en": "Sites that many devices look up"},
        ),
    )
}
LISTS: Mapping[str, str] = {"categories": naming.CATEGORIES, "names": naming.NAMES}
"""The list behind each panel."""


def counted_by(permit: Permit) -> NamedPanel | None:
    """The panel that this permit lets be counted for."""
    return next((p for p in NAMED.values() if permit.measure == MEASURE and permit.step.name == p.counts), None)


def allowed(panel: NamedPanel, permit: Permit) -> bool:
    """Whether this permit shows this very panel: its step, the digest that was reviewed, and bounds that can be held."""
    named = permit.scope.get("panels")
    mine = permit.measure == MEASURE and permit.step.name == panel.step and permit.scope.get(panel.word) == panel.cut
    return mine and isinstance(named, tuple) and panel.reviewed in named and bounds(panel, permit) is not None


def bounds(panel: NamedPanel, permit: Permit) -> Bounds | None:
    """None where the scope does not say all of it, or says what cannot be."""
    words = ("window_minutes", "releases_a_day", "rho_a_day", "delta_a_day", "suppressed_below")
    said = [permit.scope.get(word) for word in words]
    numbers = [n for n in said if isinstance(n, int) and not isinstance(n, bool) and n >= 1]
    if len(numbers) < len(words):
        return None
    minutes, times, rho, delta, least = numbers
    if not minutes <= MOST_DAY or rho < times or delta < times:
        return None
    try:
        terms = Terms(panel.each, least, Loss(rho // times, delta // times))
    except ValueError:
        return None
    return Bounds(timedelta(minutes=minutes), terms, Loss(rho, delta))
