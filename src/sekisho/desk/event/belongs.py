"""What belongs to an event, and therefore ends with it: its measures, its permits, its keys."""

from __future__ import annotations

from functools import cache
from typing import Any

from sekisho.desk import event_keys, records
from sekisho.desk.portal.offers import BY_PURPOSE
from sekisho.desk.world import World
from sekisho.measures.registry import EVERY
from sekisho.store.vault import TOKEN

OWN = frozenset({"event-board", "event-portal", "name-board"})


@cache
def measures() -> frozenset[str]:
    """The event's own, and every measure for a purpose that attendees are asked about."""
    asked = {m.name for m in EVERY.values() if any(s.purpose in BY_PURPOSE for s in m.steps)}
    return OWN | asked


@cache
def purposes() -> frozenset[str]:
    return frozenset(s.purpose for name in measures() for s in EVERY[name].steps) | frozenset(BY_PURPOSE)


def permits_of(world: World) -> list[dict[str, Any]]:
    """Every permit it ever had since another event was ended here, oldest first."""
    since = _last_end(world)
    return [r for r in records.rows(world.db, records.PERMITS) if r["measure"] in measures() and r["at"] > since]


def keys(world: World) -> list[str]:
    """Every key that lies in the vault and belongs to an event: of its days, of its permits, and of tokens for its purposes."""
    owners = {r["id"] for r in records.rows(world.db, records.PERMITS) if r["measure"] in measures()}
    return sorted(k for k in world.vault.key_ids() if mine(k, owners))


def mine(key: str, owners: set[str]) -> bool:
    owner, _, rest = key.partition("/")
    return event_keys.of_an_event(key) or owner in owners or (owner == TOKEN and rest.partition("/")[0] in purposes())


def kind(key: str) -> str:
    """What a key is for: devices, answers, tokens, or the column class of a stream."""
    owner, rest, _ = key.split("/")
    for what in (event_keys.DEVICES, event_keys.ANSWERS):
        if event_keys.of_an_event(key, what):
            return what
    return "tokens" if owner == TOKEN else f"column-{rest}"


def answers(world: World) -> list[dict[str, Any]]:
    """Every answer at the portal since another event was ended here."""
    since = _last_end(world)
    return [r for p in sorted(BY_PURPOSE) for r in records.rows(world.db, records.CONSENTS, purpose=p) if r["at"] > since]


def ends(world: World, what: str = "ended") -> list[dict[str, Any]]:
    return records.rows(world.db, records.EVENT_ENDS, what=what)


def called(world: World) -> str:
    """The event, as its board and its signed words call it."""
    return world.settings.event.name or world.settings.operator.name


def _last_end(world: World) -> str:
    """When another event was ended here last: what came before belongs to that one."""
    others = [r["at"] for r in ends(world) if records.body(r).get("event") != called(world)]
    return others[-1] if others else ""
