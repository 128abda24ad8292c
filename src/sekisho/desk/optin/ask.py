"""What may be agreed to at this moment: for whoever opens the page. Nobody is named, and to read it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.desk import asked, invitations
from sekisho.desk.campaigns import Standing
from sekisho.desk.world import World
from sekisho.effects.message import PLACE
from sekisho.law.question import Question

Json = dict[str, Any]


@dataclass(frozen=True)
class Questions:
    """Every question that is open; a rehearsal only to whoever knows its address."""


@dataclass(frozen=True)
class OneQuestion:
    """One, by the id of its invitation, as it stands in the link of the mail."""

    question: str


def listed(world: World, _request: Questions) -> list[Json]:
    """Newest first: as `one`."""
    found = invitations.every(world, world.clock.now())
    return [_said(world, one, asks) for one, asks in found if not one.said.training]


def one(world: World, request: OneQuestion) -> Json:
    """{"id", "name", "by", "title", "agreed", "stop" (by language), "purpose", "days", "until": codes are good, "training",
    "open": whether a code can be asked for}. Raises No."""
    return _said(world, *invitations.asking(world, request.question, world.clock.now()))


def _said(world: World, one: Standing, asks: Question) -> Json:
    words: Mapping[str, object] = {"agreed": asks.agreed, "stop": asks.stop, "purpose": asks.purpose, "days": asks.days}
    about = {"id": one.id, "name": one.said.name, "title": _title(one), "by": world.settings.operator.name, "training": one.said.training}
    free = asked.living(world, asks.purpose, world.clock.now()) is not None and not one.said.training
    return {
        **about,
        **words,
        "open": free,
        "elements": sorted(asks.elements),
        "audience": sorted(asks.audience),
        "until": invitations.over(one),
    }


def _title(one: Standing) -> Mapping[str, str]:
    """What the mail says it is about, in each language it is sent in."""
    return {language: PLACE.sub("…", text.subject) for language, text in one.said.texts.items()}
