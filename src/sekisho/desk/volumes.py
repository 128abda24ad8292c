"""What the counted distribution says of a plan to slow lines down: their share, the hours the band is full, what the others leave.

Of all that lines move, or of one application: then the figures must be of that very application.

Read from the newest figures and the plan's own words: no figures, no evidence; figures whose permit was withdrawn are none.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import permits, records
from sekisho.desk.world import World
from sekisho.effects import shaping
from sekisho.effects.application import WORD, header_only, read_application
from sekisho.effects.prefix_sets import BadScope
from sekisho.effects.shaping import Shape, read_shape
from sekisho.law.words import Evidence, Plan, Value, VouchedBy, Voucher
from sekisho.measures.ladder import LADDER, LEAST, WHOLE_DAY

MEASURES = (shaping.MEASURE, shaping.OF_CLASS)
DAY_HOURS = 24
"""The distribution is of a day, so a test over any other window has no data."""
KBIT = 3600 * 1000 / 8
"""Octets of one kbit/s in an hour."""


@dataclass(frozen=True)
class Hour:
    """An hour of a day counted (JST): octets of all lines, and of those over the plan's test."""

    day: str
    hour: int
    octets: int
    heavy: int


@dataclass(frozen=True)
class Band:
    """The plan's words about the band: what it carries, from which share of that it is full, how much is too much for heavy users."""

    capacity_kbit: int
    full_permille: int
    heavy_permille: int

    @property
    def full_kbit(self) -> int:
        return self.capacity_kbit * self.full_permille // 1000

    def congested(self, hour: Hour) -> bool:
        return hour.octets / KBIT >= self.full_kbit


def measured(world: World, plan: Plan, now: datetime) -> Iterator[Evidence]:
    """For a plan that slows lines down: how its rules look at traffic, the share measured, and hours and degree beside the data."""
    if plan.measure not in MEASURES or shaping.STEP not in {s.name for s in plan.steps}:
        return
    try:
        shape = read_shape("", now, plan.scope, measure=plan.measure)
    except BadScope:
        shape = None
    if shape is None or _own(shape, world.settings.network.prefixes):
        rules = _rules(plan, shape)
        yield from [Evidence("scope", rules, plan.measure, Voucher(VouchedBy.PROBE, "rule-compiler"), now)] if rules else ()
    row = counted(world, plan.measure)
    if row is None or shape is None:
        return
    at, rows = datetime.fromisoformat(row["at"]), records.body(row)["rows"]
    found = share(rows, plan.scope)
    if found is not None and shape.application:
        found = _of_application(found, shape, counted_as(world, row), plan.scope)
    told = (("traffic-share", "load-meter", found), ("shaper-profile", "shaper-config", profile(rows, plan.scope)))
    for kind, probe, value in told:
        if value is not None:
            yield Evidence(kind, value, plan.measure, Voucher(VouchedBy.PROBE, probe), at)


def _rules(plan: Plan, shape: Shape | None) -> Mapping[str, Value]:
    """What the rules look at; nothing where there would be none. An application that a header does not tell would be read for."""
    if shape is None:
        reads = plan.measure == shaping.OF_CLASS and WORD in plan.scope and not header_only(plan.scope)
        return {"elements": ("content", "count", "header", "party"), "rows": "all", "payload": True} if reads else {}
    elements = ("count", "header", "party") if shape.application else ("count", "party")
    return {"elements": elements, "rows": "lines-over-the-test", "payload": False}


def _of_application(found: Mapping[str, Value], shape: Shape, was: Mapping[str, Value], scope: Mapping[str, Value]) -> Mapping[str, Value]:
    """The share of an application: of none other, and in excess only where few lines have it."""
    few, users = scope.get("few_permille"), found["users_permille"]
    excess = found["hampers_others"] and isinstance(few, int) and isinstance(users, int) and users <= few
    try:
        same = read_application(was) == shape.application
    except BadScope:
        same = False
    return {**found, "of": found["of"] if same else "another-application", "hampers_others": bool(excess)}


def counted(world: World, measure: str) -> Mapping[str, Any] | None:
    """The newest figures of that measure, unless their permit was withdrawn."""
    row = records.one(world.db, records.FIGURES, measure=measure)
    source = records.one(world.db, records.PERMITS, id=records.body(row)["permit"]) if row else None
    return None if row is None or source is None or source["ended"] == "withdrawn" else row


