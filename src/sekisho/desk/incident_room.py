"""The room of an incident as `keep` knows it: the moves of its case, and what of the register, the people and the settings it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sekisho.desk import campaigns, entrustments, matters, permits, records
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law import incident
from sekisho.law import incident_rules as rules
from sekisho.law.entrustment import Action, Status
from sekisho.law.incident import CLOSE, Kind, Reached, Room, Said, room
from sekisho.law.incident_rules import Around
from sekisho.law.procedures import Lack
from sekisho.law.words import Kind as Step
from sekisho.law.words import Value

PROCEDURE = "incident"
RECORD = ("happened_when", "outline", "data_items", "cause_known", "harm", "measures_state")
"""What the persons are told of what is written down."""
PEOPLE = "people"
"""The paper that lists the persons concerned."""
HOLDING = frozenset({Status.IN_FORCE, Status.SUSPENDED, Status.OVER, Status.ENDED})
"""Whoever may still have something of ours: all but those who never got it, or gave it back with proof."""


def here(matter: Matter) -> Room:
    """What is recorded in the room of this case."""
    return room(Said(m.event.move, m.event.facts, m.at, m.by) for m in matter.made)


def around(world: World, matter: Matter, now: datetime) -> Around:
    """What a rule may ask beside the case."""
    rows = entrustments.every(world, now)
    return Around(
        people=[p.name for p in world.everybody().values()],
        firms={r.id: r.said.party for r in rows if r.status in HOLDING},
        printers=[r.id for r in rows if {Action.SEND_POST, Action.PRINT} & r.said.actions and _in_force(world, r, now)],
        leaking=_line(world, rows, matter.standing.facts.get("leaked_by", ""), now),
        outside_body=world.settings.incident.outside_body,
        ladder=bool(world.settings.incident.ladder),
        record="\n".join(str(matter.standing.facts[name]) for name in RECORD if name in matter.standing.facts),
    )


def ladder(world: World, matter: Matter) -> Sequence[Reached]:
    """How each rung of the settings' ladder stands in this incident, lowest first."""
    roles = {name: p.roles for name, p in world.everybody().items()}
    return incident.ladder(here(matter), world.settings.incident.ladder, matter.made[0].at, roles)


def refused(world: World, matter: Matter, move: str, told: Mapping[str, Value], now: datetime) -> tuple[Lack, ...]:
    """What keeps a move of an incident from being made, beside what the table says; nothing for other cases."""
    if not matter.procedure.room:
        return ()
    found = (*waiting(world, matter, move, now), *rules.refused(here(matter), move, told, around(world, matter, now)))
    return (*found, *_carried(world, matter, move, told, now))


def waiting(world: World, matter: Matter, move: str, now: datetime) -> tuple[Lack, ...]:
    """What a move lacks whatever it will be told."""
    if not matter.procedure.room or move != CLOSE:
        return ()
    return rules.open_ends(here(matter), matter.standing, around(world, matter, now))


def _carried(world: World, matter: Matter, move: str, told: Mapping[str, Value], now: datetime) -> Iterator[Lack]:
    """What carries words to many people was approved: mail by its campaign's permit, letters by the permit to hand over this very list."""
    if move == "mail-people":
        named = str(told.get("mail_campaign", ""))
        plan = next((c.plan for c in campaigns.every(world) if c.id == named), "")
        if not plan or not records.rows(world.db, records.PERMITS, plan=plan):
            yield Lack("campaign-not-approved", named)
    if move == "post-people":
        named = str(told.get("people_list", ""))
        digest = next((p["digest"] for p in matters.papers(world, matter.id) if (p["id"], p["paper"]) == (named, PEOPLE)), "")
        if not digest:
            yield Lack("no-people-list", named)
        elif not _may_post(world, str(told.get("post_permit", "")), {"entrustment": told.get("printer", ""), "file": digest}, now):
            yield Lack("no-permit-to-post", str(told.get("post_permit", "")))


def _may_post(world: World, named: str, scope: Mapping[str, Value], now: datetime) -> bool:
    """Whether this permit lives, is the gate's own, and is for handing this list to this firm."""
    try:
        permit = permits.genuine(world, named, now)
    except No:
        return False
    return permit.step.kind is Step.HAND_OVER and all(permit.scope.get(word) == value for word, value in scope.items())


def every(world: World, **of: None) -> Iterator[Matter]:
    """Every incident whose file is still there, newest first; of those that are open, with `closed=None`."""
    for row in reversed(records.rows(world.db, records.MATTERS, procedure=PROCEDURE, **of)):
        try:
            yield matters.load(world, row["id"])
        except No:
            continue


def touching(world: World, row: str) -> list[dict[str, object]]:
    """The incidents that touched the people handed over in a row of the register: {"number", "known", "closed", "statements"}.

    What happened is told by the public statements; a case whose people it did not touch is not among them.
    """
    found = []
    for matter in every(world):
        said = here(matter)
        if any(t.text("touched_row") == row for t in said[Kind.TOUCHED]):
            known, closed = matter.standing.facts["knew_on"], matter.row["closed"]
            found.append({"number": matter.number, "known": known, "closed": closed, "statements": len(said[Kind.PUBLISHED])})
    return found


def _in_force(world: World, row: entrustments.Standing, now: datetime) -> bool:
    return all(r.status is Status.IN_FORCE for r in (row, *entrustments.above(world, row, now)))


def _line(world: World, rows: Sequence[entrustments.Standing], leaked: Value, now: datetime) -> list[str]:
    """Names of the parties of a row, of all above and of all below it."""
    one = next((r for r in rows if r.id == leaked), None)
    if one is None:
        return []
    below = [r for r in rows if one.id in {a.id for a in entrustments.above(world, r, now)}]
    return sorted({r.said.party for r in (one, *entrustments.above(world, one, now), *below)})
