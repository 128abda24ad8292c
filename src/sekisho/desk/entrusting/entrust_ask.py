"""May this file go to this party? Asked of the gate with what the register says at this moment. Nothing is written, nothing is handed over.

With every no come the lower rungs of the ladder: what would do with less data, and needs less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from sekisho.desk import entrustments, plans
from sekisho.desk.world import No, World
from sekisho.gate.render import decision_json
from sekisho.law.entrustment import RUNGS, Rung, lower
from sekisho.law.words import Plan, Value
from sekisho.measures import entrustment as measure
from sekisho.measures.measure import step

ASKER = "asked-at-the-desk"


@dataclass(frozen=True)
class MayHandOver:
    """A hand-over: which row it is to rest on, to whom, which fields of how many people, for what, and why no less will do.

    `step`: hand-over (to our contractor), pass-on (by it), enter-into-tool. Where a word is left out, the row's own is taken, but for
    what is handed over: fields and persons are said by who asks. `plan`: a plan whose papers count, where there is one already.
    """

    entrustment: str
    fields: tuple[str, ...]
    persons: int
    step: str = ""
    to: str = ""
    purpose: str = ""
    actions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    rung: str = Rung.FIELDS.value
    why_not_lower: str = ""
    plan: str = ""


def carry_out(world: World, request: MayHandOver) -> dict[str, Any]:
    """{"decision", "scope", "lower": [rungs, least data first], "registered": what the row says, or null}. Raises No."""
    now = world.clock.now()
    if request.rung not in {r.value for r in RUNGS}:
        raise No("unknown-rung", rung=request.rung[:64], known=[r.value for r in RUNGS])
    one = _known(world, request.entrustment, now)
    name = request.step or ("pass-on" if one is not None and one.said.parent else "hand-over")
    if name not in {s.name for s in measure.Entrustment.steps}:
        raise No("unknown-step", step=name[:64])
    scope = _scope(request, one)
    day = world.book.day(now)
    said = Plan(
        measure.Entrustment.name,
        world.settings.operator.name,
        ASKER,
        world.settings.operator.regime,
        (step(measure.Entrustment(), name),),
        day,
        world.book.begins(one.said.until if one is not None and one.said.until > day else date(day.year + 1, 1, 1)),
        scope,
    )
    papers = plans.load(world, request.plan).evidence if request.plan else ()
    (decision,) = plans.decisions(world, plans.today(world, replace(said, evidence=papers), now), now)
    return {
        "decision": decision_json(decision, world.book),
        "scope": scope,
        "lower": [r.value for r in lower(Rung(request.rung))],
        "registered": entrustments.row(scope, one, entrustments.above(world, one, now)) if one is not None else None,
    }


def _known(world: World, identity: str, now: Any) -> entrustments.Standing | None:
    try:
        return entrustments.get(world, identity, now)
    except No:
        return None


def _scope(request: MayHandOver, one: entrustments.Standing | None) -> Mapping[str, Value]:
    """The words of the plan this would be."""
    row = one.said if one is not None else None
    return MappingProxyType({
        "entrustment": request.entrustment,
        "to": request.to or (row.party if row else ""),
        "for": (request.purpose or (row.purpose if row else ""),),
        "fields": tuple(sorted(request.fields)),
        "actions": tuple(sorted(request.actions or (a.value for a in (row.actions if row else ())))),
        "places": tuple(sorted(request.places or (row.places if row else ()))),
        "persons": request.persons,
        "rung": request.rung,
        "why_not_lower": request.why_not_lower,
        "days": 1,
    })  # fmt: skip
