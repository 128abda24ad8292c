"""Contractors' tools as people read them: what was asked and answered, what the drill heard, and whether real data may go in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import entrustments, tools
from sekisho.desk.entrustments import Standing
from sekisho.desk.world import World
from sekisho.law import tool
from sekisho.law.tool import Clear, Declaration, Drill, Known, ToolMove

Json = dict[str, Any]


@dataclass(frozen=True)
class Tools:
    """All rows; one, where it is named."""

    entrustment: str = ""


@dataclass(frozen=True)
class ToolQuestions:
    """What a contractor is asked."""


def asked(world: World, _request: ToolQuestions) -> Json:
    """{"digest", "groups": {id: words}, "questions": [{"id", "group", "words", "never", "drilled"}]}. Raises No("no-tool-questions")."""
    found = tools.questions(world.settings.texts)
    return {"digest": found.digest, "groups": dict(found.groups), "questions": list(found.each.values())}


def listed(world: World, request: Tools) -> Json:
    """{"operator", "day", "groups", "questions", "tools": [...]}: rows that need a tool looked at, or that declared one.

    Each: {"entrustment", "party", "status", "asked", "clear", "declaration": {"id", "tool", "release", "named", "paper", "by", "name",
    "at", "answers": {question: {"on", "who", "evidence"}}, "forbidden"} or null,
    "drill": {"id", "release", "ran", "canaries", "mails", "report",
    "by", "name", "at", "heard": [{"step", "function", "actor", "to", "shows", "where", "mail", "declared"}], "undeclared"} or null,
    "moves": [{"what", "release", "named", "paper", "reason", "name", "at"}]}.
    """
    now, questions = world.clock.now(), tools.questions(world.settings.texts)
    rows = [r for r in entrustments.every(world, now) if request.entrustment in ("", r.id)]
    found = [_one(world, r, tools.known(world, r.id), questions) for r in rows]
    shown = [f for f in found if f["asked"] or f["declaration"]]
    words = {"groups": dict(questions.groups), "questions": list(questions.each.values())}
    return {"operator": world.settings.operator.name, "day": world.book.day(now), **words, "tools": shown}


def _one(world: World, one: Standing, known: Known, questions: tools.Questions) -> Json:
    names = {k: p.name for k, p in world.everybody().items()}
    declared, drill = next(iter(known.declarations[-1:]), None), next(iter(known.drills[-1:]), None)
    mine = drill if declared and drill and drill[1].declaration == declared[0] else None
    wanted = tool.asked(one.said.rung.value, one.said.actions, into_a_tool=False)
    return {
        "entrustment": one.id,
        "party": one.said.party,
        "status": one.status,
        "asked": wanted,
        "clear": tool.clear(known, questions.each, questions.digest) if wanted or declared else Clear.NOT_ASKED,
        "declaration": _declaration(declared[0], declared[1], questions, names) if declared else None,
        "drill": _drill(mine[0], mine[1], declared[1], names) if mine and declared else None,
        "moves": [_move(m, names) for m in known.moves],
    }


def _declaration(identity: str, said: Declaration, questions: tools.Questions, names: Mapping[str, str]) -> Json:
    words = {"tool": said.tool, "release": said.release, "named": said.named, "paper": said.paper, "answers": dict(said.answers)}
    forbidden = list(tool.forbidden(said, questions.each))
    return {"id": identity, **words, "by": said.by, "name": names.get(said.by, said.by), "at": said.at, "forbidden": forbidden}


def _drill(identity: str, said: Drill, declared: Declaration, names: Mapping[str, str]) -> Json:
    breach = tool.undeclared(declared, said)
    heard = [
        {
            "step": h.step,
            "function": h.function,
            "actor": h.actor,
            "to": h.to,
            "shows": list(h.shows),
            "where": h.where,
            "mail": h.mail,
            "declared": h not in breach,
        }
        for h in said.heard
    ]
    facts = {"release": said.release, "ran": dict(said.ran), "canaries": said.canaries, "mails": said.mails, "report": said.report}
    who = {"by": said.by, "name": names.get(said.by, said.by), "at": said.at}
    return {"id": identity, **facts, **who, "heard": heard, "undeclared": sorted({h.function for h in breach})}


def _move(said: ToolMove | None, names: Mapping[str, str]) -> Json:
    if said is None:
        return {"what": "lost", "release": "", "named": "", "paper": "", "reason": "", "name": "", "at": None}
    words = {"what": said.what, "release": said.release, "named": said.named, "paper": said.paper, "reason": said.reason}
    return {**words, "name": names.get(said.by, said.by), "at": said.at}
