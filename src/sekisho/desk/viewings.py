"""Closed viewings as `keep` knows them: the words, the film's key under a key of its own, and what a probe says of them to the gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.desk import permits, records
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.reading import read
from sekisho.law.viewing import Viewing, work
from sekisho.law.words import Evidence, Plan, Value, VouchedBy, Voucher
from sekisho.measures.closed_viewing import ClosedViewing as Measure
from sekisho.store.schema import CONTACT
from sekisho.store.spec import key_id, period_of

PROBE, KIND = "viewing-table", "viewing"


@dataclass(frozen=True)
class Standing:
    """A viewing as it was submitted, the plan that carries it, and its film's key, sealed."""

    id: str
    said: Viewing
    plan: str
    box: bytes
    at: datetime

    @property
    def key(self) -> str:
        """The name of the key that the film's key is sealed to."""
        return key_id(self.id, CONTACT, period_of(self.at))


def get(world: World, name: str) -> Standing:
    """Raises No("unknown-viewing")."""
    row = records.one(world.db, records.VIEWINGS, id=name)
    if row is None or "viewing" not in records.body(row):
        raise No("unknown-viewing", viewing=name[:100])
    return Standing(row["id"], read(Viewing, records.body(row)["viewing"]), row["plan"], bytes(row["box"]), read(datetime, row["at"]))


def every(world: World) -> Sequence[Standing]:
    """Newest first."""
    known = [r for r in records.rows(world.db, records.VIEWINGS) if "viewing" in records.body(r)]
    return [get(world, r["id"]) for r in reversed(known)]


def permitted(world: World, name: str, now: datetime) -> tuple[Standing, Permit]:
    """The viewing, and the permit it may be shown under at this moment. Raises No: unknown-viewing, viewing-over, no-permit."""
    one = get(world, name)
    if now >= one.said.until:
        raise No("viewing-over", until=one.said.until.isoformat())
    for permit, _ in permits.living(world, now):
        if permit.measure == Measure.name and permit.scope.get("viewing") == one.id and now >= one.said.since:
            return one, permits.genuine(world, permit.id, now)
    raise No("no-permit", viewing=one.id)


def last_day(world: World, said: Viewing) -> str:
    """The last day on which it is shown, in the country of the book."""
    return world.book.day(said.until - timedelta(microseconds=1)).isoformat()


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """What lies here of the viewing a plan is about, read again each time: nothing where it names none of ours."""
    named = plan.scope.get("viewing")
    if plan.measure != Measure.name or not isinstance(named, str):
        return
    try:
        one = get(world, named)
    except No:
        return
    said = one.said
    value: Mapping[str, Value] = {
        "viewing": one.id,
        "work": work(said),
        "last_day": last_day(world, said),
        "devices": said.devices,
        "encrypted": bool(one.box),
        "by_code": True,
    }
    for purpose in sorted({s.purpose for s in plan.steps}):
        yield Evidence(KIND, value, purpose, Voucher(VouchedBy.PROBE, PROBE), now)
