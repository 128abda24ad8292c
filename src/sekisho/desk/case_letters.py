"""A letter of a case: an adopted text with the case's typed facts in it, and nothing else. Drafting one sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sekisho.desk import matters, records
from sekisho.desk.matters import Matter
from sekisho.desk.world import No, World, fresh_id
from sekisho.effects.texts import LANGUAGES, Text, TextError, Texts, load, quoted, render
from sekisho.law.canonical import canonical
from sekisho.law.procedures import Fact, Move, Procedure, Standing
from sekisho.law.words import Value
from sekisho.ledger.entry import EntryType


def adopted(world: World, name: str) -> Texts:
    """The texts, when this one stands as somebody adopted it. Raises No: unknown-text, text-not-adopted."""
    try:
        texts = load(world.settings.texts)
        digest = texts.digest(name)
    except TextError as why:
        raise No("unknown-text", text=name) from why
    if records.one(world.db, records.ADOPTIONS, text=digest) is None:
        raise No("text-not-adopted", text=name, digest=digest)
    return texts


def draft(world: World, matter: Matter, move: Move, standing: Standing, now: datetime) -> str:
    """Draft the letter of a move that leads to `standing`, and enter it; its id. Raises No."""
    texts = adopted(world, move.letter)
    language = str(standing.facts.get("language", LANGUAGES[0]))
    text = texts.find(move.letter, language)
    values = params(world, matter, standing, text, world.book.day(now))
    try:
        rendered = render(text, values)
    except TextError as why:
        raise No("letter-not-written", text=move.letter, why=str(why)) from why
    identity, digest = fresh_id("letter"), texts.digest(move.letter)
    sealed = matters.seal(world, matter.id, {"subject": rendered.subject, "body": rendered.body})
    said = {"letter": identity, "matter": matter.id, "move": move.id, "text": move.letter, "digest": digest, "language": language}
    body = canonical({**said, "sealed": sealed})
    records.add(world.db, records.LETTERS, body, now, id=identity, matter=matter.id)
    ids = {"letter": identity, "matter": matter.id, "text": digest}
    world.write(EntryType.LETTER_DRAFTED, body, ids=ids, at=now, table=records.LETTERS, key={"id": identity})
    return identity


def params(world: World, matter: Matter, standing: Standing, text: Text, today: date) -> Mapping[str, str]:
    """What the text has places for, from the case alone. Raises No("letter-not-written") for what the case does not know."""
    known = {
        "operator": world.settings.operator.name,
        "window_name": world.settings.operator.window,
        "number": matter.number,
        "today": today.isoformat(),
        "law": matter.procedure.law[text.language],
    }
    found = {}
    for place in sorted(text.places):
        value = known.get(place) or of_the_case(matter.procedure, standing, place, text.language)
        if not value:
            raise No("letter-not-written", text=text.name, place=place)
        found[place] = value
    return found


def of_the_case(procedure: Procedure, standing: Standing, place: str, language: str) -> str:
    """A fact, the last day of a running clock or its length, as letters write it; empty for what is not known."""
    kind, _, name = place.partition("_")
    if kind == "fact" and name in standing.facts:
        return spelled(procedure.fact(name), standing.facts[name], language)
    clock = name.replace("_", "-")
    if kind == "due" and clock in standing.clocks:
        return standing.clocks[clock].due.isoformat()
    if kind == "days" and clock in {c.id for c in procedure.clocks}:
        return str(procedure.clock(clock).clock.length)
    return ""


def spelled(fact: Fact, value: Value, language: str) -> str:
    """A value in a letter: a choice by its words, several lines marked as somebody else's."""
    if fact.type == "choice":
        return fact.choices[str(value)][language]
    if fact.type == "text":
        return quoted(str(value))
    if fact.type == "data" and isinstance(value, tuple):
        return quoted("\n".join(str(v) for v in value))
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def listed(world: World, matter: str) -> list[dict[str, Any]]:
    """The letters of a case, oldest first, opened."""
    found = []
    for row in records.rows(world.db, records.LETTERS, matter=matter):
        said = records.body(row)
        words = matters.unseal(world, matter, said.pop("sealed"))
        found.append({**said, **words, "id": row["id"], "at": row["at"], "entry": row["entry"]})
    return found
