"""Which permits carry that the resolver tells of a device's questions: to collect, for a purpose attendees are asked about, no wider."""

from __future__ import annotations

from collections.abc import Mapping

from sekisho.desk.portal.offers import ACTS, AUDIENCE, BY_PURPOSE, OFFERS
from sekisho.desk.settings import Settings
from sekisho.effects import client_set
from sekisho.gate.permit import Permit
from sekisho.law.words import Element, Kind

TOLD_OF = tuple(o.purpose for o in OFFERS if Element.COUNTERPART in o.elements)
"""Purposes whose text says that names of sites are collected: what the resolver tells of always has them."""


def leads(permit: Permit) -> bool:
    """Whether a device that agreed to the permit's purpose may be led to the resolver's port because of it."""
    step = permit.step
    if step.kind is not Kind.COLLECT or step.purpose not in TOLD_OF:
        return False
    return step.elements <= BY_PURPOSE[step.purpose].elements and step.acts <= ACTS and step.audience <= AUDIENCE


def ports(settings: Settings) -> Mapping[str, int]:
    """The resolver's ports by what was agreed to, "one+other"; none where it tells nobody."""
    return client_set.ports(TOLD_OF, settings.event.dnstap_port) if settings.event.dnstap else {}
