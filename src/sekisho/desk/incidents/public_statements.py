"""What the operator said in public about its incidents: dated statements, additions and corrections, none ever taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sekisho.desk import incident_room
from sekisho.desk.incidents import room_show
from sekisho.desk.matters import Matter
from sekisho.desk.world import World
from sekisho.law import incident
from sekisho.law.canonical import plain
from sekisho.law.incident import Kind

Json = dict[str, Any]


@dataclass(frozen=True)
class Statements:
    """Everything that is out; of one incident, where its number is named."""

    number: str = ""


def carry_out(world: World, request: Statements) -> Json:
    """{"operator", "outside_body", "outside_contact", "incidents": newest first}, each with {"number", "known", "closed", "spokesperson",
    "statements": as they came out, "questions", "answered", "answers": those that were made public}. Nothing else of a case.
    """
    operator, settings = world.settings.operator, world.settings.incident
    found = [_public(world, m) for m in incident_room.every(world) if request.number in ("", m.number)]
    return {
        "operator": {"name": operator.name, "window": operator.window},
        "outside_body": settings.outside_body,
        "outside_contact": settings.outside_contact,
        "incidents": [plain(f) for f in found if f["statements"]],
    }


def _public(world: World, matter: Matter) -> Json:
    here = incident_room.here(matter)
    shown = {s["number"]: {k: s[k] for k in ("number", "kind", "of", "title", "words", "out")} for s in room_show.statements(world, here)}
    asked = here[Kind.QUESTION]
    public = [a for a in here[Kind.ANSWER] if a.said.get("answer_public") is True]
    return {
        "number": matter.number,
        "known": matter.standing.facts["knew_on"],
        "closed": matter.row["closed"],
        "spokesperson": next((s.text("spokesperson") for s in reversed(here[Kind.SPEAKER])), ""),
        "statements": [shown[s.number] for s, _ in incident.published(here)],
        "questions": len(asked),
        "answered": sum(bool(incident.answers(here, q.number)) for q in asked),
        "answers": [
            {
                "to": [
                    {"number": n, "text": q.text("question_text")}
                    for n in incident.numbers(a.text("answer_to"))
                    if (q := incident.numbered(here, Kind.QUESTION, n)) is not None
                ],
                "text": a.text("answer_text"),
                "at": a.at,
            }
            for a in public
        ],
    }
