"""What was collected, shown and deleted for an event, in numbers by kind and day; and whether anything of it can still be opened.

Nobody is named, and no device. The numbers come from what `keep` wrote down while it lasted, not from what was collected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sekisho.desk import consents, permits, records
from sekisho.desk.event import belongs, heard, objections
from sekisho.desk.event.named_panels import NAMED, NamedPanel
from sekisho.desk.event.panels import COUNT, PANELS, Panel
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit
from sekisho.law.canonical import plain
from sekisho.law.consent import Happened

Json = dict[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class EventReport:
    """For the operator's people: the report as it was entered when the event ended; before that, as it stands."""


def carry_out(world: World, _request: EventReport) -> Json:
    """{"event", "operator", "now", "ended": None or {"id", "at", "entry", "report"}, "report", "gone", "searched": None or {...}}.

    `gone`: what was tried just now, see `gone`. A later end of the same event takes up what an earlier one had left.
    """
    now = world.clock.now()
    mine = [r for r in belongs.ends(world) if records.body(r).get("event") == belongs.called(world)]
    newest = mine[-1] if mine else None
    report = merged([records.body(r) for r in mine]) if mine else plain(made(world, now, []))
    ended = {"id": newest["id"], "at": newest["at"], "entry": newest["entry"]} if newest else None
    last = belongs.ends(world, "searched")
    return {
        "event": belongs.called(world),
        "operator": world.settings.operator.name,
        "now": now,
        "ended": ended,
        "report": {k: report[k] for k in ("permits", "collected", "shown", "said", "deleted")},
        "gone": gone(world, [k for r in mine for k in records.body(r)["keys"]]),
        "searched": records.body(last[-1])["words"] | {"entry": last[-1]["entry"]} if last and ended else None,
    }


def merged(found: Sequence[Json]) -> Json:
    """The newest, with everything that any of them deleted."""
    rows = Counter[tuple[str, str]]()
    seen = set[str]()
    for one in found:
        fresh = [k for k in one["keys"] if k not in seen]
        seen |= {*fresh}
        rows.update((k.rpartition("/")[2], belongs.kind(k)) for k in fresh)
    return {**found[-1], "deleted": _rows(rows)}


def made(world: World, now: datetime, going: Sequence[str]) -> Json:
    """{"permits", "collected", "shown", "said", "deleted"}: each of the middle ones a list of {"day", "kind", "count"}."""
    rows = belongs.permits_of(world)
    given = [(permits.of(r), r) for r in rows]
    return {
        "permits": [_permit(p, r, now) for p, r in given],
        "collected": _rows(_collected(world, given, now)),
        "shown": _rows(_shown(world, given, now)),
        "said": _said(world),
        "deleted": _rows(Counter((k.rpartition("/")[2], belongs.kind(k)) for k in going)),
    }


def gone(world: World, keys: Sequence[str]) -> Json:
    """What is tried at this moment, with every key `keep` has: {"answers": sealed answers there are, "opened": how many still open,
    "keys": destroyed ones, "alive": how many of them still are, "left": keys of the event that were not destroyed, "files"}.

    `files`: the names that the destroyed keys' files had, so that a copy of the vault can be searched for them.
    """
    sealed = [r for r in belongs.answers(world) if "sealed" in records.body(r)]
    return {
        "answers": len(sealed),
        "opened": sum(1 for r in sealed if _opens(world, r)),
        "keys": len(keys),
        "alive": sum(1 for k in keys if world.vault.opens(k) is not None),
        "left": len(belongs.keys(world)),
        "files": sorted(world.vault.file_of(k) for k in keys),
        "names": sorted({*keys}),
    }


def _opens(world: World, row: Row) -> bool:
    try:
        consents.of(world, row)
    except No:
        return False
    return True


def _permit(permit: Permit, row: Row, now: datetime) -> Json:
    over = permits.over(dict(row), now)
    return {"permit": permit.id, "measure": permit.measure, "step": permit.step.name, "since": permit.since, "until": over or permit.until}


def _collected(world: World, given: Sequence[tuple[Permit, Row]], now: datetime) -> Counter[tuple[str, str]]:
    """Answers at the portal, by the day they were given; days on which counters were read; looks."""
    found = Counter[tuple[str, str]]()
    for row in belongs.answers(world):
        day = str(world.book.day(datetime.fromisoformat(row["at"])))
        found[day, "refused" if row["state"] == Happened.REFUSED.value else "agreed"] += 1
        found[day, "withdrawn"] += row["state"] == Happened.WITHDRAWN.value
    for permit, entered in given:
        if permit.step.name == COUNT:
            found.update((day, "counters") for day in {str(d) for d in _days(world, permit, entered, now)})
        for look in records.rows(world.db, records.LOOKS, permit=permit.id):
            found[str(world.book.day(datetime.fromisoformat(look["at"]))), "looks"] += 1
    return found


def _shown(world: World, given: Sequence[tuple[Permit, Row]], now: datetime) -> Counter[tuple[str, str]]:
    """By day: how many permits let this panel be shown, and how often numbers with noise were released."""
    every: list[Panel | NamedPanel] = [*PANELS.values(), *NAMED.values()]
    panels = {p.reviewed: p for p in every}
    found = Counter[tuple[str, str]]()
    for permit, row in given:
        named = permit.scope.get("panels")
        for panel in (panels[str(n)] for n in (named if isinstance(named, tuple) else ()) if str(n) in panels):
            if panel.step == permit.step.name:
                found.update((str(day), f"panel-{panel.name}") for day in _days(world, permit, row, now))
        for release in records.rows(world.db, records.BOARD_RELEASES, permit=permit.id):
            found[release["day"], f"release-{str(records.body(release).get('panel', '')).partition(':')[0]}"] += 1
    return found


def _days(world: World, permit: Permit, row: Row, now: datetime) -> Iterator[date]:
    """Days of the country on which it was in force, for whatever part of them."""
    over = permits.over(dict(row), now)
    last = min(now, datetime.fromisoformat(over)) if over else now
    day = world.book.day(permit.since)
    while world.book.begins(day) < last:
        yield day
        day += timedelta(days=1)


def _said(world: World) -> Json:
    """Objections and warnings: how many, and how many of them wait for somebody named."""
    count = {k: records.count(world.db, records.MATTERS, procedure=k) for k in (objections.PROCEDURE, heard.WARNING)}
    kept_off = records.count(world.db, records.MATTERS, procedure=objections.PROCEDURE, state=objections.KEPT_OFF)
    return {
        "objections": count[objections.PROCEDURE],
        "objections_open": len(heard.objected(world)),
        "kept_off": kept_off,
        "warnings": count[heard.WARNING],
        "warnings_open": len(heard.warned(world)),
    }


def _rows(found: Counter[tuple[str, str]]) -> list[Json]:
    return [{"day": day, "kind": kind, "count": count} for (day, kind), count in sorted(found.items()) if count]
