"""Questions with their answers of this minute: each is a plan built from the case book and put to the gate, live."""

from __future__ import annotations

import tomllib
from datetime import datetime
from typing import Any

from sekisho.desk.world import World
from sekisho.gate.answers import Decision
from sekisho.gate.decide import decide
from sekisho.gate.render import decision_json
from sekisho.law.examples import build
from sekisho.law.reading import read
from sekisho.law.words import Value

ORDER = ("out-of-scope", "permitted", "referred", "refused")


def answered(world: World, now: datetime) -> list[dict[str, Any]]:
    """One answer per `[[card]]` of the operator's cards file; none where there is no such file."""
    path = world.settings.cards
    if path is None or not path.is_file():
        return []
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_answer(world, card, now) for card in raw.get("card", [])]


def _answer(world: World, card: dict[str, Any], now: datetime) -> dict[str, Any]:
    complete = world.book.complete[card["file"]]
    steps = {s.name: s for s in complete.steps}
    day = world.book.day(now).isoformat()
    given = read(dict[str, Value], card.get("given", {}))
    decisions: list[Decision] = []
    for name in card["steps"]:
        plan, noon = build(world.book, complete, card["file"], steps[name], given, day)
        decisions += decide(plan, world.book, noon)[:1]
    outcomes = [d.outcome.value for d in decisions]
    return {
        "id": card["id"],
        "measure": card["file"],
        "document": card["document"],
        "question": card["question"],
        "outcome": max(outcomes, key=ORDER.index),
        "decisions": [decision_json(d, world.book) for d in decisions],
    }
