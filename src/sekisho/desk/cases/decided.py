"""What was decided in cases about posts: without anybody's words what a report counts, and each decision's statement of reasons.

Nothing is kept beside the cases: both are worked out from their moves each time, and go with the file when its days are over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sekisho.desk import matters, records
from sekisho.desk.cases import case_letters, case_masks
from sekisho.desk.matters import Made, Matter
from sekisho.desk.world import No, World
from sekisho.law.canonical import plain
from sekisho.law.items import chosen
from sekisho.law.procedures import Move
from sekisho.law.walking import as_day

Json = dict[str, Any]
COUNTED, STATEMENT = "sekisho.decided/1", "sekisho.statement-of-reasons/1"
ARRIVED = ("received_on", "known_on")
ANSWERS = MappingProxyType({"objection": "objected", "consent": "agreed", "silence": "silent", "removed-by-sender": "agreed"})

VISIBILITY = MappingProxyType({"removed": "DECISION_VISIBILITY_CONTENT_REMOVED", "limited": "DECISION_VISIBILITY_CONTENT_DISABLED"})
CATEGORY = MappingProxyType({
    "honour": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
    "privacy": "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    "portrait": "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    "copyright": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    "trademark": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
})  # fmt: skip
OTHERWISE = "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE"
"""Words of the DSA Transparency Database for a measure and for what it was about."""


@dataclass(frozen=True)
class Decisions:
    """Cases about posts that arrived or were decided from `first` to `last`, both included (2026-04-01)."""

    first: str
    last: str


@dataclass(frozen=True)
class Reasons:
    """The statement of reasons of one case, by id or number; with `public` without anybody's words."""

    matter: str
    public: bool = False


def carry_out(world: World, request: Decisions) -> Json:
    """{"schema", "first", "last", "cases": [row]}: a row per case, shaped as `row` says. Raises No("not-a-day")."""
    first, last = as_day(request.first), as_day(request.last)
    if first is None or last is None or last < first:
        raise No("not-a-day", day=f"{request.first[:20]} .. {request.last[:20]}")
    found, audiences = [], case_letters.audiences(world)
    for line in records.rows(world.db, records.MATTERS):
        try:
            told = row(world, matters.load(world, line["id"]), audiences)
        except No:
            told = _gone(line)
        days = [date.fromisoformat(told[k]) for k in ("received_on", "decided_on") if told[k]]
        if told["about"] is not None and any(first <= day <= last for day in days):
            found.append(told)
    return {"schema": COUNTED, "first": first.isoformat(), "last": last.isoformat(), "cases": found}


def row(world: World, matter: Matter, audiences: Mapping[str, str]) -> Json:
    """What is counted of a case: codes, days and numbers alone.

    number, procedure, about (deletion, appeal, disclosure; None for other cases), source (the articles), arrived_by, found_by, right,
    received_on, decided_on and days between them (None while undecided), decision (`law.procedures.DECISIONS`), ground (law, rules,
    order or ""), inquired (the sender was asked), answer (objected, agreed, silent or ""), poster_told, late (a clock for what is owed
    had run out), items_asked and items_released (disclosure: codes), reasons_told (another reason why the answer comes later).
    """
    facts, decided = matter.standing.facts, _decided(matter)
    move = matter.procedure.move(decided.event.move) if decided else None
    letters = [records.body(r)["text"] for r in records.rows(world.db, records.LETTERS, matter=matter.id)]
    received = next((str(facts[k]) for k in ARRIVED if k in facts), matter.made[0].event.day.isoformat())
    on = decided.event.day if decided else None
    return {
        "number": matter.number,
        "procedure": matter.procedure.id,
        "about": matter.procedure.about or None,
        "source": move.source if move else matter.procedure.source,
        "arrived_by": facts.get("arrived_by", ""),
        "found_by": facts.get("found_by", ""),
        "right": facts.get("infringed_right", ""),
        "received_on": received,
        "decided_on": on.isoformat() if on else None,
        "days": (on - date.fromisoformat(received)).days if on else None,
        "decision": move.decides if move else "",
        "ground": _ground(move, facts),
        "inquired": any(m.event.move == "sent" for m in matter.made),
        "answer": next((ANSWERS[m.event.move] for m in reversed(matter.made) if m.event.move in ANSWERS), ""),
        "poster_told": any(audiences.get(name) == "poster" for name in letters),
        "late": any(c.due < (c.stopped or world.book.day(world.clock.now())) for n, c in matter.standing.clocks.items() if n == "answer"),
        "items_asked": list(chosen(facts.get("items_asked"))),
        "items_released": list(chosen(facts.get("released"))),
        "reasons_told": facts.get("later_why", ""),
        "gone": False,
    }


def reasons(world: World, request: Reasons) -> Json:
    """The statement, shaped as the DSA Transparency Database's with a Japanese axis beside it. Raises No: unknown-matter, not-decided."""
    line = records.one(world.db, records.MATTERS, id=request.matter) or records.one(world.db, records.MATTERS, number=request.matter)
    if line is None:
        raise No("unknown-matter", matter=request.matter)
    matter = matters.load(world, line["id"])
    told = row(world, matter, case_letters.audiences(world))
    if not told["decision"] or told["about"] is None:
        raise No("not-decided", matter=matter.id)
    facts, mask = matter.standing.facts, case_masks.of(matter.procedure, matter.standing, every=True)
    by_rules, on = told["ground"] == "rules", date.fromisoformat(told["decided_on"])
    words = {} if request.public else {"decision_facts": mask.over(str(facts.get("decision_reason", "")))}
    found: Json = plain({
        "schema": STATEMENT,
        "puid": f"{matter.number}",
        "decision_visibility": [VISIBILITY[told["decision"]]] if told["decision"] in VISIBILITY else [],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT" if by_rules else "DECISION_GROUND_ILLEGAL_CONTENT",
        "illegal_content_legal_ground": None if by_rules else matter.procedure.law_on(on),
        "incompatible_content_ground": facts.get("own_rule") if by_rules else None,
        "category": OTHERWISE if by_rules else CATEGORY.get(str(told["right"]), OTHERWISE),
        "content_type": ["CONTENT_TYPE_TEXT"],
        "territorial_scope": ["JP"],
        "application_date": told["decided_on"],
        "source_type": "SOURCE_VOLUNTARY" if told["found_by"] in ("patrol", "automated") else "SOURCE_TYPE_OTHER_NOTIFICATION",
        "automated_detection": "Yes" if told["found_by"] == "automated" else "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        **words,
        "jp": told,
    })  # fmt: skip
    return found


def _decided(matter: Matter) -> Made | None:
    """The last move that decided something."""
    return next((m for m in reversed(matter.made) if matter.procedure.move(m.event.move).decides), None)


def _ground(move: Move | None, facts: Mapping[str, Any]) -> str:
    if move is None or not move.decides:
        return ""
    if "order_number" in facts:
        return "order"
    return "rules" if "own_rule" in move.facts else "law"


def _gone(line: Mapping[str, Any]) -> Json:
    """A case whose file was destroyed at the end of its days: its days and its state are all that is left."""
    said = {"number": line["number"], "procedure": line["procedure"], "about": "", "source": "", "received_on": line["at"][:10]}
    said |= {"decided_on": (line["closed"] or "")[:10] or None, "decision": line["state"], "gone": True}
    empty: Json = dict.fromkeys(("arrived_by", "found_by", "right", "ground", "answer", "reasons_told"), "")
    return {**empty, "days": None, "inquired": False, "poster_told": False, "late": False, "items_asked": [], "items_released": [], **said}
