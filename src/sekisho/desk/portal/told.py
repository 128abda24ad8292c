"""Between `keep` and whoever holds the gateway: which permits are in force, and under which keys today's answers are known.

No hardware address comes here: the gateway hashes those it sees, and compares.
"""

from __future__ import annotations

from datetime import datetime

from sekisho.desk import consents, permits
from sekisho.desk.gateway_words import Devices, GatewayAsRead, GatewayLeases, GatewayRead, Led
from sekisho.desk.portal import devices, stands
from sekisho.desk.portal.leading import leads
from sekisho.desk.portal.offers import OFFERS
from sekisho.desk.world import World
from sekisho.effects import portal_redirect
from sekisho.gate.permit import Permit, SignedPermit
from sekisho.law.canonical import canonical, digest
from sekisho.law.consent import Happened
from sekisho.ledger.entry import EntryType


def in_force(world: World, now: datetime) -> list[tuple[Permit, SignedPermit]]:
    """Living permits for what is done at the gateway, whose entries are in the ledger."""
    return [(p, s) for p, s in permits.living(world, now) if s.proof and (_to_page(p) or leads(p))]


def _to_page(permit: Permit) -> bool:
    return (permit.measure, permit.step.name) == (portal_redirect.MEASURE, portal_redirect.STEP)


def leased(world: World, request: GatewayLeases) -> Led:
    now = world.clock.now()
    living = in_force(world, now)
    signed = tuple(s for _, s in living)
    known = Devices()
    if living:
        keys = {o.purpose: consents.purpose_key(world, o.purpose).hex() for o in OFFERS}
        agrees = stands.everybody(world, now, Happened.GIVEN.value)
        known = Devices(devices.day_key(world, now).hex(), keys, stands.everybody(world, now), agrees)
    seen = digest((signed, known))
    leases = tuple(permits.lease(world, p, now) for p, _ in living)
    return Led(seen, leases, *((None, None) if seen == request.seen else (signed, known)))


def told(world: World, request: GatewayRead) -> None:
    """Keep what was read, and write down what began or ended: once each, with the permit it is about."""
    now, before = world.clock.now(), world.gateway
    since = dict(before.since) if before else {}
    stand = {r.permit for r in request.reads if r.there}
    for identity in sorted(stand - set(since)):
        since[identity] = now
        _write(world, identity, "begun")
    for identity in sorted(set(since) - stand):
        del since[identity]
        _write(world, identity, "ended")
    world.gateway = GatewayAsRead(now, request, since)


def _write(world: World, permit: str, what: str) -> None:
    body = canonical({"permit": permit, "what": what})
    world.write(EntryType.EFFECT, body, ids={"permit": permit}, at=world.clock.now())
