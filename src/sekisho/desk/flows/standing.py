"""What `collect` may keep right now: the standing permits, and public halves to seal with. It can never ask for more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete

from sekisho.desk import permits, records
from sekisho.desk.event.panels import lets_count
from sekisho.desk.world import No, World
from sekisho.gate.check import sign_lease
from sekisho.gate.permit import Lease, Permit, SignedPermit
from sekisho.law.canonical import canonical
from sekisho.store.errors import StoreError
from sekisho.store.spec import FOOTER, compile_stream, term_end

NEAR = timedelta(days=1)
"""What is received is sealed to the UTC day of receipt: today's, or its neighbour's around midnight."""


@dataclass(frozen=True)
class Standing:
    """Asked every second by `collect`, and by whoever imports lines."""


@dataclass(frozen=True)
class StandingPermit:
    """A permit that keeps streams or counts totals, and `keep`'s word that it still holds."""

    permit: SignedPermit
    lease: Lease


@dataclass(frozen=True)
class Half:
    """Asked to seal: the public half of "{permit}/{column class}/{period}"."""

    key_id: str


@dataclass(frozen=True)
class Report:
    """What a process counted since it began, for the overview and for evidence. Names of counters, never of people."""

    process: str
    counters: Mapping[str, int]


def carry_out(world: World, _request: Standing) -> list[StandingPermit]:
    now = world.clock.now()
    found = []
    for permit, signed in permits.living(world, now):
        if (isinstance(permit.scope.get("streams"), Mapping) or lets_count(permit)) and signed.proof:
            until = min(now + permits.LEASE, permit.until)
            found.append(StandingPermit(signed, sign_lease(permit.id, until, world.signer)))
    return found


def half(world: World, request: Half) -> bytes:
    """The public half, made on first ask with the term its permit names."""
    owner, _, rest = request.key_id.partition("/")
    column_class, _, period = rest.partition("/")
    now = world.clock.now()
    permit = permits.must_live(world, owner, now)
    term = _term(permit, column_class, period)
    if abs(date.fromisoformat(period) - now.astimezone(UTC).date()) > NEAR:
        raise No("not-todays-period", period=period)
    try:
        return world.vault.public_half(request.key_id, term)
    except StoreError as why:
        raise No("key-refused", key=request.key_id, why=why.code) from why


def _term(permit: Permit, column_class: str, period: str) -> datetime:
    streams = permit.scope.get("streams")
    if not isinstance(streams, Mapping):
        raise No("keeps-nothing", permit=permit.id)
    specs = [compile_stream(permit, name) for name in streams]
    classes = {c for s in specs for c in s.classes} | {FOOTER}
    if column_class not in classes:
        raise No("class-not-permitted", permit=permit.id, column_class=column_class)
    try:
        return term_end(period, max(s.term for s in specs))
    except ValueError as why:
        raise No("bad-period", period=period) from why


def report(world: World, request: Report) -> None:
    table = records.REPORTS
    world.db.execute(delete(table).where(table.c.process == request.process))
    records.add(world.db, table, canonical(request.counters), world.clock.now(), process=request.process)
