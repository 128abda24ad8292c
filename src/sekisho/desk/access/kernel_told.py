"""Between `keep` and whoever holds kernel and resolver to the permits: which of them are in force, and what was read there.

Every permit whose step is a rule in one of them is named here, with `keep`'s word that it still holds; what is not named is taken out.
"""

from __future__ import annotations

from datetime import datetime

from sekisho.desk import permits
from sekisho.desk.access import opened_lines, switches
from sekisho.desk.kernel_rules import stands_at_resolver, stands_in_kernel
from sekisho.desk.kernel_words import KernelAsRead, KernelLeases, KernelRead, Leased, Rented, ResolverRead
from sekisho.desk.world import World
from sekisho.gate.permit import Permit, SignedPermit
from sekisho.law.canonical import canonical, digest
from sekisho.ledger.entry import EntryType


def leased(world: World, request: KernelLeases) -> Leased:
    now = world.clock.now()
    opened_lines.forget_over(world, now)
    living = [*in_force(world, now), *at_resolver(world, now)]
    rented = tuple(Rented(s, opened_lines.of_permit(world, p, now), switches.of_permit(world, p)) for p, s in living)
    known = digest(rented)
    leases = tuple(permits.lease(world, p, now) for p, _ in living)
    return Leased(known, leases, None if known == request.seen else rented)


def in_force(world: World, now: datetime) -> list[tuple[Permit, SignedPermit]]:
    """Living permits for rules in the kernel whose entries are in the ledger."""
    return [(p, s) for p, s in permits.living(world, now) if stands_in_kernel(p) and s.proof]


def at_resolver(world: World, now: datetime) -> list[tuple[Permit, SignedPermit]]:
    """The same of those that stand in front of the resolver."""
    return [(p, s) for p, s in permits.living(world, now) if stands_at_resolver(p) and s.proof]


def told(world: World, request: KernelRead) -> None:
    world.kernel = _kept(world, request, world.kernel)


def resolver_told(world: World, request: ResolverRead) -> None:
    world.resolver = _kept(world, request, world.resolver)


def _kept(world: World, request: KernelRead, before: KernelAsRead | None) -> KernelAsRead:
    """Keep what was read, and write down what began, ended or was mended: once each, with the permit it is about."""
    now = world.clock.now()
    since = dict(before.since) if before else {}
    stand = {r.permit: r for r in request.reads if r.there}
    for identity in sorted(set(stand) - set(since)):
        since[identity] = now
        _write(world, identity, "begun", 0, now)
    for identity in sorted(set(since) - set(stand)):
        del since[identity]
        _write(world, identity, "ended", 0, now)
    if request.mended:
        for identity in sorted(stand):
            _write(world, identity, "mended", stand[identity].packets, now)
    mends = (before.mends if before else 0) + bool(request.mended)
    last = (request.mended, now) if request.mended else (before.mended, before.mended_at) if before else ((), None)
    return KernelAsRead(now, request, since, mends, *last)


def _write(world: World, permit: str, what: str, packets: int, now: datetime) -> None:
    body = canonical({"permit": permit, "what": what, "packets": packets})
    world.write(EntryType.EFFECT, body, ids={"permit": permit}, at=now)
