"""The public board: each panel with the permit it stands on, who answers for it, and its numbers. No live permit, no panel.

Nothing here names a reviewer, a volunteer, a device or a site. Whatever is not sure is not shown, and the panel says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from sekisho.desk import books, permits, records
from sekisho.desk.event import named_board, named_panels, objections, releases
from sekisho.desk.event.named_panels import NamedPanel
from sekisho.desk.event.numbers import numbers, too_few
from sekisho.desk.event.panels import MEASURE, PANELS, Panel, allowed, smallest
from sekisho.desk.world import No, World
from sekisho.gate.permit import Permit

Json = dict[str, Any]


@dataclass(frozen=True)
class Board:
    """Asked by anybody, through a page that asks once a second for all of them."""


def carry_out(world: World, _request: Board) -> Json:
    """{"event", "at", "demo", "object", "panels": [panel]}.

    A panel: {"name", "title", "level", "state", "window_seconds", "rounded_to", "permit", "grounds", "since", "until", "numbers"}.
    One of names or kinds has no `rounded_to`, and its numbers are those of `named_board.numbers`.
    `state`: live, no-permit, stopped (a permit was taken back), changed (not what was reviewed), objected, too-few, no-data. Only a
    live one has numbers.
    """
    now = world.clock.now()
    every = [p for p, _ in permits.living(world, now)]
    living = [p for p in every if p.measure == MEASURE]
    if world.counted.permit not in {p.id for p in living}:
        world.counted.forget()
    objected = objections.standing(world)
    operator, event = world.settings.operator, world.settings.event
    return {
        "event": event.name or operator.name,
        "at": now,
        "demo": world.settings.demo,
        "object": {
            "body": operator.name,
            "window": operator.window,
            "phone": operator.window_phone,
            "hours": operator.window_hours,
            "url": operator.help_url,
        },
        "panels": [
            *(_panel(world, p, living, objected, now) for p in PANELS.values()),
            *(_named(world, p, every, objected, now) for p in named_board.wanted(world)),
        ],
    }


def _panel(world: World, panel: Panel, living: list[Permit], objected: Mapping[str, objections.Objected], now: datetime) -> Json:
    shown: Json = {
        "name": panel.name,
        "title": panel.title,
        "level": panel.level,
        "window_seconds": panel.window_seconds,
        "rounded_to": panel.rounded_to,
        "permit": "",
        "grounds": [],
        "since": None,
        "until": None,
        "numbers": None,
    }
    permit = next((p for p in reversed(living) if allowed(panel, p)), None)
    if permit is None:
        return shown | {"state": _missing(world, MEASURE, panel.step, living)}
    shown |= {"permit": permit.id, "grounds": _grounds(world, permit), "since": permit.since, "until": permit.until}
    if frozen := _frozen(objected.get(panel.name), permit, now):
        return shown | frozen
    least, reading = smallest(permit), world.counted.newest(now)
    if reading is None:
        return shown | {"state": "no-data"}
    if too_few(reading, least):
        return shown | {"state": "too-few"}
    told = numbers(panel, world.counted, now, least)
    return shown | {"state": "live" if told is not None else "no-data", "numbers": told, "least": least}


def _named(world: World, panel: NamedPanel, every: list[Permit], objected: Mapping[str, objections.Objected], now: datetime) -> Json:
    shown: Json = {"name": panel.name, "title": panel.title, "level": panel.level, "permit": "", "grounds": []}
    shown |= {"since": None, "until": None, "numbers": None}
    living = [p for p in every if p.measure == named_panels.MEASURE]
    permit = releases.showing(panel, living)
    if permit is None:
        return shown | {"state": _missing(world, named_panels.MEASURE, panel.step, living)}
    shown |= {"permit": permit.id, "grounds": _grounds(world, permit), "since": permit.since, "until": permit.until}
    if frozen := _frozen(objected.get(panel.name), permit, now):
        return shown | frozen
    return shown | {"state": "live", "numbers": named_board.numbers(world, panel, permit, now)}


def _frozen(word: objections.Objected | None, permit: Permit, now: datetime) -> Json:
    """What stands in the place of a panel that somebody objected to; nothing where nobody did."""
    if word is None or not word.freezes(permit.since):
        return {}
    stands = {"at": word.at, "due": word.due, "minutes": word.minutes(now), "late": word.late(now), "decided": word.kept_off}
    return {"state": "objected", "objected": stands}


def _missing(world: World, measure: str, step: str, living: list[Permit]) -> str:
    if any(p.step.name == step for p in living):
        return "changed"
    table = records.PERMITS
    last = select(table.c.ended).where(table.c.measure == measure, table.c.step == step).order_by(table.c.at.desc()).limit(1)
    return "stopped" if world.db.execute(last).scalar_one_or_none() == "withdrawn" else "no-permit"


def _grounds(world: World, permit: Permit) -> list[Mapping[str, object]]:
    try:
        by_id = {c.id: c for c in books.of_digest(world, permit.book).cases}
    except No:
        return []
    found = [by_id[c] for c in permit.cases if c in by_id]
    return [{"case": c.id, "title": c.title, "ground": c.ground, "authority": c.authority} for c in found]
