"""Somebody concerned sees which incidents touched them, by a code they already have: of a receipt, of a letter, or of a mail from us.

Nobody without a code is told that there is anything to know. What the record says is shown once people were told of it, or the code came
with such a letter; what others asked, who reported it and who of ours did what is shown to nobody here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.desk import campaigns, entrustments, incident_room, records
from sekisho.desk.cases import case_codes
from sekisho.desk.cases.case_codes import CLAIMANT, PERSON
from sekisho.desk.incidents import room_show
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World
from sekisho.law import incident
from sekisho.law.canonical import plain
from sekisho.law.incident import Item, Kind, Room
from sekisho.law.incident_rules import TELLS

Json = dict[str, Any]


@dataclass(frozen=True)
class WhatTouchedMe:
    """The number and the code as they were typed: of a receipt, of a letter about an incident, or its check code from a mail."""

    number: str
    code: str


def carry_out(world: World, request: WhatTouchedMe) -> Json:
    """{"number", "way": receipt, letter or mail, "incidents": newest first}. Raises No("unknown-code") for anything wrong, not saying what.

    Each: {"number", "known", "closed", "told", "record": facts as they were written down (empty before people were told),
    "data": [{"purpose", "fields"}] of whose people it was, "statements" that are out, "questions": those that came with this receipt}.
    """
    way, found = _admitted(world, request.number.strip(), request.code)
    receipt = request.number.strip() if way == "receipt" else ""
    shown: Json = plain({"number": request.number.strip(), "way": way, "incidents": [_incident(world, m, way, receipt) for m in found]})
    return shown


def _admitted(world: World, number: str, code: str) -> tuple[str, list[Matter]]:
    row = records.one(world.db, records.CODES, code=case_codes.digest(code))
    side = str(row["side"]) if row else ""
    if side == CLAIMANT:
        receipt = case_codes.admitted(world, number, code, CLAIMANT).number
        return "receipt", [m for m in incident_room.every(world) if receipt in _came_from(m)]
    if side.startswith(f"{PERSON}/"):
        return "letter", [case_codes.admitted(world, number, code, side)]
    mail = campaigns.digest_of(campaigns.check_code_typed(code))
    sent = records.one(world.db, records.CAMPAIGN_RECIPIENTS, checked_by=mail)
    found = [m for m in incident_room.every(world) if m.number == number and sent and sent["campaign"] in _mailed(m)]
    if not found:
        raise No("unknown-code")
    return "mail", found


def _came_from(matter: Matter) -> set[str]:
    """Numbers of the cases it came from, or that brought a question."""
    asked = {q.text("question_case") for q in incident_room.here(matter)[Kind.QUESTION]}
    return {str(matter.standing.facts.get("from_case", "")), *asked} - {""}


def _mailed(matter: Matter) -> set[str]:
    return {m.text("mail_campaign") for m in incident_room.here(matter)[Kind.MAILED]}


def _incident(world: World, matter: Matter, way: str, receipt: str) -> Json:
    here, facts = incident_room.here(matter), matter.standing.facts
    told = way != "receipt" or any(m.event.move in TELLS for m in matter.made)
    out = {s["number"]: s for s in room_show.statements(world, here)}
    now = world.clock.now()
    return {
        "number": matter.number,
        "known": facts["knew_on"],
        "closed": matter.row["closed"],
        "told": told,
        "record": {name: facts[name] for name in incident_room.RECORD if told and name in facts},
        "data": list(_data(world, here, now)) if told else [],
        "statements": [{k: out[s.number][k] for k in ("number", "kind", "title", "words", "out")} for s, _ in incident.published(here)],
        "questions": [_question(here, q) for q in here[Kind.QUESTION] if receipt and q.text("question_case") == receipt],
    }


def _data(world: World, here: Room, now: datetime) -> Iterator[Json]:
    """What was handled where it happened, and what for; which firm it was, the operator answers whoever asks."""
    for row in dict.fromkeys(t.text("touched_row") for t in here[Kind.TOUCHED]):
        said = entrustments.get(world, row, now).said
        yield {"purpose": said.purpose, "fields": sorted(said.fields)}


def _question(here: Room, question: Item) -> Json:
    promise = incident.promised(here, question.number)
    return {
        "number": question.number,
        "text": question.text("question_text"),
        "answers": [{"text": a.text("answer_text"), "at": a.at} for a in incident.answers(here, question.number)],
        "by": promise.text("later_by") if promise else None,
    }