def counted_as(world: World, row: Mapping[str, Any]) -> Mapping[str, Value]:
    """The words of the permit that these figures were counted under."""
    source = records.one(world.db, records.PERMITS, id=records.body(dict(row))["permit"])
    return permits.of(source).scope if source else {}


def _own(shape: Shape, prefixes: Iterable[str]) -> bool:
    own = [ipaddress.ip_network(p) for p in prefixes]
    return all(any(n.version == r.version and r.subnet_of(n) for n in own) for r in shape.ranges)  # type: ignore[arg-type] # versions are equal


def band(scope: Mapping[str, Value]) -> Band | None:
    """The plan's words about the band; None where one is missing or no number."""
    said = [scope.get(w) for w in ("capacity_kbit", "full_permille", "heavy_permille")]
    numbers = [n for n in said if isinstance(n, int) and not isinstance(n, bool) and n > 0]
    return Band(*numbers) if len(numbers) == len(said) else None


def tells(row: Mapping[str, Any], step: int) -> bool:
    """Whether the row says how many lines are over that step of the ladder; 0: all of them."""
    return bool(row["over_mb"] == 0 if step == 0 else row["above_mb"] < step <= row["over_mb"])


def hours(rows: Sequence[Mapping[str, Any]], heavy_mb: int) -> list[Hour]:
    """Each hour told at both the plan's step and for all lines. An hour that does not tell the step has no heavy lines to speak of."""
    all_, over = ({(r["day"], r["hour"]): r["octets"] for r in rows if tells(r, step)} for step in (0, heavy_mb))
    return [Hour(day, hour, octets, over.get((day, hour), 0)) for (day, hour), octets in sorted(all_.items()) if hour != WHOLE_DAY]


def lines(rows: Sequence[Mapping[str, Any]], heavy_mb: int) -> tuple[int, int]:
    """Lines and days added up, and how many of them were over the test. Days that do not tell the step count as days without any."""
    whole = [r for r in rows if r["hour"] == WHOLE_DAY]
    return tuple(sum(int(r["lines"]) for r in whole if tells(r, step)) for step in (0, heavy_mb))  # type: ignore[return-value] # there are two steps


def share(rows: Sequence[Mapping[str, Any]], scope: Mapping[str, Value]) -> Mapping[str, Value] | None:
    """The evidence "traffic-share": of the hours in which the band is full. None where nothing was told at the plan's step."""
    words, heavy_mb = band(scope), scope.get("heavy_mb")
    if words is None or scope.get("window_hours") != DAY_HOURS or not isinstance(heavy_mb, int) or heavy_mb not in LADDER or not rows:
        return None
    every, heavy = lines(rows, heavy_mb)
    if not heavy:
        return None
    full = [h for h in hours(rows, heavy_mb) if words.congested(h)]
    octets = sum(h.octets for h in full)
    permille = 1000 * sum(h.heavy for h in full) // octets if octets else 0
    days = sorted({str(r["day"]) for r in rows})
    return {
        "of": str(scope.get("target")),
        "users_permille": 1000 * heavy // every,
        "share_permille": permille,
        "hampers_others": bool(full) and permille >= words.heavy_permille,
        "measured_from": days[0],
        "measured_to": days[-1],
        "method": f"octets-by-line-and-hour-least-{LEAST}-lines",
    }


def profile(rows: Sequence[Mapping[str, Any]], scope: Mapping[str, Value]) -> Mapping[str, Value] | None:
    """The evidence "shaper-profile": whether its hours are hours the band is full, and its class as wide as the others leave it then."""
    words, kbit, heavy_mb = band(scope), scope.get("kbit"), scope.get("heavy_mb")
    if words is None or not isinstance(kbit, int) or not isinstance(heavy_mb, int) or heavy_mb not in LADDER:
        return None
    begin, end = shaping.read_hours(scope)
    span = set(range(begin, end)) if begin < end else {*range(begin, 24), *range(end)}
    full = [h for h in hours(rows, heavy_mb) if words.congested(h) and h.hour in span]
    left = max((words.full_kbit - (h.octets - h.heavy) / KBIT for h in full), default=None)
    over = max((int(r["lines"]) for r in rows if tells(r, heavy_mb) and r["hour"] in span), default=0)
    return {
        "hours": str(scope.get("hours")),
        "floor_kbit": kbit // over if over else kbit,
        "only_when_congested": span == {h.hour for h in full},
        "degree_from_data": left is not None and kbit >= left,
    }
