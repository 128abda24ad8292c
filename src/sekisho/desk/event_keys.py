"""The keys of one event, day by day: under one a device is known, to the other its answers are sealed. When the event ends, both go.

They lie in the vault, each in a file of its own, so that they can be destroyed; a key made from the root could be made again.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

from sekisho.desk.world import No, World
from sekisho.law.canonical import canonical
from sekisho.store.errors import KeyGone
from sekisho.store.vault import TOKEN, token_key_id

DEVICES, ANSWERS = "event-devices", "event-answers"
STAYS = {DEVICES: timedelta(days=1), ANSWERS: timedelta(days=30)}
"""How long after its day each key goes by itself, should nobody end the event."""


def name(world: World, what: str, day: date) -> str:
    """The key id of one event, network and day."""
    settings = world.settings
    named = canonical({"event": settings.event.name or settings.operator.name, "ssid": settings.portal.ssid})
    return token_key_id(f"{what}-{hashlib.sha256(named).hexdigest()[:16]}", day.isoformat())


def todays(world: World, what: str, now: datetime) -> tuple[str, bytes]:
    """Key id and key of today, made on first ask. Raises No("event-over") once it was destroyed."""
    day = world.book.day(now)
    identity = name(world, what, day)
    return identity, _key(world, identity, world.book.begins(day + timedelta(days=1)) + STAYS[what])


def known(world: World, identity: str) -> bytes:
    """A key that was made before. Raises No("event-over")."""
    return _key(world, identity, world.clock.now())


def of_an_event(identity: str, what: str = "") -> bool:
    """Whether this is the key of an event; of one kind where it is named."""
    owner, _, rest = identity.partition("/")
    return owner == TOKEN and rest.startswith(tuple(f"{w}-" for w in ([what] if what else STAYS)))


def _key(world: World, identity: str, until: datetime) -> bytes:
    _, purpose, period = identity.split("/")
    try:
        return world.vault.token_key(purpose, period, until)
    except KeyGone:
        raise No("event-over") from None
