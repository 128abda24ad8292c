"""What the portal shows one device: the questions in their very words, what it answered, and what was done since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import consent_receipts, consents
from sekisho.desk.portal import devices, stands
from sekisho.desk.portal.offers import BY_PURPOSE, OFFERS
from sekisho.desk.world import No, World
from sekisho.law.consent import Happened

Json = dict[str, Any]


@dataclass(frozen=True)
class PortalPage:
    """Asked by the portal's process. `hardware`: of the device that looks, as the neighbour table has it; empty where it has none."""

    hardware: str = ""


@dataclass(frozen=True)
class PortalReceipt:
    """A device's own receipt for its answer to one question."""

    hardware: str
    purpose: str


@dataclass(frozen=True)
class PortalStands:
    """For the network's staff: whether the portal leads anybody, and how many answered. Nobody is told apart."""


def carry_out(world: World, request: PortalPage) -> Json:
    """{"event", "operator", "ssid", "day", "until", "leading", "offers", "device", "deeds"}."""
    now, settings = world.clock.now(), world.settings
    operator = settings.operator
    device = stands.how(world, request.hardware, now)
    said = [a["purpose"] for a in device["answers"]]
    return {
        "event": settings.event.name or operator.name,
        "operator": {"name": operator.name, "window": operator.window, "phone": operator.window_phone, "url": operator.help_url},
        "ssid": settings.portal.ssid,
        "day": world.book.day(now),
        "until": devices.day_ends(world, now),
        "leading": bool(stands.leading(world, now)),
        "demo": settings.demo,
        "offers": [stands.offered(world, o) for o in OFFERS],
        "device": device,
        "deeds": stands.deeds(world, said),
    }


def receipt(world: World, request: PortalReceipt) -> Json:
    """The receipt, its proofs and its code. Raises No: no-device, unknown-purpose, unknown-consent."""
    now = world.clock.now()
    if request.purpose not in BY_PURPOSE:
        raise No("unknown-purpose", purpose=request.purpose[:64])
    rows = stands.given(world, request.purpose, devices.of(world, request.hardware, request.purpose, now), now)
    if not rows:
        raise No("unknown-consent", consent="")
    row = rows[-1]
    found = consent_receipts.receipt(world, row)
    return {"receipt": found["receipt"], "proofs": found["proofs"], "code": stands.code(world, row["id"])}


def counted(world: World, _request: PortalStands) -> Mapping[str, Any]:
    """{"leading": permit ids, "answered", "agreed": by purpose}: numbers of devices today."""
    now = world.clock.now()
    answered = stands.everybody(world, now)
    agreed = stands.everybody(world, now, Happened.GIVEN.value)
    numbers = {p: sum(1 for who in givers if consents.rows_of(world, p, now, who)) for p, givers in agreed.items()}
    return {
        "leading": [p.id for p in stands.leading(world, now)],
        "answered": max((len(a) for a in answered.values()), default=0),
        "agreed": numbers,
    }
