"""The accountant of numbers with noise: what a day has told of any one device, and whether the next release still fits.

A release is entered, with its loss, before any noise is drawn: what fails afterwards was spent too, and after a restart, a power cut or a
restored copy the ledger still says so. Nothing here ever sees what a device looked up.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from sekisho.desk import consents, permits, records
from sekisho.desk.event import named_panels, naming
from sekisho.desk.event.named_panels import MEASURE, NAMED, Bounds, NamedPanel
from sekisho.desk.event.tap_words import SpendRelease, SpentRelease, TapLeases, Tapped, TellRelease
from sekisho.desk.gateway_words import Devices
from sekisho.desk.portal import devices, stands
from sekisho.desk.told_names import OpenRelease, ToldRelease
from sekisho.desk.world import No, World, fresh_id
from sekisho.gate.permit import Permit
from sekisho.law.canonical import canonical, digest
from sekisho.law.consent import Happened
from sekisho.ledger.entry import EntryType
from sekisho.store.release import LARGEST, Loss, OverBudget, after

MOST_TOLD = 1000
EARLY = timedelta(seconds=30)
"""A window may end so much before its time: two clocks are never alike."""


def leased(world: World, request: TapLeases) -> Tapped:
    """Permits to count whose numbers may be shown now; who agreed, as the gateway knows them. What nobody may see is not counted."""
    now = world.clock.now()
    every = [(p, s) for p, s in permits.living(world, now) if p.measure == MEASURE and s.proof]
    living = [(p, s) for p, s in every if (panel := named_panels.counted_by(p)) and showing(panel, [q for q, _ in every])]
    known = Devices()
    if living:
        purposes = sorted({p.step.purpose for p, _ in living})
        keys = {purpose: consents.purpose_key(world, purpose).hex() for purpose in purposes}
        agrees = {p: w for p, w in stands.everybody(world, now, Happened.GIVEN.value).items() if p in purposes}
        known = Devices(devices.day_key(world, now).hex(), keys, {}, agrees)
    signed = tuple(s for _, s in living)
    seen = digest((signed, known))
    leases = tuple(permits.lease(world, p, now) for p, _ in living)
    return Tapped(seen, leases, *((None, None) if seen == request.seen else (signed, known)))


def spend(world: World, request: SpendRelease) -> SpentRelease:
    """Raises No: another-measure, panel-not-permitted, too-soon, budget-spent, and what a permit that does not hold raises."""
    now = world.clock.now()
    permit = permits.must_live(world, request.permit, now)
    panel = named_panels.counted_by(permit)
    if panel is None:
        raise No("another-measure", measure=permit.measure)
    shows = showing(panel, [p for p, _ in permits.living(world, now)])
    bounds = named_panels.bounds(panel, shows) if shows else None
    if shows is None or bounds is None:
        raise No("panel-not-permitted", panel=panel.name)
    _waited(world, panel, bounds, request.since, now)
    try:
        after(spent(world, panel.purpose, now, bounds.budget), bounds.terms.loss, bounds.budget)
    except OverBudget as over:
        raise No("budget-spent", rho=over.left.rho, delta=over.left.delta) from over
    release = _enter(world, panel, permit, shows, bounds, now)
    world.names.open[release] = OpenRelease(panel.name, shows.id, bounds.terms.least)
    return SpentRelease(release)


def told(world: World, request: TellRelease) -> None:
    """Take the numbers of a release once. Raises No: no-such-release, not-a-number-of-its-panel."""
    waits = world.names.open.pop(request.release, None)
    if waits is None:
        raise No("no-such-release")
    rule = NAMED[waits.panel].cut
    good = all(naming.may_stand(n, rule) and max(waits.least, request.threshold) <= v <= LARGEST for n, v in request.numbers.items())
    if not good or len(request.numbers) > MOST_TOLD:
        raise No("not-a-number-of-its-panel", panel=waits.panel)
    one = ToldRelease(request.release, waits.permit, request.since, world.clock.now(), request.threshold, dict(request.numbers))
    world.names.take(waits.panel, one)


def showing(panel: NamedPanel, living: list[Permit]) -> Permit | None:
    """The newest permit that shows this very panel."""
    return next((p for p in reversed(living) if named_panels.allowed(panel, p)), None)


def spent(world: World, purpose: str, now: datetime, budget: Loss) -> list[Loss]:
    """What each release of today cost, whatever became of it. One of which only the ledger is left cost the whole budget."""
    table = records.BOARD_RELEASES
    day = str(world.book.day(now))
    rows = world.db.execute(select(table).where(table.c.day == day, table.c.purpose.in_((purpose, "")))).mappings()
    said = [records.body(dict(row)).get("loss") for row in rows]
    return [Loss(int(loss["rho"]), int(loss["delta"])) if loss else budget for loss in said]


def _waited(world: World, panel: NamedPanel, bounds: Bounds, since: datetime, now: datetime) -> None:
    """Raises No("too-soon") for less than a window, counted or since the last release; and for one that began on another day."""
    table = records.BOARD_RELEASES
    query = select(table.c.at).where(table.c.purpose == panel.purpose).order_by(table.c.at.desc()).limit(1)
    last = world.db.execute(query).scalar_one_or_none()
    begun = [since, *([datetime.fromisoformat(last)] if last else [])]
    if any(now - at < bounds.window - EARLY for at in begun) or world.book.day(since) != world.book.day(now):
        raise No("too-soon", panel=panel.name)


def _enter(world: World, panel: NamedPanel, permit: Permit, shows: Permit, bounds: Bounds, now: datetime) -> str:
    """The entry first: the loss is spent from here on."""
    release, day = fresh_id("release"), str(world.book.day(now))
    said = {"release": release, "counted": permit.id, "shown": shows.id, "panel": panel.reviewed, "day": day, "loss": bounds.terms.loss}
    body, key = canonical(said), {"id": release}
    records.add(world.db, records.BOARD_RELEASES, body, now, **key, permit=permit.id, purpose=panel.purpose, day=day)
    ids = {"release": release, "permit": permit.id}
    world.write(EntryType.NUMBERS_RELEASED, body, ids=ids, at=now, table=records.BOARD_RELEASES, key=key)
    return release
