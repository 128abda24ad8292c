"""The letters a move would draft, before anybody signs it. Nothing is written, nothing is sent, no code is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sekisho.desk import incident_room, matters
from sekisho.desk.cases import case_letters
from sekisho.desk.world import No, World
from sekisho.effects.texts import LANGUAGES, TextError, render
from sekisho.law.procedures import Event
from sekisho.law.walking import Told, lacks, stand
from sekisho.law.words import Value

UNMADE = "XXXX-XXXX-XXXX-XXXX-XXXX"
"""Where the code will stand."""
PARTY = "＿＿＿＿"
"""Where each firm's name will stand."""
Json = dict[str, Any]


@dataclass(frozen=True)
class PreviewMove:
    """A move of a case and what it would be told."""

    matter: str
    move: str
    facts: Mapping[str, Value]


def carry_out(world: World, request: PreviewMove) -> list[Json]:
    """[{"text", "to", "language", "subject", "body"}]. Raises No: unknown-move, move-lacks, text-not-adopted, and more."""
    matter, today = matters.load(world, request.matter), world.book.day(world.clock.now())
    move = next((m for m in matter.procedure.out_of(matter.standing.state) if m.id == request.move), None)
    if move is None:
        raise No("unknown-move", move=request.move, known=sorted(m.id for m in matter.procedure.out_of(matter.standing.state)))
    attached = {p["paper"] for p in matters.papers(world, matter.id)}
    if found := lacks(matter.procedure, matter.standing, move, Told(request.facts, attached, today)):
        raise No("move-lacks", move=move.id, lacks=matters.lacking(found))
    if found := incident_room.refused(world, matter, move.id, request.facts, world.clock.now()):
        raise No("move-lacks", move=move.id, lacks=matters.lacking(found))
    events = [*(m.event for m in matter.made), Event(move.id, today, request.facts)]
    then = replace(matter, standing=stand(matter.procedure, events, world.book.calendar))
    return [_letter(world, then, name) for name in move.letters]


def _letter(world: World, matter: matters.Matter, name: str) -> Json:
    language = str(matter.standing.facts.get("language", LANGUAGES[0]))
    text = case_letters.adopted(world, name).find(name, language)
    values = dict(case_letters.params(world, matter, matter.standing, text, world.book.day(world.clock.now())))
    url = f"{world.settings.console.url}{case_letters.page_of(text)}"
    unmade = {"answer_code": UNMADE, "answer_url": url, "party": PARTY}
    try:
        made = render(text, values | {place: unmade[place] for place in text.places & case_letters.OF_THE_CODE})
    except TextError as why:
        raise No("letter-not-written", text=name, why=str(why)) from why
    return {"text": name, "to": text.to, "language": language, "subject": made.subject, "body": made.body}
